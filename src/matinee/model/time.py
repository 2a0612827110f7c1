"""Time on a media timeline: integer ticks of a timescale, never floats."""

from fractions import Fraction
from typing import Self

import msgspec

from matinee.errors import InvariantError


class MediaTime(msgspec.Struct, frozen=True, order=False):
    """An instant or a duration of `ticks / timescale` seconds.

    Comparison and arithmetic are exact over different timescales; the result of arithmetic keeps
    the left operand's timescale, and must be whole in it.
    """

    ticks: int
    timescale: int

    def __post_init__(self) -> None:
        if self.timescale <= 0:
            raise InvariantError(f"timescale must be positive, not {self.timescale}")

    @classmethod
    def of(cls, seconds: Fraction | int, timescale: int) -> Self:
        """Return the tick nearest to *seconds* in *timescale*."""
        return cls(round(Fraction(seconds) * timescale), timescale)

    @property
    def seconds(self) -> Fraction:
        """Seconds, exact; for printing and for rates."""
        return Fraction(self.ticks, self.timescale)

    def rescaled(self, timescale: int) -> Self:
        """Return the nearest instant in *timescale*, ties to even."""
        return type(self).of(self.seconds, timescale)

    def _ticks_of(self, other: "MediaTime") -> int:
        ticks = other.seconds * self.timescale
        if ticks.denominator != 1:
            raise InvariantError(f"{other} is not whole in timescale {self.timescale}")
        return ticks.numerator

    def __add__(self, other: "MediaTime") -> Self:
        return type(self)(self.ticks + self._ticks_of(other), self.timescale)

    def __sub__(self, other: "MediaTime") -> Self:
        return type(self)(self.ticks - self._ticks_of(other), self.timescale)

    def __lt__(self, other: "MediaTime") -> bool:
        return self.seconds < other.seconds

    def __le__(self, other: "MediaTime") -> bool:
        return self.seconds <= other.seconds

    def __gt__(self, other: "MediaTime") -> bool:
        return self.seconds > other.seconds

    def __ge__(self, other: "MediaTime") -> bool:
        return self.seconds >= other.seconds
