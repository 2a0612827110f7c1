from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.errors import InvariantError
from matinee.model.time import MediaTime

times = st.builds(
    MediaTime, st.integers(-(10**15), 10**15), st.sampled_from([1, 1000, 24_000, 48_000, 90_000])
)


def test_seconds_are_exact() -> None:
    assert MediaTime(1001, 24_000).seconds == Fraction(1001, 24_000)


def test_addition_keeps_the_left_timescale() -> None:
    assert MediaTime(90_000, 90_000) + MediaTime(1, 1) == MediaTime(180_000, 90_000)


def test_what_is_not_whole_is_refused() -> None:
    with pytest.raises(InvariantError, match="not whole"):
        MediaTime(1, 1) + MediaTime(1, 3)


@pytest.mark.parametrize("timescale", [0, -1])
def test_a_timescale_is_positive(timescale: int) -> None:
    with pytest.raises(InvariantError):
        MediaTime(1, timescale)


@given(times, times)
def test_order_is_that_of_seconds(one: MediaTime, other: MediaTime) -> None:
    assert (one < other) == (one.seconds < other.seconds)
    assert (one <= other) == (one.seconds <= other.seconds)


@given(times)
def test_rescaling_up_and_back_conserves_ticks(time: MediaTime) -> None:
    assert time.rescaled(time.timescale * 1000).rescaled(time.timescale) == time
