"""CEA-608 captions (ANSI/CTA-608-E): byte pairs of one field to cues of its two channels.

Pop-on, paint-on and roll-up captions; text mode and extended data services are passed over.
"""

from fractions import Fraction

from matinee.formats.captions.cue import Cue
from matinee.formats.captions.screen import (
    PLAIN,
    Block,
    Row,
    Style,
    Timeline,
    centred,
    extent,
    payload_of,
    settings,
)

ROWS, COLUMNS = 15, 32
_SAME = {
    0x2A: "á", 0x5C: "é", 0x5E: "í", 0x5F: "ó", 0x60: "ú", 0x7B: "ç", 0x7C: "÷", 0x7D: "Ñ",
    0x7E: "ñ", 0x7F: "█",
}  # fmt: skip
SPECIAL = "®°½¿™¢£♪à\u00a0èâêîôû"
"""0x30 on, behind 0x11."""
EXTENDED = (
    "ÁÉÓÚÜü\u2018¡*\u2019—©℠•“”ÀÂÇÈÊËëÎÏïÔÙùÛ«»",
    "ÃãÍÌìÒòÕõ{}\\^_|~ÄäÖöß¥¤│ÅåØø┌┐└┘",
)
"""0x20 on, behind 0x12 and 0x13; each takes the place of the character before it."""
_COLOURS = ("", "lime", "blue", "cyan", "red", "yellow", "magenta")
"""WebVTT calls 608's green lime."""
_PAC_ROWS = {0: (11, 11), 1: (1, 2), 2: (3, 4), 3: (12, 13), 4: (14, 15), 5: (5, 6), 6: (7, 8),
             7: (9, 10)}  # fmt: skip


def character(code: int) -> str:
    """Return the character of a standard *code*, 0x20 to 0x7f (Table 50)."""
    return _SAME.get(code, chr(code))


class Field:
    """One field of the picture's lines: channels 1 and 2 of it (CC1 and CC2, or CC3 and CC4)."""

    def __init__(self) -> None:
        self.channels = (Channel(), Channel())
        self._current = 0
        self._last: tuple[int, int] | None = None
        self._extended_data = False

    def take(self, at: Fraction, first: int, second: int) -> None:
        """Take the byte pair shown *at* so many seconds, with parity bits as transmitted.

        Raises:
            MediaError: there are more captions than any film has.
        """
        if not _odd(first):
            self._last = None
            return
        a, b = first & 0x7F, second & 0x7F if _odd(second) else 0
        if a == 0 and b == 0:
            return
        if 0x01 <= a <= 0x0F:  # an extended data packet begins, goes on, or ends
            self._extended_data = a != 0x0F
            return
        if 0x10 <= a <= 0x1F:
            self._extended_data = False
            # Control codes come twice, lest one be lost (§D.2).
            if self._last == (a, b):
                self._last = None
                return
            self._last = a, b
            self._current = a >> 3 & 1
            self.channels[self._current].control(at, a & 0x17, b)
            return
        self._last = None
        if not self._extended_data:
            self.channels[self._current].write(at, [code for code in (a, b) if code >= 0x20])


def _odd(byte: int) -> bool:
    return byte.bit_count() & 1 == 1


class Channel:
    """One caption channel: two memories of 15 rows, one of which is seen."""

    def __init__(self) -> None:
        self.timeline = Timeline()
        self._displayed: list[Row] = _blank()
        self._hidden: list[Row] = _blank()
        self._mode = ""
        self._depth = 0
        self._row, self._column = ROWS - 1, 0
        self._style = PLAIN

    def finish(self, at: Fraction) -> tuple[Cue, ...]:
        """Return the cues of the channel; the film ends *at*."""
        return self.timeline.finish(at)

    # What is written

    @property
    def _memory(self) -> list[Row]:
        return self._hidden if self._mode == "pop-on" else self._displayed

    def write(self, at: Fraction, codes: list[int]) -> None:
        """Write standard characters."""
        if self._mode in {"", "text"}:
            return
        for code in codes:
            self._put(character(code))
        self._written(at)

    def _put(self, char: str) -> None:
        self._memory[self._row][self._column] = char, self._style
        self._column = min(self._column + 1, COLUMNS - 1)

    def _back(self) -> None:
        self._column = max(0, self._column - 1)
        self._memory[self._row].pop(self._column, None)

    def _written(self, at: Fraction) -> None:
        if self._mode != "pop-on":
            self.timeline.show(at, self._blocks(), writing=True)

    def _seen(self, at: Fraction) -> None:
        self.timeline.show(at, self._blocks())

    def _blocks(self) -> tuple[Block, ...]:
        """Return the runs of rows that have text.

        Lines in the middle are centred, but while they are written, when they only are long.
        """
        rows = self._displayed
        found: list[Block] = []
        start: int | None = None
        for number in range(ROWS + 1):
            filled = number < ROWS and any(char != " " for char, _ in rows[number].values())
            if filled and start is None:
                start = number
            elif not filled and start is not None:
                whole = self._mode == "pop-on"
                found.append(_block(rows[start:number], start, may_be_centred=whole))
                start = None
        return tuple(block for block in found if block.payload)

    # What it is told

    def control(self, at: Fraction, a: int, b: int) -> None:
        """Obey the control code *a*, *b*, without parity and channel bit."""
        if b >= 0x40:
            self._address(a & 7, b)
        elif a in {0x14, 0x15} and 0x20 <= b <= 0x2F:
            self._command(at, b)
        elif self._mode in {"", "text"}:
            return
        elif a == 0x11 and 0x20 <= b <= 0x2F:
            self._midrow(at, b)
        elif a == 0x11 and 0x30 <= b <= 0x3F:
            self._put(SPECIAL[b - 0x30])
            self._written(at)
        elif a in {0x12, 0x13} and 0x20 <= b <= 0x3F:
            self._back()
            self._put(EXTENDED[a - 0x12][b - 0x20])
            self._written(at)
        elif a == 0x17 and 0x21 <= b <= 0x23:
            self._column = min(self._column + b - 0x20, COLUMNS - 1)

    def _address(self, a: int, b: int) -> None:
        """Preamble address code: a row, and an indent or a style."""
        row = _PAC_ROWS[a][b >> 5 & 1] - 1
        if self._mode == "roll-up":
            self._move_window(row)
        self._row = row
        attribute = b >> 1 & 15
        self._column = (attribute - 8) * 4 if attribute >= 8 else 0
        self._style = _style(min(attribute, 8), underline=bool(b & 1))

    def _move_window(self, row: int) -> None:
        """Take the rows of a roll-up window with its base row."""
        if row == self._row:
            return
        kept = self._displayed[max(0, self._row - self._depth + 1) : self._row + 1]
        self._displayed = _blank()
        for back, one in enumerate(reversed(kept)):
            if row - back >= 0:
                self._displayed[row - back] = one

    def _midrow(self, at: Fraction, b: int) -> None:
        attribute = b >> 1 & 7
        colour = self._style.colour if attribute == 7 else _COLOURS[attribute]
        self._style = Style(attribute == 7, bool(b & 1), colour)
        self._memory[self._row][self._column] = " ", PLAIN
        self._column = min(self._column + 1, COLUMNS - 1)
        self._written(at)

    def _command(self, at: Fraction, b: int) -> None:  # noqa: C901 - one branch a code
        if b == 0x20:  # resume caption loading
            self._mode = "pop-on"
        elif b == 0x29:  # resume direct captioning
            self._mode = "paint-on"
        elif b in {0x25, 0x26, 0x27}:
            self._roll_up(at, b - 0x23)
        elif b in {0x2A, 0x2B}:
            self._mode = "text"
        elif b == 0x2C:  # erase displayed memory
            self._displayed = _blank()
            self._seen(at)
        elif b == 0x2E:
            self._hidden = _blank()
        elif b == 0x2F:  # end of caption: the two memories change places
            self._mode = "pop-on"
            self._displayed, self._hidden = self._hidden, self._displayed
            self._seen(at)
        elif self._mode in {"", "text"}:
            return
        elif b == 0x21:
            self._back()
            self._written(at)
        elif b == 0x24:  # delete to end of row
            row = self._memory[self._row]
            for column in [one for one in row if one >= self._column]:
                del row[column]
            self._written(at)
        elif b == 0x2D and self._mode == "roll-up":
            self._carriage_return(at)

    def _roll_up(self, at: Fraction, depth: int) -> None:
        if self._mode != "roll-up":
            self._displayed, self._hidden = _blank(), _blank()
            self._row, self._column = ROWS - 1, 0
            self._style = PLAIN
            self._seen(at)
        self._mode, self._depth = "roll-up", depth

    def _carriage_return(self, at: Fraction) -> None:
        top = max(0, self._row - self._depth + 1)
        for row in range(ROWS):
            if row < top or row > self._row:
                self._displayed[row] = {}
            elif row < self._row:
                self._displayed[row] = self._displayed[row + 1]
        self._displayed[self._row] = {}
        self._column = 0
        self._style = PLAIN
        self._seen(at)


def _blank() -> list[Row]:
    return [{} for _ in range(ROWS)]


def _style(attribute: int, *, underline: bool) -> Style:
    if attribute == 7:
        return Style(italic=True, underline=underline)
    return Style(underline=underline, colour=_COLOURS[attribute] if attribute < 7 else "")


def _block(rows: list[Row], top: int, *, may_be_centred: bool) -> Block:
    left = None
    if not (may_be_centred and centred(rows, COLUMNS)):
        left = Fraction(100 * extent(rows)[0], COLUMNS)
    return Block(payload_of(rows), settings(Fraction(100 * top, ROWS), left))
