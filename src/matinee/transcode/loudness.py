"""Loudness of a programme (ITU-R BS.1770, EBU R 128), and the level that brings it to a target.

One gain for the whole track, so loud and soft keep their distance (the linear way of two passes).
Only peaks that would pass the ceiling are bent, by a limiter that sees true peaks; a track whose
peaks would need more than that stays softer than the target instead of being squeezed.
"""

import re
from math import inf, isfinite
from typing import Literal

import msgspec

SILENCE = -60.0
"""LUFS at and below which there is nothing to make louder: hum, hiss, or no sound. A track shorter
than one gating block of 0.4 s counts as silent too (BS.1770-5 Annex 1)."""
MOST_GAIN = 24.0
"""dB; more would bring up the noise of the room."""
MOST_LIMITING = 6.0
"""dB that the limiter may take off a peak: short attacks of film sound and music stand that."""
ENCODER_MARGIN = 0.5
"""dB that the limiter stays below the ceiling, since lossy coding moves peaks."""
TOLERANCE = 0.5
"""LU between what was wanted and what came out that are not worth a word (EBU R 128)."""
WORTH_MENDING = 0.3
"""LU that coding may change before a track is encoded once more."""


class Loudness(msgspec.Struct, frozen=True, kw_only=True):
    """What a whole track measures; all values are `-inf` where there is no sound."""

    integrated: float
    """LUFS, gated."""
    range: float
    """LU, EBU Tech 3342."""
    true_peak: float
    """dBTP."""

    @property
    def silent(self) -> bool:
        """Whether there is nothing to level."""
        return not isfinite(self.integrated) or self.integrated <= SILENCE


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """One gain in dB for a whole track; `ceiling` in dBTP where peaks must be limited as well."""

    gain: float
    ceiling: float | None = None
    bound: Literal["", "peaks", "gain"] = ""
    """What keeps the track softer than its target."""


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """Where a track is to come: LUFS, and the dBTP that its peaks keep below."""

    loudness: float
    true_peak: float


def level_for(
    measured: Loudness, goal: Goal, *, lost: float = 0.0, overshoot: float = 0.0
) -> Level | None:
    """Return what brings a track that is *measured* to *goal*, None for silence.

    *lost* (LU) and *overshoot* (dB beyond the goal's peak) are what an encode at the level that
    this gave before has done to it.
    """
    if measured.silent:
        return None
    ceiling = goal.true_peak - ENCODER_MARGIN - max(0.0, overshoot)
    room = ceiling - measured.true_peak
    wanted = goal.loudness - measured.integrated + lost
    gain = min(wanted, MOST_GAIN, room + MOST_LIMITING)
    return Level(
        gain=round(gain, 2),
        ceiling=round(ceiling, 2) if gain > room else None,
        bound="" if gain == wanted else "gain" if gain == MOST_GAIN else "peaks",
    )


class LoudnessReader:
    """Collects what ffmpeg's filters named `ebur128@m<place>` sum up, from its lines.

    The filters are to be in one graph: those of different graphs talk at the same time.
    """

    def __init__(self) -> None:
        self._values: dict[int, dict[str, float]] = {}
        self._open: dict[str, float] | None = None

    def __call__(self, line: str) -> None:
        """Take one line of standard error."""
        if head := _SUMMARY.search(line):
            self._open = self._values.setdefault(int(head[1]), {})
        elif self._open is not None and (found := _VALUE.match(line)):
            # The value that is not a number is that of no sound.
            self._open[found[1]] = _number(found[2])

    def measured(self, place: int) -> Loudness | None:
        """Return what the filter named *place* found, None where it has not said all."""
        values = self._values.get(place, {})
        if not {"I", "LRA", "Peak"} <= values.keys():
            return None
        return Loudness(integrated=values["I"], range=values["LRA"], true_peak=values["Peak"])


_SUMMARY = re.compile(r"^\[ebur128@m([0-9]{1,4}) @ [^\]]*\] Summary:")
_VALUE = re.compile(r"^\s+(I|LRA|Peak):\s+(\S{1,16}) (?:LUFS|LU|dBFS)\s*$")


def _number(text: str) -> float:
    return float(text) if re.fullmatch(r"-?[0-9]{1,5}(\.[0-9]{1,3})?", text) else -inf
