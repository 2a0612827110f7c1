"""RIFF files that are cut short."""

import struct
from pathlib import Path

import pytest

from matinee.errors import MediaError
from matinee.ingest.riff import inspect


def riff(length: int, content: int) -> bytes:
    return struct.pack("<4sI4s", b"RIFF", length, b"AVI ") + bytes(content - 4)


@pytest.mark.parametrize(
    "data",
    [
        riff(1000, 1000),
        riff(1000, 1000) + riff(500, 500),
        riff(1000, 1000) + b"rubbish at the end",
        riff(0, 1000),
        riff(0xFFFFFFFF, 1000),
        riff(1001, 1001),
        b"RF64" + bytes(20),
        b"RI",
    ],
)
def test_whole_files_pass(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    inspect(path)


@pytest.mark.parametrize("data", [riff(5000, 1000), riff(1000, 1000) + riff(5000, 500)])
def test_cut_files_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(MediaError) as caught:
        inspect(path)
    assert caught.value.code == "truncated"
