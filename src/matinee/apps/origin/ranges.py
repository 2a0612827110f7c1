"""Range requests: RFC 9110 §14."""

import re

from matinee.model.presentation import ByteRange

_RANGE = re.compile(rb"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")


class Unsatisfiable(Exception):  # noqa: N818  (an outcome, answered with 416)
    """The range begins beyond the end of the object (RFC 9110 §15.5.17)."""


def requested(value: bytes | None, size: int) -> ByteRange | None:
    """Return the range that a Range header asks of an object of *size* bytes.

    None means the whole object: no header, another unit, several ranges or a malformed header,
    all of which a server may ignore (RFC 9110 §14.2).

    Raises:
        Unsatisfiable: no byte of the object lies in the range.
    """
    match = _RANGE.fullmatch(value.strip()) if value else None
    if match is None:
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        length = min(int(suffix), size)
        if length == 0:
            raise Unsatisfiable
        return ByteRange(size - length, length)
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size:
        raise Unsatisfiable
    end = int(last) if last else size - 1
    return ByteRange(start, min(end, size - 1) - start + 1)
