"""The files of uploads: appended to under a lock, true after any crash. Everything here blocks.

A file's size is its upload's offset. The one exception is a request with a checksum: while its
bytes are unproven, a marker file beside the data holds the offset they began at, and that is the
upload's offset until the checksum is right. Whoever opens the file next cuts unproven bytes off.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from matinee.apps.api.problems import RequestError
from matinee.errors import MatineeError, UpstreamError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class UploadFiles:
    """The folder of one file an upload, named by its id."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, upload_id: str) -> Path:
        """Return where the bytes of *upload_id* are; the id comes from the catalogue."""
        return self.folder / upload_id

    def _marker(self, upload_id: str) -> Path:
        return self.folder / f"{upload_id}.unproven"

    def create(self, upload_id: str) -> None:
        """Make the empty file of a new upload."""
        with _translated():
            self.path(upload_id).touch(mode=0o600)

    def offset(self, upload_id: str) -> int | None:
        """Return how many bytes of *upload_id* are here for good, None where it has no file."""
        proven = _read_marker(self._marker(upload_id))
        try:
            size = self.path(upload_id).stat().st_size
        except FileNotFoundError:
            return None
        return size if proven is None else min(size, proven)

    def free(self) -> int:
        """Return the bytes free for uploads."""
        facts = os.statvfs(self.folder)
        return facts.f_bavail * facts.f_frsize

    def delete(self, upload_id: str) -> None:
        """Remove what there is of *upload_id*."""
        self.path(upload_id).unlink(missing_ok=True)
        self._marker(upload_id).unlink(missing_ok=True)

    @contextmanager
    def append(self, upload_id: str, *, unproven: bool = False) -> Iterator["Appender"]:
        """Give the file to be appended to, by us alone: in this process and in any other.

        With *unproven*, what is written counts only after `Appender.prove`.

        Raises:
            RequestError: somebody else appends (423), or the disk is full (507).
        """
        with _translated():
            handle = os.open(self.path(upload_id), os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
            try:
                _lock(handle)
                marker = self._marker(upload_id)
                proven = _read_marker(marker)
                if proven is not None:
                    os.ftruncate(handle, min(proven, os.fstat(handle).st_size))
                    os.fsync(handle)
                    marker.unlink()
                marker.unlink(missing_ok=True)
                appender = Appender(handle, marker if unproven else None)
                try:
                    yield appender
                finally:
                    appender.settle()
            finally:
                os.close(handle)


class Appender:
    """An upload's file while one request appends to it."""

    def __init__(self, handle: int, marker: Path | None) -> None:
        self._handle = handle
        self._marker = marker
        self._start = self.offset = os.fstat(handle).st_size
        if marker is not None:
            _write_marker(marker, self.offset)

    def write(self, data: bytes | bytearray) -> None:
        """Append *data* whole."""
        with _translated(), memoryview(data) as view:
            done = 0
            while done < len(view):
                done += os.write(self._handle, view[done:])
        self.offset += len(data)

    def sync(self) -> None:
        """Return when everything written is on the disk."""
        with _translated():
            os.fdatasync(self._handle)

    def prove(self) -> None:
        """Let what was written count: its checksum was right."""
        self.sync()
        if self._marker is not None:
            self._marker.unlink()
            self._marker = None

    def settle(self) -> None:
        """Cut off what was not proven, and what a failed write left beyond `offset`."""
        if self._marker is not None:
            self.offset = self._start
        if os.fstat(self._handle).st_size > self.offset:
            os.ftruncate(self._handle, self.offset)
        if self._marker is not None:
            self._marker.unlink(missing_ok=True)
            self._marker = None


def _read_marker(marker: Path) -> int | None:
    """Return the offset in *marker*; None where there is none, or it was cut in the writing.

    It is on the disk before the first unproven byte is written, so one cut short guards nothing.
    """
    try:
        text = marker.read_text()
    except FileNotFoundError:
        return None
    return int(text[:-1]) if text.endswith("\n") and text[:-1].isdecimal() else None


def _write_marker(marker: Path, offset: int) -> None:
    with marker.open("w") as file:
        file.write(f"{offset}\n")
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(marker.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _lock(handle: int) -> None:
    """Take the file's lock, which the kernel lets go when we die."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise RequestError(
            "Another request is sending to this upload.",
            fix="Wait for it to end, ask for the offset with HEAD, and go on from there.",
            code="locked",
            headers={"Retry-After": "2"},
        ) from error


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except MatineeError:
        raise
    except FileNotFoundError as error:
        raise RequestError(
            "This upload's file is gone.", fix="Start a new upload.", code="gone"
        ) from error
    except OSError as error:
        if error.errno in _FULL:
            raise disk_full() from error
        raise UpstreamError(f"The upload could not be written: {error.strerror}.") from error


def disk_full(needed: int | None = None, free: int | None = None) -> RequestError:
    """Return the refusal of bytes that there is no room for (507)."""
    detail = "" if needed is None else f": it needs {needed} bytes and {free} are free for it"
    return RequestError(
        f"There is no room for this upload{detail}.",
        fix="Free some disk space on the server, or start it with another --data folder; "
        "what has arrived is kept, and the upload can be resumed.",
        code="disk-full",
    )


def remove_strangers(files: UploadFiles, known: frozenset[str]) -> None:
    """Remove files of uploads that the catalogue does not know, left by a crash."""
    for path in files.folder.iterdir():
        if path.name.partition(".")[0] not in known:
            with suppress(OSError):
                path.unlink()
