"""What ffmpeg left of a measurement: bits from the MP4 files, VMAF from libvmaf's logs."""

import math
from collections.abc import Sequence
from pathlib import Path

import msgspec

from matinee.errors import MediaError, UpstreamError
from matinee.formats.isobmff.movie import read_movie
from matinee.formats.isobmff.source import MemorySource
from matinee.formats.isobmff.table import read_samples

_MOST_LOG = 64 << 20
_MOST_MEDIA = 1 << 30


def media_bits(path: Path) -> int:
    """Return the bits of all samples of the MP4 file at *path*; its boxes are not counted.

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
    if not len(table):
        raise UpstreamError("ffmpeg encoded no samples.", code="program-failed")
    return 8 * sum(table.sizes)


class _Scores(msgspec.Struct):
    vmaf: float


class _Frame(msgspec.Struct):
    metrics: _Scores


class _Log(msgspec.Struct):
    frames: list[_Frame]


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
