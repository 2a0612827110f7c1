"""The one ffmpeg command that measures: encodes, decodes and compares in one run."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from matinee.toolchain.ffmpeg import FFMPEG_OPTIONS, input_options
from matinee.transcode.command import encoder_options
from matinee.transcode.filters import SCALER, pad, video_graph
from matinee.transcode.pertitle.points import Window
from matinee.transcode.plan import VideoOutput, VideoPlan

_SUBSAMPLES_A_SECOND = 5
_LEAST_SUBSAMPLE = 5


class Clip(msgspec.Struct, frozen=True, kw_only=True):
    """A local file and its container."""

    path: Path
    container: str


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """What to run in an empty folder: point n becomes `point_file(n)`, its log `log_file(n)`."""

    argv: tuple[str, ...]
    seconds: float
    """Of film that each point encodes."""
    window_frames: int
    """Pictures of each window that are compared."""


def point_file(place: int) -> str:
    """Return the name of the MP4 file of point *place*."""
    return f"point-{place}.mp4"


def log_file(place: int) -> str:
    """Return the name of libvmaf's log of point *place*."""
    return f"vmaf-{place}.json"


def subsample(rate: float) -> int:
    """Return n for which every nth frame is compared: every fifth, some five a second."""
    return max(_LEAST_SUBSAMPLE, round(rate / _SUBSAMPLES_A_SECOND))


def measure_command(
    video: VideoPlan, gauge: VideoOutput, ffmpeg: Path, source: Clip, windows: Sequence[Window]
) -> Measurement:
    """Return the command that measures every output of *video* on *windows* of *source*.

    The windows are decoded once, cut to whole GOPs and joined, so that each starts with the IDR
    that it has in the real encode; filters and encoders are those of the real encode. Each
    encoder's output is decoded again inside the same process (`-dec`) and compared with the
    picture that enters the encoder of *gauge*, the largest rung. Paths in the command are
    relative: run it in a folder of its own. *video* must not be a copy.
    """
    frames = video.outputs[0].gop_frames * video.outputs[0].frame_step
    reference = msgspec.structs.replace(gauge, name="reference", frame_step=1)
    whole = msgspec.structs.replace(video, outputs=(reference, *video.outputs))
    count = len(video.outputs)
    references = "".join(f"[ref{place}]" for place in range(count))
    graph = ";".join(
        (
            _joined(video, len(windows), frames),
            video_graph(whole, feed="[film]"),
            f"{pad(0)}split={count}{references}",
        )
    )
    argv = [str(ffmpeg), *FFMPEG_OPTIONS, "-max_error_rate", "1", "-filter_complex_threads", "1"]
    for window in windows:
        # One thread each: the encoders keep the processors busy.
        argv += ["-threads", "1", "-ss", f"{window.start:.6f}", "-t", f"{window.seconds + 1:.3f}"]
        argv += input_options(source.path, source.container)
    argv += ["-filter_complex", graph]
    for place, output in enumerate(video.outputs):
        argv += encoder_options(video, output, place + 1, 1)
        argv += ["-y", "-f", "mp4", point_file(place)]
    for place, output in enumerate(video.outputs):
        argv += ["-threads", "1", "-dec", f"{place}:0"]
        argv += ["-filter_complex", _comparison(video, output, gauge, place)]
    for place in range(count):
        argv += ["-map", f"[score{place}]", "-f", "null", "-"]
    return Measurement(
        argv=tuple(argv),
        seconds=float(len(windows) * frames / video.frame_rate.value),
        window_frames=frames,
    )


def _joined(video: VideoPlan, count: int, frames: int) -> str:
    """Return the chains that make `[film]`: *count* inputs, each exactly *frames* long."""
    cut = (
        f"fps=fps={video.frame_rate}:start_time=0,"
        f"tpad=stop_mode=clone:stop={frames},trim=end_frame={frames},setpts=PTS-STARTPTS"
    )
    chains = [f"[{place}:{video.source.index}]{cut}[cut{place}]" for place in range(count)]
    cuts = "".join(f"[cut{place}]" for place in range(count))
    return ";".join([*chains, f"{cuts}concat=n={count}:v=1:a=0[film]"])


def _comparison(video: VideoPlan, output: VideoOutput, gauge: VideoOutput, place: int) -> str:
    """Return the graph that compares point *place* with the reference.

    libvmaf takes motion from every frame of the reference, but looks at every nth decoded one;
    only those are scaled up, and stand for the ones between.
    """
    every = subsample(float(video.frame_rate.value))
    steps = [f"fps={video.frame_rate}", f"framestep={every}"]
    if (output.width, output.height) != (gauge.width, gauge.height):
        steps.append(f"scale=w={gauge.width}:h={gauge.height}:flags={SCALER}")
    steps.append(f"fps={video.frame_rate}")
    return (
        f"[dec:{place}]{','.join(steps)}[seen{place}];"
        f"[seen{place}][ref{place}]libvmaf=n_subsample={every}:n_threads=0:log_fmt=json"
        f":log_path={log_file(place)}[score{place}]"
    )
