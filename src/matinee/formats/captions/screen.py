"""What a caption decoder has on its screen, and the cues that come of it as it changes.

CEA-608 and CEA-708 draw characters on a grid; WebVTT shows texts for a time. A text that is written
while it is seen (roll-up, paint-on) becomes one cue from its first character on, as long as the
writing goes on: nobody wants a cue for each letter.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from matinee.formats.captions.cue import MAX_CUES, Cue, bad, milliseconds, ordered
from matinee.formats.captions.markup import Writer

WRITING_PAUSE = Fraction(1)
"""Seconds without a new character after which the next one begins another cue."""

_SAFE_START, _SAFE_SIZE = 10, 80
"""Percent of the picture: both standards count within the safe title area."""
_BOTTOM = Fraction(70)
"""Percent: a text that begins lower stands where WebVTT puts it by itself, free to grow upwards."""
_NEAR_CENTRE = 2


class Style(NamedTuple):
    """How a character looks; *colour* is a class of WebVTT §5.1, "" for the usual white."""

    italic: bool = False
    underline: bool = False
    colour: str = ""


PLAIN = Style()

Row = dict[int, tuple[str, Style]]
"""Characters by column."""


class Block(NamedTuple):
    """Lines that stand together: clean cue text, and cue settings."""

    payload: str
    settings: str


def payload_of(rows: Sequence[Row]) -> str:
    """Return *rows* as clean cue text; columns between words are spaces, those around are not."""
    writer = Writer()
    for number, row in enumerate(rows):
        if number:
            writer.text("\n")
        if not row:
            continue
        style = PLAIN
        columns = [column for column, (char, _) in row.items() if char != " "]
        if not columns:
            continue
        for column in range(min(columns), max(columns) + 1):
            char, wanted = row.get(column, (" ", style))
            if wanted != style:
                _close(writer, style)
                _open(writer, wanted)
                style = wanted
            writer.text(char)
        _close(writer, style)
    return writer.finish()


def _open(writer: Writer, style: Style) -> None:
    if style.colour:
        writer.open("c", f".{style.colour}")
    if style.italic:
        writer.open("i")
    if style.underline:
        writer.open("u")


def _close(writer: Writer, style: Style) -> None:
    if style.underline:
        writer.close("u")
    if style.italic:
        writer.close("i")
    if style.colour:
        writer.close("c")


def extent(rows: Sequence[Row]) -> tuple[int, int]:
    """Return the first column with a mark in *rows*, and the column after the last one."""
    columns = [column for row in rows for column, (char, _) in row.items() if char != " "]
    return (min(columns), max(columns) + 1) if columns else (0, 0)


def centred(rows: Sequence[Row], width: int) -> bool:
    """Whether each of *rows* stands in the middle of *width* columns."""
    spans = [extent([row]) for row in rows if row]
    return all(abs(begin + end - width) <= 2 * _NEAR_CENTRE for begin, end in spans)


def settings(top: Fraction, left: Fraction | None) -> str:
    """Return cue settings for a text whose first line is at *top* and that begins at *left*.

    Both in percent of the safe area; *left* None is a centred text.
    """
    line = _SAFE_START + top * _SAFE_SIZE / 100
    found = [f"line:{_percent(line)}"] if line < _BOTTOM else []
    if left is not None:
        position = _SAFE_START + left * _SAFE_SIZE / 100
        found += [f"position:{_percent(position)}", "align:left"]
    return " ".join(found)


def _percent(value: Fraction) -> str:
    text = f"{float(min(max(value, Fraction(0)), Fraction(100))):.2f}".rstrip("0").rstrip(".")
    return f"{text}%"


class Timeline:
    """Turns what is on a screen, as it changes, into cues."""

    def __init__(self) -> None:
        self._cues: list[Cue] = []
        self._shown: tuple[Block, ...] = ()
        self._since = Fraction(0)
        self._changed = Fraction(0)

    @property
    def showing(self) -> bool:
        """Whether there is text on the screen."""
        return bool(self._shown)

    def show(self, at: Fraction, blocks: tuple[Block, ...], *, writing: bool = False) -> None:
        """From *at* seconds on *blocks* are on the screen.

        *writing* says that a character was added to what was there.

        Raises:
            MediaError: there are more cues than any film has (`bad-subtitles`).
        """
        if blocks == self._shown:
            if writing:
                self._changed = at
            return
        if not (writing and self._shown and at - self._changed <= WRITING_PAUSE):
            self._close(at)
            self._since = at
        self._shown = blocks
        self._changed = at

    def _close(self, at: Fraction) -> None:
        if at <= self._since:
            return
        for block in self._shown:
            if len(self._cues) >= MAX_CUES:
                raise bad(f"There are more than {MAX_CUES:,} captions.")
            self._cues.append(
                Cue(
                    start=milliseconds(self._since),
                    end=milliseconds(at),
                    payload=block.payload,
                    settings=block.settings,
                )
            )

    def finish(self, at: Fraction) -> tuple[Cue, ...]:
        """Return the cues; what is on the screen goes *at* the end."""
        self.show(at, ())
        return ordered(self._cues)
