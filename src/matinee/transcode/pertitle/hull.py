"""The convex hull of quality over log rate, over all heights; pure."""

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from math import exp, log

import msgspec

from matinee.transcode.pertitle.curve import Curve
from matinee.transcode.pertitle.points import Point

_CRF_STEP = 0.5
_HALVINGS = 24
_PERFECT = 101.0
"""One above the best VMAF: logs stay finite, and lines straight."""


def hull(points: Iterable[Point]) -> tuple[Point, ...]:
    """Return the points on the upper convex hull in (log rate, VMAF), by rising rate.

    Quality rises along it, and each further bit buys less than the one before. Of points with
    equal rate the best counts, of equal ones the lower.
    """
    ordered = sorted(points, key=lambda point: (point.rate, -point.vmaf, point.height))
    kept: list[Point] = []
    for point in ordered:
        if kept and point.vmaf <= kept[-1].vmaf:
            continue
        if kept and point.rate == kept[-1].rate:
            continue
        while len(kept) >= 2 and _below(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return tuple(kept)


def _below(left: Point, middle: Point, right: Point) -> bool:
    """Say whether *middle* is on or below the line from *left* to *right*."""
    run, whole = log(middle.rate / left.rate), log(right.rate / left.rate)
    return (middle.vmaf - left.vmaf) * whole <= (right.vmaf - left.vmaf) * run


def hull_value(corners: Sequence[Point], rate: float) -> float:
    """Return the VMAF of the hull of *corners* (by rising rate) at *rate*, its ends beyond them."""
    if rate <= corners[0].rate:
        return corners[0].vmaf
    for left, right in pairwise(corners):
        if rate <= right.rate:
            share = log(rate / left.rate) / log(right.rate / left.rate)
            return left.vmaf + share * (right.vmaf - left.vmaf)
    return corners[-1].vmaf


def marked(points: Sequence[Point]) -> tuple[Point, ...]:
    """Return *points* by falling height and rising CRF, those on the hull marked."""
    corners = {(point.height, point.crf) for point in hull(points)}
    return tuple(
        msgspec.structs.replace(point, on_hull=(point.height, point.crf) in corners)
        for point in sorted(points, key=lambda point: (-point.height, point.crf))
    )


class HeightCurve:
    """What one height costs and gives at any CRF between those measured.

    Both the log of the rate and the log of what is missing to perfect quality are nearly straight
    lines over the CRF (Big Buck Bunny, CRF 19 to 38: slopes of the latter within a fifth), so that
    even two measured points tell what lies between.
    """

    def __init__(self, points: Iterable[Point]) -> None:
        own = sorted(points, key=lambda point: point.crf)
        self._height = own[0].height
        self._crfs = [point.crf for point in own]
        self.first, self.last = own[0].crf, own[-1].crf
        self._rates = Curve([(point.crf, log(point.rate)) for point in own])
        self._missing = Curve([(point.crf, log(_PERFECT - point.vmaf)) for point in own])

    def at(self, crf: float) -> Point:
        """Return the point at *crf*, which is between `first` and `last`."""
        vmaf = min(100.0, max(0.0, _PERFECT - exp(self._missing(crf))))
        return Point(height=self._height, crf=crf, rate=exp(self._rates(crf)), vmaf=vmaf)

    def vmaf_at_rate(self, rate: float) -> float:
        """Return the VMAF at *rate* bits a second.

        Beyond the rates measured what is missing to perfect quality goes on along the line
        through the nearest two points, both in logarithms; with one point it stays.
        """
        wanted = log(max(1.0, rate))
        crfs = self._crfs
        if len(crfs) > 1:
            near = (crfs[0], crfs[1]) if wanted > self._rates(crfs[0]) else (crfs[-1], crfs[-2])
            end, inner = near
            run = self._rates(inner) - self._rates(end)
            if run and (wanted - self._rates(end)) * run < 0:
                slope = (self._missing(inner) - self._missing(end)) / run
                missing = self._missing(end) + slope * (wanted - self._rates(end))
                return min(100.0, max(0.0, _PERFECT - exp(min(missing, log(_PERFECT)))))
        low, high = self.first, self.last
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if self._rates(middle) > wanted:
                low = middle
            else:
                high = middle
        return self.at(high).vmaf


def at_crf(points: Sequence[Point], height: int, crf: float) -> Point | None:
    """Return what *height* costs and gives at *crf*, between the points measured; else None."""
    own = [point for point in points if point.height == height]
    if not own:
        return None
    curve = HeightCurve(own)
    return curve.at(crf) if curve.first <= crf <= curve.last else None


def filled_in(points: Sequence[Point]) -> tuple[Point, ...]:
    """Return *points* with every half CRF between those of a height, interpolated."""
    ordered = sorted(points, key=lambda point: -point.height)
    filled: list[Point] = []
    for _, group in groupby(ordered, key=lambda point: point.height):
        curve = HeightCurve(group)
        steps = int((curve.last - curve.first) / _CRF_STEP)
        filled += [curve.at(curve.first + step * _CRF_STEP) for step in range(steps + 1)]
    return tuple(filled)
