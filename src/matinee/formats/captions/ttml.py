"""TTML 1 and 2 and IMSC text (W3C TTML2, IMSC 1.2): timing, line breaks and plain styling.

Of the styling WebVTT can say, italic, bold and underline are kept, and where the text stands:
top, middle or bottom of the region (`tts:displayAlign`), and `tts:textAlign`.
"""

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice, pairwise
from typing import NamedTuple

import msgspec
from lxml import etree

from matinee.formats.captions.cue import (
    MAX_CUES,
    MAX_PAYLOAD,
    MAX_SECONDS,
    Cue,
    bad,
    check_size,
    milliseconds,
    ordered,
)
from matinee.formats.captions.markup import Writer

_MAX_DEPTH = 64
_MAX_SLICES = 200  # moments at which one paragraph changes
_MAX_STYLES = 500  # styles that others refer to
_MAX_CHAIN = 64  # styles that refer to one another in a row
_MAX_WORK = 1_000_000  # pieces looked at in all moments of all paragraphs; a real film has a tenth
_MAX_ELEMENTS = 5 * MAX_CUES
_MAX_ATTRIBUTES = 200  # of one element: lxml takes their number squared to read them
_MAX_RUNS = 2000  # pieces of text in one paragraph
_NAMESPACE = re.compile(r"http://www\.w3\.org/(?:ns/ttml|2006/(?:04|10)/ttaf1)(#\w+)?$")
_CLOCK = re.compile(r"(\d{2,6}):(\d{2}):(\d{2})(?:\.(\d{1,9})|[:;](\d{2,5})(?:\.(\d{1,5}))?)?$")
_OFFSET = re.compile(r"(\d{1,9})(?:\.(\d{1,9}))?(h|m|s|ms|f|t)$")
_UNITS = {"h": Fraction(3600), "m": Fraction(60), "s": Fraction(1), "ms": Fraction(1, 1000)}
_STYLES = ("fontStyle", "fontWeight", "textDecoration", "textAlign", "displayAlign")
_ALIGN = {"start": "start", "left": "left", "right": "right", "end": "end", "justify": "start"}
_LINES = {"before": "line:0", "center": "line:50%"}

Style = Mapping[str, str]


class _Clock(msgspec.Struct, frozen=True):
    """How the document counts time (TTML2 §7.2)."""

    frame_rate: Fraction = Fraction(30)
    sub_frames: int = 1
    tick_rate: Fraction = Fraction(1)
    smpte: bool = False
    dropped: bool = False
    nominal: int = 30

    def seconds(self, text: str | None) -> Fraction | None:
        """Return a `<timeExpression>` (TTML2 §12.3.1) in seconds, None where it is none."""
        text = (text or "").strip()[:40]
        if clock := _CLOCK.match(text):
            return self._clock(clock)
        if offset := _OFFSET.match(text):
            count = Fraction(f"{offset[1]}.{offset[2] or 0}")
            if offset[3] == "f":
                return count / self.frame_rate
            return count / self.tick_rate if offset[3] == "t" else count * _UNITS[offset[3]]
        return None

    def _clock(self, found: re.Match[str]) -> Fraction:
        minutes = int(found[1]) * 60 + int(found[2])
        whole = minutes * 60 + int(found[3])
        if found[4]:
            return whole + Fraction(f"0.{found[4]}")
        frames = int(found[5] or 0) + Fraction(int(found[6] or 0), self.sub_frames)
        if not self.smpte:
            return whole + frames / self.frame_rate
        # A SMPTE time code counts frames: minutes but each tenth leave out two numbers at 29.97.
        skipped = 2 * (minutes - minutes // 10) if self.dropped else 0
        return (whole * self.nominal + frames - skipped) / self.frame_rate


class _Run(NamedTuple):
    """A stretch of text of one style, shown in [start, end) within its paragraph."""

    start: Fraction
    end: Fraction
    text: str
    style: Style


class _Span(NamedTuple):
    """What an element inherits: when it is active, its style, and whether spaces are kept."""

    start: Fraction
    end: Fraction
    style: Style
    preserve: bool


def parse(data: bytes) -> tuple[Cue, ...]:
    """Return the cues of a TTML document by start time, rounded to milliseconds.

    Raises:
        MediaError: it is not TTML, not well-formed, or breaks a bound (`bad-subtitles`).
    """
    check_size(len(data))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise bad("The file is not well-formed XML.") from error
    if _name(root) != "tt":
        raise bad("The XML file is not a TTML document.")
    if any(len(element.attrib) > _MAX_ATTRIBUTES for element in root.iter(etree.Element)):
        raise bad(f"An element has more than {_MAX_ATTRIBUTES} attributes.")
    return ordered(_Document(root).cues())


def _name(element: etree._Element) -> str:
    """Return the local name of an element of TTML, "" of any other."""
    tag: object = element.tag
    if not isinstance(tag, str):
        return ""  # an entity left unresolved
    namespace, _, local = tag.rpartition("}")
    return local if _NAMESPACE.match(namespace[1:]) else ""


def _attribute(element: etree._Element, name: str) -> str | None:
    """Return an attribute by its local name, bare or in one of TTML's namespaces."""
    for key, value in element.items():
        namespace, _, local = str(key).rpartition("}")
        if local == name and (not namespace or _NAMESPACE.match(namespace[1:])):
            return str(value)
    return None


def _clock_of(root: etree._Element) -> _Clock:
    def number(name: str, default: int, most: int) -> int:
        text = (_attribute(root, name) or "").strip()
        value = int(text) if re.fullmatch(r"\d{1,10}", text) else default
        return value if 0 < value <= most else default

    nominal = number("frameRate", 30, 1000)
    multiplier = re.fullmatch(
        r"\s*(\d{1,6})[ :](\d{1,6})\s*", _attribute(root, "frameRateMultiplier") or ""
    )
    rate = Fraction(nominal)
    if multiplier and int(multiplier[1]) and int(multiplier[2]):
        rate *= Fraction(int(multiplier[1]), int(multiplier[2]))
    sub_frames = number("subFrameRate", 1, 1000)
    # Without a tick rate a tick is a sub-frame where there is a frame rate (TTML2 §7.2.14).
    ticks = rate * sub_frames if _attribute(root, "frameRate") else Fraction(1)
    told = number("tickRate", 0, 10_000_000_000)
    return _Clock(
        frame_rate=rate,
        sub_frames=sub_frames,
        tick_rate=Fraction(told) if told else ticks,
        smpte=_attribute(root, "timeBase") == "smpte",
        dropped=(_attribute(root, "dropMode") or "").startswith("drop"),
        nominal=nominal,
    )


class _Document:
    """One document: its clock, styles and regions."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._clock = _clock_of(root)
        self._styles: dict[str, etree._Element] = {}
        self._resolved: dict[str, Style] = {}
        self._chained = 0
        self._work = 0
        self._regions: dict[str, etree._Element] = {}
        for number, element in enumerate(root.iter()):
            if number > _MAX_ELEMENTS:
                raise bad(f"There are more than {_MAX_ELEMENTS:,} elements.")
            identifier = element.get("{http://www.w3.org/XML/1998/namespace}id")
            if identifier and _name(element) == "style":
                self._styles[identifier] = element
            elif identifier and _name(element) == "region":
                self._regions[identifier] = element

    def cues(self) -> list[Cue]:
        """Return the cues in document order."""
        everything = _Span(
            start=Fraction(0), end=Fraction(MAX_SECONDS), style={},
            preserve=_space(self._root) == "preserve",
        )  # fmt: skip
        cues: list[Cue] = []
        for child in self._root:
            if _name(child) == "body":
                for cue in self._block(child, self._inside(child, everything, everything.start), 0):
                    cues.append(cue)
                    if len(cues) > MAX_CUES:
                        raise bad(f"There are more than {MAX_CUES:,} cues.")
        return cues

    def _inside(self, element: etree._Element, parent: _Span, reference: Fraction) -> _Span:
        """Return what *element* gives its content; its times count from *reference*."""
        start = reference + (self._clock.seconds(_attribute(element, "begin")) or 0)
        ends = [parent.end]
        end = self._clock.seconds(_attribute(element, "end"))
        length = self._clock.seconds(_attribute(element, "dur"))
        if end is not None:
            ends.append(reference + end)
        if length is not None:
            ends.append(start + length)
        space = _space(element)
        return _Span(
            start=max(start, parent.start),
            end=min(ends),
            style={**parent.style, **self._style(element)},
            preserve=parent.preserve if space is None else space == "preserve",
        )

    def _children(
        self, element: etree._Element, span: _Span
    ) -> Iterator[tuple[etree._Element, _Span]]:
        """Yield the timed children: all from the parent's start, or each after the one before."""
        one_by_one = _attribute(element, "timeContainer") == "seq"
        reference = span.start
        for child in element:
            inner = self._inside(child, span, reference)
            yield child, inner
            if one_by_one and _name(child):
                reference = inner.end

    def _block(self, element: etree._Element, span: _Span, depth: int) -> Iterator[Cue]:
        if depth > _MAX_DEPTH:
            raise bad("The document is nested too deeply.")
        if span.start >= span.end:
            return
        for child, inner in self._children(element, span):
            if _name(child) == "p":
                yield from self._paragraph(child, inner)
            elif _name(child) in {"div", "body"}:
                yield from self._block(child, inner, depth + 1)

    def _paragraph(self, element: etree._Element, span: _Span) -> Iterator[Cue]:
        runs = list(islice(self._runs(element, span, 0), _MAX_RUNS))
        moments = sorted({time for run in runs for time in (run.start, run.end)})
        if len(moments) > _MAX_SLICES:
            raise bad("A paragraph changes too often.")
        self._work += len(moments) * len(runs)
        if self._work > _MAX_WORK:
            raise bad("The text changes more often than anybody could read.")
        settings = self._settings(element, span.style)
        for start, end in pairwise(moments):
            active = [run for run in runs if run.start <= start and end <= run.end]
            payload = _payload(active, preserve=span.preserve)
            if payload:
                yield Cue(
                    start=milliseconds(start),
                    end=milliseconds(end),
                    payload=payload,
                    settings=settings,
                    id="",
                )

    def _runs(self, element: etree._Element, span: _Span, depth: int) -> Iterator[_Run]:
        if depth > _MAX_DEPTH:
            raise bad("The document is nested too deeply.")
        if span.start >= span.end:
            return
        if element.text:
            yield _Run(span.start, span.end, element.text, span.style)
        for child, inner in self._children(element, span):
            if _name(child) == "br":
                yield _Run(span.start, span.end, "\v", span.style)
            elif _name(child) == "span":
                yield from self._runs(child, inner, depth + 1)
            if child.tail:
                yield _Run(span.start, span.end, child.tail, span.style)

    def _referred(self, identifier: str) -> Style:
        """Return the style named *identifier*, resolved once; references may form a ring."""
        if identifier not in self._resolved:
            self._resolved[identifier] = {}
            element = self._styles.get(identifier)
            full = len(self._resolved) >= _MAX_STYLES or self._chained >= _MAX_CHAIN
            if element is not None and not full:
                self._chained += 1
                self._resolved[identifier] = self._style(element)
                self._chained -= 1
        return self._resolved[identifier]

    def _style(self, element: etree._Element) -> dict[str, str]:
        """Return an element's own styles: those it refers to, then nested ones, then its own."""
        found: dict[str, str] = {}
        for identifier in (_attribute(element, "style") or "").split()[:16]:
            found |= self._referred(identifier)
        if _name(element) == "region":
            for child in element:
                if _name(child) == "style":
                    found |= self._style(child)
        own = ((name, _attribute(element, name)) for name in _STYLES)
        return found | {name: value for name, value in own if value is not None}

    def _settings(self, paragraph: etree._Element, style: Style) -> str:
        region = next(
            (
                identifier
                for element in (paragraph, *paragraph.iterancestors())
                if (identifier := _attribute(element, "region"))
            ),
            None,
        )
        placed: dict[str, str] = {}
        if region in self._regions:
            placed = self._style(self._regions[region])
            # Initial value `before`: a region without displayAlign fills from its top, which says
            # nothing of where the region stands; WebVTT's bottom is the safe place then.
        line = _LINES.get(placed.get("displayAlign", ""), "")
        align = _ALIGN.get({**placed, **style}.get("textAlign", ""), "")
        return " ".join(filter(None, (line, f"align:{align}" if align else "")))


def _space(element: etree._Element) -> str | None:
    return element.get("{http://www.w3.org/XML/1998/namespace}space")


def _payload(runs: list[_Run], *, preserve: bool) -> str:
    """Return the cue text of *runs*; a `br` is written as a vertical tab in them."""
    writer = Writer()
    spaced = True  # at the start of a line no space is wanted
    length = 0
    for run in runs:
        text = run.text[: MAX_PAYLOAD - length]
        length += len(text)
        if not preserve:
            text = re.sub(r"[ \t\r\n]+", " ", text)
            text = re.sub(r" ?\v ?", "\v", text)
            text = text[1:] if spaced and text.startswith(" ") else text
        spaced = text.endswith((" ", "\v")) if text else spaced
        tags = [
            tag
            for tag, name, values in (
                ("i", "fontStyle", {"italic", "oblique"}),
                ("b", "fontWeight", {"bold"}),
                ("u", "textDecoration", {"underline"}),
            )
            if values & set(run.style.get(name, "").split())
        ]
        # A tag around nothing but space would only make noise.
        tags = tags if text.strip() else []
        for tag in tags:
            writer.open(tag)
        writer.text(text.replace("\v", "\n"))
        for tag in reversed(tags):
            writer.close(tag)
    return writer.finish()
