"""Frame rates: what the container says, held against when its pictures really come."""

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from statistics import median

from matinee.model.media import Ratio

MAX_FRAME_RATE = 1000
DEFAULT = Ratio(25)
FILM = Ratio(24000, 1001)
_USUAL = (
    Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30),
    Fraction(48), Fraction(50), Fraction(60000, 1001), Fraction(60), Fraction(15), Fraction(12),
    Fraction(10), Fraction(20), Fraction(100), Fraction(120000, 1001), Fraction(120),
)  # fmt: skip
_JITTER = 0.0025  # seconds: containers that count milliseconds round by one either way
_FIELD = 1001 / 60000  # seconds
_FIELD_JITTER = 0.003
_ENOUGH = 24  # distances whose mean is believed
_FEW = 3  # gaps of another length that a seek between two samples, or a cut, may leave


def ratio_of(text: str | None, separator: str = "/") -> Ratio | None:
    """Return a positive ratio that ffprobe wrote as `a/b` or `a:b`, None where it has none."""
    numerator, found, denominator = (text or "").partition(separator)
    if not (found and numerator.isdigit() and denominator.isdigit()):
        return None
    if not int(numerator) or not int(denominator):
        return None
    exact = Fraction(int(numerator), int(denominator))
    return Ratio(exact.numerator, exact.denominator)


def gaps(times: Iterable[tuple[float | None, float | None]]) -> list[float]:
    """Return the distances between pictures in the order they are shown.

    Args:
        times: decoding and presentation time of packets in the order they were read. Where the
            decoding time falls, another sample begins; it may overlap the one before.
    """
    pairs = list(times)
    # MPEG-2 streams time only the first picture of each PES packet; ffprobe counts the decoding
    # times of the others on, which are as far apart as the pictures where these come evenly.
    untimed = sum(presentation is None for _, presentation in pairs)
    by_decoding = untimed > len(pairs) // 50
    runs: list[set[float]] = [set()]
    before = float("-inf")
    for decoding, presentation in pairs:
        if decoding is not None:
            if decoding < before:
                runs.append(set())
            before = decoding
        shown = decoding if by_decoding else presentation
        if shown is not None:
            runs[-1].add(shown)
    return [later - earlier for run in runs for earlier, later in pairwise(sorted(run))]


def pulled_down(distances: list[float]) -> bool:
    """Say whether pictures are shown for two and three fields of 60 a second in turn.

    So do MPEG-2 films of 24 a second that tell players to repeat fields (soft telecine): the
    distances are two lengths, half of each, which is an even rate and not a varying one.
    """
    short = [one for one in distances if abs(one - 2 * _FIELD) < _FIELD_JITTER]
    long = [one for one in distances if abs(one - 3 * _FIELD) < _FIELD_JITTER]
    return (
        len(distances) >= _ENOUGH
        and len(short) + len(long) >= len(distances) * 0.95
        and 0.4 < len(short) / (len(short) + len(long)) < 0.6
    )


def varies(distances: list[float]) -> bool:
    """Say whether pictures come at uneven distances, beyond what rounding and cuts explain."""
    if len(distances) < 2 * _FEW or pulled_down(distances):
        return False
    uneven = len(distances) - len(_even(distances))
    return uneven > max(_FEW, len(distances) // 50)


def _even(distances: list[float]) -> list[float]:
    """Return the distances that are the usual one, but for rounding."""
    usual = median(distances)
    return [one for one in distances if abs(one - usual) <= max(_JITTER, usual * 0.25)]


def frame_rate(average: Ratio | None, smallest: Ratio | None, distances: list[float]) -> Ratio:
    """Return the rate of a track's pictures, exact where it is a usual one.

    Args:
        average: pictures over duration, as the container's tables give it; off by a little where
            durations are rounded or the first picture is late.
        smallest: the rate that can show every picture at its time; twice the truth for fields.
        distances: measured, from `gaps`.
    """
    if pulled_down(distances):
        return FILM
    even = _even(distances) if distances else []
    measured = len(even) / sum(even) if sum(even) > 0 else 0.0
    if average is None:
        return _measured(measured) or smallest or DEFAULT
    if varies(distances):
        return average
    if len(even) >= _ENOUGH and abs(measured / average.value - 1) < 0.015:
        # Over many pictures the rounding of single times cancels out: 23.976 is told from 24.
        usual = _usual(Fraction(measured), 0.0004)
        if usual is not None:
            return usual
    if smallest is not None and abs(smallest.value / average.value - 1) < Fraction(1, 100):
        return smallest
    return _usual(average.value, 0.003) or average


def _measured(rate: float) -> Ratio | None:
    """Return *rate* as a ratio, None where no film has it."""
    if not 0 < rate <= MAX_FRAME_RATE:
        return None
    found = Fraction(rate).limit_denominator(1001)
    return _usual(found, 0.005) or Ratio(found.numerator, found.denominator)


def _usual(rate: Fraction, tolerance: float) -> Ratio | None:
    """Return the usual rate within a share of *tolerance* of *rate*, None where there is none."""
    best = min(_USUAL, key=lambda usual: abs(usual - rate))
    return Ratio(best.numerator, best.denominator) if abs(best / rate - 1) < tolerance else None
