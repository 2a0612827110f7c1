"""Boxes are looked at before ffmpeg gets them."""

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matinee.errors import MediaError
from matinee.ingest.mp4 import inspect


def box(kind: bytes, *content: bytes) -> bytes:
    whole = b"".join(content)
    return struct.pack(">I4s", len(whole) + 8, kind) + whole


FTYP = box(b"ftyp", b"isom\0\0\2\0")
MDAT = box(b"mdat", bytes(100))


def movie(entry: bytes = b"avc1", reference: bytes = b"\0\0\0\x01") -> bytes:
    dref = box(b"dref", struct.pack(">II", 0, 1), box(b"url ", reference))
    stsd = box(b"stsd", struct.pack(">II", 0, 1), box(entry, bytes(78)))
    minf = box(b"minf", box(b"dinf", dref), box(b"stbl", stsd))
    return box(b"moov", box(b"mvhd", bytes(100)), box(b"trak", box(b"mdia", minf)))


def inspected(tmp_path: Path, data: bytes) -> tuple[str, ...]:
    path = tmp_path / "x.mp4"
    path.write_bytes(data)
    return inspect(path)


@pytest.mark.parametrize(
    "data",
    [
        FTYP + movie() + MDAT,
        FTYP + MDAT + movie(),
        FTYP + movie() + struct.pack(">I4s", 0, b"mdat") + bytes(50),
        FTYP + movie() + struct.pack(">I4sQ", 1, b"mdat", 66) + bytes(50),
        FTYP + movie() + MDAT + bytes(3),
        FTYP + movie() + MDAT + bytes(40),
        FTYP + movie() + (box(b"moof", bytes(20)) + MDAT) * 50,
    ],
)
def test_whole_files_pass(tmp_path: Path, data: bytes) -> None:
    assert inspected(tmp_path, data) == ()


def test_rubbish_after_the_film_is_only_told(tmp_path: Path) -> None:
    warnings = inspected(tmp_path, FTYP + movie() + MDAT + struct.pack(">I4s", 999, b"junk"))
    assert len(warnings) == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (FTYP + movie() + MDAT[:-10], "truncated"),
        (FTYP + MDAT + movie()[:-10], "truncated"),
        (FTYP + MDAT, "truncated"),
        (FTYP, "truncated"),
        (FTYP + movie() + MDAT + box(b"moof", bytes(9)) + struct.pack(">I4s", 99, b"mdat"),
         "truncated"),
        (FTYP + struct.pack(">I4sQ", 1, b"moov", (1 << 63) - 1) + bytes(64), "truncated"),
        (FTYP + movie(entry=b"encv") + MDAT, "encrypted"),
        (FTYP + movie(entry=b"drms") + MDAT, "encrypted"),
        (FTYP + movie(reference=b"\0\0\0\0file:///etc/passwd\0") + MDAT, "playlist-refused"),
        (FTYP + box(b"moov", struct.pack(">I4s", 5000, b"trak")) + MDAT, "damaged"),
    ],
)  # fmt: skip
def test_refusals(tmp_path: Path, data: bytes, code: str) -> None:
    with pytest.raises(MediaError) as caught:
        inspected(tmp_path, data)
    assert caught.value.code == code


def test_with_repair_media_may_be_cut_short_if_the_index_is_there(tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    path.write_bytes((FTYP + movie() + MDAT)[:-20])
    (told,) = inspect(path, repair=True)
    assert "cut short" in told
    path.write_bytes((FTYP + MDAT + movie())[:-20])
    with pytest.raises(MediaError):
        inspect(path, repair=True)


def test_many_boxes_end_soon(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="more boxes"):
        inspected(tmp_path, FTYP + box(b"free") * 450_000)
    with pytest.raises(MediaError, match="damaged"):
        inspected(tmp_path, FTYP + box(b"moov", box(b"free") * 450_000))


def test_deep_nesting_needs_no_stack(tmp_path: Path) -> None:
    deep = b""
    for _ in range(3000):
        deep = box(b"trak", deep)
    assert inspected(tmp_path, FTYP + box(b"moov", deep) + MDAT) == ()


@settings(max_examples=200)
@given(st.binary(max_size=80), st.integers(0, 300))
def test_hostile_bytes_raise_only_the_typed_error(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int
) -> None:
    data = bytearray(FTYP + movie() + MDAT)
    data[at : at + len(noise)] = noise
    path = tmp_path_factory.getbasetemp() / "hostile.mp4"
    path.write_bytes(data)
    try:
        inspect(path)
    except MediaError as error:
        assert error.code in {"truncated", "damaged", "encrypted", "playlist-refused"}  # noqa: PT017
