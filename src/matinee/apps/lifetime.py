"""Ties the life of our own processes to their parent, and one data folder to one platform."""

import ctypes
import fcntl
import os
import signal
from pathlib import Path
from typing import IO

from matinee.errors import ConflictError

_PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int, number: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel to send *number* to this process when process *parent* is gone.

    Linux only; elsewhere it does nothing. Call it early, in the process that is to end.
    """
    try:
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number.value, 0, 0, 0)
    except (OSError, AttributeError):
        return
    if os.getppid() != parent:  # it was gone before we asked
        os.kill(os.getpid(), number)


def lock_folder(folder: Path, purpose: str) -> IO[bytes]:
    """Hold *folder* for *purpose* until the returned file is closed or the process ends.

    Raises:
        ConflictError: another process holds it.
    """
    file = (folder / f"{purpose}.lock").open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise ConflictError(
            f"Another Matinee is using {folder}.",
            fix="Stop it first, or choose another folder with --data.",
            code="folder-in-use",
        ) from error
    return file
