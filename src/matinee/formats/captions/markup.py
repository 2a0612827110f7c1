"""Cue text: from WebVTT, SubRip's HTML and SubStation overrides to clean WebVTT markup.

Clean text (W3C WebVTT §4.2.2) has balanced tags of the specification only, the escapes `&amp;`,
`&lt;`, `&gt;`, no blank line and no control characters, so it can never break out of its cue.
"""

import html
import re

from matinee.formats.captions.cue import MAX_PAYLOAD

_MAX_DEPTH = 16
_TAG = re.compile(r"<(/?)([^<>]{0,400})>")
_NAME = re.compile(r"([a-z]+)((?:\.[^\s.<>&]{1,60}){0,8})(?:\s+(.*))?$", re.IGNORECASE | re.DOTALL)
_TIMESTAMP = re.compile(r"(?:\d{2,4}:)?[0-5]\d:[0-5]\d\.\d{3}$")
_CLASS = re.compile(r"[A-Za-z0-9_-]+")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_OVERRIDE = re.compile(r"\{\s*\\([^{}]{0,200})\}")

_PLAIN = frozenset({"c", "i", "b", "u", "ruby", "rt"})
_ANNOTATED = frozenset({"v", "lang"})
_HTML = {"i": "i", "em": "i", "b": "b", "strong": "b", "u": "u"}
_ALIGNMENT = {
    # SubStation's \an: a numeric keypad. Bottom is WebVTT's default.
    1: "align:start", 2: "", 3: "align:end",
    4: "line:50% align:start", 5: "line:50%", 6: "line:50% align:end",
    7: "line:0 align:start", 8: "line:0", 9: "line:0 align:end",
}  # fmt: skip


class Writer:
    """Writes clean cue text: escapes text, balances tags, bounds length and depth."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._open: list[str] = []
        self._length = 0
        self._visible = False

    def text(self, text: str) -> None:
        """Write *text* as it shall be read."""
        text = _CONTROLS.sub("", text)
        text = text[: max(0, MAX_PAYLOAD - self._length)]
        self._length += len(text)
        self._visible = self._visible or not (text.isspace() or not text)
        self._parts.append(escaped(text))

    def open(self, name: str, decoration: str = "") -> None:
        """Open the tag *name*; *decoration* is its classes and annotation, already clean."""
        if len(self._open) < _MAX_DEPTH and self._length < MAX_PAYLOAD:
            self._length += len(decoration) + 3
            self._open.append(name)
            self._parts.append(f"<{name}{decoration}>")

    def close(self, name: str) -> None:
        """Close the innermost open *name* and all within it; nothing where none is open."""
        if name in self._open:
            while self._open:
                inner = self._open.pop()
                self._parts.append(f"</{inner}>")
                if inner == name:
                    break

    def timestamp(self, text: str) -> None:
        """Write a time at which what follows appears; *text* is a WebVTT timestamp."""
        if self._length < MAX_PAYLOAD:
            self._length += len(text)
            self._parts.append(f"<{text}>")

    def finish(self) -> str:
        """Return the cue text, "" where there is nothing to see."""
        while self._open:
            self._parts.append(f"</{self._open.pop()}>")
        if not self._visible:
            return ""
        lines = (line.strip(" \t") for line in "".join(self._parts).split("\n"))
        return "\n".join(line for line in lines if line)


def escaped(text: str) -> str:
    """Return *text* with `&`, `<` and `>` escaped (WebVTT §4.2.2, cue text span)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(text: str) -> str:
    """Return *text* with complete HTML character references resolved, once."""
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text)


def from_webvtt(text: str) -> str:
    """Return WebVTT cue text clean: unknown tags dropped, open ones closed, stray `<` escaped."""
    writer = Writer()
    position = 0
    for tag in _TAG.finditer(text):
        writer.text(unescaped(text[position : tag.start()]))
        position = tag.end()
        _copy_tag(writer, is_end=bool(tag[1]), inside=tag[2])
    writer.text(unescaped(text[position:]))
    return writer.finish()


def _copy_tag(writer: Writer, *, is_end: bool, inside: str) -> None:
    if not is_end and _TIMESTAMP.match(inside):
        writer.timestamp(inside)
        return
    found = _NAME.match(inside)
    name = found[1].lower() if found else ""
    if found is None or name not in _PLAIN | _ANNOTATED:
        return
    if is_end:
        writer.close(name)
        return
    classes = "".join(f".{one}" for one in found[2].split(".") if _CLASS.fullmatch(one))
    annotation = ""
    if name in _ANNOTATED and found[3]:
        words = " ".join(_CONTROLS.sub("", unescaped(found[3])).split())
        annotation = f" {escaped(words)}" if words else ""
    if name == "lang" and not annotation:
        return
    writer.open(name, classes + annotation)


def from_html(text: str) -> tuple[str, str]:
    r"""Return SubRip text as clean cue text, and the cue settings that its overrides ask for.

    Keeps italic, bold and underline, of HTML's tags and of SubStation's overrides (`{\i1}`,
    `{\an8}`), which SubRip files borrow; drops all other tags and keeps a `<` that is no tag.
    """
    settings = ""
    writer = Writer()
    position = 0
    for found in re.finditer(rf"{_TAG.pattern}|{_OVERRIDE.pattern}", text):
        if found[3] is None and not re.match(r"[A-Za-z]", found[2]):
            continue  # `<3`, `< 5 >`: text
        writer.text(unescaped(text[position : found.start()]))
        position = found.end()
        if found[3] is not None:
            settings = _override(writer, found[3]) or settings
            continue
        name = _HTML.get((re.match(r"[A-Za-z]+", found[2]) or [""])[0].lower())
        if name:
            (writer.close if found[1] else writer.open)(name)
    writer.text(unescaped(text[position:]))
    return writer.finish(), settings


def _override(writer: Writer, codes: str) -> str:
    settings = ""
    for code in codes.split("\\"):
        if style := re.fullmatch(r"\s*([ibu])([01])\s*", code):
            (writer.open if style[2] == "1" else writer.close)(style[1])
        elif alignment := re.fullmatch(r"\s*an([1-9])\s*", code):
            settings = _ALIGNMENT[int(alignment[1])]
    return settings
