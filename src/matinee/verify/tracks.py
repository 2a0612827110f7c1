"""One track of a stream as a manifest lists it, with the facts of its segments."""

from fractions import Fraction

import msgspec

from matinee.formats.isobmff import FragmentInfo, InitTrack
from matinee.manifests import rates
from matinee.model.presentation import ByteRange
from matinee.verify.content import Content, Facts, Header, Place

MICROSECOND = 1_000_000
_SHORTEST = 64
"""Parts of a target duration: nothing shorter is measured by itself."""


class Cut(msgspec.Struct, frozen=True, kw_only=True):
    """One segment: where it is, its listed duration in seconds, and what was found there.

    `facts` None: left out by the options. `missing` of a `Facts` says why it could not be read.
    """

    place: Place
    duration: Fraction
    name: str
    """For findings: `segment 3`."""
    facts: Facts | None = None

    @property
    def size(self) -> int | None:
        """Bytes, from the range where it was not read."""
        if self.facts is not None and not self.facts.missing:
            return self.facts.size
        return self.place.span.length if self.place.span else None


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """Segments in a row that share a header, without a discontinuity among them."""

    header: Header | None
    cuts: tuple[Cut, ...]

    @property
    def looked_at(self) -> tuple[tuple[Cut, Facts], ...]:
        """The segments that were read."""
        return tuple((cut, cut.facts) for cut in self.cuts if cut.facts and not cut.facts.missing)

    @property
    def main(self) -> InitTrack | None:
        """The header's track by which time is counted: its video, else its first."""
        info = self.header.info if self.header else None
        found = info.tracks if info else ()
        return next((one for one in found if one.handler == "vide"), next(iter(found), None))

    def fragments_of(self, facts: Facts) -> tuple[FragmentInfo, ...]:
        """The fragments of the main track in a segment."""
        main = self.main
        return tuple(one for one in facts.fragments if main and one.track_id == main.id)

    def seconds_of(self, facts: Facts) -> Fraction | None:
        """How long a segment's media lasts; None where that cannot be said."""
        found, main = self.fragments_of(facts), self.main
        if not found or main is None:
            return None
        return Fraction(sum(one.duration for one in found), max(1, main.timescale))


class Track(msgspec.Struct, frozen=True, kw_only=True):
    """All that plays in a row from one media playlist or one Representation."""

    place: str
    """For findings: the playlist's name, or the MPD's with the Representation's id."""
    runs: tuple[Run, ...]
    target: int
    """Target duration in seconds, against which peaks are measured."""
    images: bool = False
    i_frames: bool = False

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """All segments in order."""
        return tuple(cut for run in self.runs for cut in run.cuts)

    @property
    def duration(self) -> Fraction:
        """Seconds, as listed."""
        return sum((cut.duration for cut in self.cuts), Fraction(0))

    @property
    def codecs(self) -> set[str]:
        """Codec strings of the headers."""
        return {
            track.codec
            for run in self.runs
            if run.header and run.header.info
            for track in run.header.info.tracks
        }

    @property
    def handlers(self) -> set[str]:
        """Handler types of the headers: `vide`, `soun` ..."""
        return {
            track.handler
            for run in self.runs
            if run.header and run.header.info
            for track in run.header.info.tracks
        }

    @property
    def frame_size(self) -> tuple[int, int] | None:
        """Width and height of the video in the first header."""
        for run in self.runs:
            if run.header and run.header.info:
                for track in run.header.info.tracks:
                    if track.handler == "vide" and track.width:
                        return track.width, track.height
        return None

    @property
    def frame_rate(self) -> Fraction | None:
        """Average pictures a second over the segments that were read."""
        samples, seconds = 0, Fraction(0)
        for run in self.runs:
            for _, facts in run.looked_at:
                samples += sum(one.samples for one in run.fragments_of(facts))
                seconds += run.seconds_of(facts) or 0
        return samples / seconds if seconds else None

    def measured(self) -> tuple[int, int] | None:
        """Peak and average bits a second of all segments; None where a size is unknown."""
        cuts = self.cuts
        sizes = [cut.size for cut in cuts]
        known = [size for size in sizes if size is not None]
        if not known or len(known) < len(sizes):
            return None
        durations = [round(cut.duration * MICROSECOND) for cut in cuts]
        merged = _merged(known, durations, self.target * MICROSECOND // _SHORTEST)
        return (
            rates.peak(*merged, MICROSECOND, self.target),
            rates.average(known, durations, MICROSECOND),
        )

    def media_starts(self) -> list[Fraction] | None:
        """Instants, in media time, at which segments begin; None where not all were read."""
        found: list[Fraction] = []
        for run in self.runs:
            for _, facts in run.looked_at:
                times = [one.decode_time for one in run.fragments_of(facts)[:1]]
                if times and times[0] is not None and run.main:
                    found.append(Fraction(times[0], max(1, run.main.timescale)))
        return found if len(found) == len(self.cuts) else None

    def listed_starts(self) -> list[Fraction]:
        """Instants at which segments begin by the durations listed."""
        total, listed = Fraction(0), []
        for cut in self.cuts:
            listed.append(total)
            total += cut.duration
        return listed


def _merged(sizes: list[int], durations: list[int], shortest: int) -> tuple[list[int], list[int]]:
    """Put segments shorter than *shortest* together with those that follow.

    No real segment is; but thousands of no duration would make every run of segments endless.
    """
    merged_sizes, merged_durations = [0], [0]
    for size, duration in zip(sizes, durations, strict=True):
        if merged_durations[-1] >= shortest:
            merged_sizes.append(0)
            merged_durations.append(0)
        merged_sizes[-1] += size
        merged_durations[-1] += duration
    return merged_sizes, merged_durations


def look(
    content: Content, listed: list[tuple[Header | None, list[Cut]]], *, read: bool = True
) -> tuple[Run, ...]:
    """Return runs with the facts of their segments, all read in parallel run by run."""
    runs = []
    for header, cuts in listed:
        facts = content.facts([cut.place for cut in cuts], header) if read else [None] * len(cuts)
        pairs = zip(cuts, facts, strict=True)
        runs.append(
            Run(
                header=header,
                cuts=tuple(msgspec.structs.replace(cut, facts=one) for cut, one in pairs),
            )
        )
    return tuple(runs)


def span_of(text: str | None) -> ByteRange | None:
    """Read a `first-last` range of an MPD; None where there is none or it is broken."""
    first, dash, last = (text or "").partition("-")
    if not (dash and first.isascii() and first.isdigit() and last.isascii() and last.isdigit()):
        return None
    if len(first) > 18 or len(last) > 18 or int(last) < int(first):
        return None
    return ByteRange(int(first), int(last) - int(first) + 1)
