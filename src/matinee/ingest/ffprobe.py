"""What ffprobe says of a file, as it says it: its JSON typed, and a bounded sample of packets."""

from pathlib import Path
from typing import NamedTuple

import msgspec

from matinee.errors import MediaError
from matinee.toolchain.ffmpeg import input_options, last_words
from matinee.toolchain.run import ProcessError, run
from matinee.toolchain.sandbox import Limits
from matinee.toolchain.tools import Toolchain

LIMITS = Limits(
    wall_seconds=60,
    cpu_seconds=60,
    memory_bytes=3 << 30,
    file_bytes=0,
    stdout_bytes=16 << 20,
)
"""What reading a source's tables may cost; a ten-hour film needs a hundredth."""

MAX_TRACKS = 64

Scalar = str | int | float | None


class SideData(msgspec.Struct, frozen=True, rename={"kind": "side_data_type"}):
    """One side data record; fields that its kind does not have are None."""

    kind: str = ""
    displaymatrix: str | None = None
    red_x: str | None = None
    red_y: str | None = None
    green_x: str | None = None
    green_y: str | None = None
    blue_x: str | None = None
    blue_y: str | None = None
    white_point_x: str | None = None
    white_point_y: str | None = None
    min_luminance: str | None = None
    max_luminance: str | None = None
    max_content: int | None = None
    max_average: int | None = None
    dv_profile: int | None = None
    dv_bl_signal_compatibility_id: int | None = None


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """One elementary stream."""

    index: int
    codec_name: str | None = None
    codec_type: str | None = None
    codec_tag_string: str = ""
    profile: Scalar = None
    width: int = 0
    height: int = 0
    sample_aspect_ratio: str | None = None
    pix_fmt: str | None = None
    bits_per_raw_sample: Scalar = None
    field_order: str | None = None
    color_range: str | None = None
    color_space: str | None = None
    color_transfer: str | None = None
    color_primaries: str | None = None
    sample_rate: Scalar = None
    channels: int = 0
    channel_layout: str | None = None
    r_frame_rate: str | None = None
    avg_frame_rate: str | None = None
    start_time: Scalar = None
    duration: Scalar = None
    bit_rate: Scalar = None
    disposition: dict[str, int] = {}
    tags: dict[str, str] = {}
    side_data_list: list[SideData] = []


class ChapterEntry(msgspec.Struct, frozen=True):
    """One chapter."""

    start_time: Scalar = None
    end_time: Scalar = None
    tags: dict[str, str] = {}


class Format(msgspec.Struct, frozen=True):
    """The container's own facts."""

    start_time: Scalar = None
    duration: Scalar = None
    bit_rate: Scalar = None
    tags: dict[str, str] = {}


class Description(msgspec.Struct, frozen=True):
    """All of ffprobe's answer."""

    streams: list[Stream] = []
    chapters: list[ChapterEntry] = []
    format: Format = Format()


class _FrameSideData(msgspec.Struct, frozen=True):
    side_data_list: list[SideData] = []


class _FrameReport(msgspec.Struct, frozen=True):
    frames: list[_FrameSideData] = []


class Packet(NamedTuple):
    """A packet's stream and times in seconds; a time that is not known is None."""

    stream: int
    pts: float | None
    dts: float | None
    duration: float
    key: bool
    corrupt: bool


class Sample(NamedTuple):
    """Packets from some places of a file, and how often ffprobe complained on the way."""

    packets: tuple[Packet, ...]
    errors: int


def number(value: Scalar) -> float | None:
    """Return a finite number that ffprobe wrote, None where it wrote none."""
    try:
        found = None if value is None else float(value)
    except (ValueError, OverflowError):
        return None
    return found if found is not None and abs(found) < 1e15 else None


def describe(path: Path, container: str, toolchain: Toolchain) -> Description:
    """Return the streams, chapters and tags of the file at *path*.

    Raises:
        MediaError: ffprobe cannot read it within `LIMITS` (`damaged`, `truncated`).
    """
    told = _ask(path, container, toolchain, "-show_format", "-show_streams", "-show_chapters")
    try:
        return msgspec.json.decode(told[0], type=Description)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise damaged("its tables make no sense") from error


def first_frame_side_data(
    path: Path, container: str, stream: int, toolchain: Toolchain
) -> list[SideData]:
    """Return the side data of the first picture of a stream, which decoding it alone tells."""
    told, _ = _ask(
        path, container, toolchain,
        "-select_streams", str(stream), "-read_intervals", "%+#1",
        "-show_entries", "frame=side_data_list:frame_side_data",
    )  # fmt: skip
    try:
        report = msgspec.json.decode(told, type=_FrameReport)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []
    return report.frames[0].side_data_list if report.frames else []


def sample(path: Path, container: str, intervals: str, toolchain: Toolchain) -> Sample:
    """Return packets of the given intervals (ffprobe's `-read_intervals`), without decoding.

    Raises:
        MediaError: ffprobe cannot read it within `LIMITS` (`damaged`).
    """
    told, errors = _ask(
        path, container, toolchain, "-of", "csv=p=0", "-read_intervals", intervals,
        "-show_entries", "packet=stream_index,pts_time,dts_time,duration_time,flags",
    )  # fmt: skip
    found = (_packet(line) for line in told.decode(errors="replace").splitlines())
    return Sample(tuple(packet for packet in found if packet is not None), errors)


def _packet(line: str) -> Packet | None:
    fields = line.split(",")
    if len(fields) < 5 or not fields[0].isdigit():
        return None
    return Packet(
        stream=int(fields[0]),
        pts=number(fields[1]),
        dts=number(fields[2]),
        duration=number(fields[3]) or 0.0,
        key="K" in fields[4],
        corrupt="C" in fields[4],
    )


def _ask(path: Path, container: str, toolchain: Toolchain, *questions: str) -> tuple[bytes, int]:
    """Run ffprobe; return its answer and the number of lines of complaint."""
    command: list[str | Path] = [
        toolchain.ffprobe, "-hide_banner", "-v", "error", "-of", "json",
        *questions, *input_options(path, container),
    ]  # fmt: skip
    try:
        done = run(command, limits=LIMITS)
    except ProcessError as error:
        raise _unreadable(error, path) from error
    return done.stdout, done.stderr.count("\n")


def _unreadable(error: ProcessError, path: Path) -> MediaError:
    said = last_words(error.completed.stderr, lines=1).removeprefix(f"{path.name}: ")
    if "max_streams" in error.completed.stderr:
        return too_many_tracks("more than a hundred")
    if "moov atom not found" in error.completed.stderr:
        return MediaError(
            "The file has no index (moov box): it was cut short, or its recording never ended.",
            fix="Export or upload it again.",
            code="truncated",
        )
    if error.reason == "exit":
        return damaged(f"it cannot be read ({said})" if said else "it cannot be read")
    return damaged("reading its tables alone took more time or memory than any film needs")


def damaged(how: str) -> MediaError:
    """Return the error for a file whose content is broken."""
    return MediaError(
        f"The file is damaged: {how}.", fix="Export or upload it again.", code="damaged"
    )


def too_many_tracks(count: str) -> MediaError:
    """Return the error for a file with *count* tracks, a number in words or digits."""
    return MediaError(
        f"The file has {count} tracks; {MAX_TRACKS} are allowed.",
        fix="Export it with the tracks that shall be published.",
        code="too-many-tracks",
    )
