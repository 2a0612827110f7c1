"""Cues to IMSC 1.1 Text (W3C ttml-imsc1.1): one TTML document for a stretch of the film.

Times are media times, whose 0 is the start of the film and not that of the document (ISO/IEC
14496-30 §6), and kept within the stretch, so that no player shows a text twice.
"""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from xml.sax.saxutils import quoteattr

from matinee.formats.captions.cue import Cue
from matinee.formats.captions.webvtt import timestamp

NAMESPACE = "http://www.w3.org/ns/ttml"
PROFILE = "http://www.w3.org/ns/ttml/profile/imsc1.1/text"
MIME_TYPE = "application/ttml+xml;codecs=im1t"

_TAG = re.compile(r"<(/?)([a-z]*)((?:\.[^\s<>]*)?)([^<>]*)>")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)%")
_STYLES = {
    "i": 'tts:fontStyle="italic"',
    "b": 'tts:fontWeight="bold"',
    "u": 'tts:textDecoration="underline"',
}
_COLOURS = {"white", "lime", "cyan", "red", "yellow", "magenta", "blue", "black"}
_EDGE = 10
"""Percent of the picture left free at each side."""
_LINES = 15
_HEAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="{NAMESPACE}" xmlns:ttp="{NAMESPACE}#parameter" xmlns:tts="{NAMESPACE}#styling"
 ttp:contentProfiles="{PROFILE}" ttp:timeBase="media" ttp:cellResolution="32 15" xml:lang=%s>
<head>
<styling>
<style xml:id="text" tts:fontFamily="proportionalSansSerif" tts:fontSize="80%%"
 tts:lineHeight="125%%" tts:color="white"/>
<style xml:id="back" tts:backgroundColor="#000000CC"/>
</styling>
<layout>
"""


def render(
    cues: Sequence[Cue], start: Fraction, end: Fraction, language: str | None = None
) -> bytes:
    """Return the document that shows *cues* from *start* to *end* seconds of the film.

    Args:
        cues: with clean text; those outside the stretch are left out.
        start: of the stretch, in seconds.
        end: of the stretch, in seconds.
        language: BCP 47 tag, None where it is not known.
    """
    shown = [cue for cue in cues if cue.start < end and cue.end > start]
    regions: dict[str, str] = {}
    paragraphs = []
    for number, cue in enumerate(shown, 1):
        if cue.settings not in regions:
            regions[cue.settings] = f"r{len(regions) + 1}"
        paragraphs.append(
            f'<p xml:id="c{number}" region="{regions[cue.settings]}" style="text"'
            f' begin="{timestamp(max(start, cue.start))}" end="{timestamp(min(end, cue.end))}">'
            f'<span style="back">{"".join(_inline(cue.payload))}</span></p>\n'
        )
    layout = "".join(_region(name, settings) for settings, name in regions.items())
    body = f"<body><div>\n{''.join(paragraphs)}</div></body>\n" if paragraphs else "<body/>\n"
    # An empty `xml:lang` says that the language is not known (XML 1.0 §2.12).
    text = f"{_HEAD % quoteattr(language or '')}{layout}</layout>\n</head>\n{body}</tt>\n"
    return text.encode()


def _inline(payload: str) -> Iterator[str]:
    """Yield clean cue text as TTML: escapes are the same in both."""
    at = 0
    opened: list[bool] = []
    for tag in _TAG.finditer(payload):
        yield _text(payload[at : tag.start()])
        at = tag.end()
        if tag[1]:
            if opened and opened.pop():
                yield "</span>"
        elif tag[2]:
            style = _style(tag[2], tag[3])
            opened.append(bool(style))
            if style:
                yield f"<span {style}>"
    yield _text(payload[at:])


def _text(text: str) -> str:
    return text.replace("\n", "<br/>")


def _style(name: str, classes: str) -> str:
    if name == "c":
        colour = next((one for one in classes.split(".") if one in _COLOURS), "")
        return f'tts:color="{colour}"' if colour else ""
    return _STYLES.get(name, "")


def _region(name: str, settings: str) -> str:
    """Return the region that stands for WebVTT cue *settings* (§4.4)."""
    given = dict(one.split(":", 1) for one in settings.split())
    top, display = _vertical(given.get("line", ""))
    align = given.get("align", "center")
    left, width = Fraction(_EDGE), Fraction(100 - 2 * _EDGE)
    position = _PERCENT.match(given.get("position", ""))
    if position is not None and align in {"start", "left", "end", "right"}:
        at = min(Fraction(position[1]), Fraction(100))
        if align in {"start", "left"}:
            left, width = at, max(Fraction(1), Fraction(100 - _EDGE) - at)
        else:
            width = max(Fraction(1), at - _EDGE)
    height = Fraction(100 - _EDGE) - top
    return (
        f'<region xml:id="{name}" tts:origin="{_number(left)}% {_number(top)}%"'
        f' tts:extent="{_number(width)}% {_number(height)}%" tts:displayAlign="{display}"'
        f' tts:textAlign="{align}" tts:overflow="visible"/>\n'
    )


def _vertical(line: str) -> tuple[Fraction, str]:
    """Return the top of the region in percent, and where the text stands within it."""
    value = line.split(",", maxsplit=1)[0]
    percent = _PERCENT.fullmatch(value)
    if percent is not None:
        return min(Fraction(percent[1]), Fraction(100 - _EDGE - 1)), "before"
    if value and not value.startswith("-"):
        down = Fraction(int(value) * (100 - 2 * _EDGE), _LINES)
        return min(_EDGE + down, Fraction(100 - _EDGE - 1)), "before"
    return Fraction(_EDGE), "after"


def _number(value: Fraction) -> str:
    return f"{float(value):.2f}".rstrip("0").rstrip(".")
