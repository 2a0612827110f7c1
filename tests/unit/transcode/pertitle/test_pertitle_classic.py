from itertools import pairwise

import pytest

from matinee.transcode.ladder import built_in
from matinee.transcode.pertitle.classic import RATES, classic_ladder, classic_points
from matinee.transcode.pertitle.hull import HeightCurve
from matinee.transcode.pertitle.points import Point

BASE = built_in()["standard"]


@pytest.mark.parametrize(
    ("size", "top", "count"),
    [
        ((1920, 1080), "1080p-7800k", 9),
        ((1280, 720), "720p-4500k", 7),
        ((960, 540), "540p-2000k", 5),
        ((426, 240), "234p-145k", 1),
    ],
)
def test_the_classic_ladder_ends_at_the_source(size, top, count):
    ladder = classic_ladder(BASE, *size)
    assert ladder.video[0].name == top
    assert len(ladder.video) == count
    for above, below in pairwise(ladder.video):
        assert above.rate > below.rate
        assert above.height >= below.height
    assert len({rung.name for rung in ladder.video}) == count
    assert all(rung.crf is None and rung.rate <= rung.max_rate for rung in ladder.video)
    assert (ladder.preset, ladder.audio) == (BASE.preset, BASE.audio)


def test_rates_and_heights_fall():
    assert list(RATES) == sorted(RATES, reverse=True)


def curve(height, best, rate):
    return [
        Point(height=height, crf=crf, rate=rate * 0.87 ** (crf - 19), vmaf=best - 2 * (crf - 19))
        for crf in (19.0, 25.0, 31.0, 38.0)
    ]


def test_a_height_between_those_measured_gives_a_quality_between_theirs():
    points = [*curve(720, 98, 4e6), *curve(480, 90, 2e6), *curve(360, 80, 1e6)]
    found = {one.name: one for one in classic_points(classic_ladder(BASE, 1280, 720), points)}
    between = found["540p-2000k"]
    alone = [
        one.vmaf
        for height in (720, 480)
        for one in classic_points(
            classic_ladder(BASE, 1280, 720), [point for point in points if point.height == height]
        )
        if one.rate == 2e6
    ]
    assert min(alone) <= between.vmaf <= max(alone)
    assert between.rate == 2_000_000
    # Below the lowest height measured stands that one itself, at the same rate.
    least = HeightCurve(point for point in points if point.height == 360)
    assert found["234p-145k"].vmaf == least.vmaf_at_rate(145_000)
