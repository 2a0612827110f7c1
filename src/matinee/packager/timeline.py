"""Puts the tracks of source files on one timeline that starts at 0.

A source says when its samples are shown by decode times, composition offsets and an edit list.
CMAF video has no edit list (structural brand cmf2), so the edits go into decode times and negative
composition offsets; audio keeps one edit, which hides the encoder's priming.
"""

import dataclasses
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, repeat
from operator import add

from matinee.errors import MediaError
from matinee.formats.isobmff import Movie, SampleEntry, SampleTable, TrackInfo
from matinee.model.rendition import Rendition

MAX_PRIMING = Fraction(1, 10)
"""Seconds of audio before the start that are kept for the decoder to settle: AAC needs 44 ms."""

MAX_LATE_PICTURE = Fraction(1, 4)
"""Seconds of sound before the first picture that are cut off, so that the film starts with one."""


@dataclass(frozen=True, slots=True)
class SourceTrack:
    """A rendition's track as its file has it, and the timing its edit list asks for.

    Samples `first` to `stop` are kept. `begin` is when the first of them is shown, in ticks from
    the start of the film; it may be negative.
    """

    rendition: Rendition
    info: TrackInfo
    entry: SampleEntry
    table: SampleTable
    first: int
    stop: int
    begin: int
    starts: "Sequence[int]"
    """Samples from which decoding can start and everything after is shown after: SAP type 1."""

    @property
    def timescale(self) -> int:
        """Ticks a second."""
        return self.info.timescale


@dataclass(frozen=True, slots=True)
class PlacedTrack:
    """A `SourceTrack` on the presentation's timeline.

    Sample `i` is decoded at `table.times[i] + decode_shift`; it is shown its composition offset
    later, less `priming`, which an edit list takes off.
    """

    source: SourceTrack
    decode_shift: int
    priming: int

    @property
    def timescale(self) -> int:
        """Ticks a second."""
        return self.source.timescale

    @property
    def end(self) -> int:
        """Ticks from the start of the presentation at which the last sample ends."""
        return self.source.table.times[self.source.stop] + self.decode_shift - self.priming

    def decoded(self, sample: int) -> int:
        """Return the decode time that `tfdt` gives *sample*."""
        return self.source.table.times[sample] + self.decode_shift

    def shown(self, sample: int) -> int:
        """Return when *sample* is shown, in ticks of the presentation, never before 0."""
        table, first = self.source.table, self.source.first
        offset = table.composition[sample] - table.composition[first] if table.composition else 0
        return max(0, self.decoded(sample) + offset - self.priming)

    def composition(self, start: int, stop: int) -> "array[int]":
        """Return the composition offsets of samples *start* to *stop*; empty where all are 0."""
        table = self.source.table
        if not table.composition:
            return array("i")
        base = table.composition[self.source.first]
        offsets = table.composition[start:stop]
        if offsets.count(base) == len(offsets):
            return array("i")
        return array("i", map(add, offsets, repeat(-base)))


@dataclass(frozen=True, slots=True)
class _Edited:
    """What an edit list comes to: show the media from `start` to `end`, `delay` ticks late."""

    start: int
    end: int | None
    delay: int


def load(
    rendition: Rendition,
    movie: Movie,
    info: TrackInfo,
    samples: tuple[SampleTable, SampleEntry],
) -> SourceTrack:
    """Apply the edit list of *info* to its *samples* and choose the samples to keep.

    Raises:
        MediaError: an edit list that cuts and joins, or no picture from which decoding can start.
    """
    table, entry = samples
    edited = _edited(info, movie)
    shown = table.presentation_times()
    stop = _stop(shown, edited, info, movie)
    if info.handler == "vide":
        starts = tuple(_starts(table, shown, stop))
        if not starts:
            raise MediaError(
                f"No picture of {rendition.name!r} can be decoded by itself.",
                fix="Encode the video instead of copying it.",
                code="unsupported-codec",
            )
        first = max((one for one in starts if shown[one] <= edited.start), default=starts[0])
        starts = starts[starts.index(first) :]
    else:
        first, starts = 0, ()
    return SourceTrack(
        rendition=rendition,
        info=info,
        entry=entry,
        table=table,
        first=first,
        stop=stop,
        begin=shown[first] - edited.start + edited.delay,
        starts=starts,
    )


def _edited(info: TrackInfo, movie: Movie) -> _Edited:
    delay = 0
    rest = list(info.edits)
    while rest and rest[0].media_time == -1:
        delay += rest.pop(0).duration
    delay = round(Fraction(delay * info.timescale, movie.timescale))
    if not rest:
        return _Edited(0, None, delay)
    start, length = rest[0].media_time, 0
    tick = max(1, -(-info.timescale // movie.timescale))
    for edit in rest:
        end = start + round(Fraction(length * info.timescale, movie.timescale))
        continues = abs(edit.media_time - end) <= 2 * tick
        if edit.rate != 0x10000 or edit.media_time < 0 or not continues:
            raise MediaError(
                "The file's edit list cuts and joins pieces of the film.",
                fix="Encode the film instead of copying it, or export it again as one piece.",
                code="unsupported-container",
            )
        length += edit.duration
    end = start + round(Fraction(length * info.timescale, movie.timescale))
    return _Edited(start, None if rest[-1].duration == 0 else end, delay)


def _stop(shown: "array[int]", edited: _Edited, info: TrackInfo, movie: Movie) -> int:
    """Return the count of samples to keep: those at the end that are never shown go."""
    stop = len(shown)
    if edited.end is None:
        return stop
    # Durations in the movie's coarse timescale are rounded: half a frame is not worth a frame.
    limit = edited.end + -(-info.timescale // movie.timescale)
    while stop > 1 and shown[stop - 1] >= limit:
        stop -= 1
    return stop


def _starts(table: SampleTable, shown: "array[int]", stop: int) -> Iterator[int]:
    """Yield the sync samples after which nothing is shown earlier (closed groups of pictures)."""
    if not table.composition:
        yield from (one for one in table.sync_samples() if one < stop)
        return
    earliest = array("q", accumulate(reversed(shown[:stop]), min))
    yield from (
        one for one in table.sync_samples() if one < stop and shown[one] == earliest[stop - 1 - one]
    )


def shift(tracks: Sequence[SourceTrack]) -> Fraction:
    """Return by how many seconds all *tracks* move so that the film starts at 0.

    Later, where a copied film was cut between its key frames: the pictures before the cut cannot
    be left out, since those after it need them. Earlier, where nothing begins at 0, or where sound
    begins a little before the first picture, as in files that forgot their edit list.
    """
    begins = [Fraction(one.begin, one.timescale) for one in tracks]
    pictures = [
        begin for begin, one in zip(begins, tracks, strict=True) if one.rendition.kind == "video"
    ]
    earliest = min(begins)
    if not pictures:
        return -max(Fraction(0), earliest)
    picture = min(pictures)
    if picture < 0 or picture - max(Fraction(0), earliest) <= MAX_LATE_PICTURE:
        return -picture
    return -max(Fraction(0), earliest)


def place(track: SourceTrack, moved: Fraction) -> PlacedTrack:
    """Return *track* on the timeline, *moved* by so many seconds.

    Sound that would come before 0 is left out, but for what the decoder needs to settle.
    """
    begin = track.begin + round(moved * track.timescale)
    if track.rendition.kind == "video":
        return PlacedTrack(track, begin - track.table.times[track.first], 0)
    times = track.table.times
    first = track.first
    limit = times[first] - begin - int(MAX_PRIMING * track.timescale)
    while first + 1 < track.stop and times[first + 1] <= limit:
        first += 1
    begin += times[first] - times[track.first]
    kept = dataclasses.replace(track, first=first, begin=begin)
    return PlacedTrack(kept, max(0, begin) - times[first], max(0, -begin))
