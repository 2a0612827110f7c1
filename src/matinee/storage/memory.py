"""The fake of the storage port: objects in a dictionary, for tests."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from matinee.errors import NotFoundError
from matinee.model.presentation import ByteRange
from matinee.storage.keys import checked
from matinee.storage.store import StoredObject


class MemoryStore:
    """An `ObjectStore` that lives as long as the process."""

    def __init__(self) -> None:
        self._objects: dict[str, tuple[bytes, float]] = {}

    def put(self, key: str, source: Path | bytes) -> None:
        """See `ObjectStore.put`."""
        checked(key)
        if isinstance(source, Path):
            if not source.is_file():
                raise NotFoundError(f"There is no file {source.name} to store.")
            data = source.read_bytes()
            source.unlink()
        else:
            data = bytes(source)
        self._objects[key] = (data, time.time())

    def get(self, key: str, span: ByteRange | None = None) -> bytes:
        """See `ObjectStore.get`."""
        try:
            data, _ = self._objects[checked(key)]
        except KeyError as error:
            raise NotFoundError(f"There is no object {key}.") from error
        return data if span is None else data[span.offset : span.offset + span.length]

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """See `ObjectStore.list`."""
        checked(prefix, prefix=True)
        for key in sorted(self._below(prefix)):
            data, modified = self._objects[key]
            yield StoredObject(key=key, size=len(data), modified=modified)

    def delete(self, prefix: str) -> None:
        """See `ObjectStore.delete`."""
        for key in self._below(checked(prefix)):
            del self._objects[key]

    def _below(self, prefix: str) -> tuple[str, ...]:
        return tuple(
            key
            for key in self._objects
            if not prefix or key == prefix or key.startswith(f"{prefix}/")
        )

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        """See `ObjectStore.local`: a temporary copy."""
        data = self.get(key)
        with tempfile.TemporaryDirectory(prefix="matinee-") as folder:
            path = Path(folder) / key.rpartition("/")[2]
            path.write_bytes(data)
            yield path
