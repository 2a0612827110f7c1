"""Putting the chunks of a rung together: one fragmented MP4 of all their fragments, in order."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from matinee.errors import InvariantError, UpstreamError
from matinee.formats.isobmff import file_boxes, moved_fragment, read_box
from matinee.transcode.files import OpenFile

_COPY = 8 << 20


class Part(msgspec.Struct, frozen=True):
    """The file of one chunk, and when the chunk begins: ticks of the track's timescale."""

    path: Path
    start: int


def join(parts: Sequence[Part], target: Path) -> None:
    """Write the fragments of all *parts*, which have one header, to *target*.

    Equal parts give equal bytes; memory is a fragment's header.

    Raises:
        InvariantError: two parts differ in their header, so no decoder could go from one to the
            other.
        MediaError: a part is no fragmented MP4.
        UpstreamError: the disk refuses.
    """
    try:
        with target.open("wb") as out:
            head = b""
            sequence = 0
            for part in parts:
                with part.path.open("rb") as file:
                    own, sequence = _append(file, out, part.start, sequence, first=not head)
                if head and own != head:
                    raise InvariantError(f"{part.path.name} has another header than those before")
                head = own
    except OSError as error:
        raise UpstreamError(
            f"The chunks of a rung could not be put together: {error.strerror}.",
            fix="Check the free space of the disk.",
        ) from error


def _append(
    file: BinaryIO, out: BinaryIO, start: int, sequence: int, *, first: bool
) -> tuple[bytes, int]:
    """Append one part; return its header, and the number of its last fragment."""
    source = OpenFile.of(file)
    head = b""
    for box in file_boxes(source):
        if box.type in {"ftyp", "moov"}:
            head += read_box(source, box)
            if box.type == "moov" and first:
                out.write(head)
        elif box.type == "moof":
            sequence += 1
            out.write(moved_fragment(read_box(source, box), sequence, start))
        elif box.type == "mdat":
            _copy(file, out, box.start, box.end - box.start)
    return head, sequence


def _copy(file: BinaryIO, out: BinaryIO, offset: int, length: int) -> None:
    out.flush()
    while length:
        done = os.sendfile(out.fileno(), file.fileno(), offset, min(length, _COPY))
        if done == 0:
            raise InvariantError("the file of a chunk ends before its last box")
        offset, length = offset + done, length - done
    out.seek(0, os.SEEK_END)
