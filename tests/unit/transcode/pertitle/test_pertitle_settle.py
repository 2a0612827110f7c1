from hypothesis import given
from hypothesis import strategies as st

from matinee.model.media import MediaInfo, Ratio, VideoTrackInfo
from matinee.transcode.geometry import sized_rungs
from matinee.transcode.ladder import built_in
from matinee.transcode.pertitle.cost import Grid
from matinee.transcode.pertitle.settle import grid_plan, settled

BASE = built_in()["standard"]
sides = st.integers(16, 4096)


def film(width, height):
    track = VideoTrackInfo(index=0, codec="h264", width=width, height=height, frame_rate=Ratio(25))
    return MediaInfo(container="mp4", duration=60, size=1, bit_rate=1, video=(track,))


@given(sides, sides)
def test_a_settled_ladder_fits_every_source_twice_over(width, height):
    ladder = settled(BASE, width, height)
    assert 1 <= len(ladder.video) <= len(BASE.video)
    twice = tuple(rung for rung in ladder.video for _ in range(2))
    for one in sized_rungs(twice, width, height):
        assert one.size.width <= max(width, 2)
        assert one.size.height <= max(height, 2)
    heights = [rung.height for rung in ladder.video]
    assert heights == sorted(set(heights), reverse=True)


def test_a_settled_ladder_keeps_what_fits():
    assert settled(BASE, 1920, 1080) == BASE
    assert settled(BASE, 1080, 1920) == BASE
    assert [rung.name for rung in settled(BASE, 1280, 720).video] == [
        "720p", "480p", "360p", "240p",
    ]  # fmt: skip


def test_a_source_between_rungs_gets_one_of_its_own_size():
    top = settled(BASE, 998, 560).video[0]
    assert (top.name, top.height) == ("560p", 560)
    assert top.max_rate < BASE.video[1].max_rate


def test_a_grid_is_planned_point_by_point_with_the_flags_of_its_rungs():
    base = settled(BASE, 1280, 720)
    grid = Grid(heights=(720, 240), crfs=(21.0, 30.0))
    made = grid_plan(film(1280, 720), base, grid)
    assert [(one.height, one.crf, one.profile, one.max_rate) for one in made.outputs] == [
        (720, 21.0, "high", 3_200_000), (720, 30.0, "high", 3_200_000),
        (240, 21.0, "main", 480_000), (240, 30.0, "main", 480_000),
    ]  # fmt: skip


@given(sides, sides)
def test_every_point_of_a_grid_has_an_output(width, height):
    base = settled(BASE, width, height)
    heights = tuple(rung.height for rung in base.video)
    made = grid_plan(film(width, height), base, Grid(heights=heights, crfs=(20.0, 30.0)))
    assert len(made.outputs) == 2 * len(heights)
