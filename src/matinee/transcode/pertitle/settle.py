"""The base ladder brought to one source's size, and plans of the points to measure; pure."""

import msgspec

from matinee.errors import InvariantError
from matinee.model.ladder import Ladder, Rung
from matinee.model.media import MediaInfo
from matinee.transcode.geometry import SizedRung, sized_rungs
from matinee.transcode.pertitle.cost import Grid
from matinee.transcode.plan import VideoPlan, plan


def settled(base: Ladder, width: int, height: int) -> Ladder:
    """Return *base* with the rungs that a picture shown at *width* x *height* gets.

    Each rung then fits into the source, so that several of one height may stand in a ladder: a
    rung cut down to the source becomes one of the source's own lines, less one or two where its
    sides are odd.
    """
    rungs = [_fitting(one, width, height) for one in sized_rungs(base.video, width, height)]
    return msgspec.structs.replace(base, video=tuple(rungs))


def _fitting(one: SizedRung, width: int, height: int) -> Rung:
    long_side, short_side = max(width, height), min(width, height)
    lines = min(one.rung.height, max(short_side, long_side * 9 // 16) // 2 * 2)
    rung = msgspec.structs.replace(one.rung, name=one.name, max_rate=one.max_rate)
    while lines > 2:
        tried = msgspec.structs.replace(rung, height=lines, name=f"{lines}p")
        if _takes(tried, width, height):
            return tried
        lines -= 2
    return msgspec.structs.replace(rung, height=max(2, lines))


def _takes(rung: Rung, width: int, height: int) -> bool:
    """Say whether *rung* fits as it is: twice the same rung is then two rungs."""
    return len(sized_rungs((rung, rung), width, height)) == 2


def grid_plan(info: MediaInfo, base: Ladder, grid: Grid) -> VideoPlan:
    """Return the plan whose outputs are the points of *grid*, by height and then CRF.

    *base* is settled; every point has the flags, filters and cap of its rung.
    """
    rungs = tuple(
        msgspec.structs.replace(rung, name=f"{rung.height}p-{place}", crf=crf, rate=None)
        for rung in base.video
        if rung.height in grid.heights
        for place, crf in enumerate(grid.crfs)
    )
    return video_plan(info, msgspec.structs.replace(base, video=rungs, copy_video=False))


def video_plan(info: MediaInfo, ladder: Ladder) -> VideoPlan:
    """Return the video part of the plan of *ladder*, one output for each of its rungs."""
    video = plan(info, msgspec.structs.replace(ladder, copy_video=False)).video
    if video is None:
        raise InvariantError("a film without video has no ladder to choose")
    return video
