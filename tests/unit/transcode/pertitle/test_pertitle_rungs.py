from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.transcode.ladder import built_in
from matinee.transcode.pertitle.hull import HeightCurve
from matinee.transcode.pertitle.points import Point
from matinee.transcode.pertitle.rungs import DEFAULT_WISHES, choose, ladder_of

BASE = built_in()["standard"]
CAPS = {rung.height: rung.max_rate for rung in BASE.video}
CRFS = (21.0, 28.0, 36.0)


@st.composite
def films(draw):
    """Measured points of a film: rate falls and quality falls as CRF rises."""
    found = []
    heights = draw(st.sets(st.sampled_from(sorted(CAPS)), min_size=1))
    for height in heights:
        rate = draw(st.floats(10_000, 3e7))
        vmaf = draw(st.floats(20, 100))
        for crf in CRFS:
            found.append(Point(height=height, crf=crf, rate=max(rate, 1.0), vmaf=max(vmaf, 0.0)))
            rate *= draw(st.floats(0.2, 1))
            vmaf -= draw(st.floats(0, 30))
    return found


@given(films())
def test_rungs_fall_stay_apart_and_below_their_caps(film):
    rungs = choose(film, CAPS, DEFAULT_WISHES)
    assert 1 <= len(rungs) <= DEFAULT_WISHES.most_rungs
    for above, below in pairwise(rungs):
        assert below.height <= above.height
        assert below.vmaf < above.vmaf
        assert above.rate >= below.rate * DEFAULT_WISHES.least_ratio * 0.999
    if len(rungs) > 1:
        assert all(rung.rate <= CAPS[rung.height] for rung in rungs)
    assert {rung.height for rung in rungs} <= {point.height for point in film}


@given(films())
def test_a_ladder_of_any_film_has_unique_names_and_falling_caps(film):
    rungs = choose(film, CAPS, DEFAULT_WISHES)
    ladder, expected = ladder_of(BASE, rungs)
    names = [rung.name for rung in ladder.video]
    assert len(set(names)) == len(names)
    for above, below in pairwise(ladder.video):
        assert below.max_rate < above.max_rate
    for rung, point in zip(ladder.video, expected, strict=True):
        assert rung.max_rate <= CAPS[rung.height]
        assert (rung.name, rung.crf, rung.rate) == (point.name, point.crf, None)
    assert ladder.audio == BASE.audio


def curve(height, top_rate, top_vmaf, fall):
    rows = zip(CRFS, (1.0, 0.45, 0.18), (0, fall, 2.8 * fall), strict=True)
    return [
        Point(height=height, crf=crf, rate=top_rate * share, vmaf=top_vmaf - less)
        for crf, share, less in rows
    ]


def test_the_top_rung_is_the_cheapest_good_enough():
    film = [*curve(1080, 5e6, 98, 9), *curve(540, 1.6e6, 86, 12), *curve(240, 4e5, 60, 18)]
    caps = {1080: 6_000_000, 540: 2_000_000, 240: 500_000}
    rungs = choose(film, caps, DEFAULT_WISHES)
    assert 95 <= rungs[0].vmaf < 96
    assert rungs[-1].rate < 300_000
    for above, below in pairwise(rungs):
        assert above.rate / below.rate < 2.3


@pytest.mark.parametrize("shift", [1.0, 1.01, 1.02, 1.03, 1.04, 1.05])
def test_of_two_heights_at_about_the_rate_wanted_the_better_looking_one_is_taken(shift):
    def points(height, rate, vmaf):
        return [
            Point(height=height, crf=crf, rate=rate * 0.885 ** (crf - 19),
                  vmaf=vmaf - 0.9 * (crf - 19))
            for crf in CRFS
        ]  # fmt: skip

    curves = [points(480, 1.2e6, 97.5), points(360, shift * 7.8e5, 94.6)]
    second = choose([*curves[0], *curves[1]], CAPS, DEFAULT_WISHES)[1]
    best = max(HeightCurve(curve).vmaf_at_rate(second.rate) for curve in curves)
    assert second.vmaf >= best - 0.1


def test_where_nothing_is_good_enough_the_best_below_the_cap_is_the_top():
    film = [*curve(1080, 2e7, 96, 10), *curve(480, 3e6, 70, 15)]
    rungs = choose(film, {1080: 6_000_000, 480: 1_700_000}, DEFAULT_WISHES)
    assert rungs[0].height == 1080
    assert 5_000_000 < rungs[0].rate <= 6_000_000


def test_where_all_is_above_the_caps_the_cheapest_point_is_taken():
    film = curve(1080, 9e7, 80, 10)
    assert choose(film, {1080: 6_000_000}, DEFAULT_WISHES) == (film[-1],)
