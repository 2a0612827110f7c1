"""Run the search: ffprobe for where to look, ffmpeg for what each point costs and gives."""

import math
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from matinee.errors import MediaError, UpstreamError
from matinee.formats.isobmff.movie import file_boxes
from matinee.formats.isobmff.source import MemorySource
from matinee.model.progress import Control
from matinee.toolchain.ffmpeg import input_options
from matinee.toolchain.run import run
from matinee.toolchain.sandbox import Limits
from matinee.toolchain.tools import Toolchain
from matinee.transcode.making import limits_of
from matinee.transcode.pertitle.command import Clip, log_file, measure_command, point_file
from matinee.transcode.pertitle.complexity import PacketReader, Stretch
from matinee.transcode.pertitle.cost import Room
from matinee.transcode.pertitle.points import Window
from matinee.transcode.plan import EncodePlan, VideoOutput, VideoPlan

_MOST_LOG = 64 << 20
_MOST_MEDIA = 1 << 30
_COMPARER_BYTES = 120
"""Address space of one comparer for a pixel of the reference: pictures in its queue, and scales."""


class Film(msgspec.Struct, frozen=True, kw_only=True):
    """A source to look at, and the programs to do so."""

    clip: Clip
    toolchain: Toolchain
    scratch: Path
    control: Control


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What one output of a plan cost and gave."""

    rate: float
    vmaf: float


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """Results in the order of the plan's outputs, and what getting them cost."""

    results: tuple[Result, ...]
    cpu_seconds: float


def stretches(
    film: Film, video: VideoPlan, seconds: float, origin: float
) -> tuple[tuple[Stretch, ...], float]:
    """Return the stretches of the source's packets (times from *origin*), and the CPU seconds.

    Raises:
        UpstreamError: ffprobe fails.
        CancelledError: the control said so.
    """
    reader = PacketReader(seconds, origin)
    done = run(
        [
            film.toolchain.ffprobe,
            "-hide_banner", "-loglevel", "error",
            *input_options(film.clip.path, film.clip.container),
            "-select_streams", str(video.source.index),
            "-show_entries", "packet=pts_time,size,flags",
            "-of", "csv=p=0",
        ],
        limits=Limits(wall_seconds=900, stall_seconds=120, memory_bytes=4 << 30, file_bytes=0),
        on_line=reader,
        cancelled=film.control.cancelled,
    )  # fmt: skip
    return reader.stretches(), done.cpu_seconds


def measure(film: Film, video: VideoPlan, windows: Sequence[Window], room: Room) -> Measured:
    """Encode *windows* to every output of *video*, and compare each with the largest.

    Args:
        film: what to measure.
        video: its outputs are the points, the largest picture first.
        windows: all of equal length.
        room: how much one process may do.

    Raises:
        UpstreamError: ffmpeg fails, or lacks libvmaf.
        CancelledError: the control said so.
    """
    film.scratch.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    cpu_seconds = 0.0
    for first in range(0, len(video.outputs), room.points):
        outputs = video.outputs[first : first + room.points]
        some = msgspec.structs.replace(video, outputs=outputs)
        runs = [
            _run(film, some, video.outputs[0], windows[start : start + room.windows])
            for start in range(0, len(windows), room.windows)
        ]
        cpu_seconds += sum(one.cpu_seconds for one in runs)
        results += [_mean(runs, place) for place in range(len(outputs))]
    return Measured(results=tuple(results), cpu_seconds=cpu_seconds)


class _Run(msgspec.Struct, frozen=True, kw_only=True):
    seconds: float
    """Of film measured."""
    cpu_seconds: float
    results: tuple[Result, ...]


def _mean(runs: Sequence[_Run], place: int) -> Result:
    """Return the mean of the results at *place*, by seconds of film."""
    seconds = sum(one.seconds for one in runs)
    return Result(
        rate=sum(one.results[place].rate * one.seconds for one in runs) / seconds,
        vmaf=sum(one.results[place].vmaf * one.seconds for one in runs) / seconds,
    )


def _run(film: Film, video: VideoPlan, gauge: VideoOutput, windows: Sequence[Window]) -> _Run:
    with tempfile.TemporaryDirectory(prefix="pertitle-", dir=film.scratch) as folder:
        command = measure_command(video, gauge, film.toolchain.ffmpeg, film.clip, windows)
        done = run(
            command.argv,
            limits=_limits(film, video, gauge, command.seconds),
            on_line=lambda _: None,  # a line for each frame: a sign of life
            cancelled=film.control.cancelled,
            cwd=Path(folder),
        )
        results = tuple(
            Result(
                rate=max(1.0, 8 * media_bytes(Path(folder) / point_file(place)) / command.seconds),
                vmaf=read_vmaf(Path(folder) / log_file(place)),
            )
            for place in range(len(video.outputs))
        )
    return _Run(seconds=command.seconds, cpu_seconds=done.cpu_seconds, results=results)


def _limits(film: Film, video: VideoPlan, gauge: VideoOutput, seconds: float) -> Limits:
    plan = EncodePlan(
        video=video, audio=(), container=film.clip.container, duration=seconds, segment_seconds=4.0
    )
    limits = limits_of(plan)
    comparers = len(video.outputs) * (gauge.width * gauge.height * _COMPARER_BYTES + (64 << 20))
    cores = os.cpu_count() or 1
    memory = (limits.memory_bytes or 0) + comparers + cores * (64 << 20)
    return msgspec.structs.replace(limits, memory_bytes=memory)


def media_bytes(path: Path) -> int:
    """Return the bytes of the samples in the MP4 file at *path*, without its tables.

    ffmpeg's lines are not counted: those of several encoders run into each other.

    Raises:
        UpstreamError: ffmpeg left no such file, or another.
    """
    try:
        if path.stat().st_size > _MOST_MEDIA:
            raise UpstreamError("ffmpeg wrote more than it may.", code="program-failed")
        found = file_boxes(MemorySource(path.read_bytes()))
        return sum(box.end - box.body for box in found if box.type == "mdat")
    except (OSError, MediaError) as error:
        raise UpstreamError("ffmpeg encoded no samples.", code="program-failed") from error


class _Pooled(msgspec.Struct):
    mean: float


class _Pools(msgspec.Struct):
    vmaf: _Pooled


class _Log(msgspec.Struct):
    pooled_metrics: _Pools


def read_vmaf(path: Path) -> float:
    """Return the mean VMAF of libvmaf's log at *path*.

    Raises:
        UpstreamError: there is no such log, or it says no such thing.
    """
    try:
        if path.stat().st_size > _MOST_LOG:
            raise UpstreamError("libvmaf wrote more than it may.", code="program-failed")
        mean = msgspec.json.decode(path.read_bytes(), type=_Log).pooled_metrics.vmaf.mean
    except (OSError, msgspec.DecodeError) as error:
        raise UpstreamError(
            "ffmpeg did not measure the quality.",
            fix="See `matinee doctor`: this ffmpeg needs libvmaf.",
            code="program-failed",
        ) from error
    if not math.isfinite(mean):
        raise UpstreamError("ffmpeg measured no quality.", code="program-failed")
    return min(100.0, max(0.0, mean))
