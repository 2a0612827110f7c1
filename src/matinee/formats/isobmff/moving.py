"""Moving a movie fragment to another place of its track: ISO/IEC 14496-12 §8.8.5 and §8.8.12."""

import struct

from matinee.formats.isobmff.box import (
    boxes,
    child,
    children,
    damaged,
    guarded,
    header,
    u32,
    u64,
    version_and_flags,
)

_BASE_DATA_OFFSET = 0x000001


@guarded("a fragment")
def moved_fragment(moof: bytes, sequence: int, later: int) -> bytes:
    """Return *moof* as fragment number *sequence*, decoded *later* ticks after its own time.

    Nothing else of it changes, so its samples are found where they were relative to it.

    Raises:
        MediaError: it is no `moof`, has no time, or addresses its samples from the file's start.
    """
    view = memoryview(moof)
    top = header(view, 0, len(moof))
    if top.type != "moof":
        raise damaged(f"there is a {top.type!r} where a fragment should be")
    made = bytearray(moof)
    head = child(view, top, "mfhd")
    struct.pack_into(">I", made, head.body + 4, sequence)
    for box in boxes(view, top.body, top.end):
        if box.type != "traf":
            continue
        parts = children(view, box)
        if "tfdt" not in parts or "tfhd" not in parts:
            raise damaged("a fragment does not say when it is decoded")
        if version_and_flags(view, parts["tfhd"])[1] & _BASE_DATA_OFFSET:
            raise damaged("a fragment cannot be moved: it names places in its file")
        time = parts["tfdt"]
        if version_and_flags(view, time)[0] == 1:
            struct.pack_into(">Q", made, time.body + 4, u64(view, time.body + 4) + later)
        else:
            struct.pack_into(">I", made, time.body + 4, u32(view, time.body + 4) + later)
    return bytes(made)
