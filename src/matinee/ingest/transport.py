"""A look over a whole MPEG transport stream: joined recordings, whose clock or codecs change.

Reads a fixed number of windows, spread evenly; ffmpeg believes the last timestamp and the last
programme map that it meets, and would take such a file for a short or a broken one.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import NamedTuple

from matinee.errors import MediaError
from matinee.ingest.glances import format_changes

_WINDOWS = 64
_WINDOW = 192 * 1024
_CLOCK = 1 << 33
"""Where the clock of 90 kHz starts again (ISO/IEC 13818-1 §2.4.3.5)."""
_LONG_JUMP = 10 * 90_000
_UNLIKELY = 20  # times as much clock a byte as elsewhere
_PAT = 0
_MAP_TABLE = 2
_VIDEO = {0x01: "MPEG-1", 0x02: "MPEG-2", 0x10: "MPEG-4", 0x1B: "H.264", 0x24: "HEVC"}
_AUDIO = {0x03: "MPEG audio", 0x04: "MPEG audio", 0x0F: "AAC", 0x11: "AAC (LATM)",
          0x81: "AC-3", 0x87: "E-AC-3"}  # fmt: skip


class Window(NamedTuple):
    """What one stretch of the file says."""

    clocks: tuple[tuple[int, int, int], ...] = ()
    """Clock references: PID, where in the file, time at 90 kHz."""
    kinds: tuple[tuple[int, int], ...] = ()
    """PID and stream type of each elementary stream, of all programme maps in it."""


def inspect(path: Path) -> bool:
    """Say whether the clock of the transport stream at *path* jumps on the way.

    Raises:
        MediaError: the codec of a track changes, or the picture goes to another track
            (`format-changes`).
    """
    size = path.stat().st_size
    step = max(_WINDOW, (size - _WINDOW) // (_WINDOWS - 1))
    with path.open("rb") as file:
        found = []
        for start in range(0, size, step):
            file.seek(start)
            found.append(window(start, file.read(_WINDOW)))
    if (change := change_of(found)) is not None:
        raise change
    return jumps(found)


def window(at: int, data: bytes) -> Window:
    """Read clock references and programme maps of the packets in *data*."""
    clocks: list[tuple[int, int, int]] = []
    kinds: list[tuple[int, int]] = []
    maps: set[int] = set()
    for place, packet in _packets(data):
        pid = (packet[1] & 0x1F) << 8 | packet[2]
        field = packet[3] >> 4 & 3
        if field & 2 and packet[4] >= 7 and packet[5] & 0x10:
            clocks.append((pid, at + place, int.from_bytes(packet[6:11], "big") >> 7))
        if not (field & 1 and packet[1] & 0x40):
            continue  # no payload, or none that begins a section
        payload = packet[4 + (packet[4] + 1 if field & 2 else 0) :]
        section = payload[1 + payload[0] :] if payload else b""
        if pid == _PAT:
            maps |= set(_map_pids(section))
        elif pid in maps:
            kinds += _elementary(section)
    return Window(tuple(clocks), tuple(kinds))


def _packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the packets of 188 bytes and where they are, whatever stands between them."""
    for length in (188, 192, 204):
        for start in range(min(length, len(data))):
            if data[start : start + 5 * length : length] == b"\x47" * 5:
                for at in range(start, len(data) - 187, length):
                    if data[at] == 0x47:
                        yield at, data[at : at + 188]
                return


def _entries(section: bytes, header: int) -> bytes:
    """Return what stands between the header and the CRC of a section that is whole."""
    length = 3 + ((section[1] & 0x0F) << 8 | section[2]) if len(section) >= 3 else 0
    return section[header : length - 4] if header < length <= len(section) else b""


def _map_pids(section: bytes) -> Iterator[int]:
    """Yield the PIDs of programme maps from a PAT section (§2.4.4.3)."""
    if section[:1] != bytes([_PAT]):
        return
    entries = _entries(section, 8)
    for at in range(0, len(entries) - 3, 4):
        if entries[at] or entries[at + 1]:
            yield (entries[at + 2] & 0x1F) << 8 | entries[at + 3]


def _elementary(section: bytes) -> Iterator[tuple[int, int]]:
    """Yield PID and stream type of each elementary stream in a PMT section (§2.4.4.8)."""
    if section[:1] != bytes([_MAP_TABLE]) or len(section) < 12:
        return
    entries = _entries(section, 12 + ((section[10] & 0x0F) << 8 | section[11]))
    at = 0
    while at + 5 <= len(entries):
        yield (entries[at + 1] & 0x1F) << 8 | entries[at + 2], entries[at]
        at += 5 + ((entries[at + 3] & 0x0F) << 8 | entries[at + 4])


def change_of(found: Sequence[Window]) -> MediaError | None:
    """Return why the windows cannot be parts of one film, None if they can."""
    codecs: dict[int, str] = {}
    first_pictures: set[int] = set()
    for one in found:
        for pid, kind in one.kinds:
            codec = _VIDEO.get(kind) or _AUDIO.get(kind)
            if codec and codecs.setdefault(pid, codec) != codec:
                return format_changes(f"a track goes over from {codecs[pid]} to {codec}")
        pictures = {pid for pid, kind in one.kinds if kind in _VIDEO}
        first_pictures = first_pictures or pictures
        if pictures and not pictures & first_pictures:
            return format_changes("the picture goes over to another track")
    return None


def jumps(found: Sequence[Window]) -> bool:
    """Say whether a clock goes back, or on by much more than the bytes between explain."""
    marks: dict[int, list[tuple[int, int]]] = {}
    for one in found:
        for pid, at, clock in one.clocks:
            marks.setdefault(pid, []).append((at, clock))
    for seen in marks.values():
        steps = [
            (later[0] - earlier[0], (later[1] - earlier[1] + _CLOCK // 2) % _CLOCK - _CLOCK // 2)
            for earlier, later in pairwise(seen)
            if later[0] > earlier[0]  # windows of a short file overlap
        ]
        if any(clock < 0 for _, clock in steps):
            return True
        usual = median([clock / size for size, clock in steps]) if steps else 0.0
        if any(clock > max(_LONG_JUMP, _UNLIKELY * usual * size) for size, clock in steps):
            return True
    return False
