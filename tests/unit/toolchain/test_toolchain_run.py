"""Why a program failed, by how it ended; running real ones is in tests/integration/toolchain."""

import signal

import pytest

from matinee.toolchain.run import Completed, ProcessError, Reason, _reason


def ended(returncode: int, stderr: str = "") -> Completed:
    return Completed(
        returncode=returncode, stdout=b"", stderr=stderr,
        cpu_seconds=0, peak_memory=0, wall_seconds=0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("completed", "reason"),
    [
        (ended(0, "Cannot allocate memory, tried less"), None),
        (ended(1), "exit"),
        (ended(1, "x: Cannot allocate memory"), "memory"),
        (ended(-signal.SIGABRT, "std::bad_alloc"), "memory"),
        (ended(1, "write: File too large"), "output"),
        (ended(-signal.SIGXFSZ), "output"),
        (ended(-signal.SIGXCPU), "timeout"),
        (ended(-signal.SIGSEGV), "signal"),
    ],
)
def test_reasons(completed: Completed, reason: Reason | None) -> None:
    assert _reason(completed) == reason


def test_the_error_shows_no_output_of_the_program() -> None:
    error = ProcessError("ffmpeg", "exit", ended(187, "/srv/secret/film.mp4: bad"))
    assert str(error) == "ffmpeg ended with an error (status 187)."
    assert error.code == "program-failed"
    assert error.completed.stderr.startswith("/srv")
