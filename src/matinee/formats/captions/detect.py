"""Which subtitle format some bytes are in, and what text they hold."""

import re
from typing import Literal

from matinee.formats.captions import scc, srt, ttml, webvtt
from matinee.formats.captions.cue import Cue, bad, check_size

Format = Literal["webvtt", "srt", "ttml", "scc"]

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_TT = re.compile(r"<(?:\w{1,40}:)?tt[\s>]")


def decode(data: bytes) -> str:
    """Return the text of *data*: by its byte order mark, else UTF-8, UTF-16, or windows-1252.

    Old SubRip files are in their makers' code page; of these windows-1252 is the most common, and
    no byte is refused by it.

    Raises:
        MediaError: it is too long to be subtitles.
    """
    check_size(len(data))
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    head = data[:512]
    # Text of any Latin script has a zero in every second byte of UTF-16.
    for parity, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(head) >= 8 and head[parity::2].count(0) > len(head) // 4:
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("windows-1252", errors="replace")


def detect(data: bytes) -> Format:
    """Return the format of *data*, by its content alone.

    Raises:
        MediaError: it is none of ours (`bad-subtitles`).
    """
    text = decode(data)
    start = text.removeprefix("\ufeff").lstrip()
    if re.match(r"WEBVTT(?:\s|$)", start):
        return "webvtt"
    if start.startswith(scc.SIGNATURE):
        return "scc"
    if start.startswith("<"):
        if _TT.search(start[:65536]):
            return "ttml"
        raise bad("The file is marked-up text, but not TTML.")
    if any(">" in line and srt.TIMING.match(line[:300]) for line in re.split(r"\r\n|\r|\n", start)):
        return "srt"
    raise bad("The file is not a subtitle file that can be read.")


def parse(data: bytes) -> tuple[Cue, ...]:
    """Return the cues of a subtitle file in any of our formats, by start time.

    Raises:
        MediaError: it is none, is malformed, or breaks a bound (`bad-subtitles`).
    """
    kind = detect(data)
    if kind == "ttml":
        return ttml.parse(data)
    text = decode(data)
    readers = {"webvtt": webvtt.parse, "scc": scc.parse, "srt": srt.parse}
    return readers[kind](text.removeprefix("\ufeff").lstrip())
