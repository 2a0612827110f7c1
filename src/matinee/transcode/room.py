"""How much room an encode needs, asked before hours of work end on a full disk."""

import shutil
from pathlib import Path

from matinee.errors import UpstreamError
from matinee.transcode.plan import EncodePlan


def bytes_of(plan: EncodePlan) -> int:
    """Return how large the files of *plan* are at most, if every rung stays at its cap.

    Chunks, renditions and the packaged title lie beside each other for a while; but rungs of
    constant quality stay far below their caps, so together they need about as much.
    """
    rates = [output.rate for output in plan.audio if not output.copy]
    video = plan.video
    if video is not None and not video.copy:
        rates += [output.max_rate for output in video.outputs]
    return round(sum(rates) * plan.duration / 8)


def room_left(plan: EncodePlan, folder: Path, reserve: int) -> int:
    """Return the bytes of *folder*'s disk that what *plan* makes leaves free, beside *reserve*.

    Below 0 where it does not fit.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return shutil.disk_usage(folder).free - reserve - bytes_of(plan)


def check_room(plan: EncodePlan, folder: Path, reserve: int) -> None:
    """See that the disk of *folder* holds what *plan* makes, beside *reserve* bytes.

    Raises:
        UpstreamError: it does not (`disk-full`).
    """
    left, needed = room_left(plan, folder, reserve), bytes_of(plan)
    if left < 0:
        free = max(0, left + needed)
        raise UpstreamError(
            f"The encoded film may need {needed / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free.",
            fix="Free some space on the disk that holds the data folder, then retry.",
            code="disk-full",
        )
