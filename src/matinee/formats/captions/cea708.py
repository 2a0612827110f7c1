"""CEA-708 captions (ANSI/CTA-708-E): caption channel packets to cues of services 1 to 6.

Windows, their places and justification, pens and both character sets are understood; borders,
fills, edges and fonts have no WebVTT.
"""

from dataclasses import dataclass, field
from fractions import Fraction

from matinee.formats.captions.cue import Cue
from matinee.formats.captions.screen import (
    PLAIN,
    Block,
    Row,
    Style,
    Timeline,
    extent,
    payload_of,
    settings,
)

SERVICES = 6
"""Services 1 to 6 are the standard ones; receivers need know no more (§6.2)."""
ROWS, COLUMNS = 15, 42
_MAX_PACKET = 128
_LINE = Fraction(100, ROWS)

G2 = {
    0x20: " ", 0x21: "\u00a0", 0x25: "…", 0x2A: "Š", 0x2C: "Œ", 0x30: "█",
    0x31: "\u2018", 0x32: "\u2019",
    0x33: "“", 0x34: "”", 0x35: "•", 0x39: "™", 0x3A: "š", 0x3C: "œ", 0x3D: "℠", 0x3F: "Ÿ",
    0x76: "⅛", 0x77: "⅜", 0x78: "⅝", 0x79: "⅞", 0x7A: "│", 0x7B: "┐", 0x7C: "└", 0x7D: "─",
    0x7E: "┘", 0x7F: "┌",
}  # fmt: skip
_COLOURS = {
    (0, 1, 0): "lime", (0, 0, 1): "blue", (0, 1, 1): "cyan", (1, 0, 0): "red", (1, 1, 0): "yellow",
    (1, 0, 1): "magenta",
}  # fmt: skip
_PARAMETERS = {
    **dict.fromkeys(range(0x88, 0x8E), 1), 0x90: 2, 0x91: 3, 0x92: 2, 0x97: 4,
    **dict.fromkeys(range(0x98, 0xA0), 6),
}  # fmt: skip
"""Bytes after each code of C1 that has any (§8.10.5)."""


class Packets:
    """Puts caption channel packets together (§5) and hands their service blocks on."""

    def __init__(self) -> None:
        self.services = {number: Service() for number in range(1, SERVICES + 1)}
        self._packet = bytearray()
        self._wanted = 0

    def take(self, at: Fraction, first: int, second: int, *, start: bool) -> None:
        """Take two bytes shown *at* so many seconds; *start* says that a packet begins.

        Raises:
            MediaError: there are more captions than any film has.
        """
        if start:
            code = first & 0x3F
            self._packet.clear()
            self._wanted = 2 * code if code else _MAX_PACKET
        if not self._wanted:
            return
        self._packet += bytes((first, second))
        if len(self._packet) >= self._wanted:
            self._blocks(at, bytes(self._packet[1 : self._wanted]))
            self._wanted = 0

    def _blocks(self, at: Fraction, data: bytes) -> None:
        place = 0
        while place < len(data):
            number, size = data[place] >> 5, data[place] & 0x1F
            place += 1
            if number == 7 and size:
                number, place = data[place] & 0x3F if place < len(data) else 0, place + 1
            if number == 0:  # null block: nothing more in this packet
                return
            block = data[place : place + size]
            place += size
            if number in self.services and len(block) == size:
                self.services[number].take(at, block)


@dataclass
class Window:
    """One of a service's eight windows."""

    visible: bool = False
    relative: bool = False
    anchor: int = 0
    vertical: int = 0
    horizontal: int = 0
    rows: int = 1
    columns: int = 1
    justify: int = 0
    row: int = 0
    column: int = 0
    style: Style = PLAIN
    text: list[Row] = field(default_factory=lambda: [{} for _ in range(ROWS)])

    def clear(self) -> None:
        """Take all text out."""
        self.text = [{} for _ in range(ROWS)]

    def put(self, char: str) -> None:
        """Write *char* at the pen."""
        self.text[self.row][self.column] = char, self.style
        self.column = min(self.column + 1, COLUMNS - 1)

    def new_line(self) -> bool:
        """Move the pen to the next line; say whether the text was rolled up for it."""
        self.column = 0
        if self.row + 1 < self.rows:
            self.row += 1
            return False
        self.text = [*self.text[1 : self.rows], *({} for _ in range(ROWS - self.rows + 1))]
        return True

    def block(self) -> Block:
        """Return the text and where it stands."""
        filled = [number for number, row in enumerate(self.text) if row]
        if not filled:
            return Block("", "")
        rows = self.text[filled[0] : filled[-1] + 1]
        height, width = (100, 100) if self.relative else (75, 210)
        down = Fraction(100 * self.vertical, height)
        across = Fraction(100 * self.horizontal, width)
        # Anchors 0 to 8 are the corners, edges and middle of the window, row by row.
        row_shift = Fraction(self.rows * min(2, self.anchor // 3), 2)
        column_shift = Fraction(self.columns * (self.anchor % 3), 2)
        top = down - row_shift * _LINE + filled[0] * _LINE
        left = across - column_shift * Fraction(100, COLUMNS)
        left += extent(rows)[0] * Fraction(100, COLUMNS)
        middle = self.justify == 2
        return Block(payload_of(rows), settings(max(Fraction(0), top), None if middle else left))


class Service:
    """One caption service: windows, the one that is written to, and a timeline."""

    def __init__(self) -> None:
        self.timeline = Timeline()
        self._windows: dict[int, Window] = {}
        self._current = 0

    def finish(self, at: Fraction) -> tuple[Cue, ...]:
        """Return the cues of the service; the film ends *at*."""
        return self.timeline.finish(at)

    def take(self, at: Fraction, data: bytes) -> None:
        """Obey the codes of a service block (§7)."""
        place = 0
        while place < len(data):
            place += self._code(at, data[place : place + 8])

    def _show(self, at: Fraction, *, writing: bool = False) -> None:
        blocks = (self._windows[n].block() for n in sorted(self._windows) if self._shown(n))
        self.timeline.show(at, tuple(one for one in blocks if one.payload), writing=writing)

    def _shown(self, number: int) -> bool:
        return self._windows[number].visible

    @property
    def _window(self) -> Window | None:
        return self._windows.get(self._current)

    def _write(self, at: Fraction, char: str) -> None:
        window = self._window
        if window is not None:
            window.put(char)
            if window.visible:
                self._show(at, writing=True)

    def _code(self, at: Fraction, data: bytes) -> int:
        """Obey the code that *data* begins with; return its bytes with all that belongs to it."""
        code = data[0]
        if code < 0x20:
            return self._control(at, data)
        if code < 0x80:
            self._write(at, "♪" if code == 0x7F else chr(code))
            return 1
        if code >= 0xA0:
            self._write(at, chr(code))
            return 1
        length = 1 + _PARAMETERS.get(code, 0)
        if len(data) >= length:
            self._command(at, code, data[1:length])
        return length

    def _control(self, at: Fraction, data: bytes) -> int:
        code, window = data[0], self._window
        if code == 0x10:
            return self._extended(at, data)
        if window is not None:
            if code == 0x08:
                window.column = max(0, window.column - 1)
                window.text[window.row].pop(window.column, None)
            elif code == 0x0C:
                window.clear()
                window.row = window.column = 0
                self._show(at)
            elif code == 0x0D:
                if window.new_line() and window.visible:
                    self._show(at)
            elif code == 0x0E:
                window.text[window.row], window.column = {}, 0
        return 1 if code < 0x10 else 2 if code < 0x18 else 3

    def _extended(self, at: Fraction, data: bytes) -> int:
        """Codes behind EXT1 (§7.1.1): C2, G2, C3, G3."""
        code = data[1] if len(data) > 1 else 0
        if code < 0x20:
            return 2 + (code >> 3)
        if code < 0x80:
            self._write(at, G2.get(code, "_"))
        elif code < 0x90:
            return 2 + (4 if code < 0x88 else 5)
        elif code < 0xA0:
            return 3 + (data[2] & 0x3F if len(data) > 2 else 0)
        elif code == 0xA0:
            self._write(at, "㏄")
        return 2

    def _command(self, at: Fraction, code: int, given: bytes) -> None:
        window = self._window
        if code < 0x88:
            self._current = code & 7
        elif code <= 0x8C:
            for number in range(8):
                if given[0] >> number & 1 and number in self._windows:
                    self._act(code, number)
            self._show(at)
        elif code == 0x8F:
            self._windows = {}
            self._show(at)
        elif code >= 0x98:
            self._define(at, code & 7, given)
        elif window is not None:
            _style_window(window, code, given)

    def _act(self, code: int, number: int) -> None:
        """Clear, display, hide, toggle or delete a window."""
        window = self._windows[number]
        if code == 0x88:
            window.clear()
        elif code == 0x89:
            window.visible = True
        elif code == 0x8A:
            window.visible = False
        elif code == 0x8B:
            window.visible = not window.visible
        else:
            del self._windows[number]

    def _define(self, at: Fraction, number: int, given: bytes) -> None:
        new = number not in self._windows
        window = self._windows.setdefault(number, Window())
        window.visible = bool(given[0] >> 5 & 1)
        window.relative = bool(given[1] >> 7)
        window.vertical, window.horizontal = given[1] & 0x7F, given[2]
        window.anchor = given[3] >> 4
        window.rows = min((given[3] & 15) + 1, ROWS)
        window.columns = min((given[4] & 63) + 1, COLUMNS)
        window.row = min(window.row, window.rows - 1)
        if new:
            # Window style 1 to 7 (§8.10.5.2, Table 17): 3 and 6 are the centred ones.
            window.justify = 2 if given[5] >> 3 & 7 in {3, 6} else 0
        self._current = number
        self._show(at)


def _style_window(window: Window, code: int, given: bytes) -> None:
    """Obey the commands on pen and window that change what is written from now on."""
    if code == 0x90:
        window.style = Style(bool(given[1] >> 7), bool(given[1] >> 6 & 1), window.style.colour)
    elif code == 0x91:
        rgb = tuple(int(given[0] >> shift & 3 >= 2) for shift in (4, 2, 0))
        window.style = window.style._replace(colour=_COLOURS.get((rgb[0], rgb[1], rgb[2]), ""))
    elif code == 0x92:
        window.row = min(given[0] & 15, max(window.rows, 1) - 1)
        window.column = min(given[1] & 63, COLUMNS - 1)
    elif code == 0x97:
        window.justify = given[2] & 3
