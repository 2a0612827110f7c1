"""Whether an encoder made what it was told to, read from the file itself: boxes and bitstream.

It is asked of every encoder before its first film, and of what hardware made of each film.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from matinee.errors import MatineeError
from matinee.formats.isobmff import SampleEntry, SampleTable, TrackInfo, read_movie, read_samples
from matinee.toolchain.ffmpeg import redacted
from matinee.transcode.files import OpenFile
from matinee.transcode.plan import VideoOutput, VideoPlan

_RATE_SLACK = Fraction(11, 10)
"""By how much a rate or its buffer may pass the cap: what HLS lets the measured peak of a film pass
the one that its playlist says (Apple's authoring specification, 1.30)."""
_AVC_PROFILES = {"baseline": 66, "main": 77, "high": 100}
_HEVC_PROFILES = {"main": "1", "main10": "2"}
_ENCODER = re.compile(r"\b(?:h264|hevc|av1)_(?:nvenc|qsv|vaapi)\b")
_SPEAKER = re.compile(
    r"^\[(?:(?:h264|hevc|av1)_(?:nvenc|qsv|vaapi)|VAAPI|QSV|AVHWDeviceContext|AVHWFramesContext"
    r"|hwupload|Parsed_hwupload_\d+) @ 0x[0-9a-f]+\] *(.+)$"
)
"""A line that ffmpeg's part for the hardware says."""


def encoder_words(stderr: str) -> str:
    """Return the last that the hardware's part of ffmpeg said in *stderr*, "" for nothing."""
    said = [found[1] for line in stderr.splitlines() if (found := _SPEAKER.match(line))]
    return redacted(said[-1]).strip().rstrip(".") if said else ""


def names_encoder(stderr: str) -> bool:
    """Say whether it was a hardware encoder that *stderr* calls its data invalid."""
    return any(
        _ENCODER.search(line) is not None
        for line in stderr.splitlines()
        if "Invalid data found" in line
    )


def fault_of(path: Path, video: VideoPlan, output: VideoOutput, frames: int | None = None) -> str:
    """Return the first point in which the file of *output* is not as planned, "" for none.

    With *frames* it must have that many pictures.
    """
    try:
        with path.open("rb") as file:
            source = OpenFile.of(file)
            movie = read_movie(source)
            if [track.handler for track in movie.tracks] != ["vide"]:
                return "the file does not hold one video track"
            track = movie.tracks[0]
            table, entry = read_samples(source, movie, track)
            points = _points(source, video, output, (track, table, entry), frames)
            return next((point for point in points if point), "")
    except (OSError, MatineeError) as error:
        return f"the file cannot be read: {error}"


def _points(
    source: OpenFile,
    video: VideoPlan,
    output: VideoOutput,
    read: tuple[TrackInfo, SampleTable, SampleEntry],
    frames: int | None,
) -> Iterator[str]:
    track, table, entry = read
    yield _entry_fault(entry, output)
    if any(edit.media_time != 0 for edit in track.edits) or len(track.edits) > 1:
        yield "an edit list moves the pictures"
    if frames is not None and len(table) != frames:
        yield f"{len(table)} pictures, not {frames}"
    step = track.timescale * output.frame_step / video.frame_rate.value
    yield _time_fault(table, step)
    yield _sync_fault(table, step, output.gop_frames)
    yield _refresh_fault(source, table, entry)
    yield _rate_fault(table, track.timescale, output)


def _entry_fault(entry: SampleEntry, output: VideoOutput) -> str:
    """Compare the sample entry with the plan: size, profile, level, tier, depth."""
    if (entry.width, entry.height) != (output.width, output.height) or entry.pixel_aspect != 1:
        return f"pictures of {entry.width}x{entry.height}, not {output.width}x{output.height}"
    if entry.bit_depth != output.colour.bit_depth:
        return f"{entry.bit_depth} bits, not {output.colour.bit_depth}"
    wanted = {"h264": _wanted_avc, "hevc": _wanted_hevc, "av1": _wanted_av1}[output.codec](output)
    if re.match(wanted, entry.codec) is None:
        level = f" at level {output.level}" if output.level else ""
        return f"{entry.codec}, not {output.codec} {output.profile}{level}"
    return ""


def _wanted_avc(output: VideoOutput) -> str:
    # The constraint flags between profile and level are the encoder's own.
    level = round(float(output.level) * 10)
    return rf"avc1\.{_AVC_PROFILES[output.profile]:02x}[0-9a-f]{{2}}{level:02x}$"


def _wanted_hevc(output: VideoOutput) -> str:
    return rf"hvc1\.{_HEVC_PROFILES[output.profile]}\.[0-9A-F]+\.L"


def _wanted_av1(_output: VideoOutput) -> str:
    return r"av01\.0\.\d\dM\."


def _time_fault(table: SampleTable, step: Fraction) -> str:
    """See that pictures are shown from 0 on, one a frame."""
    shown = sorted(table.presentation_times())
    if shown[0] != 0:
        return f"the first picture is {shown[0]} ticks late"
    if any(after - before != step for before, after in pairwise(shown)):
        return "pictures are not a frame apart"
    return ""


def _sync_fault(table: SampleTable, step: Fraction, gop: int) -> str:
    """See that key frames are where GOPs begin and nowhere else, and coded first of theirs."""
    shown = table.presentation_times()
    key_frames = {round(shown[place] / step): place for place in table.sync_samples()}
    wanted = range(0, len(table), gop)
    if missing := set(wanted) - set(key_frames):
        return f"no key frame at picture {min(missing)}, where a GOP of {gop} begins"
    if extra := set(key_frames) - set(wanted):
        return f"a key frame at picture {min(extra)}, inside a GOP of {gop}"
    for number, place in sorted(key_frames.items()):
        if place != number or min(shown[place : place + gop]) != shown[place]:
            return f"pictures before the key frame at {number} refer to it (open GOP)"
    return ""


def _refresh_fault(source: OpenFile, table: SampleTable, entry: SampleEntry) -> str:
    """See that every key frame lets a decoder forget all before it: an IDR, an AV1 key frame."""
    for place in table.sync_samples():
        data = source.read(table.offsets[place], table.sizes[place])
        if entry.format == "av01":
            whole = _is_av1_key(data)
        else:
            units = _units_of(entry)
            kinds = list(_kinds(data, entry))
            if units.parameters & set(kinds):
                return f"parameter sets at picture {place}, which belong into the header"
            first = next((kind for kind in kinds if kind in units.slices), None)
            whole = first in units.idr
        if not whole:
            return f"the key frame at picture {place} is no IDR (open GOP)"
    return ""


class _Units(NamedTuple):
    """Types of NAL units: ITU-T H.264 and H.265, Table 7-1."""

    idr: frozenset[int]
    slices: range
    parameters: frozenset[int]


_AVC = _Units(frozenset({5}), range(1, 6), frozenset({7, 8}))
_HEVC = _Units(frozenset({19, 20}), range(32), frozenset({32, 33, 34}))


def _units_of(entry: SampleEntry) -> _Units:
    return _HEVC if "hvcC" in entry.boxes else _AVC


def _kinds(data: bytes, entry: SampleEntry) -> Iterator[int]:
    """Yield the types of the NAL units of a sample: ISO/IEC 14496-15 §4.3."""
    hevc = "hvcC" in entry.boxes
    length = (entry.boxes["hvcC"][21] if hevc else entry.boxes["avcC"][4]) % 4 + 1
    at = 0
    while at + length < len(data):
        size = int.from_bytes(data[at : at + length], "big")
        first = data[at + length]
        yield first >> 1 & 63 if hevc else first & 31
        at += length + size


def _is_av1_key(data: bytes) -> bool:
    """Say whether the first frame of a temporal unit is a shown key frame: AV1 §5.3, §5.9.2."""
    at = 0
    while at < len(data):
        head = data[at]
        kind, extended, sized = head >> 3 & 15, head >> 2 & 1, head >> 1 & 1
        at += 1 + extended
        size = len(data) - at
        if sized:
            size, at = _leb128(data, at)
        if kind in {3, 6}:  # a frame header, or a frame that begins with one
            # Not an existing frame again (1 bit), KEY_FRAME (2 bits), and shown (1 bit).
            return at < len(data) and data[at] >> 4 == 0b0001
        at += size
    return False


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    """Return the number at *at*, and where it ends: AV1 §4.10.5."""
    value = 0
    for place, byte in enumerate(data[at : at + 8]):
        value |= (byte & 127) << (7 * place)
        if byte < 128:
            return value, at + place + 1
    return value, len(data)


def _rate_fault(table: SampleTable, timescale: int, output: VideoOutput) -> str:
    """See that a decoder which is fed at the cap has buffer enough: a leaky bucket."""
    drain = output.max_rate * _RATE_SLACK / timescale
    held = most = Fraction(0)
    for size, (begin, end) in zip(table.sizes, pairwise(table.times), strict=True):
        held += 8 * size
        most = max(most, held)
        held = max(Fraction(0), held - drain * (end - begin))
    if most > output.buffer_size * _RATE_SLACK:
        seconds = table.times[-1] / timescale
        average = 8 * sum(table.sizes) / seconds
        return (
            f"above its cap of {output.max_rate / 1e6:.2f} Mb/s: {average / 1e6:.2f} on average, "
            f"{float(most) / 1e6:.2f} Mb at once"
        )
    return ""
