"""Pure parts of every ffmpeg command: safe input options, progress lines, last words."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec

from matinee.errors import InvariantError

DEMUXERS: Mapping[str, str] = MappingProxyType(
    {
        "mp4": "mov",
        "matroska": "matroska",
        "mpegts": "mpegts",
        "mpeg": "mpeg",
        "avi": "avi",
        "mxf": "mxf",
        "flv": "flv",
        "ogg": "ogg",
        "wav": "wav",
        "mp3": "mp3",
        "aac": "aac",
        "flac": "flac",
        "aiff": "aiff",
        "caf": "caf",
    }
)
"""ffmpeg's demuxer for each `MediaInfo.container`; no other is ever allowed to open a file."""

FFMPEG_OPTIONS = ("-nostdin", "-hide_banner", "-nostats")
"""First options of every ffmpeg command (ffprobe knows only `-hide_banner`)."""

PROGRESS_OPTIONS = ("-progress", "pipe:1", "-stats_period", "0.5")
"""Makes ffmpeg write what `ProgressReader` reads to standard output."""

_LAST_WORDS_LENGTH = 600
_PATH = re.compile(r"(?:file:)?(?<![\w./])/(?:[^\s'\":/]+/)+([^\s'\":/]*)")
_URL = re.compile(r"\b([a-z][a-z0-9+.-]*://)(?:[^\s/@]*@)?([^\s?#'\"]*)[^\s'\"]*", re.IGNORECASE)
_ADDRESS = re.compile(r"^\[[^\]]*? @ 0x[0-9a-f]+\] ?")
_REPEATED = re.compile(r"^\s*Last message repeated \d+ times")


class InputBounds(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a file ffmpeg may look at before it says what is in it.

    Attributes:
        streams: most elementary streams; more is an error.
        pixels: largest picture that a decoder may begin on.
        probe_bytes: most bytes read to find and describe the streams.
        analyze_seconds: most of the film read to describe them.
    """

    streams: int = 128
    pixels: int = 8192 * 8192
    probe_bytes: int = 16 * 1024 * 1024
    analyze_seconds: float = 10.0


DEFAULT_BOUNDS = InputBounds()


def input_options(
    path: Path, container: str, *, bounds: InputBounds = DEFAULT_BOUNDS
) -> tuple[str, ...]:
    """Return the options that open *path* as *container* and nothing else, up to and with `-i`.

    For ffmpeg and ffprobe alike. The demuxer is forced, so content cannot choose another one; no
    protocol but `file` is open to it, and files that name other files get no answer.

    Args:
        path: a local file.
        container: as `MediaInfo.container` says it; a key of `DEMUXERS`.
        bounds: how far to look.

    Raises:
        InvariantError: *container* is none of ours.
    """
    demuxer = DEMUXERS.get(container)
    if demuxer is None:
        raise InvariantError(f"{container!r} is not a container that the sniffer knows")
    references = ("-enable_drefs", "0", "-use_absolute_path", "0") if demuxer == "mov" else ()
    return (
        "-protocol_whitelist", "file,pipe",
        "-format_whitelist", demuxer,
        "-f", demuxer,
        "-max_streams", str(bounds.streams),
        "-max_pixels", str(bounds.pixels),
        "-probesize", str(bounds.probe_bytes),
        "-analyzeduration", str(round(bounds.analyze_seconds * 1_000_000)),
        *references,
        # The prefix keeps a name such as `concat:x` or `-x` from meaning anything.
        "-i", f"file:{path.absolute()}",
    )  # fmt: skip


class EncodeProgress(msgspec.Struct, frozen=True, kw_only=True):
    """One report of a running ffmpeg.

    Attributes:
        frame: pictures written by the first video output, None without video.
        out_time: seconds of film written.
        speed: film seconds a second, None while unknown.
        ended: whether this is the last report.
    """

    frame: int | None
    out_time: float
    speed: float | None
    ended: bool


class ProgressReader:
    """Turns lines of `-progress` into `EncodeProgress` values; give it to `run` as `on_line`.

    ffmpeg reports every half second even when it is stuck, so a report that shows no more film
    than the one before counts as no sign of life: the reader then returns False.
    """

    def __init__(self, report: Callable[[EncodeProgress], object]) -> None:
        self._report = report
        self._fields: dict[str, str] = {}
        self._furthest: tuple[int, float, int] = (-1, -1.0, -1)

    def __call__(self, line: str) -> bool:
        """Take one line; say whether it shows that the film has moved on."""
        name, equals, value = line.partition("=")
        if not equals or len(name) > 64 or len(value) > 256:
            return False
        self._fields[name.strip()] = value.strip()
        if name != "progress":
            return False
        progress = parse_progress(self._fields)
        written = _number(self._fields.get("total_size"))
        reached = (progress.frame or 0, progress.out_time, int(written or 0))
        self._fields = {}
        moved = any(new > old for new, old in zip(reached, self._furthest, strict=True))
        self._furthest = max(self._furthest, reached)
        self._report(progress)
        return moved or progress.ended


def parse_progress(fields: Mapping[str, str]) -> EncodeProgress:
    """Return the value of one block of `-progress` fields; what is N/A or unreadable is None."""
    frame = _number(fields.get("frame"))
    microseconds = _number(fields.get("out_time_us"))
    return EncodeProgress(
        frame=None if frame is None else int(frame),
        out_time=max(0.0, (microseconds or 0.0) / 1_000_000),
        speed=_number(fields.get("speed", "").removesuffix("x")),
        ended=fields.get("progress") == "end",
    )


def _number(text: str | None) -> float | None:
    if text is None or re.fullmatch(r"-?\d{1,18}(?:\.\d{0,9})?(?:e[+-]?\d{1,2})?", text) is None:
        return None
    return float(text)


def redacted(text: str) -> str:
    """Return *text* with the folders of paths, and the secrets of URLs, left out."""
    return _PATH.sub(r"\1", _URL.sub(r"\1\2", text))


def last_words(stderr: str, *, lines: int = 4) -> str:
    """Return the last distinct *lines* of what ffmpeg said, redacted and bounded, for people."""
    said: list[str] = []
    for line in stderr.replace("\r", "\n").split("\n"):
        words = redacted(_ADDRESS.sub("", line)).strip()
        if words and not _REPEATED.match(words) and words not in said[-lines:]:
            said.append(words)
    return "\n".join(said[-lines:])[-_LAST_WORDS_LENGTH:]
