"""The box: ISO/IEC 14496-12 §4.2, read within bounds and written.

Every size in a file is a claim. A box may not reach beyond what holds it, a container may not hold
more boxes than a film could need, and nothing here recurses, so nesting costs nothing.
"""

import struct
from collections.abc import Callable, Iterator
from functools import wraps
from typing import NamedTuple, ParamSpec, TypeVar

from matinee.errors import MediaError

MAX_BOXES = 1 << 20
"""Boxes at the top level of a file: twelve hours of one-frame fragments at 24 fps."""
MAX_CHILDREN = 1 << 14
"""Boxes within another box: far more than any writer makes, few enough to walk many times."""

_U32 = struct.Struct(">I")
_U64 = struct.Struct(">Q")

P = ParamSpec("P")
R = TypeVar("R")


class Box(NamedTuple):
    """Where a box lies in its buffer: `start` of its header, `body` after it, `end` beyond it."""

    type: str
    start: int
    body: int
    end: int


def guarded(what: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a door that reads foreign bytes raise `MediaError` for any way they can be wrong."""

    def decorate(door: Callable[P, R]) -> Callable[P, R]:
        @wraps(door)
        def guard(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return door(*args, **kwargs)
            except (struct.error, IndexError, ValueError, OverflowError) as error:
                raise damaged(f"{what} cannot be read ({error})") from error

        return guard

    return decorate


def damaged(message: str) -> MediaError:
    """Return the error for boxes that contradict themselves or each other."""
    return MediaError(
        f"The MP4 file is damaged: {message}.",
        fix="Make the file again with another program, or repair it.",
        code="damaged",
    )


def truncated(message: str) -> MediaError:
    """Return the error for a file that ends before its boxes do."""
    return MediaError(
        f"The MP4 file is cut short: {message}.",
        fix="Copy or upload the file again.",
        code="truncated",
    )


def u32(data: memoryview, at: int) -> int:
    """Return the unsigned 32 bits at *at*."""
    return int(_U32.unpack_from(data, at)[0])


def u64(data: memoryview, at: int) -> int:
    """Return the unsigned 64 bits at *at*."""
    return int(_U64.unpack_from(data, at)[0])


def header(data: memoryview, at: int, end: int, base: int = 0) -> Box:
    """Read the box header at *at*; the box must end at or before *end*.

    *base* is where *data* begins in its file, for messages.

    Raises:
        MediaError: the box is smaller than its header or larger than what holds it.
    """
    if end - at < 8:
        raise truncated(f"no room for a box header at {base + at}")
    size = u32(data, at)
    kind = bytes(data[at + 4 : at + 8]).decode("latin-1")
    body = at + 8
    if size == 1:
        if end - at < 16:
            raise truncated(f"no room for the large size of box {kind!r} at {base + at}")
        size, body = u64(data, body), at + 16
    elif size == 0:  # "box extends to the end of the file"
        size = end - at
    if kind == "uuid":
        body += 16
    if size < body - at:
        raise damaged(f"box {kind!r} at {base + at} claims {size} bytes, less than its header")
    if at + size > end:
        raise truncated(f"box {kind!r} at {base + at} claims {size} bytes, {end - at} are there")
    return Box(kind, at, body, at + size)


def boxes(data: memoryview, start: int, end: int, limit: int = MAX_CHILDREN) -> Iterator[Box]:
    """Yield the boxes that lie beside each other in *data* from *start* to *end*, up to *limit*.

    Less than a header's bytes at the end are passed over: QuickTime closes lists with a zero.
    """
    for _ in range(limit):
        if end - start < 8:
            return
        box = header(data, start, end)
        yield box
        start = box.end
    raise damaged(f"more than {limit} boxes side by side")


def children(data: memoryview, parent: Box, skip: int = 0) -> dict[str, Box]:
    """Return the first child of each type in *parent*, after *skip* bytes of its own fields."""
    found: dict[str, Box] = {}
    for box in boxes(data, parent.body + skip, parent.end):
        found.setdefault(box.type, box)
    return found


def child(data: memoryview, parent: Box, kind: str) -> Box:
    """Return the first child of *kind*.

    Raises:
        MediaError: there is none.
    """
    for box in boxes(data, parent.body, parent.end):
        if box.type == kind:
            return box
    raise damaged(f"box {parent.type!r} lacks its {kind!r}")


def version_and_flags(data: memoryview, box: Box) -> tuple[int, int]:
    """Return version and flags of a full box, §4.2.2."""
    word = u32(data, box.body)
    return word >> 24, word & 0xFFFFFF


def build(kind: str, *parts: bytes) -> bytes:
    """Return a box of *kind* whose body is *parts* one after the other."""
    return b"".join((_U32.pack(8 + sum(map(len, parts))), kind.encode("latin-1"), *parts))


def build_full(kind: str, version: int, flags: int, *parts: bytes) -> bytes:
    """Return a full box, §4.2.2: version and flags come before *parts*."""
    return build(kind, _U32.pack(version << 24 | flags), *parts)
