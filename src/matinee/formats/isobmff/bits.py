"""Bits of a decoder configuration, most significant first."""

from matinee.formats.isobmff.box import damaged


class Bits:
    """A cursor over the bits of *data*; reading past the end raises `MediaError`."""

    def __init__(self, data: bytes) -> None:
        """Start at the first bit of *data*."""
        self._value = int.from_bytes(data, "big")
        self._left = len(data) * 8

    @property
    def left(self) -> int:
        """Bits not read yet."""
        return self._left

    def take(self, count: int) -> int:
        """Return the next *count* bits as an unsigned number."""
        if count > self._left:
            raise damaged("a decoder configuration ends too early")
        self._left -= count
        return (self._value >> self._left) & ((1 << count) - 1)

    def skip(self, count: int) -> None:
        """Pass over *count* bits."""
        self.take(count)

    def align(self) -> None:
        """Go on to the next whole byte."""
        self._left -= self._left % 8
