"""ffprobe's answer to the house's words: pure, so every oddity can be tested as a value."""

import math
import re
from collections.abc import Iterable, Sequence
from statistics import median
from typing import TypeVar

import msgspec

from matinee.ingest.ffprobe import ChapterEntry, Packet, SideData, Stream, number
from matinee.ingest.languages import tag_of
from matinee.ingest.timing import frame_rate, gaps, ratio_of, varies
from matinee.model.media import (
    AudioTrackInfo,
    Chapter,
    Colour,
    Ratio,
    TextTrackInfo,
    VideoTrackInfo,
)

TEXT_CODECS = frozenset(
    {"subrip", "srt", "mov_text", "webvtt", "ass", "ssa", "text", "ttml", "microdvd", "subviewer",
     "subviewer1", "mpl2", "jacosub", "sami", "realtext", "stl", "vplayer", "pjs"}
)  # fmt: skip
BITMAP_CODECS = frozenset(
    {"hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle", "xsub", "dvb_teletext", "arib_caption"}
)
_Track = TypeVar("_Track", VideoTrackInfo, AudioTrackInfo)
_LONGEST_PES = 1.0
"""Seconds that a PES packet holds at most: some timestamp comes every 0.7 s (ISO/IEC 13818-1
§2.7.4)."""
_SBR_SAMPLES = 2048
_MAX_TEXT = 500
_MAX_CHAPTERS = 1000
_TOLD_TAGS = frozenset(
    {"title", "artist", "album_artist", "author", "composer", "performer", "director", "producer",
     "publisher", "date", "year", "genre", "comment", "description", "synopsis", "copyright",
     "language", "show", "season_number", "episode_id", "episode_sort", "network", "album",
     "track", "keywords", "grouping", "location"}
)  # fmt: skip
_PLAIN_FIELD_ORDERS = {"progressive": "progressive", "tt": "tff", "tb": "tff", "bb": "bff",
                       "bt": "bff"}  # fmt: skip
_RANGES = {"smpte2084": "PQ", "arib-std-b67": "HLG"}
_ROLES = (("comment", "commentary"), ("dub", "dub"), ("visual_impaired", "description"),
          ("descriptions", "description"))  # fmt: skip


def is_picture(stream: Stream) -> bool:
    """Say whether a video stream is a still that goes with the film: cover art, a thumbnail."""
    flags = stream.disposition
    return any(flags.get(name) for name in ("attached_pic", "timed_thumbnails", "still_image"))


def video_track(stream: Stream, packets: Iterable[Packet]) -> VideoTrackInfo:
    """Return the facts of a video stream; *packets* are a sample of the whole file's."""
    own = [packet for packet in packets if packet.stream == stream.index]
    distances = gaps((packet.dts, packet.pts) for packet in own)
    rotation, mirrored = orientation(stream.side_data_list)
    average = ratio_of(stream.avg_frame_rate)
    return VideoTrackInfo(
        index=stream.index,
        codec=stream.codec_name or "unknown",
        profile=_profile(stream),
        width=stream.width,
        height=stream.height,
        rotation=rotation,
        mirrored=mirrored,
        sample_aspect_ratio=ratio_of(stream.sample_aspect_ratio, ":") or Ratio(1),
        frame_rate=frame_rate(average, ratio_of(stream.r_frame_rate), distances),
        variable_frame_rate=varies(distances),
        field_order=_PLAIN_FIELD_ORDERS.get(stream.field_order or "", "unknown"),
        colour=colour_of(stream),
        duration=duration_of(stream),
        bit_rate=_whole(stream.bit_rate),
        start=number(stream.start_time) or 0.0,
        damaged=any(packet.corrupt for packet in own),
    )


def audio_track(stream: Stream, packets: Iterable[Packet] = ()) -> AudioTrackInfo:
    """Return the facts of an audio stream; *packets* are a sample of the whole file's."""
    flags = stream.disposition
    roles = tuple(dict.fromkeys(role for flag, role in _ROLES if flags.get(flag)))
    layout = stream.channel_layout
    return AudioTrackInfo(
        index=stream.index,
        codec=stream.codec_name or "unknown",
        profile="HE-AAC" if _at_half_rate(stream, packets) else _profile(stream),
        sample_rate=_whole(stream.sample_rate) or 0,
        channels=stream.channels,
        channel_layout=layout if layout and layout != "unknown" else None,
        language=tag_of(_tag(stream.tags, "language")),
        label=_label(stream),
        default=bool(flags.get("default")),
        roles=roles,
        duration=duration_of(stream),
        bit_rate=_whole(stream.bit_rate),
        start=number(stream.start_time) or 0.0,
    )


def _at_half_rate(stream: Stream, packets: Iterable[Packet]) -> bool:
    """Say whether *stream* is AAC whose header tells half of the rate that comes out (SBR).

    Where nothing but the sound itself says that it is HE-AAC, as in MPEG-TS, ffprobe calls it LC
    at the rate decoded. Its frames of 1024 samples then last for 2048.
    """
    rate = _whole(stream.sample_rate) or 0
    lasting = [one.duration for one in packets if one.stream == stream.index and one.duration]
    if stream.codec_name != "aac" or not lasting:
        return False
    return abs(median(lasting) * rate / _SBR_SAMPLES - 1) < 0.1


def to_last_packet(track: _Track, packets: Iterable[Packet]) -> _Track:
    """Return *track* of an MPEG stream with its true length, which goes to its last packet's end.

    ffprobe tells it up to where the last PES packet begins, which may hold sound of 0.2 s and more.
    What is further off is another fault, which is judged elsewhere.
    """
    if track.duration is None:
        return track
    own = [one for one in packets if one.stream == track.index and one.pts is not None]
    reached = max(((one.pts or 0.0) + one.duration for one in own), default=0.0) - track.start
    if not 0 < reached - track.duration < _LONGEST_PES:
        return track
    return msgspec.structs.replace(track, duration=round(reached, 6))


def text_track(stream: Stream) -> TextTrackInfo:
    """Return the facts of a subtitle stream."""
    flags = stream.disposition
    return TextTrackInfo(
        index=stream.index,
        codec=stream.codec_name or "unknown",
        language=tag_of(_tag(stream.tags, "language")),
        label=_label(stream),
        default=bool(flags.get("default")),
        forced=bool(flags.get("forced")),
        hearing_impaired=bool(flags.get("hearing_impaired") or flags.get("captions")),
        bitmap=stream.codec_name in BITMAP_CODECS,
    )


def orientation(side_data: Sequence[SideData]) -> tuple[int, bool]:
    """Return the clockwise quarter turns (in degrees) and mirroring of a display matrix.

    A mirrored picture is first mirrored left to right, then turned (ISO/IEC 14496-12 §8.3.2:
    (x, y) goes to (a x + c y, b x + d y), with y pointing down).
    """
    matrix = next((one.displaymatrix for one in side_data if one.displaymatrix), None)
    rows = re.findall(r":\s*(-?\d{1,12})\s+(-?\d{1,12})\s+(-?\d{1,12})", matrix or "")
    if len(rows) < 2:
        return 0, False
    (a, b), (c, d) = ([int(value) for value in row[:2]] for row in rows[:2])
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    if not a and not b:
        return 0, mirrored
    return round(math.degrees(math.atan2(b, a)) / 90) % 4 * 90, mirrored


def colour_of(stream: Stream) -> Colour:
    """Return the colour description; names that say nothing are None."""

    def named(value: str | None) -> str | None:
        return None if value in {None, "unknown", "reserved", "unspecified"} else value

    depth, chroma = _samples(stream)
    transfer = named(stream.color_transfer)
    display, light = mastering(stream.side_data_list)
    return Colour(
        primaries=named(stream.color_primaries),
        transfer=transfer,
        matrix=named(stream.color_space),
        full_range=stream.color_range == "pc" or (stream.pix_fmt or "").startswith("yuvj"),
        bit_depth=depth,
        chroma=chroma,
        video_range=_RANGES.get(transfer or "", "SDR"),
        mastering_display=display,
        content_light_level=light,
    )


def _samples(stream: Stream) -> tuple[int, str]:
    """Return bit depth and chroma subsampling, from the name of the pixel format."""
    name = stream.pix_fmt or ""
    found = re.search(r"(?:p|gray|x2rgb|x2bgr|[pxy][024])(9|10|12|14|16)(?:le|be)?$", name)
    depth = int(found[1]) if found else _whole(stream.bits_per_raw_sample) or 8
    if name.startswith("gray"):
        chroma = "4:0:0"
    elif "444" in name or re.search(r"rgb|bgr|gbr|pal8", name):
        chroma = "4:4:4"
    elif re.search(r"422|nv16|[py]21\d", name):
        chroma = "4:2:2"
    else:
        chroma = "4:1:1" if "411" in name else "4:2:0"
    return (depth if 8 <= depth <= 16 else 8), chroma


def mastering(side_data: Sequence[SideData]) -> tuple[str | None, str | None]:
    """Return mastering display (SMPTE ST 2086) and content light level as x265 writes them.

    `G(x,y)B(x,y)R(x,y)WP(x,y)L(max,min)` in units of 0.00002 and of 0.0001 cd/m²; `MaxCLL,MaxFALL`.
    """
    display = light = None
    for one in side_data:
        points = [(one.green_x, one.green_y), (one.blue_x, one.blue_y), (one.red_x, one.red_y),
                  (one.white_point_x, one.white_point_y)]  # fmt: skip
        values = [_units(value, 50_000) for point in points for value in point]
        limits = [_units(one.max_luminance, 10_000), _units(one.min_luminance, 10_000)]
        if None not in values:
            names = ("G", "B", "R", "WP")
            pairs = zip(names, values[::2], values[1::2], strict=True)
            display = "".join(f"{name}({x},{y})" for name, x, y in pairs)
            display += f"L({limits[0] or 0},{limits[1] or 0})"
        if one.max_content is not None:
            light = f"{one.max_content},{one.max_average or 0}"
    return display, light


def _units(text: str | None, scale: int) -> int | None:
    found = re.fullmatch(r"(\d{1,12})/(\d{1,12})", text or "")
    if found is None or not int(found[2]):
        return None
    return round(int(found[1]) * scale / int(found[2]))


def duration_of(stream: Stream) -> float | None:
    """Return a stream's own duration in seconds, without what passes before it starts.

    Matroska keeps it in a tag: FFmpeg's counts from the film's start to the track's end, that of
    mkvmerge, which names itself in another tag, from the track's start.
    """
    told = number(stream.duration)
    if told is None:
        clock = re.fullmatch(
            r"(\d{1,6}):([0-5]\d):([0-5]\d(?:\.\d{1,9})?)", _tag(stream.tags, "DURATION") or ""
        )
        if clock:
            told = int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3])
            if not _tag(stream.tags, "_STATISTICS_WRITING_APP"):
                told -= max(0.0, number(stream.start_time) or 0.0)
    return told if told is not None and told > 0 else None


def chapters_of(entries: Sequence[ChapterEntry], duration: float) -> tuple[Chapter, ...]:
    """Return the chapters within the film, in order, named by number where they have no title."""
    found: list[Chapter] = []
    for entry in entries[:_MAX_CHAPTERS]:
        start, end = number(entry.start_time), number(entry.end_time)
        if start is None or not 0 <= start < duration:
            continue
        title = cleaned(_tag(entry.tags, "title") or "") or f"Chapter {len(found) + 1}"
        stop = min(end, duration) if end is not None and end > start else duration
        found.append(Chapter(start=start, end=stop, title=title))
    return tuple(sorted(found, key=lambda chapter: chapter.start))


def tags_of(tags: dict[str, str]) -> dict[str, str]:
    """Return the tags that say something of the film, by lower-case name, bounded."""
    found: dict[str, str] = {}
    for name, value in tags.items():
        key, text = cleaned(name)[:64].lower(), cleaned(value)
        if key and text and key in _TOLD_TAGS:
            found.setdefault(key, text)
    return found


def cleaned(text: str) -> str:
    """Return *text* on one line, without control characters, at most 500 characters long."""
    words = "".join(char if char.isprintable() else " " for char in text[: _MAX_TEXT * 2]).split()
    return " ".join(words)[:_MAX_TEXT]


def _tag(tags: dict[str, str], name: str) -> str | None:
    """Return a tag by its name in whatever case."""
    for key, value in tags.items():
        if key.lower() == name.lower():
            return value
    return None


def _label(stream: Stream) -> str | None:
    """Return the name a person gave the track; a handler's name is its program's."""
    title = cleaned(_tag(stream.tags, "title") or _tag(stream.tags, "name") or "")
    if title:
        return title
    handler = cleaned(_tag(stream.tags, "handler_name") or "")
    generic = re.search(
        r"handler|core media|iso media|gpac|mainconcept|apple|l-smash|bento|[@#\x00]|^\W*$",
        handler, re.IGNORECASE,
    )  # fmt: skip
    return None if generic or not handler else handler


def _profile(stream: Stream) -> str | None:
    profile = stream.profile
    return None if profile in {None, "unknown", -99} else str(profile)


def _whole(value: str | float | None) -> int | None:
    found = number(value)
    return int(found) if found is not None and found > 0 else None
