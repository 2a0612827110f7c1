from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.catalog.retry import ATTEMPTS, LONGEST_DELAY, retry_after


def test_the_schedule_spans_about_a_day_and_ends() -> None:
    waits = [retry_after(attempt, 0.5) for attempt in range(1, ATTEMPTS)]
    assert waits[:3] == [timedelta(seconds=5), timedelta(seconds=20), timedelta(seconds=80)]
    assert waits[-1] == LONGEST_DELAY
    total = sum((wait for wait in waits if wait), timedelta())
    assert timedelta(hours=22) < total < timedelta(hours=26)
    assert retry_after(ATTEMPTS, 0.5) is None
    assert retry_after(10**9, 0.5) is None


@given(st.integers(-5, ATTEMPTS - 1), st.floats(0, 1))
def test_jitter_moves_by_a_fifth(attempt: int, jitter: float) -> None:
    middle, moved = retry_after(attempt, 0.5), retry_after(attempt, jitter)
    assert middle is not None
    assert moved is not None
    assert 0.8 <= moved / middle <= 1.2
    assert moved / middle == pytest.approx(0.8 + 0.4 * jitter, abs=1e-5)
