"""Captions told by the bytes that announce them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.errors import CancelledError
from matinee.formats.captions import cc_data
from matinee.ingest.caption_marks import carries_captions

BLOCK = 64


def written(folder: Path, data: bytes) -> Path:
    path = folder / "film.ts"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("mark", cc_data.MARKS)
@pytest.mark.parametrize("at", [*range(BLOCK - 10, BLOCK + 3), 10 * BLOCK, 0])
def test_a_mark_is_found_wherever_it_stands(tmp_path: Path, mark: bytes, at: int) -> None:
    path = written(tmp_path, b"G" * at + mark + b"\xff" * 100)
    assert carries_captions(path, block=BLOCK)


@given(data=st.binary(max_size=400))
def test_other_bytes_have_none(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = written(tmp_path_factory.mktemp("film"), data)
    assert not carries_captions(path, block=BLOCK)


def test_other_user_data_of_atsc_is_no_caption(tmp_path: Path) -> None:
    """Bar data (code 6), captions of nobody, and what is cut off."""
    data = b"\xb5\x00\x31GA94\x06" * 9 + b"GA94\x03" * 9 + b"\xb5\x00\x31GA94"
    assert not carries_captions(written(tmp_path, data), block=BLOCK)


def test_it_stops_where_it_is_asked_to(tmp_path: Path) -> None:
    looks = 0

    def check() -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            raise CancelledError("Enough.")

    with pytest.raises(CancelledError):
        carries_captions(written(tmp_path, bytes(100 * BLOCK)), check, BLOCK)
    assert looks == 3


def test_it_reads_no_further_than_it_must(tmp_path: Path) -> None:
    def never() -> None:
        raise AssertionError

    data = cc_data.MARKS[0] + bytes(100 * BLOCK)
    assert carries_captions(written(tmp_path, data), never, BLOCK)
