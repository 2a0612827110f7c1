import shutil

import pytest

from matinee.errors import UpstreamError
from matinee.transcode.ladder import built_in
from matinee.transcode.plan import plan
from matinee.transcode.room import bytes_of, check_room, room_left

STANDARD = built_in()["standard"]
SOURCE = built_in()["source"]


def test_what_is_needed_grows_with_the_film_and_its_rungs(sources):
    short = plan(sources.film([sources.video()], [sources.audio()], duration=60.0), STANDARD)
    long = plan(sources.film([sources.video()], [sources.audio()], duration=600.0), STANDARD)
    assert bytes_of(long) == 10 * bytes_of(short)
    assert bytes_of(plan(sources.film([], [sources.audio()]), STANDARD)) < bytes_of(short)


def test_what_is_copied_needs_nothing(sources):
    assert bytes_of(plan(sources.film([sources.video()], [sources.audio()]), SOURCE)) == 0


def test_a_disk_that_is_too_small_is_told_before_the_work(sources, tmp_path):
    film = plan(sources.film([sources.video()], duration=600.0), STANDARD)
    check_room(film, tmp_path / "new", 0)
    with pytest.raises(UpstreamError, match="GB") as refused:
        check_room(film, tmp_path, 1 << 60)
    assert refused.value.code == "disk-full"


def test_what_is_left_counts_the_film_and_the_reserve(sources, tmp_path):
    film = plan(sources.film([sources.video()], duration=600.0), STANDARD)
    free = shutil.disk_usage(tmp_path).free
    left = room_left(film, tmp_path / "new", 1 << 40)
    assert left == pytest.approx(free - (1 << 40) - bytes_of(film), abs=1 << 30)
