import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.transcode.pertitle.guard import mean_points, saving_on, standard_error, sure, worth
from matinee.transcode.pertitle.points import Point

CRFS = (19.0, 25.0, 31.0, 38.0)
FIXED = [(720, 23.0), (360, 23.0)]
CHOSEN = [(720, 24.0), (720, 30.0), (360, 30.0)]


def sample(scale: float = 1.0, small: float = 0.25) -> list[Point]:
    """One stretch of film: *scale* its rates, *small* what half the lines cost beside the whole."""
    return [
        Point(height=height, crf=crf, rate=scale * share * 3e6 * 0.87 ** (crf - 19),
              vmaf=best - 0.1 * (crf - 19) ** 1.6)
        for height, best, share in ((720, 97.0, 1.0), (360, 84.0, small))
        for crf in CRFS
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("saving", "error", "better"),
    [(-30.0, 5.0, True), (-5.0, 3.0, True), (-5.0, 3.1, False), (-1.9, 0.0, False),
     (8.0, 0.0, False), (-20.0, 25.0, False), (None, 0.0, False), (-30.0, None, False)],
)  # fmt: skip
def test_only_what_is_beyond_its_error_is_worth_it(saving, error, better):
    assert worth(saving, error) is better


@pytest.mark.parametrize(
    ("saving", "error", "certain"),
    [(-30.0, 5.0, True), (-30.0, 10.0, False), (-5.0, 3.0, False), (8.0, 0.0, False),
     (-30.0, None, False), (None, None, False)],
)  # fmt: skip
def test_no_more_is_measured_only_where_even_a_few_errors_leave_a_saving(saving, error, certain):
    assert sure(saving, error) is certain


def test_samples_that_agree_leave_no_error():
    assert standard_error(FIXED, CHOSEN, [sample()] * 5) == pytest.approx(0, abs=1e-9)


def test_samples_that_disagree_do():
    mixed = [sample(), sample(0.4, 0.1), sample(3.0, 0.6), sample(1.0, 0.3)]
    assert standard_error(FIXED, CHOSEN, mixed) > 1


def test_one_sample_tells_nothing_of_the_error():
    assert standard_error(FIXED, CHOSEN, [sample()]) is None
    assert standard_error(FIXED, CHOSEN, []) is None


def test_ladders_without_a_common_quality_have_no_error():
    assert standard_error(FIXED, [(720, 19.0)], [sample(), sample()]) is None


def test_the_saving_on_all_samples_is_that_of_their_mean():
    assert saving_on(FIXED, FIXED, sample()) == pytest.approx(0, abs=1e-9)
    assert saving_on(FIXED, CHOSEN, mean_points([sample()] * 3)) == pytest.approx(
        saving_on(FIXED, CHOSEN, sample())
    )


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=6))
def test_a_mean_point_lies_between_its_samples(scales):
    samples = [sample(scale) for scale in scales]
    for same, mean in zip(zip(*samples, strict=True), mean_points(samples), strict=True):
        assert min(one.rate for one in same) * 0.999 <= mean.rate
        assert mean.rate <= max(one.rate for one in same) * 1.001
