"""Scenarist Closed Captions (.scc): CEA-608 byte pairs with SMPTE time codes, as text.

No standard describes the format. Each line has the time code of its first pair, and a pair for each
frame from there on, at 30000/1001 frames a second; a semicolon before the frames says that the
time code drops two numbers in each minute but every tenth (SMPTE ST 12-1 §5.2.2).
"""

import re
from collections.abc import Iterator
from fractions import Fraction

from matinee.formats.captions.cea608 import Field
from matinee.formats.captions.cue import MAX_CUES, Cue, bad, check_size

SIGNATURE = "Scenarist_SCC V1.0"
FRAME = Fraction(1001, 30_000)
"""Seconds."""
_LINE = re.compile(r"\s*(\d{1,3}):([0-5]?\d):([0-5]?\d)([:;.,])([0-2]?\d)\s+(\S.*)$")
_WORD = re.compile(r"[0-9a-fA-F]{4}$")
_MAX_LINES = 10 * MAX_CUES
_MAX_WORDS = 4_000_000
_LAST = Fraction(4)
"""Seconds for which a caption is shown that nothing takes away."""


def parse(text: str) -> tuple[Cue, ...]:
    """Return the cues of a file by start time, those of the first channel that has any.

    Times are those of the time codes; that a programme begins at one hour is for others to know.

    Raises:
        MediaError: it is no such file, or a bound is broken (`bad-subtitles`).
    """
    check_size(len(text))
    lines = text.removeprefix("\ufeff").splitlines()
    if not lines or not lines[0].strip().startswith(SIGNATURE):
        raise bad(f"The text does not begin with {SIGNATURE}.")
    if len(lines) > _MAX_LINES:
        raise bad("There are more lines than any film's captions have.")
    field, frame = Field(), 0
    words = 0
    for start, pairs in _timed(lines[1:]):
        words += len(pairs)
        if words > _MAX_WORDS:
            raise bad("There are more caption codes than any film has.")
        # Pairs that are still going out when the next line is due delay it.
        frame = max(frame, start)
        for pair in pairs:
            field.take(frame * FRAME, pair >> 8, pair & 0xFF)
            frame += 1
    for channel in field.channels:
        cues = channel.finish(frame * FRAME + _LAST)
        if cues:
            return cues
    return ()


def _timed(lines: list[str]) -> Iterator[tuple[int, list[int]]]:
    """Yield the first frame and the pairs of each line; what is no such line is passed over."""
    for line in lines:
        found = _LINE.match(line[:100_000])
        if found is None:
            continue
        words = found[6].split()
        if all(_WORD.match(word) for word in words):
            yield frames_of(found), [int(word, 16) for word in words]


def frames_of(found: re.Match[str]) -> int:
    """Return the number of the frame that a time code names, counted from 0."""
    hours, minutes, seconds, frames = (int(found[place]) for place in (1, 2, 3, 5))
    whole = hours * 60 + minutes
    dropped = 2 * (whole - whole // 10) if found[4] in ";.," else 0
    return max(0, (whole * 60 + seconds) * 30 + min(frames, 29) - dropped)
