"""The ffmpeg commands that measure: one encodes all points, one compares them with the film."""

from pathlib import Path

import msgspec

from matinee.toolchain.ffmpeg import FFMPEG_OPTIONS, PROGRESS_OPTIONS, input_options
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
    """What to run, one after the other. Point n becomes `point_file(n)`, its log `log_file(n)`."""

    encode: tuple[str, ...]
    compare: tuple[str, ...]
    seconds: float
    """Of film that each point encodes."""


def point_file(place: int) -> str:
    """Return the name of the MP4 file of point *place*."""
    return f"point-{place}.mp4"


def log_file(place: int) -> str:
    """Return the name of libvmaf's log of point *place*."""
    return f"vmaf-{place}.json"


def subsample(rate: float) -> int:
    """Return n for which every nth frame is compared: every fifth, some five a second."""
    return max(_LEAST_SUBSAMPLE, round(rate / _SUBSAMPLES_A_SECOND))


def measurement(
    video: VideoPlan, gauge: VideoOutput, ffmpeg: Path, source: Clip, window: Window, folder: Path
) -> Measurement:
    """Return what measures every output of *video* on *window* of *source*, run in *folder*.

    The window is cut to a whole GOP, which starts with an IDR as in the real encode; filters and
    encoders are those of the real encode. Each point is then compared with the picture that enters
    the encoder of *gauge*, the largest rung. *video* must not be a copy.

    Two processes, though one could decode what it encodes (`-dec`): ffmpeg then waits for itself
    for ever where encoders look ahead by different lengths.
    """
    frames = video.outputs[0].gop_frames * video.outputs[0].frame_step
    cut = (
        f"[0:{video.source.index}]fps=fps={video.frame_rate}:start_time=0,"
        f"tpad=stop_mode=clone:stop={frames},trim=end_frame={frames},setpts=PTS-STARTPTS[film]"
    )
    opened = [
        str(ffmpeg), *FFMPEG_OPTIONS, "-max_error_rate", "1", "-filter_complex_threads", "1",
        # One thread: encoders and comparers keep the processors busy.
        "-threads", "1", "-ss", f"{window.start:.6f}", "-t", f"{window.seconds + 1:.3f}",
        *input_options(source.path, source.container),
    ]  # fmt: skip
    encode = [*opened, "-filter_complex", f"{cut};{video_graph(video, feed='[film]')}"]
    for place, output in enumerate(video.outputs):
        encode += encoder_options(video, output, place, 1)
        encode += ["-y", "-f", "mp4", point_file(place)]
    compare = [*opened[:1], *PROGRESS_OPTIONS, *opened[1:]]
    for place in range(len(video.outputs)):
        compare += ["-threads", "1", *input_options(folder / point_file(place), "mp4")]
    compare += ["-filter_complex", f"{cut};{_comparisons(video, gauge)}"]
    for place in range(len(video.outputs)):
        compare += ["-map", f"[score{place}]", "-f", "null", "-"]
    return Measurement(
        encode=tuple(encode),
        compare=tuple(compare),
        seconds=float(frames / video.frame_rate.value),
    )


def _comparisons(video: VideoPlan, gauge: VideoOutput) -> str:
    """Return the graph that compares the files of all points, inputs 1 and on, with `[film]`.

    libvmaf takes motion from every frame of the reference, but looks at every nth decoded one;
    only those are scaled up, and stand for the ones between.
    """
    reference = msgspec.structs.replace(gauge, name="reference", frame_step=1)
    shown = video_graph(msgspec.structs.replace(video, outputs=(reference,)), feed="[film]")
    count = len(video.outputs)
    references = "".join(f"[ref{place}]" for place in range(count))
    every = subsample(float(video.frame_rate.value))
    chains = [shown, f"{pad(0)}split={count}{references}"]
    for place, output in enumerate(video.outputs):
        steps = [f"fps={video.frame_rate}", f"framestep={every}"]
        if (output.width, output.height) != (gauge.width, gauge.height):
            steps.append(f"scale=w={gauge.width}:h={gauge.height}:flags={SCALER}")
        steps.append(f"fps={video.frame_rate}")
        chains.append(
            f"[{place + 1}:v:0]{','.join(steps)}[seen{place}];"
            # A thread each, so that points are compared beside each other.
            f"[seen{place}][ref{place}]libvmaf=n_subsample={every}:n_threads=1:log_fmt=json"
            f":log_path={log_file(place)}[score{place}]"
        )
    return ";".join(chains)
