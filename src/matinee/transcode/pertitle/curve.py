"""Monotone curves through few points (PCHIP), and the Bjontegaard rate difference on them."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import exp, log

from matinee.errors import InvariantError


class Curve:
    """The monotone piecewise cubic through points of strictly rising x (Fritsch and Butland, 1984).

    It never overshoots: between two points it stays between their values. Beyond the ends it is
    constant.
    """

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        if not points or any(right[0] <= left[0] for left, right in pairwise(points)):
            raise InvariantError("a curve needs points of strictly rising x")
        self._x = [x for x, _ in points]
        self._y = [y for _, y in points]
        self._slopes = _slopes(self._x, self._y)

    def __call__(self, x: float) -> float:
        """Return the value at *x*."""
        if x <= self._x[0]:
            return self._y[0]
        if x >= self._x[-1]:
            return self._y[-1]
        place = bisect_right(self._x, x) - 1
        step = self._x[place + 1] - self._x[place]
        t = (x - self._x[place]) / step
        low, high = self._y[place], self._y[place + 1]
        # Cubic Hermite basis.
        value = (
            low * (1 + 2 * t) * (1 - t) ** 2
            + high * t * t * (3 - 2 * t)
            + step * t * (1 - t) * (self._slopes[place] * (1 - t) - self._slopes[place + 1] * t)
        )
        return min(max(value, min(low, high)), max(low, high))

    def mean(self, start: float, end: float, *, steps: int = 400) -> float:
        """Return the mean value between *start* and *end* (Simpson's rule)."""
        if end <= start:
            return self(start)
        width = (end - start) / steps
        values = [self(start + width * n) for n in range(steps + 1)]
        return (values[0] + values[-1] + 4 * sum(values[1:-1:2]) + 2 * sum(values[2:-1:2])) / (
            3 * steps
        )


def _slopes(x: list[float], y: list[float]) -> list[float]:
    if len(x) == 1:
        return [0.0]
    steps = [right - left for left, right in pairwise(x)]
    secants = [(high - low) / step for (low, high), step in zip(pairwise(y), steps, strict=True)]
    inner = [
        _harmonic(steps[n], steps[n + 1], secants[n], secants[n + 1])
        for n in range(len(secants) - 1)
    ]
    return [_end(steps, secants), *inner, _end(steps[::-1], secants[::-1])]


def _harmonic(left_step: float, right_step: float, left: float, right: float) -> float:
    """Return the slope between two secants: 0 at an extremum, else their weighted harmonic mean."""
    if left == 0 or right == 0 or (left > 0) != (right > 0):
        return 0.0
    near, far = 2 * right_step + left_step, right_step + 2 * left_step
    return (near + far) / (near / left + far / right)


def _end(steps: list[float], secants: list[float]) -> float:
    """Return the slope at an end by the three-point formula, kept from overshooting."""
    first = secants[0]
    if len(secants) == 1:
        return first
    second = secants[1]
    slope = ((2 * steps[0] + steps[1]) * first - steps[0] * second) / (steps[0] + steps[1])
    if slope == 0 or first == 0 or (slope > 0) != (first > 0):
        return 0.0
    if (first > 0) != (second > 0) and abs(slope) > 3 * abs(first):
        return 3 * first
    return slope


def bd_rate(
    anchor: Sequence[tuple[float, float]], test: Sequence[tuple[float, float]]
) -> float | None:
    """Return how many percent more bits *test* needs than *anchor* at equal quality.

    Both are (rate, quality) pairs of at least two rungs. The mean of the difference of log rates
    over the common range of quality, each interpolated by a monotone cubic (ITU-T HSTP-VID-WPOM
    §7.2). Negative is fewer bits; None where the ranges have nothing in common.
    """
    first, second = by_quality(anchor), by_quality(test)
    if len(first) < 2 or len(second) < 2:
        return None
    low, high = max(first[0][0], second[0][0]), min(first[-1][0], second[-1][0])
    if high <= low:
        return None
    difference = Curve(second).mean(low, high) - Curve(first).mean(low, high)
    return 100 * (exp(difference) - 1)


def by_quality(rungs: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return (quality, log rate) of the rungs that pay: more bits give better quality."""
    kept: list[tuple[float, float]] = []
    for rate, quality in sorted(rungs, key=lambda rung: (rung[0], -rung[1])):
        if rate > 0 and (not kept or quality > kept[-1][0]):
            kept.append((quality, log(rate)))
    return kept
