"""Captions that a film carries in its pictures (CEA-608 and 708), or in caption tracks of an MP4.

Pictures are read by our own code: MP4 as it is, all else after a copy of the video track into an
MP4 (nothing is decoded), which is made only of files that hold captions (`caption_marks.py`). Of
each picture only what comes before its first slice is read.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import msgspec

from matinee.errors import CancelledError, MediaError
from matinee.formats.captions import Cue, cc_data
from matinee.formats.captions.cue import plain_words
from matinee.formats.captions.pictures import Clock, Pictures
from matinee.formats.isobmff import Movie, read_samples
from matinee.formats.isobmff.source import ByteSource
from matinee.ingest import mp4_tracks
from matinee.ingest.caption_marks import carries_captions
from matinee.ingest.languages import tag_of
from matinee.ingest.mp4_tracks import shift_of
from matinee.model.media import MediaInfo, VideoTrackInfo
from matinee.model.progress import Control
from matinee.toolchain.ffmpeg import FFMPEG_OPTIONS, input_options
from matinee.toolchain.run import ProcessError, run
from matinee.toolchain.sandbox import BACKGROUND, Limits
from matinee.toolchain.tools import Toolchain

CODECS = frozenset({"h264", "hevc", "mpeg2video"})
_FORMATS = ("avc1", "avc3", "hvc1", "hev1", "mp4v", "m2v1", "xd5b", "xdv3")
_SAME = 0.9
"""Share of words that two channels have in common if one repeats the other."""


class ChannelText(msgspec.Struct, frozen=True, kw_only=True):
    """The captions of one channel, in the film's time."""

    channel: str
    """`CC1` to `CC4`, `SERVICE1` to `SERVICE6`."""
    cues: tuple[Cue, ...]
    language: str | None = None
    repeated: tuple[str, ...] = ()
    """Channels of the pictures that say the same."""
    in_picture: bool = True
    """False for those of a track of their own."""


def channel_texts(
    info: MediaInfo, source: Path, work: Path, toolchain: Toolchain, control: Control
) -> tuple[list[ChannelText], list[str]]:
    """Return the captions of every channel that has any, and notes on what could not be read.

    A channel that repeats another (708 services are mostly made of 608) is left out.

    Raises:
        CancelledError: *control* said so.
    """
    notes: list[str] = []
    found: list[ChannelText] = []
    start = Fraction(info.film_start).limit_denominator(1_000_000)
    if info.container == "mp4":
        with mp4_tracks.opened(source) as file:
            movie = mp4_tracks.movie_of(file)
            if movie is not None:
                found += _of_caption_tracks(file, movie, start, notes)
    video = _best(info)
    if video is not None:
        try:
            found += _of_video(info, video, source, Bench(work, toolchain, control))
        except (MediaError, ProcessError) as error:
            notes.append(f"The captions in the pictures could not be read: {error.message}")
    return _distinct(found), notes


def _best(info: MediaInfo) -> VideoTrackInfo | None:
    """Return the largest picture, if its codec can carry captions."""
    best = max(info.video, key=lambda one: one.width * one.height, default=None)
    return best if best is not None and best.codec in CODECS else None


def _of_video(
    info: MediaInfo, video: VideoTrackInfo, source: Path, bench: "Bench"
) -> list[ChannelText]:
    with bench.pictures(info, video, source) as pictures:
        if pictures is None:
            return []
        captions = cc_data.decode(pictures.triplets(bench.check_cancelled), pictures.end)
    start = Fraction(info.film_start).limit_denominator(1_000_000)
    language = next(
        (one.language for one in sorted(info.audio, key=lambda one: not one.default)), None
    )
    return [
        ChannelText(
            channel=name,
            cues=mp4_tracks.in_film_time(cues, start),
            # Pictures do not tell it; the first service is that of the programme's own language.
            language=language if name in {"CC1", "SERVICE1"} else None,
        )
        for name, cues in captions.items()
    ]


class Bench(NamedTuple):
    """Where and with what a film's pictures are looked at."""

    work: Path
    toolchain: Toolchain
    control: Control

    def check_cancelled(self) -> None:
        """Stop where somebody asked us to.

        Raises:
            CancelledError: they did.
        """
        if self.control.cancelled():
            raise CancelledError("Reading the captions was cancelled.")

    @contextmanager
    def pictures(
        self, info: MediaInfo, video: VideoTrackInfo, source: Path
    ) -> Iterator[Pictures | None]:
        """Open the pictures of *video*; None where some of them show that there are no captions.

        Raises:
            MediaError: the file or its copy is damaged.
            ProcessError: ffmpeg could not copy it.
        """
        if info.container == "mp4":
            with _pictures(source, video.index) as pictures:
                yield pictures if pictures is not None and pictures.captioned() else None
            return
        if not carries_captions(source, self.check_cancelled):
            yield None
            return
        with _pictures(self._copy(info, video, source), 0) as pictures:
            yield pictures

    def _copy(self, info: MediaInfo, video: VideoTrackInfo, source: Path) -> Path:
        target = self.work / "captions.mp4"
        limits = Limits(
            wall_seconds=3600,
            memory_bytes=3 << 30,
            file_bytes=info.size + (64 << 20),
            niceness=BACKGROUND,
        )
        command = copy_command(
            self.toolchain, input_options(source, info.container), video.index, target
        )
        run(command, limits=limits, cancelled=self.control.cancelled)
        return target


@contextmanager
def _pictures(path: Path, index: int) -> Iterator[Pictures | None]:
    with mp4_tracks.opened(path) as file:
        movie = mp4_tracks.movie_of(file)
        track = mp4_tracks.track_at(movie, index, _FORMATS) if movie else None
        if movie is None or track is None:
            yield None
            return
        table, entry = read_samples(file, movie, track)
        yield Pictures(file, table, entry, Clock(track.timescale, shift_of(track, movie)))


def copy_command(
    toolchain: Toolchain,
    opened: Sequence[str],
    index: int,
    target: Path,
) -> list[str | Path]:
    """Return the ffmpeg command that copies video track *index* to an MP4.

    Args:
        toolchain: the ffmpeg to run.
        opened: options that open the source.
        index: of the track.
        target: the file to write.
    """
    return [
        toolchain.ffmpeg, *FFMPEG_OPTIONS, "-v", "error", "-y",
        # Times as they are, which are those the film's start is known by.
        "-copyts", "-fflags", "+genpts", *opened,
        # Pictures before the first key frame may have captions too.
        "-map", f"0:{index}", "-c:v", "copy", "-copyinkf:v", "-avoid_negative_ts", "disabled",
        "-f", "mp4", f"file:{target}",
    ]  # fmt: skip


def _of_caption_tracks(
    source: ByteSource, movie: Movie, start: Fraction, notes: list[str]
) -> list[ChannelText]:
    """Read the `c608` and `c708` tracks of a QuickTime film."""
    found: list[ChannelText] = []
    for number, track in enumerate(movie.tracks):
        if mp4_tracks.track_at(movie, number, ("c608", "c708")) is None:
            continue
        try:
            pairs: list[tuple[Fraction, bytes]] = []
            end = Fraction(0)
            for begin, end, data in mp4_tracks.samples_of(source, movie, track):
                pairs += cc_data.of_track_sample(data, begin, end)
            captions = cc_data.decode(sorted(pairs, key=lambda one: one[0]), end)
        except MediaError as error:
            notes.append(f"Caption track {number} is left out: {error.message}")
            continue
        found += [
            ChannelText(
                channel=name,
                cues=mp4_tracks.in_film_time(cues, start),
                language=tag_of(track.language),
                in_picture=False,
            )
            for name, cues in captions.items()
        ]
    return found


def _distinct(found: list[ChannelText]) -> list[ChannelText]:
    """Join channels that say what another one says into it; services of 708 first of all stay."""
    order = [one.channel for one in found]
    kept: list[tuple[ChannelText, list[str]]] = []
    for one in sorted(found, key=lambda one: not one.channel.startswith("SERVICE")):
        words = plain_words(one.cues)
        same = next((n for n, (_, other) in enumerate(kept) if _alike(words, other)), None)
        if same is None:
            kept.append((one, words))
        elif one.in_picture and kept[same][0].in_picture:
            first, said = kept[same]
            repeated = (*first.repeated, one.channel)
            kept[same] = msgspec.structs.replace(first, repeated=repeated), said
    return sorted((one for one, _ in kept), key=lambda one: order.index(one.channel))


def _alike(words: list[str], others: list[str]) -> bool:
    counts: dict[str, int] = {}
    for word in others:
        counts[word] = counts.get(word, 0) + 1
    common = 0
    for word in words:
        if counts.get(word, 0) > 0:
            counts[word] -= 1
            common += 1
    return common >= _SAME * max(len(words), len(others))
