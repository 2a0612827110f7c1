"""The `Track` values of packaged files: what the coded media says of itself, and measured rates."""

import re
from collections import Counter
from fractions import Fraction
from operator import sub

from matinee.formats.isobmff import (
    IDENTITY_MATRIX,
    Mastering,
    SampleEntry,
    TrackHeader,
    cmaf_entry,
)
from matinee.model.media import Colour, Ratio
from matinee.model.presentation import Segment, Track
from matinee.packager import languages
from matinee.packager.bandwidth import Bandwidth, measure
from matinee.packager.cmaf import TrackFile
from matinee.packager.timeline import PlacedTrack, SourceTrack

_FAMILIES = {
    "avc1": "h264", "avc3": "h264", "hvc1": "hevc", "hev1": "hevc", "av01": "av1", "vp09": "vp9",
    "mp4a": "aac", "opus": "opus", "ac-3": "ac3", "ec-3": "eac3", "fLaC": "flac", "alac": "alac",
}  # fmt: skip
_MP3 = {"mp4a.69", "mp4a.6b"}

_PRIMARIES = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film",
    9: "bt2020", 10: "smpte428", 11: "smpte431", 12: "smpte432",
}  # fmt: skip
_TRANSFERS = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "linear",
    13: "iec61966-2-1", 14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084", 18: "arib-std-b67",
}  # fmt: skip
_MATRICES = {
    0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m",
    9: "bt2020nc", 10: "bt2020c", 14: "ictcp",
}  # fmt: skip
_STEADY = Fraction(9, 10)
"""Share of equally long pictures that makes a frame rate: joined and cut films have odd ones."""

_RANGES = {16: "PQ", 18: "HLG"}


def family(codec: str) -> str:
    """Return the short name of a codec string's family: `h264` for `avc1.64001f`."""
    if codec in _MP3:
        return "mp3"
    name = codec.split(".", maxsplit=1)[0]
    return _FAMILIES.get(name, name.lower())


def display_size(entry: SampleEntry) -> tuple[int, int]:
    """Return width and height of the picture in square pixels."""
    return max(1, round(entry.width * entry.pixel_aspect)), entry.height


def is_hdr(placed: PlacedTrack) -> bool:
    """Whether *placed* is a picture in PQ or HLG."""
    return _shown_colour(placed).video_range != "SDR"


def _shown_colour(placed: PlacedTrack) -> Colour:
    return placed.source.rendition.colour or _colour(placed.source.entry)


def track_header(placed: PlacedTrack) -> TrackHeader:
    """Return what the header of the track file of *placed* says.

    Raises:
        MediaError: CMAF cannot carry the track's codec, or it is encrypted.
    """
    source = placed.source
    video = source.rendition.kind == "video"
    width, height = display_size(source.entry) if video else (0, 0)
    language = source.rendition.language or source.info.language
    tagged = language is not None and languages.code(language) != language
    return TrackHeader(
        video=video,
        timescale=placed.timescale,
        duration=placed.end,
        entry=cmaf_entry(source.entry, _mastering(source) if video else Mastering()),
        language_code=languages.code(language),
        language_tag=language if tagged else None,
        width=width,
        height=height,
        matrix=source.info.matrix if video else IDENTITY_MATRIX,
        priming=placed.priming,
    )


def video_track(track_id: str, placed: PlacedTrack, file: TrackFile) -> Track:
    """Return the value of a written video track."""
    entry, rendition = placed.source.entry, placed.source.rendition
    width, height = display_size(entry)
    rates = _rates(file.segments, placed.timescale)
    return Track(
        id=track_id,
        kind="video",
        codec=_out_of_band(entry.codec),
        mime_type="video/mp4",
        timescale=placed.timescale,
        bandwidth=rates.peak,
        average_bandwidth=rates.average,
        key=file.segments[0].key,
        size=file.size,
        init=file.init,
        index=file.index,
        segments=file.segments,
        iframes=file.iframes,
        width=width,
        height=height,
        frame_rate=rendition.frame_rate or _frame_rate(placed),
        colour=_shown_colour(placed),
    )


def _out_of_band(codec: str) -> str:
    """Name the tag that `cmaf_entry` writes: parameter sets are in the header."""
    tag, dot, rest = codec.partition(".")
    return {"avc3": "avc1", "hev1": "hvc1"}.get(tag, tag) + dot + rest


def audio_track(track_id: str, placed: PlacedTrack, file: TrackFile) -> Track:
    """Return the value of a written audio track."""
    entry = placed.source.entry
    rates = _rates(file.segments, placed.timescale)
    return Track(
        id=track_id,
        kind="audio",
        codec=entry.codec,
        mime_type="audio/mp4",
        timescale=placed.timescale,
        bandwidth=rates.peak,
        average_bandwidth=rates.average,
        key=file.segments[0].key,
        size=file.size,
        init=file.init,
        index=file.index,
        segments=file.segments,
        sample_rate=entry.sample_rate or None,
        channels=entry.channels or placed.source.rendition.channels,
    )


_DISPLAY = re.compile(r"G\((.*?)\)B\((.*?)\)R\((.*?)\)WP\((.*?)\)L\((.*?)\)")


def _mastering(source: SourceTrack) -> Mastering:
    """Return what the rendition knows of a PQ film's mastering, as numbers."""
    colour = source.rendition.colour
    if colour is None or colour.video_range != "PQ":
        return Mastering()
    display = _DISPLAY.fullmatch(colour.mastering_display or "")
    points = tuple(_pair(text) for text in display.groups()) if display else ()
    light = _pair(colour.content_light_level) if colour.content_light_level else None
    return Mastering(
        display=(*points[0], *points[1], *points[2], *points[3], *points[4]) if points else None,
        light=light,
    )


def _pair(text: str) -> tuple[int, int]:
    first, _, second = text.partition(",")
    return int(first), int(second)


def trick_rate(track: Track) -> Ratio:
    """Return the pictures a second of a track with one picture for each of its I-frames."""
    duration = track.duration.seconds
    rate = Fraction(len(track.iframes)) / duration if duration else Fraction(1)
    rate = rate.limit_denominator(1001)
    return Ratio(max(1, rate.numerator), rate.denominator)


def _rates(segments: tuple[Segment, ...], timescale: int) -> Bandwidth:
    sizes = [one.range.length if one.range else 0 for one in segments]
    return measure(sizes, [one.duration for one in segments], timescale)


def _frame_rate(placed: PlacedTrack) -> Ratio | None:
    """Return the rate that nearly all pictures keep, else the average in small terms."""
    source = placed.source
    times = source.table.times[source.first : source.stop + 1]
    ticks, count = times[-1] - times[0], len(times) - 1
    if ticks <= 0:
        return None
    usual, kept = Counter(map(sub, times[1:], times)).most_common(1)[0]
    if usual and kept >= _STEADY * count:
        rate = Fraction(placed.timescale, usual)
    else:
        rate = Fraction(count * placed.timescale, ticks).limit_denominator(1001)
    return Ratio(max(1, rate.numerator), rate.denominator)


def _colour(entry: SampleEntry) -> Colour:
    if entry.colour is None:
        return Colour(bit_depth=entry.bit_depth)
    primaries, transfer, matrix, full_range = entry.colour
    return Colour(
        primaries=_PRIMARIES.get(primaries),
        transfer=_TRANSFERS.get(transfer),
        matrix=_MATRICES.get(matrix),
        full_range=full_range,
        bit_depth=entry.bit_depth,
        video_range=_RANGES.get(transfer, "SDR"),
    )
