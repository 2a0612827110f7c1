"""Upload a file with tus 1.0, going on where an interrupted upload stopped."""

import base64
import contextlib
import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from matinee.cli.client import Client
from matinee.errors import InputError, MatineeError, NotFoundError, UpstreamError
from matinee.settings import Settings

CHUNK = 16 * 1024 * 1024
ATTEMPTS = 6
_TUS = {"tus-resumable": "1.0.0"}


def upload(
    client: Client, settings: Settings, path: Path, advanced: Callable[[int, int], None]
) -> str:
    """Upload *path* and return the upload's id.

    Args:
        client: the server.
        settings: where unfinished uploads are remembered.
        path: the file.
        advanced: told bytes sent and size, as they change.

    Raises:
        InputError: the file cannot be read, or changes while it is sent.
        UpstreamError: the server went away, and did not come back in about a minute.
    """
    try:
        facts = path.stat()
        file = path.open("rb")
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror}.") from error
    size = facts.st_size
    record = _Record(settings, f"{client.url}|{path.absolute()}|{size}|{facts.st_mtime_ns}")
    with file:
        location = record.read()
        offset = _resumed(client, location) if location else None
        if location is None or offset is None:
            location, offset = _created(client, path.name, size), 0
            record.write(location)
        failures = 0
        while offset < size:
            advanced(offset, size)
            file.seek(offset)
            try:
                offset = _sent(client, location, offset, file.read(CHUNK))
                failures = 0
            except UpstreamError:
                failures += 1
                if failures == ATTEMPTS:
                    raise
                time.sleep(2**failures / 2)
                with contextlib.suppress(UpstreamError):
                    known = _resumed(client, location)
                    if known is None:
                        raise
                    offset = known
    advanced(size, size)
    record.forget()
    return location.rstrip("/").rpartition("/")[2]


def _created(client: Client, name: str, size: int) -> str:
    metadata = f"filename {base64.b64encode(name.encode()).decode()}"
    answer = client.request(
        "POST",
        "/api/v1/uploads",
        headers={**_TUS, "upload-length": str(size), "upload-metadata": metadata},
    )
    return answer.headers["location"]


def _resumed(client: Client, location: str) -> int | None:
    """Return how much of the upload the server has, None where it knows nothing of it."""
    try:
        answer = client.request("HEAD", location, headers=_TUS)
    except UpstreamError:
        raise
    except (NotFoundError, MatineeError):
        return None
    return int(answer.headers["upload-offset"])


def _sent(client: Client, location: str, offset: int, piece: bytes) -> int:
    if not piece:
        raise InputError("The file became shorter while it was sent.")
    answer = client.request(
        "PATCH",
        location,
        headers={
            **_TUS,
            "content-type": "application/offset+octet-stream",
            "upload-offset": str(offset),
            "upload-checksum": "sha256 "
            + base64.b64encode(hashlib.sha256(piece).digest()).decode(),
        },
        content=piece,
    )
    return int(answer.headers["upload-offset"])


class _Record:
    """Where an unfinished upload lives, kept over runs of the command."""

    def __init__(self, settings: Settings, identity: str) -> None:
        name = hashlib.sha256(identity.encode()).hexdigest()[:32]
        self._path = settings.cache / "uploads" / f"{name}.json"

    def read(self) -> str | None:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=str)
        except (OSError, msgspec.DecodeError):
            return None

    def write(self, location: str) -> None:
        with contextlib.suppress(OSError):  # without it an interrupted upload starts again
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_bytes(msgspec.json.encode(location))

    def forget(self) -> None:
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
