"""What editors ask of subtitles so that people can read them: advice, never a refusal.

Numbers are those most broadcasters and services publish (BBC and EBU guidelines, 2 lines of 37 to
42 characters, 160 to 180 words a minute); services differ in them, so they are a value.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Literal, NamedTuple

import msgspec

from matinee.formats.captions.cue import Cue, plain
from matinee.formats.captions.webvtt import timestamp

Kind = Literal["line-length", "lines", "reading-speed", "duration", "gap", "overlap"]


class EditorialStyle(msgspec.Struct, frozen=True, kw_only=True):
    """How long lines may be, how fast they may go. Seconds, characters, frames."""

    lines: int = 2
    line_length: int = 42
    characters_a_second: Fraction = Fraction(20)
    shortest: Fraction = Fraction(5, 6)
    longest: Fraction = Fraction(7)
    gap_frames: int = 2


STYLES = {
    "standard": EditorialStyle(),
    "teletext": EditorialStyle(line_length=37, characters_a_second=Fraction(17)),
    "captions": EditorialStyle(lines=4, line_length=32, longest=Fraction(16), gap_frames=0),
}
"""By name: for everybody; for teletext's lines; for CEA-608, whose rows and roll-up are given."""


class Remark(NamedTuple):
    """One cue that asks too much of its readers."""

    kind: Kind
    at: Fraction
    """Seconds."""
    message: str


def check(
    cues: Sequence[Cue],
    style: EditorialStyle = STYLES["standard"],
    frame: Fraction = Fraction(1, 25),
) -> tuple[Remark, ...]:
    """Return what is to be said of *cues*, by time.

    Args:
        cues: of one track, in any order.
        style: the numbers to keep to.
        frame: seconds of a picture, in which gaps are counted.
    """
    ordered = sorted(cues, key=lambda cue: cue.start)
    found = [remark for cue in ordered for remark in _of_cue(cue, style)]
    found += [remark for pair in pairwise(ordered) for remark in _of_pair(*pair, style, frame)]
    return tuple(sorted(found, key=lambda remark: remark.at))


def _of_cue(cue: Cue, style: EditorialStyle) -> Iterator[Remark]:
    lines = plain(cue.payload).split("\n")
    longest = max(map(len, lines))
    length = cue.end - cue.start
    if longest > style.line_length:
        message = f"a line has {longest} characters, {style.line_length} are the most"
        yield Remark("line-length", cue.start, message)
    if len(lines) > style.lines:
        yield Remark("lines", cue.start, f"it has {len(lines)} lines, {style.lines} are the most")
    characters = sum(map(len, lines))
    if characters > style.characters_a_second * length:
        speed = round(characters / length)
        most = int(style.characters_a_second)
        message = f"{speed} characters are to be read in a second, {most} are the most"
        yield Remark("reading-speed", cue.start, message)
    if not style.shortest <= length <= style.longest:
        message = (
            f"it is shown for {float(length):.2f} s, usual are "
            f"{float(style.shortest):.2f} to {float(style.longest):g} s"
        )
        yield Remark("duration", cue.start, message)


def _of_pair(before: Cue, after: Cue, style: EditorialStyle, frame: Fraction) -> Iterator[Remark]:
    gap = after.start - before.end
    if gap < 0 and before.settings == after.settings:
        yield Remark("overlap", after.start, f"it begins {float(-gap):.3f} s before the last ends")
    # Times are whole milliseconds: a frame may be one shorter.
    elif 0 <= gap < style.gap_frames * frame - Fraction(1, 1000):
        message = f"it begins {float(gap):.3f} s after the last one, too little to be seen"
        yield Remark("gap", after.start, message)


def summary(remarks: Sequence[Remark]) -> dict[Kind, str]:
    """Return one line for each kind of remark: how many there are, and the first of them."""
    found: dict[Kind, str] = {}
    for kind in dict.fromkeys(remark.kind for remark in remarks):
        alike = [remark for remark in remarks if remark.kind == kind]
        first = alike[0]
        more = f", and {len(alike) - 1} more like it" if len(alike) > 1 else ""
        found[kind] = f"at {timestamp(first.at)} {first.message}{more}"
    return found
