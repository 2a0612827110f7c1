"""The H.264 level a stream needs: ITU-T H.264 Table A-1 (level limits), 08/2021 edition."""

from fractions import Fraction
from math import ceil
from typing import NamedTuple

from matinee.errors import InputError


class _Level(NamedTuple):
    name: str
    macroblocks_a_second: int
    frame_macroblocks: int
    buffer_macroblocks: int
    kilobits: int
    buffer_kilobits: int


# MaxMBPS, MaxFS, MaxDpbMbs, MaxBR, MaxCPB. Level 1b is left out: nobody needs it any more.
_LEVELS = (
    _Level("1", 1_485, 99, 396, 64, 175),
    _Level("1.1", 3_000, 396, 900, 192, 500),
    _Level("1.2", 6_000, 396, 2_376, 384, 1_000),
    _Level("1.3", 11_880, 396, 2_376, 768, 2_000),
    _Level("2", 11_880, 396, 2_376, 2_000, 2_000),
    _Level("2.1", 19_800, 792, 4_752, 4_000, 4_000),
    _Level("2.2", 20_250, 1_620, 8_100, 4_000, 4_000),
    _Level("3", 40_500, 1_620, 8_100, 10_000, 10_000),
    _Level("3.1", 108_000, 3_600, 18_000, 14_000, 14_000),
    _Level("3.2", 216_000, 5_120, 20_480, 20_000, 20_000),
    _Level("4", 245_760, 8_192, 32_768, 20_000, 25_000),
    _Level("4.1", 245_760, 8_192, 32_768, 50_000, 62_500),
    _Level("4.2", 522_240, 8_704, 34_816, 50_000, 62_500),
    _Level("5", 589_824, 22_080, 110_400, 135_000, 135_000),
    _Level("5.1", 983_040, 36_864, 184_320, 240_000, 240_000),
    _Level("5.2", 2_073_600, 36_864, 184_320, 240_000, 240_000),
    _Level("6", 4_177_920, 139_264, 696_320, 240_000, 240_000),
    _Level("6.1", 8_355_840, 139_264, 696_320, 480_000, 480_000),
    _Level("6.2", 16_711_680, 139_264, 696_320, 800_000, 800_000),
)

# Reference frames of x264's presets (common/base.c, param_apply_preset).
_REFERENCES = {
    "ultrafast": 1, "superfast": 1, "veryfast": 1, "faster": 2, "fast": 2, "medium": 3, "slow": 5,
    "slower": 8, "veryslow": 16,
}  # fmt: skip
_PYRAMID = 4
"""Decoded pictures that x264 asks a decoder to hold where B-frames are references."""


class Picture(NamedTuple):
    """What of a stream bears on its level. Rates in bits a second, the buffer in bits."""

    width: int
    height: int
    frame_rate: Fraction
    max_rate: int
    buffer_size: int


class Level(NamedTuple):
    """A level as ffmpeg writes it (`3.1`), and the reference frames that it leaves x264."""

    name: str
    references: int


def h264_level(picture: Picture, profile: str, preset: str) -> Level:
    """Return the least level that *picture* fits, with as many of the preset's references.

    References are cut where the preset's would ask for a level that devices of this picture size
    need not have (1080p with 5 references is level 5, with 4 it is level 4).

    Raises:
        InputError: no level holds it.
    """
    columns, rows = ceil(picture.width / 16), ceil(picture.height / 16)
    macroblocks = columns * rows
    # Table A-2: High may have 1.25 times the rate and the buffer of Baseline and Main.
    factor = 1_250 if profile == "high" else 1_000
    for level in _LEVELS:
        if (
            macroblocks <= level.frame_macroblocks
            # A.3.1 i, j: neither side above sqrt(8 x MaxFS).
            and max(columns, rows) ** 2 <= 8 * level.frame_macroblocks
            and macroblocks * picture.frame_rate <= level.macroblocks_a_second
            and macroblocks * _PYRAMID <= level.buffer_macroblocks
            and picture.max_rate <= level.kilobits * factor
            and picture.buffer_size <= level.buffer_kilobits * factor
        ):
            held = level.buffer_macroblocks // macroblocks
            return Level(level.name, min(_REFERENCES[preset], held))
    raise InputError(
        f"No H.264 level holds {picture.width}x{picture.height} at {float(picture.frame_rate):g} "
        f"frames and {picture.max_rate} bits a second.",
        fix="Lower the height, max_frame_rate or max_rate of the rung.",
        code="bad-ladder",
    )
