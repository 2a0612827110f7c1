import pytest

from matinee.transcode.keyframes import Gaps


def read(*lines: str) -> Gaps:
    gaps = Gaps()
    for line in lines:
        gaps(line)
    return gaps


def test_the_longest_gap_counts_the_end():
    regular = read("0.0,K__", "1.0,___", "2.0,K__", "4.0,K__", "5.0,___")
    assert regular.longest() == 2.0
    assert read("0.0,K__", "1.0,K__", "30.0,___").longest() == 29.0


def test_a_film_that_starts_without_a_key_frame():
    assert read("0.0,___", "1.0,K__").longest() is None
    assert read().longest() is None


@pytest.mark.parametrize("line", ["N/A,K__", "", "x", "nan,K__"])
def test_strange_lines_are_passed_over(line):
    assert read("0.0,K__", line, "1.5,___").longest() == 1.5
