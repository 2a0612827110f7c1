"""Media objects of the store, read for the wire.

A local object is read in the event loop when the page cache holds it, which costs one copy and no
thread; a cold read goes to a thread, so a slow disk never stalls other viewers.
"""

import asyncio
import os
import stat
from collections import OrderedDict
from collections.abc import AsyncIterator

from matinee.errors import NotFoundError
from matinee.model.presentation import ByteRange
from matinee.storage.local import LocalStore
from matinee.storage.store import ObjectStore

CHUNK = 1024 * 1024
OPEN_OBJECTS = 256
_NOWAIT = getattr(os, "RWF_NOWAIT", None)


class OpenObject:
    """An object ready to be read in ranges; closed when nobody holds it any more."""

    __slots__ = ("_descriptor", "_store", "etag", "key", "modified", "size")

    def __init__(self, key: str, store: ObjectStore) -> None:
        """Open *key* of *store*; blocks.

        Raises:
            NotFoundError: there is no such object.
        """
        self.key = key
        self._store = store
        self._descriptor: int | None = None
        if isinstance(store, LocalStore):
            try:
                self._descriptor = os.open(store.path(key), os.O_RDONLY | os.O_CLOEXEC)
            except OSError as error:
                raise NotFoundError(f"There is no object {key}.") from error
            facts = os.fstat(self._descriptor)
            if not stat.S_ISREG(facts.st_mode):
                raise NotFoundError(f"There is no object {key}.")
            self.size, self.modified = facts.st_size, facts.st_mtime
        else:
            described = next(iter(store.list(key)), None)
            if described is None or described.key != key:
                raise NotFoundError(f"There is no object {key}.")
            self.size, self.modified = described.size, described.modified
        self.etag = f'"{self.size:x}-{int(self.modified * 1000):x}"'.encode()

    def __del__(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    async def chunks(self, span: ByteRange) -> AsyncIterator[bytes]:
        """Yield the bytes of *span* in pieces of at most `CHUNK`."""
        offset, left = span.offset, span.length
        while left > 0:
            piece = await self._read(offset, min(left, CHUNK))
            if not piece:
                return
            offset += len(piece)
            left -= len(piece)
            yield piece

    async def _read(self, offset: int, length: int) -> bytes:
        if self._descriptor is None:
            return await asyncio.to_thread(self._store.get, self.key, ByteRange(offset, length))
        if _cached(self._descriptor, offset) and _cached(self._descriptor, offset + length - 1):
            return os.pread(self._descriptor, length, offset)
        return await asyncio.to_thread(os.pread, self._descriptor, length, offset)


def _cached(descriptor: int, offset: int) -> bool:
    """Whether the page at *offset* is in memory; both ends of a chunk stand for all of it."""
    if _NOWAIT is None:
        return False
    try:
        return os.preadv(descriptor, [bytearray(1)], offset, _NOWAIT) == 1
    except OSError:  # EAGAIN: it is not; EOPNOTSUPP: this file system cannot say
        return False


class Objects:
    """Opens objects and keeps the most recently used ones open."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._open: OrderedDict[str, OpenObject] = OrderedDict()

    async def open(self, key: str) -> OpenObject:
        """Return *key* opened.

        Raises:
            NotFoundError: there is no such object.
        """
        found = self._open.get(key)
        if found is None:
            found = await asyncio.to_thread(OpenObject, key, self._store)
            self._open[key] = found
        self._open.move_to_end(key)
        while len(self._open) > OPEN_OBJECTS:
            self._open.popitem(last=False)
        return found

    def forget(self, prefix: str) -> None:
        """Drop what lies below *prefix*: it was deleted."""
        for key in [key for key in self._open if key.startswith(prefix)]:
            del self._open[key]
