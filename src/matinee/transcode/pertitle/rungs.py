"""From measured points to rungs: just-noticeable steps down the hull; pure."""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, log

import msgspec

from matinee.model.ladder import Ladder, Rung
from matinee.transcode.pertitle.hull import filled_in, hull, hull_value
from matinee.transcode.pertitle.phone import one_step_below, phone_vmaf
from matinee.transcode.pertitle.points import Point, RungPoint


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What a ladder should be like. Rates in bits a second, quality in VMAF."""

    top: float = 95.0
    """Above this hardly anybody sees a difference."""
    step: float = 6.0
    """One just-noticeable difference."""
    least_ratio: float = 1.5
    most_ratio: float = 2.0
    """Rates of neighbours: Apple's authoring specification, 1.5 to 2."""
    bottom_rate: float = 150_000.0
    """Below this no further rung is added: a slow mobile link has it."""
    bottom: float = 20.0
    """Below this a picture says nothing."""
    slack: float = 0.75
    """How far below the hull a rung may lie, to be where the steps want it."""
    least_rungs: int = 2
    """A player has something to fall back on, however cheap the top is."""
    most_rungs: int = 7


DEFAULT_WISHES = Wishes()
_PEAK = 2.0
"""Cap over average: Apple's authoring specification asks for at most 200 %."""
_VMAF_AN_E_FOLD = 12.0
"""What e times the bits give in the middle of most curves: 8 VMAF for twice the bits."""
_OFF_RATE = 0.25
"""A rate off by four percent is as bad as one percent more bits for the same picture."""
_LEAST_CAP_RATIO = 1.1
_LEAST_CAP = 50_000
_FULL = 0.95
"""A point this near its cap is shaped by the cap and no longer by its CRF."""


def choose(points: Sequence[Point], caps: dict[int, int], wishes: Wishes) -> tuple[Point, ...]:
    """Return the rungs as points, best first: rates and heights only ever fall.

    Args:
        points: what was measured, at least one.
        caps: the most that each height may cost on average.
        wishes: top, steps and bottom.
    """
    candidates = [
        point for point in filled_in(points) if point.rate <= _FULL * caps.get(point.height, 0)
    ]
    if not candidates:
        return (min(points, key=lambda point: (point.rate, -point.height)),)
    corners = hull(candidates)
    near = [
        point
        for point in candidates
        if point.vmaf >= hull_value(corners, point.rate) - wishes.slack
        and point.rate <= corners[-1].rate
    ]
    rungs = [_top(near, wishes)]
    while len(rungs) < wishes.most_rungs and (
        rungs[-1].rate > wishes.bottom_rate or len(rungs) < wishes.least_rungs
    ):
        below = _next(rungs[-1], near, corners, wishes)
        if below is None or below.vmaf < wishes.bottom:
            break
        rungs.append(below)
    return tuple(rungs)


def _top(near: list[Point], wishes: Wishes) -> Point:
    """Return the cheapest point that is good enough, else the best there is."""
    good = [point for point in near if point.vmaf >= wishes.top]
    if good:
        return min(good, key=lambda point: (point.rate, -point.vmaf))
    return max(near, key=lambda point: (point.vmaf, -point.rate))


def _next(last: Point, near: list[Point], corners: Sequence[Point], wishes: Wishes) -> Point | None:
    """Return the rung below *last*: one step of quality, within the ratios of rates."""
    highest, lowest = last.rate / wishes.least_ratio, last.rate / wishes.most_ratio
    wanted = _rate_at(corners, one_step_below(last.vmaf, last.height, wishes.step))
    wanted = min(max(wanted, lowest), highest)
    below = [
        point
        for point in near
        if point.height <= last.height and point.vmaf < last.vmaf and point.rate <= highest
    ]
    if not below:
        return None

    def cost(point: Point) -> float:
        """In e-folds of bits: what is lost below the hull, and a little for a rate not wanted."""
        lost = (hull_value(corners, point.rate) - point.vmaf) / _VMAF_AN_E_FOLD
        return lost + _OFF_RATE * abs(log(point.rate / wanted))

    return min(below, key=lambda point: (cost(point), -point.vmaf))


def _rate_at(corners: Sequence[Point], vmaf: float) -> float:
    """Return the rate at which the hull reaches *vmaf*, that of its lowest corner below it."""
    if vmaf <= corners[0].vmaf:
        return corners[0].rate
    for left, right in pairwise(corners):
        if vmaf <= right.vmaf:
            share = (vmaf - left.vmaf) / (right.vmaf - left.vmaf)
            return float(left.rate * (right.rate / left.rate) ** share)
    return corners[-1].rate


def ladder_of(base: Ladder, chosen: Sequence[Point]) -> tuple[Ladder, tuple[RungPoint, ...]]:
    """Return *base* with the rungs of *chosen* (best first), and what is expected of each.

    Everything but name, CRF and cap comes from the rung of *base* of that height.
    """
    by_height = {rung.height: rung for rung in base.video}
    rungs: list[Rung] = []
    for point in chosen:
        own = by_height[point.height]
        cap = min(own.max_rate, max(_LEAST_CAP, ceil(_PEAK * point.rate / 1000) * 1000))
        if rungs:  # caps fall with the rates
            cap = min(cap, int(rungs[-1].max_rate / _LEAST_CAP_RATIO))
        rungs.append(
            msgspec.structs.replace(
                own, name=_name(point, rungs), crf=point.crf, rate=None, max_rate=cap
            )
        )
    known = tuple(
        expected(rung, point, base.preset) for rung, point in zip(rungs, chosen, strict=True)
    )
    return msgspec.structs.replace(base, video=tuple(rungs)), known


def expected(rung: Rung, point: Point, preset: str) -> RungPoint:
    """Return what *rung* is expected to be by *point*; *preset* is that of its ladder."""
    return RungPoint(
        name=rung.name,
        height=rung.height,
        crf=rung.crf,
        max_rate=rung.max_rate,
        rate=point.rate,
        vmaf=point.vmaf,
        vmaf_phone=phone_vmaf(point.vmaf),
        preset=rung.preset or preset,
    )


def _name(point: Point, above: Sequence[Rung]) -> str:
    """Return `720p`, and `720p-900k` for a further rung of that height."""
    if any(rung.height == point.height for rung in above):
        return f"{point.height}p-{max(1, round(point.rate / 1000))}k"
    return f"{point.height}p"
