"""A copy of a film in a container with an index, so that it can be encoded in chunks.

MPEG transport and program streams have no index: ffmpeg guesses where a picture lies. Their tracks
as they are, in Matroska, can be entered at any key frame. Times are rounded to milliseconds, which
is less than a frame's. Sound is copied along, only so that both files start at the same moment, and
is encoded from the source itself.
"""

import json
import tempfile
from pathlib import Path

import msgspec

from matinee.model.media import MPEG_STREAMS
from matinee.model.progress import Control
from matinee.storage.folder import below
from matinee.toolchain.ffmpeg import FFMPEG_OPTIONS, PROGRESS_OPTIONS, input_options
from matinee.toolchain.run import ProcessError, run
from matinee.toolchain.sandbox import BACKGROUND, Limits
from matinee.transcode.making import Workplace
from matinee.transcode.order import CHUNKS, IndexedCopy, Order, pieces_of
from matinee.transcode.plan import EncodePlan
from matinee.transcode.room import room_left

_CONTAINER = "matroska"
_SAME_SECONDS = 0.002
"""Two roundings to a millisecond."""
_NO_ROOM = "The disk has no room for a copy that can be cut: the film is encoded in one piece."


def with_index(order: Order, source: Path, workplace: Workplace, control: Control) -> Order:
    """Return *order* with an indexed copy of *source* where chunks can be made of that only.

    Where there is nothing to cut, the disk has no room for a copy beside the encode, or it does not
    come out right, *order* as it is: the film is then encoded in one piece.

    Raises:
        CancelledError: *control* said so.
        UpstreamError: the copy cannot be kept.
    """
    plan = order.plan
    if plan.video is None or plan.container not in MPEG_STREAMS:
        return order
    copy = IndexedCopy(
        key=below(below(order.folder, CHUNKS), "indexed.mkv"), container=_CONTAINER, video_index=0
    )
    indexed = msgspec.structs.replace(order, copy=copy)
    if all(piece.kind != "pictures" for piece in pieces_of(indexed)):
        return order
    if room_left(plan, workplace.scratch, workplace.disk_reserve) < source.stat().st_size:
        return msgspec.structs.replace(order, notes=(*order.notes, _NO_ROOM))
    with tempfile.TemporaryDirectory(prefix="indexing-", dir=workplace.scratch) as work:
        target = Path(work) / "indexed.mkv"
        try:
            _copy(plan, plan.video.source.index, source, target, workplace, control)
            late = _late(target, workplace)
        except ProcessError as error:
            if error.reason != "exit":
                raise
            return order
        if late is None or abs(late - (plan.video.late - plan.video.moved)) > _SAME_SECONDS:
            return order
        workplace.store.put(copy.key, target)
    return indexed


def _copy(
    plan: EncodePlan, own: int, source: Path, target: Path, workplace: Workplace, control: Control
) -> None:
    """Copy all tracks of *source*, the one at *own* first."""
    tracks = sorted(plan.tracks, key=lambda index: index != own)
    size = source.stat().st_size
    run(
        [
            workplace.toolchain.ffmpeg,
            *FFMPEG_OPTIONS,
            "-loglevel", "error",
            *PROGRESS_OPTIONS,
            "-fflags", "+genpts",
            *input_options(source, plan.container),
            *(word for index in tracks for word in ("-map", f"0:{index}")),
            "-c", "copy",
            # Pictures before the first key frame count in what is late.
            "-copyinkf:v",
            "-map_metadata", "-1", "-map_chapters", "-1",
            "-fflags", "+bitexact",
            "-y", "-f", _CONTAINER, f"file:{target}",
        ],
        limits=Limits(
            wall_seconds=900 + plan.duration,
            stall_seconds=120,
            memory_bytes=4 << 30,
            file_bytes=(64 << 20) + 2 * size,
            niceness=BACKGROUND,
        ),
        on_line=lambda _: True,
        cancelled=control.cancelled,
    )  # fmt: skip


def _late(copy: Path, workplace: Workplace) -> float | None:
    """Return how long after the film's start the first picture of *copy* is, in seconds."""
    told = run(
        [
            workplace.toolchain.ffprobe,
            "-hide_banner", "-loglevel", "error",
            *input_options(copy, _CONTAINER),
            "-show_entries", "stream=start_time:format=start_time",
            "-of", "json",
        ],
        limits=Limits(wall_seconds=60, memory_bytes=4 << 30, file_bytes=0),
    )  # fmt: skip
    found = json.loads(told.stdout)
    try:
        return float(found["streams"][0]["start_time"]) - float(found["format"]["start_time"])
    except (LookupError, TypeError, ValueError):
        return None
