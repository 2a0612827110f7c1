import pytest

from matinee.transcode.pertitle.compare import comparison, storage_saving, top_saving
from matinee.transcode.pertitle.points import RungPoint

LADDER = [(4_000_000, 96.0), (1_800_000, 86.0), (900_000, 75.0), (400_000, 60.0)]


def rungs(pairs):
    return [
        RungPoint(name=str(place), height=720, crf=23.0, max_rate=1, rate=rate, vmaf=vmaf)
        for place, (rate, vmaf) in enumerate(pairs)
    ]


def test_half_the_rates_at_equal_quality_are_half_by_every_figure():
    half = [(rate / 2, vmaf) for rate, vmaf in LADDER]
    found = comparison("fixed", "words", rungs(LADDER), rungs(half), 1.5)
    assert found.bd_rate == pytest.approx(-50)
    assert found.top == pytest.approx(-50)
    assert found.storage == pytest.approx(-50)
    assert (found.against, found.words, found.error) == ("fixed", "words", 1.5)


def test_the_top_is_compared_where_both_reach():
    # The other ladder's top is better: its curve is read at the quality of ours.
    assert top_saving([(8_000_000, 99.0), *LADDER], LADDER) == pytest.approx(0, abs=1e-9)
    assert top_saving(LADDER, [(8_000_000, 99.0), *LADDER]) == pytest.approx(0, abs=1e-9)


def test_fewer_rungs_take_less_storage():
    assert storage_saving(LADDER, LADDER[:2]) == pytest.approx(-100 * 1.3 / 7.1)
    assert storage_saving([], LADDER) is None


def test_tops_without_a_common_quality_are_not_compared():
    assert top_saving(LADDER, [(9_000_000, 99.0)]) is None
    assert top_saving([], LADDER) is None
