"""SubRip (.srt), which no standard describes: read as the players that made it common read it."""

import re
from fractions import Fraction

from matinee.formats.captions.cue import MAX_CUES, MAX_PAYLOAD, Cue, bad, check_size, ordered
from matinee.formats.captions.markup import from_html

_TIME = r"(?:(\d{1,4})[ ]?:[ ]?)?(\d{1,2})[ ]?:[ ]?(\d{1,2})(?:[ ]?[,.:][ ]?(\d{1,3}))?"
TIMING = re.compile(rf"\s{{0,20}}{_TIME}\s{{0,20}}-{{1,3}}>\s{{0,20}}{_TIME}(?:\s.*)?$")
"""A line that says when its cue is shown."""


def parse(text: str) -> tuple[Cue, ...]:
    """Return the cues of a SubRip file by start time, their text as clean WebVTT markup.

    Everything between two timing lines belongs to the first, but for the counter above the
    second: missing counters and blank lines inside a text do no harm.

    Raises:
        MediaError: there is no timing line, or a bound is broken (`bad-subtitles`).
    """
    check_size(len(text))
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    timings = [
        (index, found)
        for index, line in enumerate(lines)
        if ">" in line and (found := TIMING.match(line[:300]))
    ]
    if not timings:
        raise bad("The text has no line such as 00:00:01,000 --> 00:00:02,500.")
    if len(timings) > MAX_CUES:
        raise bad(f"There are more than {MAX_CUES:,} cues.")
    cues: list[Cue] = []
    ends = [index for index, _ in timings[1:]] + [len(lines)]
    for (at, timing), end in zip(timings, ends, strict=True):
        body = lines[at + 1 : end]
        if end < len(lines) and body and re.fullmatch(r"\s*\d{1,9}\s*", body[-1]):
            body.pop()
        payload, settings = from_html("\n".join(body)[: MAX_PAYLOAD * 6])
        start, stop = _seconds(timing.groups()[:4]), _seconds(timing.groups()[4:])
        cues.append(Cue(start=start, end=stop, payload=payload, settings=settings))
    return ordered(cues)


def _seconds(fields: tuple[str | None, ...]) -> Fraction:
    hours, minutes, seconds = (int(field or 0) for field in fields[:3])
    thousandths = int((fields[3] or "0").ljust(3, "0"))
    return Fraction(((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths, 1000)
