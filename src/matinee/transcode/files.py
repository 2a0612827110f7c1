"""Local files as a `ByteSource`."""

import os
from typing import BinaryIO, Self

import msgspec


class OpenFile(msgspec.Struct, frozen=True):
    """An open file whose boxes are read."""

    file: BinaryIO
    size: int

    @classmethod
    def of(cls, file: BinaryIO) -> Self:
        """Return *file* with its size as it is now."""
        return cls(file, os.fstat(file.fileno()).st_size)

    def read(self, offset: int, length: int) -> bytes:
        """Return up to *length* bytes from *offset*."""
        return os.pread(self.file.fileno(), length, offset)
