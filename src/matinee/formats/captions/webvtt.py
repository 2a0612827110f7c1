"""WebVTT (W3C, https://www.w3.org/TR/webvtt1/): text to cues, cues to text, whole or in segments.

Parsing follows §6.1 as browsers do, and cleans what it keeps. STYLE, REGION and NOTE blocks are
left out: one film's styles shall not reach into a page.
"""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from matinee.errors import InvariantError
from matinee.formats.captions.cue import (
    MAX_CUES,
    MAX_PAYLOAD,
    Cue,
    bad,
    check_size,
    milliseconds,
    ordered,
)
from matinee.formats.captions.markup import from_webvtt

TIMESTAMP_MAP = "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000"
"""Header line of every HLS segment (RFC 8216bis §3.5.3): cue times are the film's own."""

_MAX_SEGMENTED = 64 * 1024 * 1024  # characters of all segments together
_MAX_BLOCKS = 2 * MAX_CUES  # cues and notes
_TIME = r"(?:(\d{2,6}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIMING = re.compile(rf"[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}(?:[ \t]+(.*))?[ \t]*$")
_PERCENT = r"(?:100(?:\.0{1,6})?|\d{1,2}(?:\.\d{1,6})?)%"
_SETTINGS = {
    "vertical": re.compile(r"rl|lr"),
    "line": re.compile(rf"(?:-?\d{{1,4}}|{_PERCENT})(?:,(?:start|center|end))?"),
    "position": re.compile(rf"{_PERCENT}(?:,(?:line-left|center|line-right))?"),
    "size": re.compile(_PERCENT),
    "align": re.compile(r"start|center|end|left|right"),
}


def parse(text: str) -> tuple[Cue, ...]:
    """Return the cues of a WebVTT file by start time, their text clean.

    Blocks that are no valid cue are skipped, as §6.1 says.

    Raises:
        MediaError: *text* does not begin as WebVTT does, or breaks a bound (`bad-subtitles`).
    """
    check_size(len(text))
    text = text.replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.removeprefix("\ufeff").split("\n")
    if re.match(r"WEBVTT(?:[ \t]|$)", lines[0]) is None:
        raise bad("The text does not begin with WEBVTT.")
    cues: list[Cue] = []
    for number, block in enumerate(_blocks(lines)):
        if number > _MAX_BLOCKS:
            raise bad("There are more blocks than any film's subtitles have.")
        cue = _cue(block)
        if cue is None:
            continue
        cues.append(cue)
        if len(cues) > MAX_CUES:
            raise bad(f"There are more than {MAX_CUES:,} cues.")
    return ordered(cues)


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    """Yield the runs of lines between blank lines; a second timing line begins a new run (§6.1)."""
    block: list[str] = []
    timed = False
    for line in lines[1:]:
        if not line:
            if block:
                yield block
            block, timed = [], False
        elif "-->" in line:
            if timed or len(block) > 1:
                yield block
                block = []
            block.append(line)
            timed = True
        else:
            block.append(line)
    if block:
        yield block


def _cue(block: list[str]) -> Cue | None:
    at = next((index for index, line in enumerate(block[:2]) if "-->" in line), None)
    timing = _TIMING.match(block[at]) if at is not None else None
    if at is None or timing is None:
        return None
    payload = from_webvtt("\n".join(block[at + 1 :])[: MAX_PAYLOAD * 6])
    return Cue(
        start=_seconds(timing.groups()[0:4]),
        end=_seconds(timing.groups()[4:8]),
        payload=payload,
        settings=clean_settings(timing[9] or ""),
        id=clean_id(block[0]) if at == 1 else "",
    )


def _seconds(fields: Sequence[str | None]) -> Fraction:
    hours, minutes, seconds, thousandths = (int(field or 0) for field in fields)
    return Fraction(((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths, 1000)


def clean_settings(text: str) -> str:
    """Return the valid cue settings of *text* (§4.4), each once, the last of a kind counting."""
    found: dict[str, str] = {}
    for item in text[:1000].split():
        name, _, value = item.partition(":")
        value = "center" if (name, value) == ("align", "middle") else value
        if name in _SETTINGS and _SETTINGS[name].fullmatch(value):
            found[name] = value
    return " ".join(f"{name}:{found[name]}" for name in _SETTINGS if name in found)


def clean_id(text: str) -> str:
    """Return *text* as a cue identifier (§4.1): one line of at most 200 characters, no arrow."""
    words = "".join(char for char in text if char.isprintable()).strip()
    return "" if "-->" in words else words[:200].strip()


def render(cues: Sequence[Cue], header_lines: Sequence[str] = ()) -> str:
    """Return a WebVTT file of *cues* by start time; times are rounded to milliseconds.

    Args:
        cues: with clean text, as our parsers give it.
        header_lines: metadata lines after the signature, such as `TIMESTAMP_MAP`.

    Raises:
        InvariantError: a header line is blank, broken or has an arrow.
    """
    for line in header_lines:
        if not line or "-->" in line or "\n" in line or "\r" in line:
            raise InvariantError(f"{line!r} cannot be a WebVTT header line")
    head = "\n".join(["WEBVTT", *header_lines])
    blocks = (_block(cue) for cue in sorted(cues, key=lambda cue: cue.start))
    return "\n\n".join([head, *blocks]) + "\n"


def _block(cue: Cue) -> str:
    lines = [cue.id] if cue.id else []
    settings = f" {cue.settings}" if cue.settings else ""
    lines.append(f"{timestamp(cue.start)} --> {timestamp(cue.end)}{settings}")
    return "\n".join([*lines, cue.payload])


def timestamp(seconds: Fraction) -> str:
    """Return `hh:mm:ss.ttt` (§4.1), rounded to milliseconds; *seconds* is not negative."""
    total, thousandths = divmod(int(milliseconds(seconds) * 1000), 1000)
    minutes, second = divmod(total, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02d}:{minute:02d}:{second:02d}.{thousandths:03d}"


def segment(
    cues: Sequence[Cue], boundaries: Sequence[tuple[Fraction, Fraction]]
) -> tuple[str, ...]:
    """Return a WebVTT file for each segment, with every cue that is shown within it.

    A cue that reaches over a boundary is repeated whole, as RFC 8216bis §3.5.3 wants; players show
    it once. Each file carries `TIMESTAMP_MAP`; one without cues is a header alone.

    Args:
        cues: in any order.
        boundaries: start and end of each segment in seconds, in order and not overlapping.

    Raises:
        MediaError: so many cues overlap so many segments that the files would not be reasonable.
    """
    waiting = sorted(cues, key=lambda cue: cue.start)
    waiting.reverse()
    shown: list[tuple[Cue, str]] = []
    head = f"WEBVTT\n{TIMESTAMP_MAP}"
    files: list[str] = []
    written = 0
    for start, end in boundaries:
        while waiting and waiting[-1].start < end:
            cue = waiting.pop()
            shown.append((cue, _block(cue)))
        shown = [(cue, block) for cue, block in shown if cue.end > start]
        files.append("\n\n".join([head, *(block for _, block in shown)]) + "\n")
        written += len(files[-1])
        if written > _MAX_SEGMENTED:
            raise bad("Too many cues are shown at the same time for too long.")
    return tuple(files)
