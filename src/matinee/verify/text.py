"""Rules of texts: that they can be read in whatever they come, and the advice of editors."""

from collections.abc import Iterable
from fractions import Fraction

from matinee.errors import MatineeError
from matinee.formats.captions import Cue, editorial, ttml, webvtt, wvtt
from matinee.formats.captions.detect import decode
from matinee.formats.isobmff import InitInfo, text_samples
from matinee.verify.findings import Findings

HANDLERS = frozenset({"text", "subt", "sbtl"})
_RULES = {kind: f"text.{kind}" for kind in (
    "line-length", "lines", "reading-speed", "duration", "gap", "overlap",
)}  # fmt: skip
_MOST_CUES = 20_000
"""Of one segment that are kept for the editor's advice."""


def is_text(info: InitInfo | None) -> bool:
    """Whether the header is that of a text track."""
    return info is not None and any(track.handler in HANDLERS for track in info.tracks)


def read(data: bytes) -> tuple[tuple[Cue, ...], str]:
    """Return the cues of a text file or segment, and why it cannot be read or ""."""
    try:
        text = decode(data)
        if text.lstrip("\ufeff \r\n\t").startswith("<"):
            return ttml.parse(data)[:_MOST_CUES], ""
        return webvtt.parse(text)[:_MOST_CUES], ""
    except MatineeError as error:
        return (), error.message


def read_track(data: bytes, offset: int, info: InitInfo) -> tuple[tuple[Cue, ...], str]:
    """Return the cues of a segment of a text track, and why it cannot be read or "".

    Only WebVTT and TTML are known; samples of others are taken as they are.
    """
    track = next(one for one in info.tracks if one.handler in HANDLERS)
    timescale = max(1, track.timescale)
    cues: list[Cue] = []
    try:
        for start, duration, sample in text_samples(data, offset, info):
            begin, end = Fraction(start, timescale), Fraction(start + duration, timescale)
            if track.format == "wvtt":
                cues += wvtt.parse(sample, begin, end)
            elif track.format == "stpp":
                cues += ttml.parse(sample)
    except MatineeError as error:
        return (), error.message
    return tuple(cues[:_MOST_CUES]), ""


def advise(place: str, cues: Iterable[Cue], findings: Findings) -> None:
    """Tell, once for each kind, what an editor would say of the *cues* of one track."""
    distinct = {(cue.start, cue.end, cue.payload): cue for cue in cues}
    remarks = editorial.check(tuple(distinct.values()))
    for kind, words in editorial.summary(remarks).items():
        findings.add(_RULES[kind], place, words)
