"""What one ladder saves against another: bits at equal VMAF, of the top, of the whole; pure."""

from collections.abc import Sequence
from math import exp

from matinee.transcode.pertitle.curve import Curve, bd_rate, by_quality
from matinee.transcode.pertitle.points import Comparison, RungPoint

Pairs = Sequence[tuple[float, float]]
"""(bits a second, VMAF) of each rung."""


def top_saving(anchor: Pairs, test: Pairs) -> float | None:
    """Return how many percent more bits *test* needs than *anchor* for the best both can give.

    That is the VMAF of the lower of the two top rungs, on the curve through each ladder's rungs.
    None where one of them has no rung as bad as that.
    """
    first, second = by_quality(anchor), by_quality(test)
    if not first or not second:
        return None
    quality = min(first[-1][0], second[-1][0])
    if quality < max(first[0][0], second[0][0]):
        return None
    return 100 * (exp(Curve(second)(quality) - Curve(first)(quality)) - 1)


def storage_saving(anchor: Pairs, test: Pairs) -> float | None:
    """Return how many percent more bits all rungs of *test* take than those of *anchor*."""
    whole = sum(rate for rate, _ in anchor)
    return None if whole <= 0 else 100 * (sum(rate for rate, _ in test) / whole - 1)


def comparison(
    against: str,
    words: str,
    anchor: Sequence[RungPoint],
    test: Sequence[RungPoint],
    error: float | None = None,
) -> Comparison:
    """Return what *test* saves against *anchor*, which people know by *words*."""
    first = [(rung.rate, rung.vmaf) for rung in anchor]
    second = [(rung.rate, rung.vmaf) for rung in test]
    return Comparison(
        against=against,
        words=words,
        rungs=tuple(anchor),
        bd_rate=bd_rate(first, second),
        error=error,
        top=top_saving(first, second),
        storage=storage_saving(first, second),
    )
