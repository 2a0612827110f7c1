"""WebVTT in MP4 samples (`wvtt`, ISO/IEC 14496-30 §7): cues to samples, samples to cues.

Samples follow each other without gaps or overlaps, so cues that overlap are cut where the set of
those on the screen changes; the pieces of one cue share a source identifier.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from matinee.errors import MediaError
from matinee.formats.captions.cue import Cue, bad
from matinee.formats.captions.webvtt import clean_id, clean_settings

CONFIGURATION = b"WEBVTT"
_MAX_BOXES = 1000

Sample = tuple[Fraction, Fraction, bytes]
"""Start and end in seconds, and the sample's bytes."""


def samples(cues: Sequence[Cue], start: Fraction, end: Fraction) -> tuple[Sample, ...]:
    """Return the samples that show *cues* from *start* to *end* seconds, one after the other."""
    numbered = [
        (number, cue) for number, cue in enumerate(cues, 1) if cue.start < end and cue.end > start
    ]
    edges = {start, end}
    for _, cue in numbered:
        edges |= {max(start, cue.start), min(end, cue.end)}
    ordered = sorted(edges)
    found: list[Sample] = []
    waiting = sorted(numbered, key=lambda pair: pair[1].start, reverse=True)
    shown: list[tuple[int, Cue]] = []
    for begin, stop in pairwise(ordered):
        while waiting and waiting[-1][1].start <= begin:
            shown.append(waiting.pop())
        shown = [pair for pair in shown if pair[1].end > begin]
        whole = b"".join(_cue_box(number, cue) for number, cue in shown)
        found.append((begin, stop, whole or _box(b"vtte")))
    return tuple(found)


def _cue_box(number: int, cue: Cue) -> bytes:
    parts = [_box(b"vsid", number.to_bytes(4, "big"))]
    if cue.id:
        parts.append(_box(b"iden", cue.id.encode()))
    if cue.settings:
        parts.append(_box(b"sttg", cue.settings.encode()))
    parts.append(_box(b"payl", cue.payload.encode()))
    return _box(b"vttc", b"".join(parts))


def _box(kind: bytes, body: bytes = b"") -> bytes:
    return (8 + len(body)).to_bytes(4, "big") + kind + body


def parse(sample: bytes, start: Fraction, end: Fraction) -> tuple[Cue, ...]:
    """Return the cues of a *sample* that is shown from *start* to *end* seconds.

    Raises:
        MediaError: it holds something else than cues, or a pause beside cues (`bad-subtitles`).
    """
    cues: list[Cue] = []
    kinds = []
    for kind, body in _boxes(sample):
        kinds.append(kind)
        if kind != b"vttc":
            continue
        parts = dict(_boxes(body))
        cues.append(
            Cue(
                start=start,
                end=end,
                payload=_text(parts.get(b"payl", b"")),
                settings=clean_settings(_text(parts.get(b"sttg", b""))),
                id=clean_id(_text(parts.get(b"iden", b""))),
            )
        )
    if not kinds or set(kinds) - {b"vttc", b"vtte", b"vtta"}:
        raise bad("A WebVTT sample holds no cue boxes.")
    if b"vtte" in kinds and len(kinds) > 1:
        raise bad("A WebVTT sample holds a pause beside cues.")
    return tuple(cues)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise bad("A WebVTT sample is not UTF-8.") from error


def _boxes(data: bytes) -> list[tuple[bytes, bytes]]:
    found: list[tuple[bytes, bytes]] = []
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size < 8 or at + size > len(data) or len(found) == _MAX_BOXES:
            raise _broken()
        found.append((data[at + 4 : at + 8], data[at + 8 : at + size]))
        at += size
    return found


def _broken() -> MediaError:
    return bad("The boxes of a WebVTT sample are broken.")
