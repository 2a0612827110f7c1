from pathlib import Path

import pytest

from matinee.model.media import AudioTrackInfo, MediaInfo
from matinee.model.progress import Control
from matinee.toolchain.tools import Toolchain
from matinee.transcode.ladder import built_in
from matinee.transcode.pertitle.choose import choose_ladder, fixed_points, sample_points, samples
from matinee.transcode.pertitle.complexity import Stretch
from matinee.transcode.pertitle.cost import Grid
from matinee.transcode.pertitle.measure import Result, Score
from matinee.transcode.pertitle.points import Point

BASE = built_in()["auto"]


class NoStore:
    def local(self, key):
        raise AssertionError(f"{key} is not to be read")


def test_sound_alone_has_no_ladder_to_choose():
    track = AudioTrackInfo(index=0, codec="aac", sample_rate=48_000, channels=2)
    info = MediaInfo(container="mp4", duration=900, size=1, bit_rate=1, audio=(track,))
    chosen = choose_ladder(
        info, "key", BASE, store=NoStore(), scratch=Path("/nowhere"),
        toolchain=Toolchain(ffmpeg=Path("/no"), ffprobe=Path("/no")), control=Control(),
    )  # fmt: skip
    assert chosen.ladder.video == BASE.video
    assert not chosen.ladder.per_title
    assert chosen.notes == ("There is no video to choose a ladder for.",)
    assert chosen.search_share is None


def test_one_key_frame_in_all_gives_evenly_spread_samples():
    found = [Stretch(start=0.0, end=100.0, bits=10**6)]
    windows = samples(found, 4, 2.0, 100.0)
    assert len(windows) == 4
    assert windows[-1].start - windows[0].start > 50


def test_known_stretches_are_sampled_in_their_middle():
    found = [Stretch(start=4.0 * n, end=4.0 * n + 4, bits=10**6) for n in range(20)]
    assert {one.start % 4 for one in samples(found, 3, 2.0, 80.0)} == {1}


def test_the_fixed_ladder_lies_on_the_measured_curves():
    points = [
        Point(height=720, crf=21, rate=2e6, vmaf=96), Point(height=720, crf=25, rate=1e6, vmaf=90),
        Point(height=480, crf=25, rate=5e5, vmaf=80), Point(height=480, crf=31, rate=3e5, vmaf=70),
    ]  # fmt: skip
    (only,) = fixed_points(BASE, points)
    assert (only.name, only.crf) == ("720p", 23.0)
    assert only.vmaf == pytest.approx(101 - (5 * 11) ** 0.5)
    assert only.rate == pytest.approx(2e6 / 2**0.5)


def test_points_are_told_apart_by_sample():
    results = [
        Result(scores=tuple(Score(rate=rate * part, vmaf=vmaf) for part in (1, 3)))
        for rate, vmaf in ((9e5, 95.0), (4e5, 80.0), (3e5, 70.0), (1e5, 50.0))
    ]
    grid = Grid(heights=(720, 360), crfs=(21.0, 36.0))
    first, second = sample_points(results, grid)
    assert [(one.height, one.crf, one.rate) for one in first] == [
        (720, 21.0, 9e5), (720, 36.0, 4e5), (360, 21.0, 3e5), (360, 36.0, 1e5),
    ]  # fmt: skip
    assert [one.rate for one in second] == [3 * one.rate for one in first]
    assert results[0].rate == 18e5
