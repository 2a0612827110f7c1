"""Scrambled transport streams."""

from pathlib import Path

import pytest

from matinee.errors import MediaError
from matinee.ingest.scrambling import check_scrambling, scrambled_share


def stream(control: int, count: int = 40, start: int = 0) -> bytes:
    return bytes(start) + (bytes([0x47, 0x01, 0x00, control << 6 | 0x10]) + bytes(184)) * count


def test_share() -> None:
    assert scrambled_share(stream(0)) == 0.0
    assert scrambled_share(stream(2, start=11)) == 1.0
    assert scrambled_share(stream(3, 30) + stream(0, 10)) == 0.75
    assert scrambled_share(b"") == 0.0
    assert scrambled_share(bytes(5000)) == 0.0


def test_refusal(tmp_path: Path) -> None:
    path = tmp_path / "x.ts"
    path.write_bytes(stream(0, 5000))
    check_scrambling(path)
    path.write_bytes(stream(3, 5000))
    with pytest.raises(MediaError) as caught:
        check_scrambling(path)
    assert caught.value.code == "encrypted"
