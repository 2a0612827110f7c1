"""Whether a chosen ladder is sure enough to be better than the fixed one; pure.

The samples are few, and a mean over them hides how much they disagree. Leaving out one after the
other (the jackknife) tells how far the forecast would move with other samples.
"""

from collections.abc import Sequence
from math import sqrt

from matinee.transcode.pertitle.curve import bd_rate
from matinee.transcode.pertitle.hull import at_crf
from matinee.transcode.pertitle.points import Point, RungPoint

LEAST_SAVING = 2.0
"""Percent of bits that must be left after the error of the forecast."""

_SURE_ERRORS = 3
"""Of few samples the error itself is a guess."""

Rungs = Sequence[tuple[int, float]]
"""Height and CRF of each rung."""


def worth(saving: float | None, error: float | None) -> bool:
    """Say whether a forecast *saving* (percent, negative is fewer bits) is beyond its *error*.

    Without an error there is one sample at most, or nothing in common: nobody knows.
    """
    return saving is not None and error is not None and saving + error <= -LEAST_SAVING


def sure(saving: float | None, error: float | None) -> bool:
    """Say whether more samples would hardly make a forecast *saving* not `worth` it."""
    return worth(saving, None if error is None else _SURE_ERRORS * error)


def standard_error(fixed: Rungs, chosen: Rungs, samples: Sequence[Sequence[Point]]) -> float | None:
    """Return the jackknife's standard error of the BD-rate of *chosen* against *fixed*.

    Args:
        fixed: the rungs of the one ladder.
        chosen: those of the other.
        samples: the points measured on each sample, in the same order in all.

    None where fewer than two samples tell anything.
    """
    count = len(samples)
    if count < 2:
        return None
    found = [
        saving_on(fixed, chosen, mean_points([*samples[:place], *samples[place + 1 :]]))
        for place in range(count)
    ]
    known = [one for one in found if one is not None]
    if len(known) < count:
        return None
    middle = sum(known) / count
    return sqrt((count - 1) / count * sum((one - middle) ** 2 for one in known))


def saving_on(fixed: Rungs, chosen: Rungs, points: Sequence[Point]) -> float | None:
    """Return the BD-rate of *chosen* against *fixed* where *points* are what was measured."""
    return bd_rate(_pairs(fixed, points), _pairs(chosen, points))


def _pairs(rungs: Rungs, points: Sequence[Point]) -> list[tuple[float, float]]:
    found = [at_crf(points, height, crf) for height, crf in rungs]
    return [(point.rate, point.vmaf) for point in found if point is not None]


def mean_points(samples: Sequence[Sequence[Point]]) -> tuple[Point, ...]:
    """Return the points of *samples* as one film of all of them; all samples weigh the same."""
    count = len(samples)
    return tuple(
        Point(
            height=same[0].height,
            crf=same[0].crf,
            rate=sum(point.rate for point in same) / count,
            vmaf=sum(point.vmaf for point in same) / count,
        )
        for same in zip(*samples, strict=True)
    )


def keys(rungs: Sequence[RungPoint]) -> list[tuple[int, float]]:
    """Return height and CRF of each of *rungs* that has a CRF."""
    return [(rung.height, rung.crf) for rung in rungs if rung.crf is not None]
