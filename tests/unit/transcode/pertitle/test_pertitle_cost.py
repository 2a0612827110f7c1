import msgspec
import pytest

from matinee.model.media import MediaInfo, Ratio, VideoTrackInfo
from matinee.transcode.ladder import built_in
from matinee.transcode.pertitle.cost import (
    LEAST_WINDOWS,
    MOST_SECONDS,
    SHARE,
    afford,
    encode_cost,
    grids,
    points_at_once,
    search_cost,
)
from matinee.transcode.pertitle.settle import settled, video_plan

TRACK = VideoTrackInfo(index=0, codec="h264", width=1280, height=720, frame_rate=Ratio(24))


def video(width=1280, height=720, **more):
    track = msgspec.structs.replace(TRACK, width=width, height=height, **more)
    info = MediaInfo(container="mp4", duration=60, size=1, bit_rate=1, video=(track,))
    return video_plan(info, settled(built_in()["auto"], width, height))


HEIGHTS = (720, 480, 360, 240)


@pytest.mark.parametrize("film", [125.0, 150.0, 200.0, 600.0, 7200.0])
def test_a_search_is_within_its_share_and_finer_for_longer_films(film):
    plan = video()
    search = afford(plan, HEIGHTS, film, 4.0)
    assert search is not None
    assert search.cost == search_cost(plan, search.grid, search.windows, 4.0)
    assert search.cost <= SHARE * encode_cost(plan, film)
    assert LEAST_WINDOWS <= search.windows <= search.windows + search.more <= MOST_SECONDS / 4
    in_doubt = search_cost(plan, search.grid, search.windows + search.more, 4.0)
    assert in_doubt <= SHARE * encode_cost(plan, film)


def test_longer_films_get_a_finer_grid_and_more_windows():
    plan = video()
    searches = [afford(plan, HEIGHTS, film, 4.0) for film in (125.0, 200.0, 600.0)]
    points = [len(one.grid.heights) * len(one.grid.crfs) for one in searches]
    assert points == sorted(points)
    assert points[0] < points[-1] == 16
    assert afford(plan, HEIGHTS, 7200.0, 4.0).windows == 10


def test_a_short_film_has_no_search():
    assert afford(video(), HEIGHTS, 10.0, 4.0) is None


def test_grids_get_coarser_and_keep_the_largest_height():
    points = [len(one.heights) * len(one.crfs) for one in grids(HEIGHTS)]
    assert points == sorted(points, reverse=True)
    assert all(one.heights[0] == 720 for one in grids(HEIGHTS))
    assert [one.heights for one in grids((240,))] == [(240,)] * len(grids((240,)))


def test_memory_bounds_what_one_process_takes():
    assert points_at_once(video()) > points_at_once(video(3840, 2160)) >= 4
