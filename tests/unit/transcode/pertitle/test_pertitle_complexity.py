from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.transcode.pertitle.complexity import (
    PacketReader,
    Stretch,
    even_stretches,
    parted,
    pick,
    usable,
)
from matinee.transcode.pertitle.points import Window


def read(lines, seconds=2.0, origin=0.0):
    reader = PacketReader(seconds, origin)
    for line in lines:
        reader(line)
    return reader.stretches()


def test_stretches_start_at_key_frames_and_are_never_shorter_than_a_window():
    lines = [f"{n / 2},{100 + n},{'K' if n % 2 == 0 else '_'}__" for n in range(12)]
    found = read(lines)
    assert [(one.start, one.end) for one in found] == [(0, 2), (2, 4), (4, 5.5)]
    assert found[0].bits == 8 * (100 + 101 + 102 + 103)


def test_times_are_counted_from_the_origin():
    assert [one.start for one in read(["10.5,5,K__", "13,5,K__"], origin=10.0)] == [0.5, 3.0]


@pytest.mark.parametrize("line", ["", "N/A,5,K__", "1.0,N/A,K__", "nan,4,K__", "1,-4,K__", "1,4"])
def test_lines_that_tell_nothing_are_passed_over(line):
    assert read([line]) == ()


@given(st.lists(st.text(max_size=40)))
def test_any_text_gives_ordered_stretches(lines):
    for left, right in pairwise(read(lines)):
        assert left.end == right.start > left.start


def film(*rates, length=4.0):
    return [
        Stretch(start=length * n, end=length * (n + 1), bits=round(rate * length))
        for n, rate in enumerate(rates)
    ]


def test_black_and_credits_are_left_out():
    long_film = film(*[50] * 2, *[1000] * 50, *[400] * 2)
    found = usable(long_film, 2.0, 216.0)
    assert {one.rate for one in found} == {1000}


def test_a_film_all_alike_keeps_its_stretches():
    assert len(usable(film(*[500] * 8), 2.0, 32.0)) == 8


def test_picks_cover_low_to_high_complexity_with_equal_weight():
    rates = [100 * (1 + n * 7 % 10) for n in range(20)]
    windows = pick(film(*rates), 5, 2.0, 80.0)
    assert [w.start for w in windows] == sorted(w.start for w in windows)
    mean = sum(w.rate for w in windows) / 5
    assert mean == pytest.approx(sum(rates) / 20, rel=0.1)
    assert min(w.rate for w in windows) <= 200
    assert max(w.rate for w in windows) >= 900


@given(st.lists(st.integers(1, 9000), min_size=1, max_size=12), st.integers(1, 12))
def test_some_windows_are_as_easy_and_as_hard_as_all(bits, count):
    windows = [Window(start=4.0 * n, seconds=4.0, bits=one) for n, one in enumerate(bits)]
    first, more = parted(windows, count)
    assert sorted([*first, *more], key=lambda one: one.start) == windows
    assert len(first) == min(count, len(windows))
    if len(first) > 1:
        assert min(one.bits for one in first) == min(bits)
        assert max(one.bits for one in first) == max(bits)


def test_windows_of_equal_complexity_are_spread_over_the_film():
    starts = [w.start for w in pick(film(*[500] * 30), 4, 2.0, 120.0)]
    assert max(starts) - min(starts) > 60


stretches = st.lists(st.tuples(st.floats(0.5, 30), st.integers(0, 10**8)), max_size=40)


@given(stretches, st.integers(0, 20))
def test_windows_lie_in_the_film_and_never_overlap(some, count):
    at, found = 0.0, []
    for length, bits in some:
        found.append(Stretch(start=at, end=at + length, bits=bits))
        at += length
    windows = pick([one for one in found if one.end - one.start >= 2], count, 2.0, at)
    assert len(windows) <= count
    for left, right in pairwise(windows):
        assert left.start + left.seconds <= right.start + 1e-6
    assert all(0 <= one.start <= at - 2 for one in windows)


@pytest.mark.parametrize(("duration", "count"), [(1.0, 1), (9.0, 4), (1e6, 1000)])
def test_even_stretches_cover_the_film(duration, count):
    found = even_stretches(duration, 2.0)
    assert len(found) == count
    assert found[-1].end == pytest.approx(duration)
