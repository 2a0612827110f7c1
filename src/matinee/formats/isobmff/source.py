"""Where box readers get their bytes from: a port, since formats do no input or output."""

from typing import Protocol

import msgspec


class ByteSource(Protocol):
    """A file-like thing of known size, read at any place."""

    @property
    def size(self) -> int:
        """Bytes in all."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Return up to *length* bytes from *offset*; fewer only at the end."""
        ...


class MemorySource(msgspec.Struct, frozen=True):
    """Bytes in memory as a `ByteSource`."""

    data: bytes

    @property
    def size(self) -> int:
        """Bytes in all."""
        return len(self.data)

    def read(self, offset: int, length: int) -> bytes:
        """Return up to *length* bytes from *offset*."""
        return self.data[offset : offset + length]
