"""Cuts one track in segments while its encoder still writes it.

The same cuts and the same boxes as `plan.py` and `cmaf.py` make of a finished film, but for the
I-frames: nothing is known of the film's end, so a segment is given when it is certain that the one
after it will be long enough to stand alone, or that there is none.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from operator import sub

import msgspec

from matinee.errors import InvariantError, MediaError
from matinee.formats.isobmff import (
    FragmentSamples,
    Movie,
    SampleTable,
    TrackFragment,
    TrackHeader,
)
from matinee.formats.isobmff.fragments import Collector
from matinee.model.rendition import Rendition
from matinee.packager.cmaf import Fragment
from matinee.packager.plan import SHORTEST_TAIL
from matinee.packager.timeline import PlacedTrack, load, place
from matinee.packager.tracks import track_header

_HANDLERS = {"video": "vide", "audio": "soun"}


@dataclass(frozen=True, slots=True)
class CutSegment:
    """A whole segment: when it is shown, ticks of its track's timescale, and its fragments."""

    number: int
    start: int
    end: int
    fragments: tuple[Fragment, ...]


class GrowingTrack:
    """Takes the fragments of one track and gives its segments, *segment* seconds each.

    Only samples of segments that are not given yet are kept.
    """

    def __init__(self, rendition: Rendition, segment: Fraction) -> None:
        """Cut the file of *rendition* at multiples of *segment* seconds."""
        self.rendition = rendition
        self.placed: PlacedTrack | None = None
        """The track as it began, once its first samples are there."""
        self._segment = segment
        self._given = 0
        self._samples = Collector()

    @property
    def video(self) -> bool:
        """Whether it is a picture."""
        return self.rendition.kind == "video"

    @property
    def header(self) -> TrackHeader:
        """What the header object says; the duration is not known.

        Raises:
            MediaError: CMAF cannot carry the codec.
            InvariantError: no sample has come yet.
        """
        return msgspec.structs.replace(track_header(self._begun), duration=0)

    @property
    def _begun(self) -> PlacedTrack:
        if self.placed is None:
            raise InvariantError(f"{self.rendition.name} has no sample yet")
        return self.placed

    def add(self, movie: Movie, fragment: TrackFragment) -> None:
        """Take the samples of *fragment*, which follows those before.

        Raises:
            MediaError: it goes back in time, or cannot begin a track.
        """
        self._samples.add(fragment)
        if self.placed is None and len(self._samples.sizes):
            self.placed = self._place(movie)

    def _place(self, movie: Movie) -> PlacedTrack:
        tracks = movie.of_handler(_HANDLERS[self.rendition.kind])
        if not tracks or not tracks[0].entries:
            raise MediaError(f"{self.rendition.name} has no {self.rendition.kind} track.")
        samples = self._samples
        count = len(samples.sizes)
        table = SampleTable(
            samples.offsets[:],
            samples.sizes[:],
            array("q", [*samples.times, samples.end]),
            samples.composition[:] if any(samples.composition) else array("i"),
            None if len(samples.sync) == count else samples.sync[:],
        )
        source = load(self.rendition, movie, tracks[0], (table, tracks[0].entries[0]))
        placed = place(source, Fraction(0))
        if placed.source.first:
            raise InvariantError(f"{self.rendition.name} begins before what can be played of it")
        return placed

    def cut(self, *, last: bool = False) -> Iterator[CutSegment]:
        """Yield the segments that are whole by now; with *last*, all that is left.

        Raises:
            InvariantError: there is no sync sample of video where a segment must begin.
        """
        while self._samples.sizes:
            at = self._next_cut()
            if at is not None and self._shown(at) + self._tail <= self._end:
                yield self._take(at)
            elif last:
                yield self._take(len(self._samples.sizes))
            else:
                return

    @property
    def _tail(self) -> int:
        """Ticks that must follow a cut; less at the film's end joins the segment before it."""
        return int(SHORTEST_TAIL * self._begun.timescale) + 1

    @property
    def _end(self) -> int:
        """When the last sample ends, ticks of the presentation."""
        return self._samples.end + self._begun.decode_shift - self._begun.priming

    def _decoded(self, sample: int) -> int:
        return self._samples.times[sample] + self._begun.decode_shift

    def _shown(self, sample: int) -> int:
        """When *sample* of those kept is shown, as `PlacedTrack.shown`."""
        placed = self._begun
        offset = self._samples.composition[sample] - self._base
        return max(0, self._decoded(sample) + offset - placed.priming)

    @property
    def _base(self) -> int:
        table = self._begun.source.table
        return table.composition[self._begun.source.first] if table.composition else 0

    def _next_cut(self) -> int | None:
        """Return the sample at which the segment after this one begins, None if it is not there."""
        aim = self._segment * (self._given + 1) * self._begun.timescale
        if self._end <= aim:
            return None
        if not self.video:
            return self._nearest(aim)
        for sample in self._samples.sync:
            shown = self._shown(sample)
            if shown == aim:
                return int(sample)
            if shown > aim:
                break
        else:
            return None
        raise InvariantError(
            f"{self.rendition.name} has no picture to begin with at {float(aim):.0f} ticks.",
            fix="Encode it with one GOP length and without scene cuts.",
        )

    def _nearest(self, aim: Fraction) -> int | None:
        """Return the frame of sound that begins nearest to *aim*, the earlier of equals."""
        times = self._samples.times
        shift = self._begun.priming - self._begun.decode_shift
        for sample in range(1, len(times)):
            if times[sample] - shift >= aim:
                before = aim - (times[sample - 1] - shift)
                return sample - 1 if sample > 1 and before < times[sample] - shift - aim else sample
        return None

    def _take(self, stop: int) -> CutSegment:
        """Give the first *stop* samples as a segment, and forget them."""
        samples = self._samples
        starts = [0, *(one for one in samples.sync if 0 < one < stop)] if self.video else [0]
        ends = (*starts[1:], stop)
        times = array("q", [*samples.times, samples.end])
        fragments = tuple(
            self._fragment(start, end, times) for start, end in zip(starts, ends, strict=True)
        )
        begin = self._shown(0)
        end = self._shown(stop) if stop < len(samples.sizes) else self._end
        self._given += 1
        self._samples = _from(samples, stop)
        return CutSegment(self._given, begin, end, fragments)

    def _fragment(self, start: int, stop: int, times: "array[int]") -> Fragment:
        samples = self._samples
        offsets = array("i", (one - self._base for one in samples.composition[start:stop]))
        return Fragment(
            self._shown(start),
            self._decoded(start),
            FragmentSamples(
                array("I", map(sub, times[start + 1 : stop + 1], times[start:stop])),
                samples.sizes[start:stop],
                offsets if any(offsets) else array("i"),
                all_sync=not self.video,
            ),
            samples.offsets[start:stop],
        )


def _from(samples: Collector, first: int) -> Collector:
    """Return the samples from *first* on."""
    rest = Collector()
    rest.offsets = samples.offsets[first:]
    rest.sizes = samples.sizes[first:]
    rest.times = samples.times[first:]
    rest.composition = samples.composition[first:]
    rest.sync = array("I", (one - first for one in samples.sync if one >= first))
    rest.end = samples.end
    return rest
