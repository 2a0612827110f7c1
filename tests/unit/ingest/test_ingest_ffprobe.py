"""ffprobe's lines and numbers."""

import msgspec
import pytest

from matinee.errors import MediaError
from matinee.ingest.ffprobe import Description, Packet, _packet, _unreadable, number
from matinee.toolchain.run import Completed, ProcessError, Reason


@pytest.mark.parametrize(
    ("value", "found"),
    [("4.5", 4.5), (4, 4.0), ("N/A", None), (None, None), ("nan", None), ("inf", None),
     ("1e999", None), ("-2", -2.0), ("x", None)],
)  # fmt: skip
def test_numbers(value: str | float | None, found: float | None) -> None:
    assert number(value) == found


def test_packets() -> None:
    assert _packet("1,2.5,2.4,0.04,K__") == Packet(1, 2.5, 2.4, 0.04, key=True, corrupt=False)
    assert _packet("0,N/A,N/A,N/A,__C,") == Packet(0, None, None, 0.0, key=False, corrupt=True)
    for line in ("", "x,1,1,1,K", "1,2", "side_data"):
        assert _packet(line) is None


def test_unknown_fields_are_no_error() -> None:
    told = b"""{"streams": [{"index": 0, "codec_type": "video", "new_field": [1],
      "side_data_list": [{"side_data_type": "X", "other": 1}]}], "programs": []}"""
    described = msgspec.json.decode(told, type=Description)
    assert described.streams[0].side_data_list[0].kind == "X"


@pytest.mark.parametrize(
    ("reason", "stderr", "code"),
    [
        ("exit", "[mov @ 0x1] moov atom not found\nx: Invalid data", "truncated"),
        ("memory", "Number of streams exceeds max_streams parameter (128)", "too-many-tracks"),
        ("exit", "/srv/x.mp4: Invalid data", "damaged"),
        ("timeout", "", "damaged"),
        ("signal", "", "damaged"),
    ],
)
def test_failures_are_typed(
    reason: Reason, stderr: str, code: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    done = Completed(
        returncode=1, stdout=b"", stderr=stderr, cpu_seconds=0, peak_memory=0, wall_seconds=0
    )
    error = _unreadable(ProcessError("ffprobe", reason, done), tmp_path_factory.getbasetemp())
    assert isinstance(error, MediaError)
    assert error.code == code
    assert "/srv" not in error.message
