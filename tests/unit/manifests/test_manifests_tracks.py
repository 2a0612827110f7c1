from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from matinee.manifests import tracks


@given(st.lists(st.integers(1, 10**6), min_size=1), st.integers(1, 10**6))
def test_seconds_add_up_to_the_microsecond(durations, timescale):
    start, total = 0, Fraction(0)
    for duration in durations:
        total += Fraction(tracks.seconds(start, duration, timescale))
        start += duration
    assert abs(total - Fraction(start, timescale)) <= Fraction(1, 2_000_000)


def test_words_are_one_line_without_quotes():
    assert tracks.words(' a\r\n"b"\x00 ') == "a 'b'"
