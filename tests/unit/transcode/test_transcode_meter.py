import pytest

from matinee.transcode.command import files_of
from matinee.transcode.ladder import built_in
from matinee.transcode.meter import Meter
from matinee.transcode.plan import plan

BLOCK = ("frame=1", "out_time_us={}", "total_size={}", "speed=9x", "progress=continue")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def meter(film, clock):
    made = plan(film, built_in()["fast"])
    reports = []
    return Meter(made, files_of(made), reports.append, clock), reports


def feed(one, seconds):
    for line in BLOCK:
        one(line.format(int(seconds * 1_000_000)))


def test_each_rung_counts_its_own_frames(sources):
    clock = Clock()
    film = sources.film([sources.video()], [sources.audio()])
    one, reports = meter(film, clock)
    assert one("rung 0 23") is True  # 24 frames: a second
    assert one("rung 1 47") is True
    clock.now += 2
    feed(one, 1.0)
    report = reports[-1]
    assert [(rung.name, rung.done, rung.speed) for rung in report.rungs] == [
        ("720p", 1.0, 0.5), ("360p", 2.0, 1.0),
    ]  # fmt: skip
    assert report.fraction == pytest.approx(1.5 / 60)
    assert report.speed == pytest.approx(0.75)
    assert report.remaining == pytest.approx(58.5 / 0.75)
    assert one.produced == 1.0
    assert one.latest is report


def test_the_end_is_not_claimed_before_the_files_are_stored(sources):
    clock = Clock()
    one, reports = meter(sources.film([sources.video()]), clock)
    for place in (0, 1):
        one(f"rung {place} {24 * 61}")
    clock.now += 1
    feed(one, 61)
    assert reports[-1].fraction == pytest.approx(0.999)
    assert reports[-1].remaining == 0


def test_sound_alone_goes_by_the_time_written(sources):
    clock = Clock()
    one, reports = meter(sources.film([], [sources.audio()]), clock)
    clock.now += 3
    feed(one, 30)
    assert reports[-1].fraction == pytest.approx(0.5)
    assert reports[-1].rungs == ()
    assert one.produced == 30


def test_nothing_yet_is_no_forecast(sources):
    one, reports = meter(sources.film([sources.video()]), Clock())
    feed(one, 0)
    assert (reports[-1].speed, reports[-1].remaining) == (None, None)
    assert [rung.speed for rung in reports[-1].rungs] == [None, None]


@pytest.mark.parametrize("line", ["rung", "rung x y", "rung 9 1", "rung 0 1 2", "rung 0 -1", "x"])
def test_strange_lines_are_no_sign_of_life(sources, line):
    one, reports = meter(sources.film([sources.video()]), Clock())
    assert one(line) is False
    assert reports == []
