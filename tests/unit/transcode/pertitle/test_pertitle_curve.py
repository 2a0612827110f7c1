from itertools import pairwise
from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.errors import InvariantError
from matinee.transcode.pertitle.curve import Curve, bd_rate

values = st.floats(-1000, 1000)
steps = st.floats(0.01, 100)


@st.composite
def points(draw, least=1):
    x = draw(values)
    found = []
    for _ in range(draw(st.integers(least, 8))):
        found.append((x, draw(values)))
        x += draw(steps)
    return found


@given(points())
def test_a_curve_goes_through_its_points(some):
    curve = Curve(some)
    for x, y in some:
        assert curve(x) == pytest.approx(y, abs=1e-6)


@given(points(least=2), st.floats(0, 1))
def test_a_curve_never_leaves_the_span_of_its_neighbours(some, share):
    curve = Curve(some)
    for (left, low), (right, high) in pairwise(some):
        value = curve(left + share * (right - left))
        assert min(low, high) - 1e-9 <= value <= max(low, high) + 1e-9


def test_a_curve_is_constant_beyond_its_ends_and_exact_on_a_line():
    curve = Curve([(0, 1), (1, 3), (4, 9)])
    assert (curve(-5), curve(7)) == (1, 9)
    assert curve(2.5) == pytest.approx(6)
    assert curve.mean(0, 4) == pytest.approx(5)


@pytest.mark.parametrize("bad", [[], [(1, 1), (1, 2)], [(2, 1), (1, 2)]])
def test_points_without_order_are_a_fault_of_ours(bad):
    with pytest.raises(InvariantError):
        Curve(bad)


LADDER = [(400_000, 60.0), (900_000, 75.0), (1_800_000, 86.0), (4_000_000, 95.0)]


@pytest.mark.parametrize(
    ("anchor", "test", "expected"),
    [
        (
            [(9487.76, 40.037), (4593.60, 38.615), (2486.44, 36.845), (1358.24, 34.851)],
            [(9787.80, 40.121), (4469.00, 38.651), (2451.52, 36.970), (1356.24, 34.987)],
            -4.4174853505891125,
        ),
        (
            LADDER,
            [(310_000, 58.0), (700_000, 74.5), (1_500_000, 87.2), (2_600_000, 93.1)],
            -20.376582280595244,
        ),
    ],
)
def test_bd_rate_is_that_of_another_implementation(anchor, test, expected):
    # scipy 1.x: PchipInterpolator over the same axes, integrated exactly.
    assert bd_rate(anchor, test) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("factor", [0.5, 0.75, 1.0, 1.4])
def test_bd_rate_of_a_scaled_ladder_is_its_factor(factor):
    scaled = [(rate * factor, quality) for rate, quality in LADDER]
    assert bd_rate(LADDER, scaled) == pytest.approx(100 * (factor - 1), abs=1e-6)


@given(st.floats(0.2, 5), st.floats(-0.05, 0.05))
def test_bd_rate_of_swapped_ladders_is_the_inverse(factor, tilt):
    other = [(rate * factor * exp(tilt * place), q) for place, (rate, q) in enumerate(LADDER)]
    there, back = bd_rate(LADDER, other), bd_rate(other, LADDER)
    assert log(1 + there / 100) == pytest.approx(-log(1 + back / 100), abs=1e-9)


def test_bd_rate_needs_two_rungs_and_common_quality():
    assert bd_rate(LADDER, LADDER[:1]) is None
    assert bd_rate(LADDER[:2], LADDER[2:]) is None


def test_bd_rate_passes_over_rungs_that_do_not_pay():
    with_waste = [*LADDER, (5_000_000, 94.0)]
    assert bd_rate(LADDER, with_waste) == pytest.approx(0, abs=1e-9)
