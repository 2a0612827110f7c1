"""Copies coded samples from a source file to a track file, whatever their order in the source.

Memory is one buffer. Samples that lie together are read together: a gap of less than `GAP` bytes
is cheaper to read over than another call, and a long run goes through the kernel alone.
"""

import os
import stat
from array import array
from collections.abc import Iterator
from operator import add
from pathlib import Path
from types import TracebackType
from typing import Self

from matinee.errors import MediaError

GAP = 8 << 10
BUFFER = 4 << 20
DIRECT = 512 << 10
"""A run at least this long, less than the buffer, goes from file to file within the kernel."""
_MAX_VECTOR = 1000
"""Buffers of one writev; IOV_MAX is 1024 on Linux."""


class FileSource:
    """A file on disk as `matinee.formats.isobmff.ByteSource`; close it after use."""

    def __init__(self, path: Path) -> None:
        """Open *path* for reading."""
        self.descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.size = 0
        self.refresh()

    def refresh(self) -> None:
        """See how large the file is by now: it may be growing."""
        status = os.fstat(self.descriptor)
        self.size = status.st_size if stat.S_ISREG(status.st_mode) else 0

    def read(self, offset: int, length: int) -> bytes:
        """Return up to *length* bytes from *offset*."""
        return os.pread(self.descriptor, max(0, min(length, self.size - offset)), offset)

    def close(self) -> None:
        """Close the file."""
        os.close(self.descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class SampleCopier:
    """Writes bytes of its own and samples of *source* to the file descriptor *target*, in order."""

    def __init__(self, source: FileSource, target: int) -> None:
        """Copy from *source* to *target*, from its current position on."""
        self._source = source
        self._target = target
        self._buffer = memoryview(bytearray(BUFFER))
        self._filled = 0
        self._pending: list[bytes | memoryview] = []
        self._direct = True

    def write(self, data: bytes) -> None:
        """Write *data* of our own."""
        self._pending.append(data)

    def copy(self, offsets: "array[int]", sizes: "array[int]") -> None:
        """Write the samples at *offsets* of the source.

        Raises:
            MediaError: the source ends before a sample does (`truncated`).
        """
        group: list[tuple[int, int]] = []
        start = end = 0
        for run in _runs(offsets, sizes):
            begin, finish = run
            if group and not (0 <= begin - end <= GAP and finish - start <= BUFFER):
                self._read(group)
                group = []
            if finish - begin >= DIRECT:
                if group:
                    self._read(group)
                    group = []
                self._transfer(begin, finish)
                continue
            if not group:
                start = begin
            group.append(run)
            end = finish
        if group:
            self._read(group)

    def _read(self, group: list[tuple[int, int]]) -> None:
        """Take in the runs of *group*, which lie near each other, with one call."""
        start, end = group[0][0], group[-1][1]
        length = end - start
        if len(self._pending) + len(group) > _MAX_VECTOR:
            self.flush()
        if len(group) == 1 and length <= GAP:
            data = os.pread(self._source.descriptor, length, start)
            if len(data) < length:
                raise _ended()
            self._pending.append(data)
            return
        if self._filled + length > BUFFER:
            self.flush()
        view = self._buffer[self._filled : self._filled + length]
        if os.preadv(self._source.descriptor, [view], start) < length:
            raise _ended()
        self._filled += length
        self._pending += [view[begin - start : finish - start] for begin, finish in group]

    def _transfer(self, start: int, end: int) -> None:
        """Copy one long run, without taking it in where the file system can do so."""
        if self._direct:
            self.flush()
            start = self._send(start, end)
        for piece in range(start, end, BUFFER):
            self._read([(piece, min(piece + BUFFER, end))])

    def _send(self, start: int, end: int) -> int:
        """Send what can be sent of a run; return where it stopped."""
        while start < end:
            try:
                sent = os.sendfile(self._target, self._source.descriptor, start, end - start)
            except OSError:  # some file systems cannot; writing will tell of a full disk
                self._direct = False
                break
            if sent == 0:
                raise _ended()
            start += sent
        return start

    def flush(self) -> None:
        """Hand everything to the operating system."""
        pending = self._pending
        for first in range(0, len(pending), _MAX_VECTOR):
            _write_all(self._target, pending[first : first + _MAX_VECTOR])
        self._pending = []
        self._filled = 0


def _ended() -> MediaError:
    return MediaError(
        "The file ended while it was read.", fix="Copy or upload it again.", code="truncated"
    )


def _runs(offsets: "array[int]", sizes: "array[int]") -> Iterator[tuple[int, int]]:
    """Yield start and end of each stretch of samples that touch."""
    ends = array("Q", map(add, offsets, sizes))
    if offsets[1:] == ends[:-1]:
        yield offsets[0], ends[-1]
        return
    start, end = offsets[0], offsets[0]
    for begin, finish in zip(offsets, ends, strict=True):
        if begin != end:
            yield start, end
            start = begin
        end = finish
    yield start, end


def _write_all(target: int, parts: list[bytes | memoryview]) -> None:
    left = sum(map(len, parts))
    written = os.writev(target, parts)
    while written < left:  # a partial write: drop what is done and go on
        left -= written
        rest: list[bytes | memoryview] = []
        for part in parts:
            if written >= len(part):
                written -= len(part)
            else:
                rest.append(memoryview(part)[written:])
                written = 0
        parts = rest
        written = os.writev(target, parts)
