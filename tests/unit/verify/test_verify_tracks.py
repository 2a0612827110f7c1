import time
from fractions import Fraction

import pytest

from matinee.model.presentation import ByteRange
from matinee.verify.content import Facts, Place
from matinee.verify.tracks import Cut, Run, Track, span_of


def cut(seconds, *, size=None, span=None):
    facts = Facts(size=size, kind="ts") if size is not None else None
    return Cut(place=Place("a", span), duration=Fraction(seconds), name="s", facts=facts)


def track(*cuts):
    return Track(place="v", runs=(Run(header=None, cuts=cuts),), target=4)


def test_rates_are_measured_over_all_segments():
    assert track(cut(4, size=1000), cut(4, size=3000)).measured() == (6000, 4000)


def test_ranges_tell_sizes_without_reading():
    assert track(cut(4, span=ByteRange(0, 500))).measured() == (1000, 1000)


def test_an_unknown_size_is_no_measure():
    assert track(cut(4, size=1000), cut(4)).measured() is None


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("0-99", ByteRange(0, 100)),
        ("5-5", ByteRange(5, 1)),
        (None, None),
        ("", None),
        ("9-5", None),
        ("-5", None),
        ("5-", None),
        ("a-b", None),
        ("1" * 30 + "-" + "2" * 30, None),
    ],
)
def test_ranges_of_an_mpd_are_inclusive(text, span):
    assert span_of(text) == span


def test_a_hundred_thousand_segments_of_no_duration_are_measured_in_time():
    many = track(*[cut(0, size=1)] * 100_000, cut(4, size=1000))
    begun = time.perf_counter()
    assert many.measured() == (202_000, 202_000)
    assert time.perf_counter() - begun < 5
