import json

import pytest

from matinee.cli.output import Exit, clock, exit_of, print_error, rate, size
from matinee.errors import (
    CancelledError,
    ConflictError,
    InputError,
    InvariantError,
    MatineeError,
    MediaError,
    NotFoundError,
    UpstreamError,
)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("x"), Exit.USAGE),
        (NotFoundError("x"), Exit.USAGE),
        (ConflictError("x"), Exit.USAGE),
        (MediaError("x"), Exit.MEDIA),
        (UpstreamError("x"), Exit.UNAVAILABLE),
        (InvariantError("x"), Exit.FAULT),
        (InvariantError("x", code="verify-failed"), Exit.FINDINGS),
        (CancelledError("x"), Exit.INTERRUPTED),
        (MatineeError("x"), Exit.FAULT),
    ],
)
def test_every_kind_of_error_has_its_status(error: MatineeError, status: Exit) -> None:
    assert exit_of(error) is status


def test_an_error_is_one_json_value(capsys: pytest.CaptureFixture[str]) -> None:
    print_error(MediaError("Half is missing.", code="truncated", fix="Copy it."), as_json=True)
    said = capsys.readouterr()
    assert json.loads(said.out) == {
        "error": {"code": "truncated", "message": "Half is missing.", "fix": "Copy it."}
    }
    assert said.err == ""


def test_an_error_for_people_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    print_error(InputError("No [bold]file[/bold].", fix="Check."), as_json=False)
    said = capsys.readouterr()
    assert said.out == ""
    assert "No [bold]file[/bold]." in said.err  # what others wrote is no markup


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0, "0:00"),
        (59.4, "0:59"),
        (61, "1:01"),
        (3600, "1:00:00"),
        (36_061, "10:01:01"),
    ],
)
def test_clock(seconds: float | None, text: str) -> None:
    assert clock(seconds) == text


def test_units() -> None:
    assert rate(128_000) == "128 kb/s"
    assert rate(4_250_000) == "4.25 Mb/s"
    assert size(999) == "999 B"
    assert size(50_195_281) == "50.2 MB"
    assert size(3e15) == "3000.0 TB"
