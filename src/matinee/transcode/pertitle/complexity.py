"""Where to sample a film: stretches of low to high complexity, as the source's own bits tell."""

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite
from statistics import median

import msgspec

from matinee.transcode.pertitle.points import Window

_MOST_STRETCHES = 100_000
_MOST_PACKET = 1 << 30
_DARK = 0.1
"""Below this share of the median rate a stretch is black, a still or credits."""
_LONG_FILM = 120.0
_MOST_BEHIND = 4.0
"""Seconds that may have to be decoded before a window."""
_HEAD, _TAIL = 0.01, 0.04
"""Shares of a long film in which logos and credits run."""


class Stretch(msgspec.Struct):
    """From a key frame of the source to one at least a window later; seconds from film start."""

    start: float
    end: float
    bits: int

    @property
    def rate(self) -> float:
        """Bits a second."""
        return self.bits / max(self.end - self.start, 1e-3)


class PacketReader:
    """Reads ffprobe's `time,size,flags` lines of one track into `Stretch`es.

    Memory is bounded: stretches are at least *seconds* long, and at most a hundred thousand.
    """

    def __init__(self, seconds: float, origin: float) -> None:
        self._seconds = seconds
        self._origin = origin
        self._stretches: list[Stretch] = []
        self._end = 0.0

    def __call__(self, line: str) -> None:
        """Take one line; those without a time or size are passed over."""
        fields = line.split(",")
        if len(fields) < 3:
            return
        try:
            at, size = float(fields[0]) - self._origin, int(fields[1])
        except ValueError:
            return
        if not isfinite(at) or not 0 <= size < _MOST_PACKET:
            return
        self._end = max(self._end, at)
        last = self._stretches[-1] if self._stretches else None
        if fields[2].startswith("K") and at >= 0:
            long_enough = last is None or at >= last.start + self._seconds
            if long_enough and len(self._stretches) < _MOST_STRETCHES:
                last = Stretch(start=at, end=at, bits=0)
                self._stretches.append(last)
        if last is not None:
            last.bits += 8 * size
            last.end = max(last.end, at)

    def stretches(self) -> tuple[Stretch, ...]:
        """Return what was read, by time; each ends where the next one starts."""
        for left, right in pairwise(self._stretches):
            left.end = right.start
        return tuple(self._stretches)


def even_stretches(duration: float, seconds: float) -> tuple[Stretch, ...]:
    """Return stretches for a source whose packets tell nothing: equal ones over the film."""
    count = min(max(1, int(duration / seconds)), 1000)
    length = duration / count
    return tuple(
        Stretch(start=length * place, end=length * (place + 1), bits=1) for place in range(count)
    )


def usable(stretches: Sequence[Stretch], seconds: float, duration: float) -> tuple[Stretch, ...]:
    """Return the stretches that hold a window of *seconds* and are neither black nor credits."""
    whole = [one for one in stretches if one.start + seconds <= duration and one.end > one.start]
    if not whole:
        return ()
    if duration > _LONG_FILM:
        inner = [
            one
            for one in whole
            if one.start >= _HEAD * duration and one.start + seconds <= (1 - _TAIL) * duration
        ]
        whole = inner or whole
    least = _DARK * median(one.rate for one in whole)
    return tuple(one for one in whole if one.rate >= least)


def pick(
    stretches: Sequence[Stretch], count: int, seconds: float, duration: float
) -> tuple[Window, ...]:
    """Return up to *count* windows of *seconds* that stand for the film, by time.

    Stretches are ordered by rate and parted into *count* shares of equal playing time; each share
    gives the stretch of its middle half that lies furthest from those already taken. So all
    windows have equal weight, and both the complexity and the length of the film are covered.
    """
    ordered = sorted(usable(stretches, seconds, duration), key=lambda one: (one.rate, one.start))
    if not ordered or count < 1:
        return ()
    count = min(count, len(ordered))
    total = sum(one.end - one.start for one in ordered)
    middles, passed = [], 0.0
    for one in ordered:
        middles.append((passed + (one.end - one.start) / 2) / total)
        passed += one.end - one.start
    taken: list[Stretch] = []
    for share in range(count):
        centre = (share + 0.5) / count
        free = [place for place, one in enumerate(ordered) if one not in taken]
        inner = [place for place in free if abs(middles[place] - centre) <= 0.25 / count]
        if inner:
            place = max(inner, key=lambda place: (_distance(ordered[place], taken), -place))
        else:
            place = min(free, key=lambda place: (abs(middles[place] - centre), place))
        taken.append(ordered[place])
    return tuple(
        Window(start=_middle(one, seconds), seconds=seconds, bits=round(one.rate * seconds))
        for one in sorted(taken, key=lambda one: one.start)
    )


def parted(windows: Sequence[Window], count: int) -> tuple[tuple[Window, ...], tuple[Window, ...]]:
    """Return *count* of *windows*, as easy and as hard as all of them, and the rest; by time."""
    ordered = sorted(windows, key=lambda one: (one.rate, one.start))
    last = max(1, count - 1)
    places = {round(place * (len(ordered) - 1) / last) for place in range(count)}
    first = {ordered[place].start for place in places}
    return (
        tuple(one for one in windows if one.start in first),
        tuple(one for one in windows if one.start not in first),
    )


def _middle(one: Stretch, seconds: float) -> float:
    """Return where a window starts in the middle of *one*: key frames stand at cuts.

    Not far behind the key frame, from which decoding must start.
    """
    return one.start + min(_MOST_BEHIND, max(0.0, one.end - one.start - seconds) / 2)


def _distance(one: Stretch, taken: Sequence[Stretch]) -> float:
    return min((abs(one.start - other.start) for other in taken), default=0.0)
