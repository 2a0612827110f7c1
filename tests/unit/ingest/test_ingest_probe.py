"""The pure parts of `probe`; films and refusals are in tests/integration/ingest."""

from pathlib import Path

import pytest

from matinee.errors import InputError, NotFoundError
from matinee.ingest.ffprobe import Packet
from matinee.ingest.probe import _from_its_start, _Length, _size


def packets(end: float) -> list[Packet]:
    return [Packet(0, end - 0.04, end - 0.04, 0.04, key=True, corrupt=False)]


@pytest.mark.parametrize(
    ("seconds", "start", "end", "expected"),
    [
        (9.0, 5.0, 9.0, 4.0),  # Duration counts from zero
        (4.0, 5.0, 9.0, 4.0),  # Duration counts from the first picture
        (4.0, 0.0, 4.0, 4.0),
        (4.02, -0.02, 4.0, 4.02),
        (100.0, 1.0, 60.0, 99.0),  # cut short: the check that follows must see it
        (100.0, 1.0, 101.0, 100.0),
    ],
)
def test_matroska_durations(seconds: float, start: float, end: float, expected: float) -> None:
    length = _from_its_start(_Length(seconds, start, measured=False), packets(end))
    assert length.seconds == pytest.approx(expected)


def test_only_files_are_probed(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    assert _size(tmp_path / "x") == 3
    with pytest.raises(NotFoundError):
        _size(tmp_path / "absent")
    with pytest.raises(InputError):
        _size(tmp_path)
