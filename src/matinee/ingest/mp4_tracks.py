"""Samples of an MP4's text and caption tracks, on the film's own clock, read by our own code.

ffmpeg passes over the edit lists of such tracks, which say how far they are from the pictures.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

from matinee.errors import MediaError
from matinee.formats.captions import Cue
from matinee.formats.captions.cue import moved_cues
from matinee.formats.isobmff import (
    Movie,
    SampleTable,
    TrackInfo,
    read_movie,
    read_samples,
)
from matinee.formats.isobmff.source import ByteSource

MAX_SAMPLE = 1 << 16
"""Bytes of a text sample; longer ones are passed over."""


class OpenFile:
    """A file on disk as a `ByteSource`."""

    def __init__(self, path: Path) -> None:
        """Open *path*; close it with `close`."""
        self._file = path.open("rb")
        self.size = path.stat().st_size

    def read(self, offset: int, length: int) -> bytes:
        """Return up to *length* bytes from *offset*."""
        self._file.seek(offset)
        return self._file.read(max(0, min(length, self.size - offset)))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@contextmanager
def opened(path: Path) -> Iterator[OpenFile]:
    """Open *path* for the length of a `with`."""
    source = OpenFile(path)
    try:
        yield source
    finally:
        source.close()


def shift_of(track: TrackInfo, movie: Movie) -> Fraction:
    """Return the seconds that the edit list adds to the media's times (ISO/IEC 14496-12 §8.6.6)."""
    delay = Fraction(0)
    for edit in track.edits:
        if edit.media_time != -1:
            return delay - Fraction(edit.media_time, track.timescale)
        delay += Fraction(edit.duration, movie.timescale)
    return delay


def samples_of(
    source: ByteSource, movie: Movie, track: TrackInfo
) -> Iterator[tuple[Fraction, Fraction, bytes]]:
    """Yield start, end and bytes of each sample of *track*, in seconds of the film's clock.

    Raises:
        MediaError: the sample table is damaged.
    """
    table: SampleTable = read_samples(source, movie, track)[0]
    shift, scale = shift_of(track, movie), track.timescale
    for number, (offset, size) in enumerate(zip(table.offsets, table.sizes, strict=True)):
        if size > MAX_SAMPLE:
            continue
        start, end = table.times[number], table.times[number + 1]
        yield (
            Fraction(start, scale) + shift,
            Fraction(end, scale) + shift,
            source.read(offset, size),
        )


def track_at(movie: Movie, index: int, formats: Sequence[str]) -> TrackInfo | None:
    """Return the track that ffprobe calls stream *index*, if it is coded as one of *formats*.

    ffmpeg makes a stream of every track, in the order of the file.
    """
    if not 0 <= index < len(movie.tracks):
        return None
    track = movie.tracks[index]
    if not track.self_contained or not track.entries or track.timescale <= 0:
        return None
    return track if track.entries[0].format in formats else None


def movie_of(source: ByteSource) -> Movie | None:
    """Return the movie header of *source*; None where there is none that can be read."""
    try:
        return read_movie(source)
    except MediaError:
        return None


def in_film_time(cues: tuple[Cue, ...], start: Fraction) -> tuple[Cue, ...]:
    """Return *cues* of the container's clock counted from the film's *start* on it."""
    return moved_cues(cues, -start)
