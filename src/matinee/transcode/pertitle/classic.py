"""The classic ladder: fixed sizes at fixed average rates, what hosted encoders give to every film.

Sizes and rates are the 16:9 column of the table for H.264 in Apple's HLS Authoring Specification
for Apple Devices, "Video average bit rate". Encoded by the base ladder's own encoder and preset,
so that only the choice of rungs differs; pure.
"""

from collections.abc import Sequence
from math import log

import msgspec

from matinee.model.ladder import Ladder, Rung
from matinee.transcode.pertitle.hull import HeightCurve
from matinee.transcode.pertitle.points import Point, RungPoint
from matinee.transcode.pertitle.settle import settled

RATES: tuple[tuple[int, int], ...] = (
    (1080, 7_800_000), (1080, 6_000_000), (720, 4_500_000), (720, 3_000_000), (540, 2_000_000),
    (432, 1_100_000), (432, 730_000), (360, 365_000), (234, 145_000),
)  # fmt: skip
"""Lines and bits a second on average."""
_PEAK = 2
"""Most over average: the same specification, 200 % for video on demand."""


def classic_ladder(base: Ladder, width: int, height: int) -> Ladder:
    """Return the classic ladder for a source shown at *width* x *height*; the rest is *base*'s."""
    rungs = tuple(
        Rung(name=f"{lines}p", height=lines, rate=rate, max_rate=_PEAK * rate, crf=None, passes=1)
        for lines, rate in RATES
    )
    fitting = settled(msgspec.structs.replace(base, video=rungs, per_title=False), width, height)
    named = tuple(
        msgspec.structs.replace(
            rung,
            name=f"{rung.height}p-{(rung.rate or 0) // 1000}k",
            rate=min(rung.rate or rung.max_rate, rung.max_rate),
        )
        for rung in fitting.video
    )
    return msgspec.structs.replace(fitting, name="classic", video=named)


def classic_points(classic: Ladder, points: Sequence[Point]) -> tuple[RungPoint, ...]:
    """Return what the rungs of *classic* are forecast to give, from the *points* measured.

    At its own rate a height gives what the heights measured above and below it give at that rate,
    by its place between them; beyond the rates measured the curves go on as they ended.
    """
    heights = sorted({point.height for point in points})
    curves = {
        height: HeightCurve(point for point in points if point.height == height)
        for height in heights
    }
    found = []
    for rung in classic.video:
        rate = float(rung.rate or rung.max_rate)
        below = max((one for one in heights if one <= rung.height), default=heights[0])
        above = min((one for one in heights if one >= rung.height), default=heights[-1])
        low, high = curves[below].vmaf_at_rate(rate), curves[above].vmaf_at_rate(rate)
        share = log(rung.height / below) / log(above / below) if above > below else 0.0
        found.append(
            RungPoint(
                name=rung.name,
                height=rung.height,
                crf=None,
                max_rate=rung.max_rate,
                rate=rate,
                vmaf=low + min(1.0, max(0.0, share)) * (high - low),
            )
        )
    return tuple(found)
