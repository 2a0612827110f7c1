from itertools import pairwise
from pathlib import Path

import pytest

from matinee.model.media import MediaInfo, Ratio, VideoTrackInfo
from matinee.transcode.ladder import built_in
from matinee.transcode.pertitle.command import Clip, measure_command, subsample
from matinee.transcode.pertitle.cost import Grid
from matinee.transcode.pertitle.points import Window
from matinee.transcode.pertitle.settle import grid_plan, settled

TRACK = VideoTrackInfo(index=1, codec="h264", width=1280, height=720, frame_rate=Ratio(24))
INFO = MediaInfo(container="matroska", duration=60, size=1, bit_rate=1, video=(TRACK,))
BASE = settled(built_in()["standard"], 1280, 720)
WINDOWS = [Window(start=start, seconds=2.0, bits=1) for start in (4.0, 20.5)]


def command(heights=(720, 360), crfs=(21.0, 33.0)):
    video = grid_plan(INFO, BASE, Grid(heights=heights, crfs=crfs))
    clip = Clip(path=Path("/films/a.mkv"), container="matroska")
    return measure_command(video, video.outputs[0], Path("/ffmpeg"), clip, WINDOWS)


def after(argv, option):
    return [value for name, value in pairwise(argv) if name == option]


def test_windows_are_whole_gops_joined_and_read_by_the_forced_demuxer():
    made = command()
    assert made.seconds == 4.0
    assert after(made.argv, "-ss") == ["4.000000", "20.500000"]
    assert after(made.argv, "-i") == ["file:/films/a.mkv"] * 2
    graph = after(made.argv, "-filter_complex")[0]
    assert "[0:1]fps=fps=24:start_time=0,tpad=stop_mode=clone:stop=48,trim=end_frame=48" in graph
    assert "[cut0][cut1]concat=n=2:v=1:a=0[film]" in graph
    assert "[film]fps=" in graph


def test_every_point_is_encoded_decoded_and_compared_once():
    made = command()
    assert after(made.argv, "-crf") == ["21", "33", "21", "33"]
    assert after(made.argv, "-dec") == ["0:0", "1:0", "2:0", "3:0"]
    graphs = after(made.argv, "-filter_complex")
    assert len(graphs) == 5
    assert "[rung0]split=4[ref0][ref1][ref2][ref3]" in graphs[0]
    for place, graph in enumerate(graphs[1:]):
        assert f"[ref{place}]libvmaf" in graph
        assert f"log_path=vmaf-{place}.json" in graph
    # Only points smaller than the reference are scaled up to it.
    assert ["scale=" in graph for graph in graphs[1:]] == [False, False, True, True]


def test_encoders_get_the_flags_of_the_real_encode():
    made = command(heights=(240,))
    assert after(made.argv, "-profile:v") == ["main", "main"]
    assert after(made.argv, "-maxrate") == ["480000", "480000"]
    assert after(made.argv, "-g") == ["48", "48"]
    assert after(made.argv, "-preset") == ["veryfast", "veryfast"]


@pytest.mark.parametrize(("rate", "every"), [(5.0, 5), (24.0, 5), (30.0, 6), (60.0, 12)])
def test_about_five_frames_a_second_are_compared(rate, every):
    assert subsample(rate) == every
