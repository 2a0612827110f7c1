"""How whole a source was: judged from what ffmpeg said, since it ends well on broken input too."""

import re
from collections.abc import Callable, Iterable

import msgspec

from matinee.errors import MediaError

MOST_MISSING = 0.05
"""Share of the film that may be missing or broken before publishing is refused."""
SLACK_SECONDS = 0.5
"""Shortfall that containers' rounded durations explain."""

_SUMMARY = re.compile(
    r"Input stream #0:(\d+) \((video|audio)\): .*?(\d+) frames decoded"
    r"(?: \(\d+ samples\))?; (\d+) decode errors"
)
_RETIMED = re.compile(r"(\d+) frames in, (\d+) frames out; (\d+) frames dropped, (\d+) frames dupl")
_REPEATED = re.compile(r"Last message repeated (\d+) times")
_BROKEN_FRAME = re.compile(r"concealing \d+ DC|corrupt decoded frame|Could not find ref with POC")
_CLOSE = 3.0
"""Seconds of film within which complaints are of one place."""
_MOST_PLACES = 200
_MOST_TOLD = 10
_SOUND_CHANGES = re.compile(r"Reconfiguring filter graph because audio parameters changed to (.+)")
_SOUND_BACK = "Queue input is backward in time"
_COMPLAINT = re.compile(
    r"error while decoding|corrupt input packet|Invalid NAL unit|decode_slice_header error"
    r"|Error submitting packet to decoder|partial file|Packet corrupt|Invalid data found",
    re.IGNORECASE,
)


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """What ffmpeg said of the input while it decoded it. All counts are of frames but the last."""

    decoded: int = 0
    """Video frames, or audio frames where there is no video."""
    undecodable: int = 0
    """Packets of any track that gave no frame."""
    tried: int = 0
    """Frames of all tracks, decoded or not."""
    concealed: int = 0
    """Pictures whose broken parts the decoder made up."""
    duplicated: int = 0
    """Pictures shown again because the next one was missing, or the rate is higher."""
    complaints: int = 0
    """Lines that speak of broken data."""
    places: tuple[tuple[float, float], ...] = ()
    """Where in the film, in seconds from about to about, they were."""
    sound_changed: str = ""
    """The format to which the sound changed on the way, at the cost of its sync; "" if it kept."""


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """What a whole source would have given; seconds."""

    expected: float
    produced: float
    constant_rate: bool
    """Whether every duplicated picture stands for a missing one."""
    slack: float = SLACK_SECONDS
    """Shortfall that counts for nothing."""
    late_frames: int = 0
    """Pictures duplicated before a late first one."""
    most_missing: float = MOST_MISSING
    """Share that may be missing or broken; 0 refuses all damage, 1 takes what there is."""


class HealthReader:
    """Counts what ffmpeg says line by line, so that nothing need be kept.

    *clock* tells how far the film is, in seconds. The decoder is ahead of it by what the encoders
    look ahead, a second or so: places are told about as well as a person would seek to them.
    """

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self._clock = clock
        self._places: list[tuple[float, float]] = []
        self._sound = ("", False)
        self._last = ""
        self._counts = {"concealed": 0, "complaints": 0}
        self._summaries: dict[tuple[str, str], tuple[int, int]] = {}
        self._duplicated = 0

    def __call__(self, line: str) -> None:
        """Take one line of standard error."""
        if repeated := _REPEATED.search(line):
            self._count(self._last, int(repeated[1]))
            return
        self._last = line
        self._count(line, 1)
        if changed := _SOUND_CHANGES.search(line):
            self._sound = (changed[1].strip()[:60], False)
        elif _SOUND_BACK in line and self._sound[0]:
            self._sound = (self._sound[0], True)
        if summary := _SUMMARY.search(line):
            self._summaries[summary[2], summary[1]] = (int(summary[3]), int(summary[4]))
        elif retimed := _RETIMED.search(line):
            self._duplicated = max(self._duplicated, int(retimed[4]))

    def _count(self, line: str, times: int) -> None:
        if _BROKEN_FRAME.search(line):
            self._counts["concealed"] += times
        if _BROKEN_FRAME.search(line) or _COMPLAINT.search(line):
            self._counts["complaints"] += times
            self._mark()

    def _mark(self) -> None:
        if self._clock is None:
            return
        now = self._clock()
        if self._places and now - self._places[-1][1] <= _CLOSE:
            self._places[-1] = (self._places[-1][0], max(now, self._places[-1][1]))
        elif len(self._places) < _MOST_PLACES:
            self._places.append((now, now))

    def health(self) -> Health:
        """Return what was counted."""
        video = [counts for (kind, _), counts in self._summaries.items() if kind == "video"]
        every = list(self._summaries.values())
        errors = sum(failed for _, failed in every)
        return Health(
            decoded=sum(frames for frames, _ in video or every),
            undecodable=errors,
            tried=sum(frames for frames, _ in every) + errors,
            concealed=self._counts["concealed"],
            duplicated=self._duplicated,
            complaints=self._counts["complaints"] + errors,
            places=tuple(self._places),
            sound_changed=self._sound[0] if self._sound[1] else "",
        )


def together(
    pieces: Iterable[tuple[float, tuple[tuple[float, float], ...]]],
) -> tuple[tuple[float, float], ...]:
    """Return the places of all *pieces* of a film, each with when it begins, in order."""
    found: list[tuple[float, float]] = []
    moved = sorted((at + start, at + end) for at, places in pieces for start, end in places)
    for start, end in moved:
        if found and start - found[-1][1] <= _CLOSE:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found[:_MOST_PLACES])


def judge(health: Health, expectation: Expectation) -> tuple[str, ...]:
    """Return what was damaged and how it was mended, nothing for a whole source.

    Raises:
        MediaError: more of it is missing or broken than may be (`damaged`), or its sound changed
            its format on the way, which puts it out of step (`format-changes`).
    """
    if health.sound_changed:
        raise MediaError(
            f"The format changes during the film: the sound becomes {health.sound_changed}.",
            fix="Join its parts by encoding them to one format, or give them one by one.",
            code="format-changes",
        )
    short = expectation.expected - expectation.produced
    missing = short / expectation.expected if short > expectation.slack else 0.0
    # A picture may be complained of more than once.
    broken = min(1.0, health.concealed / max(1, health.decoded))
    undecodable = health.undecodable / max(1, health.tried)
    repeated = max(0, health.duplicated - expectation.late_frames)
    # Repeats alone are a still picture or a slow source; with complaints they are holes.
    made_up = repeated / max(1, health.decoded + repeated)
    if not (expectation.constant_rate and health.complaints):
        repeated, made_up = 0, 0.0
    most = expectation.most_missing
    shares = (missing, broken, undecodable, made_up)
    if max(shares) > most or (not most and health.complaints):
        raise MediaError(
            f"The file is damaged: {_words(shares, most) or _counted(health)}"
            f"{_where(health.places)}.",
            fix="Copy it again from where it came from, or export it anew; or allow more damage "
            "(`--damage`).",
            code="damaged",
        )
    warnings = []
    if missing > 0:
        warnings.append(f"The film ends {short:.1f} s before its stated duration.")
    if health.complaints:
        mended = (
            [f"{min(health.concealed, health.decoded)} pictures patched"]
            if health.concealed
            else []
        )
        mended += [f"{repeated} missing ones filled by the one before"] if repeated else []
        mended += [f"{health.undecodable} frames left out"] if health.undecodable else []
        repair = f" Repaired: {', '.join(mended)}." if mended else ""
        warnings.append(
            f"Some of the source is broken: {_counted(health)}{_where(health.places)}.{repair}"
        )
    return tuple(warnings)


def _counted(health: Health) -> str:
    errors = "error" if health.complaints == 1 else "errors"
    return f"{health.complaints} decoding {errors}"


def _where(places: tuple[tuple[float, float], ...]) -> str:
    """Return places in words for people, "" for none."""
    if not places:
        return ""
    told = [
        _time(start) if end - start < 1 else f"{_time(start)} to {_time(end)}"
        for start, end in places[:_MOST_TOLD]
    ]
    more = len(places) - len(told)
    return f", about {', '.join(told)}" + (f" and {more} more places" if more else "")


def _time(seconds: float) -> str:
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}"


def _words(shares: tuple[float, float, float, float], most: float) -> str:
    whats = (
        "of the film is missing at the end",
        "of the pictures are broken",
        "of the frames cannot be decoded",
        "of the pictures are missing",
    )
    said = zip(shares, whats, strict=True)
    # Where no damage is allowed, little is not nothing.
    return ", ".join(f"{max(share, 0.01):.0%} {what}" for share, what in said if share > most)
