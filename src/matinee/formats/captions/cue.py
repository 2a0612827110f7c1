"""The `Cue`: one text on screen from one time to another; and what we accept of any file."""

import re
from collections.abc import Iterable
from fractions import Fraction

import msgspec

from matinee.errors import MediaError

MAX_BYTES = 16 * 1024 * 1024
"""Longest subtitle file that is read; a day of dense speech is below 4 MB."""
MAX_CUES = 100_000
MAX_PAYLOAD = 10_000
"""Characters of one cue."""
MAX_SECONDS = 100 * 3600
"""Cues that start later are left out: no film reaches them."""


class Cue(msgspec.Struct, frozen=True, kw_only=True):
    """A text shown from `start` until `end`, in seconds on the film's timeline.

    Times are whole milliseconds in every file format but TTML, whose parser rounds to them.
    """

    start: Fraction
    end: Fraction
    payload: str
    """WebVTT cue text (W3C WebVTT §4.2.2): lines, escapes, and only the markup it allows."""
    settings: str = ""
    """WebVTT cue settings (§4.4) in the specification's order, such as `line:0 align:start`."""
    id: str = ""


def bad(message: str) -> MediaError:
    """Return the error for a subtitle file that cannot be used."""
    return MediaError(
        message,
        fix="Check that the file is SubRip (.srt), WebVTT (.vtt), TTML or SCC, and not cut short.",
        code="bad-subtitles",
    )


def milliseconds(seconds: Fraction) -> Fraction:
    """Return *seconds* rounded to whole milliseconds, as every renderer writes them."""
    return Fraction(round(seconds * 1000), 1000)


def check_size(length: int) -> None:
    """Refuse a file of *length* bytes or characters that is too long to be subtitles.

    Raises:
        MediaError: it is longer than `MAX_BYTES`.
    """
    if length > MAX_BYTES:
        raise bad(f"A subtitle file of {length:,} bytes is longer than the {MAX_BYTES:,} allowed.")


def ordered(cues: list[Cue]) -> tuple[Cue, ...]:
    """Return *cues* that can be shown, by start time, as WebVTT wants them (§4.1)."""
    shown = (
        cue for cue in cues if 0 <= cue.start < cue.end and cue.start < MAX_SECONDS and cue.payload
    )
    return tuple(sorted(shown, key=lambda cue: cue.start))


def moved_cues(cues: tuple[Cue, ...], seconds: Fraction) -> tuple[Cue, ...]:
    """Return *cues* shown *seconds* later; what would come before 0 is cut off or left out."""
    if not seconds:
        return cues
    return tuple(
        msgspec.structs.replace(
            cue, start=max(Fraction(0), cue.start + seconds), end=cue.end + seconds
        )
        for cue in cues
        if cue.end + seconds > 0
    )


def plain(payload: str) -> str:
    """Return cue text without markup and escapes, as it is read."""
    text = re.sub(r"<[^<>]*>", "", payload)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def plain_words(cues: Iterable[Cue]) -> list[str]:
    """Return the words of *cues*, in lower case, without markup."""
    return [word for cue in cues for word in plain(cue.payload).lower().split()]
