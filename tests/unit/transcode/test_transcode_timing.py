from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.model.media import Ratio, VideoTrackInfo
from matinee.transcode.timing import (
    constant_rate,
    first_picture,
    frame_step,
    gop_frames,
    timescale,
)


def rate(numerator: int, denominator: int = 1, *, variable: bool = False) -> Fraction:
    track = VideoTrackInfo(
        index=0,
        codec="h264",
        width=2,
        height=2,
        frame_rate=Ratio(numerator, denominator),
        variable_frame_rate=variable,
    )
    return constant_rate(track)


def test_constant_rates_are_kept_exactly():
    assert rate(24_000, 1001) == Fraction(24_000, 1001)
    assert rate(23_976, 1000) == Fraction(24_000, 1001)
    assert rate(2997, 100) == Fraction(30_000, 1001)
    assert rate(25) == 25
    assert rate(3012, 100) == Fraction(753, 25)
    assert rate(11) == 11
    assert rate(1, 10) == 1  # a frame must not outlast a GOP


def test_variable_rates_become_the_nearest_or_the_next_above():
    assert rate(2987, 100, variable=True) == Fraction(30_000, 1001)
    assert rate(597, 10, variable=True) == Fraction(60_000, 1001)
    assert rate(273, 10, variable=True) == 30
    assert rate(1194, 100, variable=True) == 12
    assert rate(1, 2, variable=True) == 5
    assert rate(500, variable=True) == 120


@pytest.mark.parametrize(
    ("numerator", "most", "step"),
    [(60, 60, 1), (61, 60, 2), (120, 60, 2), (50, 30, 2), (60, 30, 2), (240, 60, 4), (24, 60, 1),
     ("2500/83", 30, 1), ("30.3", 30, 1), ("30.4", 30, 2)],
)  # fmt: skip
def test_frame_step(numerator, most, step):
    assert frame_step(Fraction(numerator), most) == step


@given(
    st.fractions(1, 240, max_denominator=1001),
    st.floats(0.5, 10),
    st.lists(st.integers(1, 8), min_size=1, max_size=3),
)
def test_gops_and_frames_are_whole_ticks(rate, seconds, steps):
    frames = gop_frames(rate, seconds, tuple(steps))
    assert frames >= 1
    assert all(frames % step == 0 for step in steps)
    scale = timescale(rate)
    assert (scale / rate).denominator == 1
    assert scale >= 10_000


def test_usual_timescales_and_gops():
    assert timescale(Fraction(24)) == timescale(Fraction(30_000, 1001)) == 90_000
    assert timescale(Fraction(24_000, 1001)) == 24_000
    assert gop_frames(Fraction(24_000, 1001), 2.0, (1,)) == 48
    assert gop_frames(Fraction(60), 2.0, (1, 2)) == 120
    assert gop_frames(Fraction(25), 0.5, (1, 2)) == 12


def test_first_picture_is_at_once_or_on_a_frame():
    assert first_picture(0.0, Fraction(25)) == first_picture(0.25, Fraction(25)) == 0.0
    assert first_picture(1.33, Fraction(25)) == pytest.approx(1.32)
    assert first_picture(1.0, Fraction(24_000, 1001)) == pytest.approx(24 * 1001 / 24_000)
