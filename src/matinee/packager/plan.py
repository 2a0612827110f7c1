"""Where segments begin: once for all video tracks of a source, and near there for audio and text.

Video can only be cut where every rung has a picture to start from, at the very same instant, so a
player may switch rungs at any cut. Audio is cut at the frame nearest to each video cut, measured
from the start, so the difference never grows.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from matinee.errors import InvariantError, MediaError
from matinee.packager.timeline import PlacedTrack

MAX_SEGMENT = Fraction(30)
"""Seconds: a copied video whose key frames are further apart is no good for streaming."""
SHORTEST_TAIL = Fraction(1, 4)
"""Seconds at the end that join the last segment instead of making one. Players differ by an audio
frame or two in where a segment lies (they read edit lists or do not), so hls.js takes a last
segment as short as that for loaded, waits for it, and the film never ends.
"""
SHORTEST_FRAGMENT = Fraction(1, 2)
"""Seconds: all-intra video would otherwise cost a `moof` for each picture."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Starts of the segments in seconds, ascending, and the end of the last one."""

    cuts: tuple[Fraction, ...]
    end: Fraction
    target: Fraction

    def spans(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """Return start and end of each segment."""
        return tuple(zip(self.cuts, (*self.cuts[1:], self.end), strict=True))


def plan_video(tracks: Sequence[PlacedTrack], target: Fraction) -> Plan:
    """Cut at instants from which every one of *tracks* can start, about *target* seconds apart.

    Raises:
        InvariantError: the rungs share too few such instants.
        MediaError: the film has too few.
    """
    scale = lcm(target.denominator, *(track.timescale for track in tracks))
    aim = int(target * scale)
    per_track: list[set[int]] = [
        {track.shown(start) * (scale // track.timescale) for start in track.source.starts}
        for track in tracks
    ]
    common = per_track[0].intersection(*per_track[1:])
    if len({min(one) for one in per_track}) > 1:
        raise _misaligned(tracks, per_track)
    end = max(Fraction(track.end, track.timescale) for track in tracks)
    stop = int(end * scale)
    last = stop - int(SHORTEST_TAIL * scale)
    cuts = _choose(_until(common, last), aim, stop)
    longest = _longest(cuts, stop)
    alone = max(_longest(_choose(_until(one, last), aim, stop), stop) for one in per_track)
    if longest > alone + aim:
        raise _misaligned(tracks, per_track)
    if longest > max(MAX_SEGMENT, 3 * target) * scale:
        raise MediaError(
            f"The video's key frames are up to {longest / scale:.0f} s apart, "
            f"{MAX_SEGMENT} s at most can be streamed.",
            fix="Encode the video instead of copying it.",
            code="unsupported-codec",
        )
    return Plan(tuple(Fraction(cut, scale) for cut in cuts), end, target)


def _until(starts: set[int], last: int) -> list[int]:
    """Return the *starts* up to *last*, ascending; the first in any case."""
    first, *others = sorted(starts)
    return [first, *(one for one in others if one <= last)]


def _longest(cuts: Sequence[int], end: int) -> int:
    return max(b - a for a, b in zip(cuts, (*cuts[1:], end), strict=True))


def _misaligned(tracks: Sequence[PlacedTrack], per_track: Sequence[set[int]]) -> InvariantError:
    """Name the rung that agrees least with the others."""

    def shared(one: int) -> tuple[int, int]:
        others = (other for at, other in enumerate(per_track) if at != one)
        return sum(len(per_track[one] & other) for other in others), -one

    worst = min(range(len(tracks)), key=shared)
    name = tracks[worst].source.rendition.name
    return InvariantError(
        f"The IDR pictures of rung {name!r} are not where those of the other rungs are.",
        fix="Encode all rungs with one GOP length and without scene cuts.",
    )


def _choose(candidates: Sequence[int], target: int, end: int) -> list[int]:
    """Walk through *candidates* to *end*, each step to the one nearest to *target* later."""
    cuts = [candidates[0]]
    while True:
        aim = cuts[-1] + target
        at = bisect_left(candidates, aim)
        options = [one for one in candidates[max(0, at - 1) : at + 1] if one > cuts[-1]]
        nearest = min((*options, end), key=lambda one: abs(one - aim))
        if nearest >= end:
            return cuts
        cuts.append(nearest)


def plan_audio(end: Fraction, target: Fraction) -> Plan:
    """Cut sound without pictures every *target* seconds."""
    count = max(1, -int(-(end - SHORTEST_TAIL) // target))
    return Plan(tuple(target * number for number in range(count)), end, target)


def video_segments(track: PlacedTrack, plan: Plan) -> tuple[tuple[int, ...], ...]:
    """Return for each segment of *plan* the samples of *track* at which its fragments begin."""
    wanted = {int(cut * track.timescale) for cut in plan.cuts}
    shortest = SHORTEST_FRAGMENT * track.timescale
    segments: list[list[int]] = []
    last = Fraction(0)
    for start in track.source.starts:
        shown = track.shown(start)
        if shown in wanted:
            segments.append([start])
        elif shown - last >= shortest:
            segments[-1].append(start)
        else:
            continue
        last = Fraction(shown)
    return tuple(map(tuple, segments))


def audio_segments(track: PlacedTrack, plan: Plan) -> tuple[tuple[int, ...], ...]:
    """Return for each segment the sample of *track* at which its only fragment begins.

    There are fewer segments than in *plan* where the sound is shorter, more where it is longer.
    """
    end = Fraction(track.end, track.timescale)
    cuts = [cut for cut in plan.cuts[1:] if end - cut > SHORTEST_TAIL]
    beyond = plan.end
    while end - beyond > SHORTEST_TAIL:
        cuts.append(beyond)
        beyond += plan.target
    source = track.source
    shift = track.priming - track.decode_shift
    found = [source.first]
    for cut in cuts:
        aim = cut * track.timescale + shift
        at = bisect_left(source.table.times, aim, found[-1], source.stop)
        if at > found[-1] and aim - source.table.times[at - 1] < source.table.times[at] - aim:
            at -= 1
        if found[-1] < at < source.stop:
            found.append(at)
    return tuple((one,) for one in found)
