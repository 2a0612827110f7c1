from itertools import pairwise
from pathlib import Path

import pytest

from matinee.model.media import MediaInfo, Ratio, VideoTrackInfo
from matinee.transcode.ladder import built_in
from matinee.transcode.pertitle.command import Clip, measurement, subsample
from matinee.transcode.pertitle.cost import Grid
from matinee.transcode.pertitle.points import Window
from matinee.transcode.pertitle.settle import grid_plan, settled

TRACK = VideoTrackInfo(index=1, codec="h264", width=1280, height=720, frame_rate=Ratio(24))
INFO = MediaInfo(container="matroska", duration=60, size=1, bit_rate=1, video=(TRACK,))
BASE = settled(built_in()["standard"], 1280, 720)
WINDOW = Window(start=20.5, seconds=2.0, bits=1)


def command(heights=(720, 360), crfs=(21.0, 33.0)):
    video = grid_plan(INFO, BASE, Grid(heights=heights, crfs=crfs))
    clip = Clip(path=Path("/films/a.mkv"), container="matroska")
    return measurement(video, video.outputs[0], Path("/ffmpeg"), clip, WINDOW, Path("/folder"))


def after(argv, option):
    return [value for name, value in pairwise(argv) if name == option]


def test_both_read_the_window_as_a_whole_gop_by_the_forced_demuxer():
    made = command()
    assert made.seconds == 2.0
    for argv in (made.encode, made.compare):
        assert after(argv, "-ss") == ["20.500000"]
        assert after(argv, "-i")[0] == "file:/films/a.mkv"
        graph = after(argv, "-filter_complex")[0]
        assert graph.startswith(
            "[0:1]fps=fps=24:start_time=0,tpad=stop_mode=clone:stop=48,trim=end_frame=48"
        )
        assert "[film]fps=" in graph


def test_every_point_is_encoded_and_compared_once():
    made = command()
    assert after(made.encode, "-crf") == ["21", "33", "21", "33"]
    assert after(made.encode, "-i") == ["file:/films/a.mkv"]
    assert after(made.compare, "-i")[1:] == [f"file:/folder/point-{n}.mp4" for n in range(4)]
    (graph,) = after(made.compare, "-filter_complex")
    assert "[rung0]split=4[ref0][ref1][ref2][ref3]" in graph
    chains = [one for one in graph.split(";") if "[seen" in one and "libvmaf" not in one]
    # Only points smaller than the reference are scaled up to it.
    assert ["scale=" in one for one in chains] == [False, False, True, True]
    for place in range(4):
        assert f"[seen{place}][ref{place}]libvmaf" in graph
        assert f"log_path=vmaf-{place}.json[score{place}]" in graph
    # Where a process reads what it encodes, it may wait for itself.
    assert "-dec" not in [*made.encode, *made.compare]


def test_encoders_get_the_flags_of_the_real_encode():
    made = command(heights=(240,))
    assert after(made.encode, "-profile:v") == ["main", "main"]
    assert after(made.encode, "-maxrate") == ["480000", "480000"]
    assert after(made.encode, "-g") == ["48", "48"]
    assert after(made.encode, "-preset") == ["veryfast", "veryfast"]


@pytest.mark.parametrize(("rate", "every"), [(5.0, 5), (24.0, 5), (30.0, 6), (60.0, 12)])
def test_about_five_frames_a_second_are_compared(rate, every):
    assert subsample(rate) == every
