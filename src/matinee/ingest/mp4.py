"""A look at an MP4's boxes before ffmpeg gets it: cut short, encrypted, or naming other files.

Reads box headers alone (ISO/IEC 14496-12 §4.2), a bounded number of them and without recursion.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from matinee.errors import MediaError

_MAX_BOXES = 400_000  # a day in fragments of two seconds has 86,400 moof and mdat
_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl"})
_MAX_ENTRIES = 64
_ENCRYPTED = frozenset({b"encv", b"enca", b"enct", b"encs", b"drms", b"drmi"})
_ESSENTIAL = frozenset({b"moov", b"mdat", b"moof"})
_MEDIA = frozenset({b"mdat", b"moof"})
_SELF_CONTAINED = 1  # flag of a data entry, §8.7.2


class _Box(NamedTuple):
    kind: bytes
    start: int
    content: int
    end: int


def inspect(path: Path, *, repair: bool = False) -> tuple[str, ...]:
    """Check the boxes of the MP4 or MOV at *path*; return what the operator should know.

    With *repair* media that is cut short is no fault if the index comes before it.

    Raises:
        MediaError: `truncated`, `damaged`, `encrypted`, or `playlist-refused` where media are said
            to be in other files.
    """
    size = path.stat().st_size
    warnings: list[str] = []
    seen: set[bytes] = set()
    with path.open("rb") as file:
        for box in _boxes(file, 0, size, count=_MAX_BOXES):
            if box.end > size:
                if repair and box.kind in _MEDIA and b"moov" in seen:
                    warnings.append("The file is cut short; what there is of it is published.")
                elif box.kind in _ESSENTIAL or not seen >= {b"moov", b"mdat"}:
                    raise _cut_short(box, size)
                else:
                    warnings.append("The file ends with a box that is cut short; it is not needed.")
            seen.add(box.kind)
            if box.kind == b"moov":
                _inspect_movie(file, box)
    if b"moov" not in seen:
        raise MediaError(
            "The file has no index (moov box): it was cut short, or its recording never ended.",
            fix="Export or upload it again; a recorder's file may be repaired with its own tool.",
            code="truncated",
        )
    return tuple(warnings)


def _cut_short(box: _Box, size: int) -> MediaError:
    name = box.kind.decode("latin-1")
    missing = box.end - size
    told = f"{missing:,} bytes are missing" if missing < 1 << 50 else "its size cannot be true"
    return MediaError(
        f"The file is cut short: its {name!r} box reaches beyond the end ({told}).",
        fix="Upload or export it again.",
        code="truncated",
    )


def _boxes(file: BinaryIO, start: int, end: int, *, count: int) -> Iterator[_Box]:
    """Yield the boxes from *start* on, the last of which may reach beyond *end*."""
    at = start
    for _ in range(count):
        if at + 8 > end:
            return
        file.seek(at)
        header = file.read(16)
        (length, kind) = struct.unpack_from(">I4s", header)
        content = at + 8
        if length == 1:
            if len(header) < 16:
                return
            (length,) = struct.unpack_from(">Q", header, 8)
            content = at + 16
        elif length == 0:
            length = end - at
        if length < content - at or not kind.replace(b"\xa9", b"").isascii():
            return  # padding or other bytes that are no box
        yield _Box(kind, at, content, at + length)
        at += length
    raise MediaError("The file has more boxes than any film.", code="damaged")


def _inspect_movie(file: BinaryIO, movie: _Box) -> None:
    """Look at the data references and sample entries of every track."""
    waiting = [movie]
    budget = _MAX_BOXES
    while waiting:
        parent = waiting.pop()
        for box in _boxes(file, parent.content, parent.end, count=budget):
            budget -= 1
            if budget <= 0 or box.end > parent.end:
                raise MediaError(
                    "The index of the file is damaged.", fix="Export it again.", code="damaged"
                )
            if box.kind in _CONTAINERS:
                waiting.append(box)
            elif box.kind == b"dref":
                _inspect_references(file, box)
            elif box.kind == b"stsd":
                _inspect_entries(file, box)


def _inspect_references(file: BinaryIO, box: _Box) -> None:
    # Version, flags and entry count come before the entries.
    for entry in _boxes(file, box.content + 8, box.end, count=_MAX_ENTRIES + 1):
        file.seek(entry.content)
        flags = file.read(4)
        if len(flags) == 4 and not flags[3] & _SELF_CONTAINED:
            raise MediaError(
                "The file says that its media are in another file.",
                fix="Export it as one self-contained file.",
                code="playlist-refused",
            )


def _inspect_entries(file: BinaryIO, box: _Box) -> None:
    for entry in _boxes(file, box.content + 8, box.end, count=_MAX_ENTRIES + 1):
        if entry.kind in _ENCRYPTED:
            raise MediaError("The film is encrypted.", fix="Give it without DRM.", code="encrypted")
