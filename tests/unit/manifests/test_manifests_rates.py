import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.manifests import rates


@pytest.mark.parametrize(
    ("sizes", "durations", "expected"),
    [
        ([1000, 1000], [4, 4], 2000),
        # A single short segment is measured with its neighbours, not alone.
        ([1000, 1000], [4, 1], 3200),
        # Runs end at 1.5 target durations: 4 + 2 seconds.
        ([1000, 4000, 1000], [4, 2, 4], 16000),
        ([3], [1], 24),
        ([], [], 0),
        ([1000, 5000], [10, 10], 4000),
    ],
)
def test_the_peak_is_that_of_any_run_near_the_target(sizes, durations, expected):
    assert rates.peak(sizes, durations, 1, 4) == expected


@given(
    st.lists(st.tuples(st.integers(1, 10**7), st.integers(1, 10 * 1000)), min_size=1, max_size=9)
)
def test_the_peak_is_never_below_the_average_of_equal_segments(pairs):
    sizes = [size for size, _ in pairs]
    assert rates.peak(sizes, [4000] * len(sizes), 1000, 4) >= rates.average(
        sizes, [4000] * len(sizes), 1000
    )
