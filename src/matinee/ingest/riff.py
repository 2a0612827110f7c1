"""A look at the chunks of an AVI or WAVE file: ffmpeg plays what is there of one cut short."""

import struct
from pathlib import Path

from matinee.errors import MediaError

_UNKNOWN = frozenset({0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000})
"""Sizes that recorders leave when they do not know yet; RF64 has its own elsewhere."""
_MAX_CHUNKS = 4096  # an OpenDML AVI has a RIFF chunk for each gigabyte or two
_MISSING_SHARE = 0.01


def inspect(path: Path) -> None:
    """Check that the RIFF chunks of the file at *path* are all there.

    Raises:
        MediaError: `truncated`.
    """
    size = path.stat().st_size
    at = 0
    with path.open("rb") as file:
        for _ in range(_MAX_CHUNKS):
            file.seek(at)
            header = file.read(8)
            if len(header) < 8 or header[:4] != b"RIFF":
                return
            (length,) = struct.unpack_from("<I", header, 4)
            if length in _UNKNOWN:
                return
            at += 8 + length + length % 2
            # The end of a file is its index; without that it plays, if slowly.
            if at - size > max(64, size * _MISSING_SHARE):
                raise MediaError(
                    f"The file is cut short: {at - size:,} bytes are missing.",
                    fix="Upload or export it again.",
                    code="truncated",
                )
