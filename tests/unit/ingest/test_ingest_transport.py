"""Clocks and programme maps of transport streams, and what is made of them."""

import struct
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.errors import MatineeError, MediaError
from matinee.ingest.transport import Window, change_of, inspect, jumps, window

CLOCK = 1 << 33


def packet(pid: int, payload: bytes = b"", *, clock: int | None = None) -> bytes:
    start = 0x40 if payload else 0
    head = bytes([0x47, start | pid >> 8, pid & 0xFF])
    if clock is not None:
        field = bytes([0x10]) + (clock << 15).to_bytes(6, "big")
        return head + bytes([0x20, 183]) + field.ljust(183, b"\xff")
    return head + bytes([0x10]) + payload.ljust(184, b"\xff")


def section(table: int, header: bytes, entries: bytes) -> bytes:
    length = len(header) + len(entries) + 4
    return bytes([0, table]) + struct.pack(">H", 0xB000 | length) + header + entries + bytes(4)


PAT = packet(0, section(0, bytes(5), struct.pack(">HH", 1, 0xE000 | 0x1000)))


def programme(**streams: int) -> bytes:
    """A map of streams, `p256=0x1b`: the PID and its stream type."""
    entries = b"".join(
        struct.pack(">BHH", kind, 0xE000 | int(name[1:]), 0xF000) for name, kind in streams.items()
    )
    return packet(0x1000, section(2, bytes(5) + struct.pack(">HH", 0xE100, 0xF000), entries))


def test_a_window_is_read() -> None:
    data = PAT + programme(p256=0x1B, p257=0x0F) + packet(256, clock=12345) + packet(7)
    found = window(99, b"\0" * 40 + data + packet(256, clock=99999))
    assert found == Window(
        ((256, 99 + 40 + 2 * 188, 12345), (256, 99 + 40 + 4 * 188, 99999)),
        ((256, 0x1B), (257, 0x0F)),
    )


@given(st.binary(max_size=2000), st.integers(0, 1500))
def test_hostile_bytes_say_nothing(noise: bytes, cut: int) -> None:
    whole = bytearray(PAT + programme(p256=0x1B) * 6)
    whole[cut : cut + len(noise)] = noise
    window(0, bytes(whole))


@pytest.mark.parametrize(
    ("clocks", "jumped"),
    [
        ([0, 1, 2, 3], False),
        ([5, 6, 0, 1], True),
        ([0, 1, 2, 500, 501], True),
        ([0, 1, 1, 2], False),
        ([7], False),
        ([], False),
    ],
)
def test_a_clock_that_jumps(clocks: list[int], jumped: bool) -> None:
    found = [Window(((256, n * 1000, at * 90_000),)) for n, at in enumerate(clocks)]
    assert jumps(found) is jumped
    assert jumps([Window(tuple(clock for one in found for clock in one.clocks))]) is jumped


def test_a_clock_that_starts_again_does_not_jump() -> None:
    times = [CLOCK - 180_000, CLOCK - 90_000, 0, 90_000]
    assert not jumps([Window(((256, n * 1000, at),)) for n, at in enumerate(times)])


def kinds(*each: dict[int, int]) -> list[Window]:
    return [Window(kinds=tuple(one.items())) for one in each]


def test_codecs_that_change() -> None:
    assert change_of(kinds({256: 0x1B, 257: 0x0F}, {}, {256: 0x1B, 257: 0x0F})) is None
    assert change_of(kinds({256: 0x1B, 257: 3}, {256: 0x1B, 257: 4, 258: 6})) is None
    change = change_of(kinds({256: 0x1B}, {256: 0x02}))
    assert change is not None
    assert (change.code, "from H.264 to MPEG-2" in change.message) == ("format-changes", True)
    moved = change_of(kinds({256: 0x1B}, {512: 0x1B}))
    assert moved is not None
    assert "another track" in moved.message


def test_a_file_is_looked_at_all_over(tmp_path: Path) -> None:
    part = PAT + programme(p256=0x1B) + packet(256, clock=900) + packet(300) * 3000
    later = part.replace(packet(256, clock=900), packet(256, clock=90_900))
    file = tmp_path / "film.ts"
    file.write_bytes(part + later)
    assert not inspect(file)
    file.write_bytes(later + part)
    assert inspect(file)
    file.write_bytes(part + part.replace(programme(p256=0x1B), programme(p256=0x24)))
    with pytest.raises(MediaError):
        inspect(file)


@given(noise=st.binary(max_size=400))
def test_no_file_breaks_it(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    file = tmp_path_factory.mktemp("noise") / "film.ts"
    file.write_bytes(b"\x47" + noise)
    with suppress(MatineeError):
        inspect(file)
