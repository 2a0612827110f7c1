"""Picture sizes of the rungs: even, square pixels, inside the rung's box, never above the source's.

A rung's box is that of a 16:9 landscape picture of its height; a portrait source turns it.
"""

import re

import msgspec

from matinee.model.ladder import Rung


class Size(msgspec.Struct, frozen=True):
    """Width and height in square pixels."""

    width: int
    height: int

    @property
    def area(self) -> int:
        """Pixels."""
        return self.width * self.height


class SizedRung(msgspec.Struct, frozen=True, kw_only=True):
    """A rung of the ladder and the size it gets for one source."""

    name: str
    size: Size
    rung: Rung
    max_rate: int
    """The rung's cap, less where the source is smaller than the rung's box."""


_WORTH = 1.25
"""A rung cut down to the source is kept when it has this many times the next one's pixels."""


def sized_rungs(rungs: tuple[Rung, ...], width: int, height: int) -> tuple[SizedRung, ...]:
    """Return *rungs* (largest first) with their sizes for a picture shown at *width* x *height*.

    Rungs above the source are left out, but for the lowest of them, which is cut down to the
    source's own size where that is worth having. There is always at least one.
    """
    own = Size(_even_below(width), _even_below(height))
    fitting = [one for rung in rungs if (one := _fitted(rung, width, height)) is not None]
    if len(fitting) < len(rungs):
        lowest_above = rungs[len(rungs) - len(fitting) - 1]
        cut = _cut_down(lowest_above, own, fitting)
        if not fitting or cut.size.area >= _WORTH * fitting[0].size.area:
            fitting.insert(0, cut)
    return tuple(fitting)


def _box(rung: Rung, *, portrait: bool) -> Size:
    long_side = _even_nearest(rung.height * 16 / 9)
    return Size(rung.height, long_side) if portrait else Size(long_side, rung.height)


def _fitted(rung: Rung, width: int, height: int) -> SizedRung | None:
    """Return *rung* at the size that fills its box, None if the source is smaller than that."""
    box = _box(rung, portrait=height > width)
    scale = min(box.width / width, box.height / height)
    if scale > 1:
        return None
    size = Size(
        min(_even_nearest(width * scale), _even_below(width)),
        min(_even_nearest(height * scale), _even_below(height)),
    )
    return SizedRung(name=rung.name, size=size, rung=rung, max_rate=rung.max_rate)


def _cut_down(rung: Rung, own: Size, below: list[SizedRung]) -> SizedRung:
    """Return *rung* at the source's *own* size, named and capped accordingly, above *below*."""
    box = _box(rung, portrait=own.height > own.width)
    # Bits grow more slowly than pixels: the usual exponent of 0.75.
    share = min(1.0, (own.area / box.area) ** 0.75)
    # Named by the lines a 16:9 picture filling the same box would have.
    long_side, short_side = max(own.width, own.height), min(own.width, own.height)
    lines = max(short_side, _even_nearest(long_side * 9 / 16))
    named = re.search(r"\d+p", rung.name) is not None
    name = re.sub(r"\d+p", f"{lines}p", rung.name, count=1) if named else f"{lines}p"
    least = below[0].max_rate if below else min(rung.max_rate, 50_000)
    return SizedRung(
        name=rung.name if any(one.name == name for one in below) else name,
        size=own,
        rung=rung,
        max_rate=max(least, int(rung.max_rate * share) // 1000 * 1000),
    )


def _even_nearest(value: float) -> int:
    return max(2, 2 * round(value / 2))


def _even_below(value: int) -> int:
    return max(2, value // 2 * 2)
