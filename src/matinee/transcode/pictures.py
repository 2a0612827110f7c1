"""Choosing among pictures: which one is worth being the poster. Pure, on tiny grey pictures."""

from collections.abc import Sequence
from itertools import pairwise
from math import log2

GREY_WIDTH = 64
GREY_HEIGHT = 36
GREY_BYTES = GREY_WIDTH * GREY_HEIGHT

_EARLY, _LATE = 0.05, 0.45
"""The share of the film in which a poster is looked for: past the titles, before the ending."""
_FAIR = 1.0
"""Score from which a picture is neither dark nor flat."""


def score(grey: bytes) -> float:
    """Return how good a picture of `GREY_BYTES` bytes is as a poster; below 1 it is poor.

    Rewards variety of tones (entropy of the histogram) and contrast between neighbours; dark,
    burnt-out and flat pictures (fades, titles on black) score near 0.
    """
    mean = sum(grey) / len(grey)
    shares = [grey.count(level) / len(grey) for level in set(grey)]
    entropy = -sum(share * log2(share) for share in shares)
    edges = sum(abs(left - right) for left, right in pairwise(grey)) / len(grey)
    # 1 between these grey levels, falling to 0 at black and white.
    light = max(0.0, min(1.0, (mean - 16) / 40, (245 - mean) / 40))
    return light * (entropy / 4) * min(1.5, 0.5 + edges / 12)


def best_place(greys: Sequence[bytes]) -> int:
    """Return the place of the best picture, looked for in the usual stretch of the film first."""
    scores = [score(grey) for grey in greys]
    early, late = int(len(scores) * _EARLY), max(1, round(len(scores) * _LATE))
    stretch = range(min(early, late - 1), late)
    best = max(stretch, key=scores.__getitem__)
    if scores[best] < _FAIR:
        best = max(range(len(scores)), key=scores.__getitem__)
    return best
