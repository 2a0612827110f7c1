from itertools import pairwise
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.transcode.pertitle.hull import HeightCurve, at_crf, filled_in, hull, hull_value, marked
from matinee.transcode.pertitle.points import Point

points = st.lists(
    st.builds(
        Point,
        height=st.sampled_from([240, 360, 720]),
        crf=st.floats(18, 40),
        rate=st.floats(20_000, 2e7),
        vmaf=st.floats(0, 100),
    ),
    min_size=1,
    max_size=30,
)


@given(points)
def test_quality_rises_along_the_hull_and_each_bit_buys_less(some):
    corners = hull(some)
    assert set(corners) <= set(some)
    slopes = []
    for left, right in pairwise(corners):
        assert left.rate < right.rate
        assert left.vmaf < right.vmaf
        slopes.append((right.vmaf - left.vmaf) / log(right.rate / left.rate))
    for before, after in pairwise(slopes):
        assert after <= before * (1 + 1e-6)


@given(points)
def test_no_point_is_above_the_hull(some):
    corners = hull(some)
    for point in some:
        if point.rate >= corners[0].rate:
            assert point.vmaf <= hull_value(corners, point.rate) + 1e-6


def grid(height, *rows):
    return [Point(height=height, crf=crf, rate=rate, vmaf=vmaf) for crf, rate, vmaf in rows]


HIGH = grid(720, (20, 2e6, 96), (28, 1e6, 88), (36, 4e5, 60))
LOW = grid(360, (20, 9e5, 78), (28, 4e5, 72), (36, 1.6e5, 55))


def test_marked_points_are_those_of_the_hull_in_the_order_of_the_table():
    table = marked([*LOW, *HIGH])
    assert [(p.height, p.crf) for p in table] == [
        (720, 20), (720, 28), (720, 36), (360, 20), (360, 28), (360, 36),
    ]  # fmt: skip
    assert [p.on_hull for p in table] == [True, True, False, False, True, True]


def test_between_measured_crfs_rates_are_geometric_means():
    point = at_crf(grid(720, (20, 2e6, 96), (28, 5e5, 80)), 720, 24)
    assert point.rate == pytest.approx(1e6)
    # What is missing to 101 is a geometric mean too.
    assert point.vmaf == pytest.approx(101 - (5 * 21) ** 0.5)
    assert at_crf(HIGH, 720, 19) is None
    assert at_crf(HIGH, 480, 24) is None


def test_filling_in_goes_by_half_steps_and_keeps_heights_apart():
    filled = filled_in([*HIGH, *LOW])
    assert [p.crf for p in filled if p.height == 720] == [20 + n / 2 for n in range(33)]
    assert {p.height for p in filled} == {720, 360}
    for before, after in pairwise([p for p in filled if p.height == 360]):
        assert after.rate < before.rate
        assert after.vmaf < before.vmaf


@given(st.floats(20, 36))
def test_a_rate_reads_back_the_quality_of_its_crf(crf):
    curve = HeightCurve(HIGH)
    point = curve.at(crf)
    assert curve.vmaf_at_rate(point.rate) == pytest.approx(point.vmaf, abs=0.01)


def test_rates_beyond_those_measured_go_on_as_the_curve_ended():
    curve = HeightCurve(HIGH)
    # 13 are missing at 1 Mb/s and 5 at 2 Mb/s: 13 / 5 fewer again at 4 Mb/s.
    assert curve.vmaf_at_rate(4e6) == pytest.approx(101 - 5 * 5 / 13)
    assert 40 < curve.vmaf_at_rate(3e5) < 60
    assert curve.vmaf_at_rate(1) == 0


@given(st.floats(1, 1e8), st.floats(1, 1e8))
def test_more_bits_are_never_worse(one, other):
    curve = HeightCurve(LOW)
    low, high = sorted((one, other))
    assert curve.vmaf_at_rate(low) <= curve.vmaf_at_rate(high) + 1e-4


def test_one_point_tells_its_own_quality_alone():
    assert HeightCurve(HIGH[:1]).vmaf_at_rate(9e6) == pytest.approx(96)
