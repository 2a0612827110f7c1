"""Playlist values -> text."""

from collections.abc import Iterable, Iterator

import msgspec

from matinee.errors import InputError
from matinee.formats.hls.attributes import plain, write, write_byte_range
from matinee.formats.hls.values import (
    DateRange,
    Define,
    Key,
    Map,
    MediaPlaylist,
    MultivariantPlaylist,
    Segment,
    Start,
)
from matinee.formats.hls.versions import required_version


def render(playlist: MultivariantPlaylist | MediaPlaylist) -> str:
    """Return the text of *playlist*, lines ended by LF, with the EXT-X-VERSION it needs.

    Raises:
        InputError: a text of the value cannot stand in a playlist (line breaks, quotes), or a
            segment without EXT-X-MAP follows one with it, which the syntax cannot say.
    """
    if isinstance(playlist, MultivariantPlaylist):
        body = _multivariant(playlist)
    else:
        body = _media(playlist)
    version = max(required_version(playlist), playlist.version)
    lines = ["#EXTM3U", *([f"#EXT-X-VERSION:{version}"] if version > 1 else ()), *body, ""]
    text = "\n".join(lines)
    if text.count("\n") != len(lines) - 1 or "\r" in text:
        raise InputError("a text of the playlist holds a line break")
    return text


def _tag(name: str, value: msgspec.Struct) -> str:
    return f"#{name}:{write(value)}"


def _uri(text: str) -> str:
    if not text or text.startswith("#") or text != text.strip():
        raise InputError(f"{text[:80]!r} cannot stand as a URI line")
    return text


def _unknown(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if not line.startswith("#EXT"):
            raise InputError(f"not a tag: {line[:80]!r}")
        yield line


def _head(
    defines: Iterable[Define], start: Start | None, *, independent_segments: bool
) -> Iterator[str]:
    if independent_segments:
        yield "#EXT-X-INDEPENDENT-SEGMENTS"
    for define in defines:
        yield _tag("EXT-X-DEFINE", define)
    if start is not None:
        yield _tag("EXT-X-START", start)


def _multivariant(playlist: MultivariantPlaylist) -> Iterator[str]:
    yield from _head(
        playlist.defines, playlist.start, independent_segments=playlist.independent_segments
    )
    yield from _unknown(playlist.unknown)
    if playlist.content_steering is not None:
        yield _tag("EXT-X-CONTENT-STEERING", playlist.content_steering)
    for data in playlist.session_data:
        yield _tag("EXT-X-SESSION-DATA", data)
    for key in playlist.session_keys:
        yield _tag("EXT-X-SESSION-KEY", key)
    for rendition in playlist.renditions:
        yield _tag("EXT-X-MEDIA", rendition)
    for variant in playlist.variants:
        yield _tag("EXT-X-STREAM-INF", variant)
        yield _uri(variant.uri)
    for iframes in playlist.iframe_variants:
        yield _tag("EXT-X-I-FRAME-STREAM-INF", iframes)
    for images in playlist.image_variants:
        yield _tag("EXT-X-IMAGE-STREAM-INF", images)


def _media(playlist: MediaPlaylist) -> Iterator[str]:
    yield from _media_head(playlist)
    yield from _unknown(playlist.unknown)
    if playlist.skip is not None:
        yield _tag("EXT-X-SKIP", playlist.skip)
    yield from _segments(playlist)
    yield from _date_ranges(playlist.trailing_date_ranges)
    yield from _unknown(playlist.trailing)
    for hint in playlist.preload_hints:
        yield _tag("EXT-X-PRELOAD-HINT", hint)
    for report in playlist.rendition_reports:
        yield _tag("EXT-X-RENDITION-REPORT", report)
    if playlist.end_list:
        yield "#EXT-X-ENDLIST"


def _media_head(playlist: MediaPlaylist) -> Iterator[str]:
    yield f"#EXT-X-TARGETDURATION:{playlist.target_duration}"
    yield f"#EXT-X-MEDIA-SEQUENCE:{playlist.media_sequence}"
    if playlist.discontinuity_sequence:
        yield f"#EXT-X-DISCONTINUITY-SEQUENCE:{playlist.discontinuity_sequence}"
    if playlist.playlist_type is not None:
        yield f"#EXT-X-PLAYLIST-TYPE:{playlist.playlist_type}"
    yield from _head(
        playlist.defines, playlist.start, independent_segments=playlist.independent_segments
    )
    if playlist.i_frames_only:
        yield "#EXT-X-I-FRAMES-ONLY"
    if playlist.images_only:
        yield "#EXT-X-IMAGES-ONLY"
    if playlist.server_control is not None:
        yield _tag("EXT-X-SERVER-CONTROL", playlist.server_control)
    if playlist.part_information is not None:
        yield _tag("EXT-X-PART-INF", playlist.part_information)


def _segments(playlist: MediaPlaylist) -> Iterator[str]:
    keys: tuple[Key, ...] = ()
    section: Map | None = None
    every = playlist.segments
    if playlist.open_segment is not None:
        every = (*every, playlist.open_segment)
    for segment in every:
        if segment.discontinuity:
            yield "#EXT-X-DISCONTINUITY"
        if segment.keys != keys:
            yield from _key_change(keys, segment.keys)
            keys = segment.keys
        if segment.map != section:
            if segment.map is None:
                raise InputError(f"segment {segment.uri!r} has no map, but one before it has")
            yield _tag("EXT-X-MAP", segment.map)
            section = segment.map
        yield from _before_uri(segment)
        if segment is not playlist.open_segment:
            yield from _addressed(segment)


def _key_change(before: tuple[Key, ...], after: tuple[Key, ...]) -> Iterator[str]:
    if before:
        # §4.4.4.4: keys of another KEYFORMAT stay in force until METHOD=NONE.
        yield "#EXT-X-KEY:METHOD=NONE"
    for key in after:
        yield _tag("EXT-X-KEY", key)


def _date_ranges(ranges: Iterable[DateRange]) -> Iterator[str]:
    for date_range in ranges:
        yield _tag("EXT-X-DATERANGE", date_range)


def _before_uri(segment: Segment) -> Iterator[str]:
    if segment.program_date_time is not None:
        yield f"#EXT-X-PROGRAM-DATE-TIME:{segment.program_date_time}"
    yield from _date_ranges(segment.date_ranges)
    yield from _unknown(segment.unknown)
    for part in segment.parts:
        yield _tag("EXT-X-PART", part)


def _addressed(segment: Segment) -> Iterator[str]:
    if segment.gap:
        yield "#EXT-X-GAP"
    if segment.bit_rate is not None:
        yield f"#EXT-X-BITRATE:{segment.bit_rate}"
    if segment.tiles is not None:
        yield _tag("EXT-X-TILES", segment.tiles)
    if segment.duration < 0:
        raise InputError(f"segment {segment.uri!r} has a negative duration")
    yield f"#EXTINF:{plain(segment.duration)},{segment.title}"
    if segment.byte_range is not None:
        yield f"#EXT-X-BYTERANGE:{write_byte_range(segment.byte_range)}"
    yield _uri(segment.uri)
