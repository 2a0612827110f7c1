"""What ffmpeg left of a measurement: bits from the MP4 files, VMAF from libvmaf's logs."""

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

from matinee.errors import MediaError, UpstreamError
from matinee.formats.isobmff.movie import read_movie
from matinee.formats.isobmff.source import MemorySource
from matinee.formats.isobmff.table import read_samples

_MOST_LOG = 64 << 20
_MOST_MEDIA = 1 << 30


def window_bits(path: Path, count: int) -> tuple[int, ...]:
    """Return the bits of the samples in each of the *count* windows of the MP4 file at *path*.

    Windows are whole GOPs, so each starts with a sync sample. ffmpeg's own lines are not counted:
    those of several encoders run into each other.

    Raises:
        UpstreamError: ffmpeg left no such file, or another.
    """
    try:
        if path.stat().st_size > _MOST_MEDIA:
            raise UpstreamError("ffmpeg wrote more than it may.", code="program-failed")
        source = MemorySource(path.read_bytes())
        movie = read_movie(source)
        tracks = movie.of_handler("vide")
        if not tracks:
            raise UpstreamError("ffmpeg encoded no pictures.", code="program-failed")
        table, _ = read_samples(source, movie, tracks[0])
    except (OSError, MediaError) as error:
        raise UpstreamError("ffmpeg encoded no samples.", code="program-failed") from error
    starts = list(table.sync_samples())[:count]
    if len(starts) < count:
        raise UpstreamError("ffmpeg encoded less than all samples.", code="program-failed")
    return tuple(8 * sum(table.sizes[start:end]) for start, end in pairwise([*starts, len(table)]))


class _Scores(msgspec.Struct):
    vmaf: float


class _Frame(msgspec.Struct, rename="camel"):
    frame_num: int
    metrics: _Scores


class _Log(msgspec.Struct):
    frames: list[_Frame]


def window_vmaf(path: Path, count: int, frames: int) -> tuple[float, ...]:
    """Return the mean VMAF of each of *count* windows of *frames* in libvmaf's log at *path*.

    Raises:
        UpstreamError: there is no such log, or it says no such thing.
    """
    scores: list[list[float]] = [[] for _ in range(count)]
    for frame in _frames(path):
        scores[min(count - 1, max(0, frame.frame_num) // frames)].append(frame.metrics.vmaf)
    if not all(scores):
        raise UpstreamError("ffmpeg measured less than all samples.", code="program-failed")
    return tuple(_mean(window) for window in scores)


def read_vmaf(path: Path) -> float:
    """Return the mean VMAF of libvmaf's log at *path*.

    Raises:
        UpstreamError: there is no such log, or it says no such thing.
    """
    return _mean([frame.metrics.vmaf for frame in _frames(path)])


def _frames(path: Path) -> Sequence[_Frame]:
    try:
        if path.stat().st_size > _MOST_LOG:
            raise UpstreamError("libvmaf wrote more than it may.", code="program-failed")
        frames = msgspec.json.decode(path.read_bytes(), type=_Log).frames
    except (OSError, msgspec.DecodeError) as error:
        raise UpstreamError(
            "ffmpeg did not measure the quality.",
            fix="See `matinee doctor`: this ffmpeg needs libvmaf.",
            code="program-failed",
        ) from error
    if not frames or not all(math.isfinite(frame.metrics.vmaf) for frame in frames):
        raise UpstreamError("ffmpeg measured no quality.", code="program-failed")
    return frames


def _mean(scores: Sequence[float]) -> float:
    return min(100.0, max(0.0, sum(scores) / len(scores)))
