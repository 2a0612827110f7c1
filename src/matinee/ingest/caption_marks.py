"""Whether the pictures of a film carry captions, told by the bytes of its file alone.

Captions are announced by the same bytes in every container: nothing need be demultiplexed. Costs
one read of the file as fast as the disk gives it; a film that has them is known at the first.
"""

from collections.abc import Callable
from pathlib import Path

from matinee.formats.captions import cc_data

_BLOCK = 4 << 20
_PREFIXES = tuple(mark.removesuffix(cc_data.ANNOUNCED) for mark in cc_data.MARKS)
_LONGEST = max(map(len, cc_data.MARKS))


def carries_captions(
    path: Path, check: Callable[[], object] = lambda: None, block: int = _BLOCK
) -> bool:
    """Return whether the bytes that announce ATSC captions stand anywhere in the file at *path*.

    No emulation prevention falls among them. Packets of a transport stream may part them, in one
    picture of some; each picture of a captioned film has them. Tracks that a Matroska file holds
    compressed hide them.

    Args:
        path: the film.
        check: called after every block; it may raise to stop the reading.
        block: bytes read at a time.
    """
    before = b""
    with path.open("rb", buffering=0) as file:
        while data := file.read(block):
            data = before + data
            if _announced(data):
                return True
            before = data[-(_LONGEST - 1) :]
            check()
    return False


def _announced(data: bytes) -> bool:
    at = data.find(cc_data.ANNOUNCED)
    while at >= 0:
        if data.endswith(_PREFIXES, 0, at):
            return True
        at = data.find(cc_data.ANNOUNCED, at + 1)
    return False
