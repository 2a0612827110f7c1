"""Bit rates of runs of segments, as RFC 8216bis §4.4.6.2 measures them."""

from collections.abc import Sequence
from fractions import Fraction


def peak(sizes: Sequence[int], durations: Sequence[int], timescale: int, target: int) -> int:
    """Return the largest bit rate of any contiguous run of segments, in bits a second, rounded up.

    Runs last between 0.5 and 1.5 times *target* seconds; where no run does (one short segment, or
    segments longer than that), every single segment counts, and the whole.

    Args:
        sizes: bytes of each segment.
        durations: ticks of each segment.
        timescale: ticks a second.
        target: the target duration in seconds.
    """
    shortest, longest = target * timescale / 2, target * timescale * 3 / 2
    count = len(sizes)
    # The best run so far as a fraction in plain integers: this loop runs for every I-frame of a
    # long film at each rendering of its multivariant playlist.
    best_size, best_ticks = 0, 1
    for first in range(count):
        size = ticks = 0
        for last in range(first, count):
            size += sizes[last]
            ticks += durations[last]
            if ticks > longest:
                break
            if ticks >= shortest and size * best_ticks > best_size * ticks:
                best_size, best_ticks = size, ticks
    if not best_size:
        pairs = [pair for pair in zip(sizes, durations, strict=True) if pair[1]]
        best_size, best_ticks = max(pairs, key=lambda pair: Fraction(*pair), default=(0, 1))
    return -(-best_size * 8 * timescale // best_ticks)


def average(sizes: Sequence[int], durations: Sequence[int], timescale: int) -> int:
    """Return the bit rate over all segments, in bits a second, rounded up."""
    ticks = sum(durations)
    return -(-sum(sizes) * 8 * timescale // ticks) if ticks else 0
