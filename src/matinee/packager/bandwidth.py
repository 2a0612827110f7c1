"""Bandwidths as they are, not as somebody asked an encoder for."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple


class Bandwidth(NamedTuple):
    """Bits a second, rounded up."""

    peak: int
    average: int


def measure(sizes: Sequence[int], durations: Sequence[int], timescale: int) -> Bandwidth:
    """Return peak and average of segments with *sizes* in bytes and *durations* in ticks.

    The peak is that of any contiguous run of segments between 0.5 and 1.5 target durations long
    (RFC 8216bis §4.4.6.2), the target being the longest segment's duration, rounded (§4.4.3.1).
    """
    total = sum(durations)
    if not total:
        return Bandwidth(1, 1)
    average = _rate(sum(sizes), total, timescale)
    target = max(1, (2 * max(durations) + timescale) // (2 * timescale)) * timescale
    shortest, longest = -(-target // 2), 3 * target // 2
    peak = Fraction(average)
    start = size = length = 0
    for end, duration in enumerate(durations):
        length += duration
        size += sizes[end]
        while length > longest and start < end:
            length -= durations[start]
            size -= sizes[start]
            start += 1
        run_size, run_length = size, length
        for first in range(start, end + 1):
            if run_length < shortest:
                break
            if run_length <= longest and run_size * 8 * timescale > peak * run_length:
                peak = Fraction(run_size * 8 * timescale, run_length)
            run_size -= sizes[first]
            run_length -= durations[first]
    return Bandwidth(max(1, -int(-peak // 1)), max(1, average))


def _rate(size: int, ticks: int, timescale: int) -> int:
    return -(-size * 8 * timescale // ticks)
