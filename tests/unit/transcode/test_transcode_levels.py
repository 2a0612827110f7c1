from fractions import Fraction

import pytest

from matinee.errors import InputError
from matinee.transcode.levels import Level, Picture, h264_level


def level(width, height, rate=24, max_rate=1_000_000, profile="high", preset="veryfast") -> Level:
    picture = Picture(width, height, Fraction(rate), max_rate, max_rate * 3 // 2)
    return h264_level(picture, profile, preset)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ((1920, 1080, 24, 6_000_000), "4"),
        ((1920, 1080, 30, 6_000_000), "4"),
        ((1920, 1080, 60, 6_000_000), "4.2"),
        ((1080, 1920, 30, 6_000_000), "4"),
        ((1280, 720, 30, 3_200_000), "3.1"),
        ((1280, 720, 60, 3_200_000), "3.2"),
        ((854, 480, 24, 1_700_000), "3"),
        ((854, 480, 30, 1_700_000), "3.1"),  # 1620 macroblocks x 30 = 48600 a second
        ((640, 360, 30, 900_000), "3"),
        ((426, 240, 24, 480_000), "2.1"),
        ((3840, 2160, 24, 20_000_000), "5.1"),
        ((3840, 2160, 60, 20_000_000), "5.2"),
    ],
)
def test_least_level_by_size_and_rate(given, name):
    assert level(*given).name == name


def test_bitrate_and_profile_raise_the_level():
    assert level(1280, 720, max_rate=11_000_000).name == "3.1"  # buffer 16.5 of 17.5 Mbit
    assert level(1280, 720, max_rate=11_000_000, profile="main").name == "3.2"
    assert level(1280, 720, max_rate=18_000_000).name == "4"


def test_references_are_cut_to_what_the_level_holds():
    assert level(1920, 1080, preset="veryfast") == ("4", 1)
    assert level(1920, 1080, preset="medium") == ("4", 3)
    assert level(1920, 1080, preset="veryslow") == ("4", 4)
    assert level(1280, 720, preset="slow") == ("3.1", 5)


def test_what_no_level_holds_is_refused():
    with pytest.raises(InputError, match=r"No H\.264 level holds 16384x16384"):
        level(16_384, 16_384)
