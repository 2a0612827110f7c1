from fractions import Fraction
from math import lcm

from hypothesis import given
from hypothesis import strategies as st

from matinee.packager.bandwidth import measure


def brute(sizes, durations):
    target = max(1, int(max(durations) + Fraction(1, 2)))
    rates = [
        Fraction(sum(sizes[a:b])) / sum(durations[a:b])
        for a in range(len(sizes))
        for b in range(a + 1, len(sizes) + 1)
        if Fraction(target, 2) <= sum(durations[a:b]) <= Fraction(3 * target, 2)
    ]
    average = Fraction(sum(sizes)) / sum(durations)
    return -int(-max([*rates, average]) * 8 // 1)


@given(
    st.lists(
        st.tuples(st.integers(1, 10**6), st.fractions(Fraction(1, 10), 6, max_denominator=10)),
        min_size=1,
        max_size=12,
    )
)
def test_the_peak_is_that_of_the_worst_run(segments):
    sizes, durations = [one for one, _ in segments], [one for _, one in segments]
    scale = lcm(*(one.denominator for one in durations))
    ticks = [int(one * scale) for one in durations]
    assert measure(sizes, ticks, scale).peak == brute(sizes, durations)


def test_a_short_last_segment_does_not_count_alone():
    rates = measure([1000, 1000, 900], [40, 40, 1], 10)
    assert rates.peak == 3708
    assert rates.average == 2865


def test_no_duration_is_no_division():
    assert measure([5], [0], 1) == (1, 1)
