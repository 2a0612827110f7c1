"""The port of the storage room: immutable objects addressed by keys."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import msgspec

from matinee.model.presentation import ByteRange


class StoredObject(msgspec.Struct, frozen=True, kw_only=True):
    """What the store knows of one object."""

    key: str
    size: int
    modified: float
    """Seconds since the epoch."""


class ObjectStore(Protocol):
    """Objects by key. Keys are `/`-separated relative paths without `.` or `..` segments.

    An object appears whole or not at all, and is not changed afterwards; writing the same key
    again replaces it (a step that is run again after a crash does so). Every method may raise
    `NotFoundError` for a missing key, `InputError` for a malformed one, `UpstreamError` when the
    store fails. Methods block: async callers use a thread.
    """

    def put(self, key: str, source: Path | bytes) -> None:
        """Store *source* at *key*. A path is moved into the store: it is gone afterwards."""
        ...

    def get(self, key: str, span: ByteRange | None = None) -> bytes:
        """Return the object's bytes, or those of *span* (cut at the object's end)."""
        ...

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield the objects at or below *prefix* (a whole key or a folder), sorted by key."""
        ...

    def delete(self, prefix: str) -> None:
        """Delete the object at *prefix* and all below it; nothing there is no error."""
        ...

    def local(self, key: str) -> AbstractContextManager[Path]:
        """Give *key* as a readable local file for a child program; do not write to it."""
        ...
