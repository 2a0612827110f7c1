"""How whole a source was: judged from what ffmpeg said, since it ends well on broken input too."""

import re

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


class HealthReader:
    """Counts what ffmpeg says line by line, so that nothing need be kept."""

    def __init__(self) -> None:
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
        if summary := _SUMMARY.search(line):
            self._summaries[summary[2], summary[1]] = (int(summary[3]), int(summary[4]))
        elif retimed := _RETIMED.search(line):
            self._duplicated = max(self._duplicated, int(retimed[4]))

    def _count(self, line: str, times: int) -> None:
        if _BROKEN_FRAME.search(line):
            self._counts["concealed"] += times
        if _BROKEN_FRAME.search(line) or _COMPLAINT.search(line):
            self._counts["complaints"] += times

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
        )


def judge(health: Health, expectation: Expectation) -> tuple[str, ...]:
    """Return warnings about a source with some damage, none for a whole one.

    Raises:
        MediaError: more than `MOST_MISSING` of it is missing or broken (`damaged`).
    """
    short = expectation.expected - expectation.produced
    missing = short / expectation.expected if short > expectation.slack else 0.0
    broken = health.concealed / max(1, health.decoded)
    undecodable = health.undecodable / max(1, health.tried)
    repeated = max(0, health.duplicated - expectation.late_frames)
    # Repeats alone are a still picture or a slow source; with complaints they are holes.
    made_up = repeated / max(1, health.decoded + repeated)
    if not (expectation.constant_rate and health.complaints):
        made_up = 0.0
    worst = max(missing, broken, undecodable, made_up)
    if worst > MOST_MISSING:
        raise MediaError(
            f"The file is damaged: {_words(missing, broken, undecodable, made_up)}.",
            fix="Copy it again from where it came from, or export it anew.",
            code="damaged",
        )
    warnings = []
    if missing > 0:
        warnings.append(f"The film ends {short:.1f} s before its stated duration.")
    if health.complaints:
        warnings.append(
            f"Some of the source is broken: {health.complaints} decoding errors, "
            f"{max(health.concealed, health.undecodable)} frames touched."
        )
    return tuple(warnings)


def _words(missing: float, broken: float, undecodable: float, made_up: float) -> str:
    said = [
        (missing, "of the film is missing at the end"),
        (broken, "of the pictures are broken"),
        (undecodable, "of the frames cannot be decoded"),
        (made_up, "of the pictures are missing"),
    ]
    return ", ".join(f"{share:.0%} {what}" for share, what in said if share > MOST_MISSING)
