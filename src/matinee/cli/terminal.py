"""A console that shows foreign text and never obeys it.

Names, messages and program output may hold what terminals take for commands (ECMA-48): they move
the cursor, recolour, rename the window or fill the clipboard. rich lets them through.
"""

import re
from collections.abc import Iterable

import msgspec
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

# C0 but tab and line feed, DEL, C1 (a terminal takes U+009B for CSI), and what turns the direction
# of writing (Trojan Source, CVE-2021-42574).
_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_REPLACEMENT = "\ufffd"


def plain(text: str) -> str:
    """Return *text* with each character that a terminal would obey replaced by U+FFFD."""
    return _COMMANDS.sub(_REPLACEMENT, text)


def line(text: str) -> str:
    """Return *text* plain and on one line, so that it cannot pass for several."""
    return plain(re.sub(r"[\n\t\u2028\u2029]+", " ", text.strip()))


def json_text(value: object) -> str:
    """Return *value* as indented JSON in which C1 and direction controls are escaped, too."""
    encoded = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    # They can stand within strings only, where the escape means the same; JSON has escaped C0.
    return _COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", encoded)


class PlainConsole(Console):
    """rich's console without markup in strings, and with `plain` applied to all that is shown."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Render as rich does; only rich's own control segments stay as they are."""
        for segment in super().render(renderable, options):
            if segment.control or _COMMANDS.search(segment.text) is None:
                yield segment
            else:
                yield Segment(plain(segment.text), segment.style)
