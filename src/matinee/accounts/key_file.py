"""The file that holds the first start's admin key, for the CLI of the same machine and user."""

import os
import stat
import tempfile
from pathlib import Path

from matinee.accounts.secrets import is_key
from matinee.errors import InputError, UpstreamError

_MODE = 0o600
_MAXIMUM_SIZE = 256


def read(path: Path) -> str | None:
    """Return the key in the file, None if there is no file; other people's access is taken away.

    Raises:
        InputError: `bad-key-file`, it holds something else.
        UpstreamError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_MAXIMUM_SIZE + 1)
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                os.fchmod(file.fileno(), _MODE)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UpstreamError(f"The key file {path} cannot be read: {error.strerror}.") from error
    key = raw.decode("ascii", errors="replace").strip()
    if not is_key(key):
        raise InputError(
            f"The key file {path} does not hold an API key.",
            fix="Delete it and start again: a new key is made.",
            code="bad-key-file",
        )
    return key


def write(path: Path, key: str) -> None:
    """Put *key* in the file, mode 0600, whole or not at all.

    Raises:
        UpstreamError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # mkstemp makes the file with mode 0600: the key is at no moment readable by others.
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(f"{key}\n")
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UpstreamError(f"The key file {path} cannot be written: {error.strerror}.") from error
