"""Timed text samples of MP4 and QuickTime (`tx3g`, 3GPP TS 26.245 §5.17; `text`, QuickTime)."""

import struct
from collections.abc import Iterable
from fractions import Fraction
from itertools import islice, pairwise

from matinee.formats.captions.cue import MAX_CUES, MAX_PAYLOAD, Cue, bad, milliseconds, ordered
from matinee.formats.captions.markup import Writer

_FACES = ((1, "b"), (2, "i"), (4, "u"))
_MAX_STYLES = 200


def parse(samples: Iterable[tuple[Fraction, Fraction, bytes]]) -> tuple[Cue, ...]:
    """Return the cues of a track's *samples*: start and end in seconds, and the sample's bytes.

    An empty sample is a pause. Bold, italic and underline (`styl`) are kept.

    Raises:
        MediaError: there are more cues than any film has (`bad-subtitles`).
    """
    cues: list[Cue] = []
    for start, end, data in samples:
        payload = _payload(data)
        if not payload:
            continue
        if len(cues) == MAX_CUES:
            raise bad(f"There are more than {MAX_CUES:,} cues.")
        cues.append(Cue(start=milliseconds(start), end=milliseconds(end), payload=payload))
    return ordered(cues)


def _payload(data: bytes) -> str:
    length = int.from_bytes(data[:2], "big")
    text = _decoded(data[2 : 2 + length])[:MAX_PAYLOAD].replace("\r\n", "\n").replace("\r", "\n")
    styles = list(islice(_styles(data[2 + length :]), _MAX_STYLES))
    edges = sorted({0, len(text), *(min(at, len(text)) for one in styles for at in one[:2])})
    writer = Writer()
    for begin, stop in pairwise(edges):
        flags = 0
        for first, last, face in styles:
            if first <= begin < last:
                flags |= face
        names = [name for bit, name in _FACES if flags & bit]
        for name in names:
            writer.open(name)
        writer.text(text[begin:stop])
        for name in reversed(names):
            writer.close(name)
    return writer.finish()


def _decoded(data: bytes) -> str:
    """UTF-8, or UTF-16 behind a byte order mark (§5.17.1); QuickTime's old files are Mac Roman."""
    if data[:2] in {b"\xfe\xff", b"\xff\xfe"}:
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("mac_roman", errors="replace")


def _styles(data: bytes) -> Iterable[tuple[int, int, int]]:
    """Yield first and last character and face of each record of a `styl` box."""
    at = 0
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if size < 8 or at + size > len(data):
            return
        if kind == b"styl" and size >= 10:
            count = int.from_bytes(data[at + 8 : at + 10], "big")
            body = data[at + 10 : min(at + size, at + 10 + 12 * count)]
            for first, last, _, face, _, _ in struct.iter_unpack(
                ">HHHBBI", body[: len(body) // 12 * 12]
            ):
                yield first, last, face & 7
        at += size
