"""What differs from codec to codec: scales of quality, presets, bit depths.

A ladder names presets as x264 does. x265 has the same names. SVT-AV1 counts down
from 11; of its presets above 9 it says itself that they may show artefacts: they are for trials.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

PRESETS = (
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow",
)  # fmt: skip
SVT_AV1_PRESETS: Mapping[str, int] = MappingProxyType(
    dict(zip(PRESETS, (11, 10, 9, 8, 7, 6, 5, 4, 3), strict=True))
)


class Codec(NamedTuple):
    """What a rung of one codec may ask for."""

    profiles: tuple[str, ...]
    """Those to choose from; () where the profile follows from the bit depth."""
    usual_crf: float
    """Near the picture of x264's 23; docs/how-to/ladders.md has what was measured."""
    most_crf: float
    bit_depths: tuple[int, ...]
    average_rates: bool
    """Whether the encoder holds an average rate and a cap at the same time."""
    film_grain: bool
    steering: bool
    """Whether trellis and lookahead are to be chosen."""


CODECS: Mapping[str, Codec] = MappingProxyType(
    {  # the cheapest to encode first
        "h264": Codec(("baseline", "main", "high"), 23.0, 51.0, (8,), True, False, True),
        "hevc": Codec((), 26.0, 51.0, (8, 10), True, False, False),
        "av1": Codec((), 38.0, 63.0, (8, 10), False, True, False),
    }
)


def profile_of(codec: str, wanted: str | None, bit_depth: int) -> str:
    """Return the profile of a rung as its encoder names it."""
    if codec == "h264":
        return wanted or "high"
    return "main10" if codec == "hevc" and bit_depth > 8 else "main"
