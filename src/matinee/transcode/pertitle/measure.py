"""Run the search: ffprobe for where to look, ffmpeg for what each point costs and gives."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from matinee.model.progress import Control
from matinee.toolchain.ffmpeg import ProgressReader, input_options
from matinee.toolchain.run import run
from matinee.toolchain.sandbox import Limits
from matinee.toolchain.tools import Toolchain
from matinee.transcode.making import limits_of
from matinee.transcode.pertitle.command import Clip, log_file, measurement, point_file
from matinee.transcode.pertitle.complexity import PacketReader, Stretch
from matinee.transcode.pertitle.points import Window
from matinee.transcode.pertitle.reading import media_bits, read_vmaf
from matinee.transcode.plan import EncodePlan, VideoOutput, VideoPlan

_COMPARER_BYTES = 120
"""Address space of one comparer for a pixel of the reference: pictures in its queue, and scales."""


class Film(msgspec.Struct, frozen=True, kw_only=True):
    """A source to look at, and the programs to do so."""

    clip: Clip
    toolchain: Toolchain
    scratch: Path
    control: Control


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """What one output cost (bits a second) and gave on one window."""

    rate: float
    vmaf: float


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What one output of a plan cost and gave, window by window; all weigh the same."""

    scores: tuple[Score, ...]

    @property
    def rate(self) -> float:
        """Bits a second over all windows."""
        return sum(one.rate for one in self.scores) / len(self.scores)

    @property
    def vmaf(self) -> float:
        """Mean over all windows."""
        return sum(one.vmaf for one in self.scores) / len(self.scores)


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """Results in the order of the plan's outputs, and what getting them cost."""

    results: tuple[Result, ...]
    cpu_seconds: float

    def and_more(self, other: "Measured") -> "Measured":
        """Return what was measured here and, of the same outputs, on *other* windows."""
        pairs = zip(self.results, other.results, strict=True)
        return Measured(
            results=tuple(Result(scores=one.scores + more.scores) for one, more in pairs),
            cpu_seconds=self.cpu_seconds + other.cpu_seconds,
        )


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


def measure(film: Film, video: VideoPlan, windows: Sequence[Window], points: int) -> Measured:
    """Encode *windows* to every output of *video*, and compare each with the largest.

    Args:
        film: what to measure.
        video: its outputs are the points, the largest picture first.
        windows: all of equal length.
        points: as many outputs as one process takes.

    Raises:
        UpstreamError: ffmpeg fails, or lacks libvmaf.
        CancelledError: the control said so.
    """
    film.scratch.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    cpu_seconds = 0.0
    for first in range(0, len(video.outputs), points):
        outputs = video.outputs[first : first + points]
        some = msgspec.structs.replace(video, outputs=outputs)
        runs = [_run(film, some, video.outputs[0], window) for window in windows]
        cpu_seconds += sum(one.cpu_seconds for one in runs)
        results += [
            Result(scores=tuple(one.scores[place] for one in runs)) for place in range(len(outputs))
        ]
    return Measured(results=tuple(results), cpu_seconds=cpu_seconds)


class _Run(msgspec.Struct, frozen=True, kw_only=True):
    cpu_seconds: float
    scores: tuple[Score, ...]
    """By output."""


def _run(film: Film, video: VideoPlan, gauge: VideoOutput, window: Window) -> _Run:
    with tempfile.TemporaryDirectory(prefix="pertitle-", dir=film.scratch) as folder:
        work = measurement(video, gauge, film.toolchain.ffmpeg, film.clip, window, Path(folder))
        limits = _limits(film, video, gauge, work.seconds)
        cpu_seconds = 0.0
        for argv, alive in (
            (work.encode, lambda _: None),  # a line for each frame
            (work.compare, ProgressReader(lambda _: None)),
        ):
            cpu_seconds += run(
                argv,
                limits=limits,
                on_line=alive,
                cancelled=film.control.cancelled,
                cwd=Path(folder),
            ).cpu_seconds
        scores = tuple(
            Score(
                rate=max(1.0, media_bits(Path(folder) / point_file(place)) / work.seconds),
                vmaf=read_vmaf(Path(folder) / log_file(place)),
            )
            for place in range(len(video.outputs))
        )
    return _Run(cpu_seconds=cpu_seconds, scores=scores)


def _limits(film: Film, video: VideoPlan, gauge: VideoOutput, seconds: float) -> Limits:
    plan = EncodePlan(
        video=video, audio=(), container=film.clip.container, duration=seconds, segment_seconds=4.0
    )
    limits = limits_of(plan)
    comparers = len(video.outputs) * (gauge.width * gauge.height * _COMPARER_BYTES + (64 << 20))
    cores = os.cpu_count() or 1
    memory = (limits.memory_bytes or 0) + comparers + cores * (64 << 20)
    return msgspec.structs.replace(limits, memory_bytes=memory)
