import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.transcode.pertitle.phone import SMALL, one_step_below, phone_vmaf


@given(st.floats(0, 100))
def test_a_phone_forgives(vmaf):
    assert vmaf <= phone_vmaf(vmaf) <= 100


@given(st.floats(8, 100))
def test_a_step_on_a_phone_is_a_step_of_its_own_scale(vmaf):
    below = one_step_below(vmaf, SMALL, 6.0)
    assert phone_vmaf(vmaf) - phone_vmaf(below) == pytest.approx(6, abs=1e-6)
    assert below < vmaf


def test_large_rungs_are_judged_as_they_are():
    assert one_step_below(90.0, SMALL + 60, 6.0) == 84.0


def test_below_the_bottom_there_is_no_step():
    assert one_step_below(2.0, 240, 6.0) == 0.0
