"""Frame rates: what the container says, held against when its pictures really come."""

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from statistics import median

from matinee.model.media import Ratio

MAX_FRAME_RATE = 1000
DEFAULT = Ratio(25)
_USUAL = (
    Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30),
    Fraction(48), Fraction(50), Fraction(60000, 1001), Fraction(60), Fraction(15), Fraction(12),
    Fraction(10), Fraction(20), Fraction(100), Fraction(120000, 1001), Fraction(120),
)  # fmt: skip
_JITTER = 0.0025  # seconds: containers that count milliseconds round by one either way
_FEW = 3  # gaps of another length that a seek between two samples, or a cut, may leave


def ratio_of(text: str | None, separator: str = "/") -> Ratio | None:
    """Return a positive ratio that ffprobe wrote as `a/b` or `a:b`, None where it has none."""
    numerator, found, denominator = (text or "").partition(separator)
    if not (found and numerator.isdigit() and denominator.isdigit()):
        return None
    if not int(numerator) or not int(denominator):
        return None
    exact = Fraction(int(numerator), int(denominator))
    return Ratio(exact.numerator, exact.denominator)


def gaps(times: Iterable[float]) -> list[float]:
    """Return the distances between pictures in the order they are shown."""
    ordered = sorted(set(times))
    return [later - earlier for earlier, later in pairwise(ordered)]


def varies(distances: list[float]) -> bool:
    """Say whether pictures come at uneven distances, beyond what rounding and cuts explain."""
    if len(distances) < 2 * _FEW:
        return False
    usual = median(distances)
    uneven = sum(abs(one - usual) > max(_JITTER, usual * 0.25) for one in distances)
    return uneven > max(_FEW, len(distances) // 50)


def frame_rate(average: Ratio | None, smallest: Ratio | None, distances: list[float]) -> Ratio:
    """Return the rate of a track's pictures, exact where it is a usual one.

    Args:
        average: pictures over duration, as the container's tables give it; off by a little where
            durations are rounded or the first picture is late.
        smallest: the rate that can show every picture at its time; twice the truth for fields.
        distances: measured, from `gaps`.
    """
    if average is None:
        measured = 1 / median(distances) if distances else 0.0
        if not 0 < measured <= MAX_FRAME_RATE:
            return smallest or DEFAULT
        return _nearest(Fraction(measured).limit_denominator(1001), 0.005)
    if varies(distances):
        return average
    if smallest is not None and abs(smallest.value / average.value - 1) < Fraction(1, 100):
        return smallest
    return _nearest(average.value, 0.003)


def _nearest(rate: Fraction, tolerance: float) -> Ratio:
    best = min(_USUAL, key=lambda usual: abs(usual - rate))
    chosen = best if abs(best / rate - 1) < tolerance else rate
    return Ratio(chosen.numerator, chosen.denominator)
