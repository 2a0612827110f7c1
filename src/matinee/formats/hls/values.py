"""The values of playlists. Field names are the attributes' names; section numbers: RFC 8216bis.

Durations are `Decimal` seconds, exactly as a playlist writes them. `other` keeps the attributes we
have no field for, by name, as they stand in the text (quotes included); `unknown` keeps whole
lines of tags we do not know, so that parsing and rendering loses nothing.
"""

from decimal import Decimal
from typing import Literal

import msgspec


class ByteRange(msgspec.Struct, frozen=True):
    """`length` bytes from `offset` of a resource (§4.4.4.2); always absolute after parsing."""

    length: int
    offset: int = 0


class Resolution(msgspec.Struct, frozen=True):
    """Pixels across and down (decimal-resolution, §4.2)."""

    width: int
    height: int


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """EXT-X-START: where to begin playing, from the end where negative (§4.4.2.2)."""

    time_offset: Decimal
    precise: bool = False
    other: dict[str, str] = {}


class Define(msgspec.Struct, frozen=True, kw_only=True):
    """EXT-X-DEFINE: a variable by value, by import, or from the query of the URI (§4.4.2.3)."""

    name: str | None = None
    value: str | None = None
    import_name: str | None = None
    query_parameter: str | None = None
    other: dict[str, str] = {}


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """EXT-X-KEY and EXT-X-SESSION-KEY (§4.4.4.4, §4.4.6.5)."""

    method: str
    uri: str | None = None
    iv: str | None = None
    """Hexadecimal, with its `0x`."""
    key_format: str | None = None
    key_format_versions: str | None = None
    other: dict[str, str] = {}


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """EXT-X-STREAM-INF and its URI (§4.4.6.2). Bandwidths are bits a second."""

    uri: str
    bandwidth: int
    average_bandwidth: int | None = None
    score: Decimal | None = None
    codecs: str | None = None
    """Comma-separated RFC 6381 strings."""
    supplemental_codecs: str | None = None
    resolution: Resolution | None = None
    frame_rate: Decimal | None = None
    hdcp_level: str | None = None
    allowed_cpc: str | None = None
    video_range: str | None = None
    req_video_layout: str | None = None
    stable_variant_id: str | None = None
    audio: str | None = None
    video: str | None = None
    subtitles: str | None = None
    closed_captions: str | None = None
    """A group id, or `NONE`."""
    pathway_id: str | None = None
    other: dict[str, str] = {}


class IFrameVariant(msgspec.Struct, frozen=True, kw_only=True):
    """EXT-X-I-FRAME-STREAM-INF (§4.4.6.3)."""

    uri: str
    bandwidth: int
    average_bandwidth: int | None = None
    score: Decimal | None = None
    codecs: str | None = None
    supplemental_codecs: str | None = None
    resolution: Resolution | None = None
    hdcp_level: str | None = None
    allowed_cpc: str | None = None
    video_range: str | None = None
    req_video_layout: str | None = None
    stable_variant_id: str | None = None
    video: str | None = None
    pathway_id: str | None = None
    other: dict[str, str] = {}


class ImageVariant(msgspec.Struct, frozen=True, kw_only=True):
    """EXT-X-IMAGE-STREAM-INF: thumbnail sheets (Roku's image media playlist extension)."""

    uri: str
    bandwidth: int
    average_bandwidth: int | None = None
    codecs: str | None = None
    resolution: Resolution | None = None
    """Of one tile."""
    video: str | None = None
    other: dict[str, str] = {}


class Rendition(msgspec.Struct, frozen=True, kw_only=True):
    """EXT-X-MEDIA (§4.4.6.1)."""

    type: str
    """`AUDIO`, `VIDEO`, `SUBTITLES` or `CLOSED-CAPTIONS`."""
    group_id: str
    name: str
    uri: str | None = None
    language: str | None = None
    assoc_language: str | None = None
    stable_rendition_id: str | None = None
    default: bool = False
    autoselect: bool = False
    forced: bool = False
    instream_id: str | None = None
    bit_depth: int | None = None
    sample_rate: int | None = None
    characteristics: str | None = None
    """Comma-separated media characteristic tags."""
    channels: str | None = None
    other: dict[str, str] = {}


class SessionData(msgspec.Struct, frozen=True, kw_only=True):
    """EXT-X-SESSION-DATA (§4.4.6.4)."""

    data_id: str
    value: str | None = None
    uri: str | None = None
    format: str | None = None
    language: str | None = None
    other: dict[str, str] = {}


class ContentSteering(msgspec.Struct, frozen=True, kw_only=True):
    """EXT-X-CONTENT-STEERING (§4.4.6.6)."""

    server_uri: str
    pathway_id: str | None = None
    other: dict[str, str] = {}


class MultivariantPlaylist(msgspec.Struct, frozen=True, kw_only=True):
    """The playlist of playlists (§4.4.6).

    `version` is what the text declared, 0 for none; rendering writes the larger of it and what
    the features need.
    """

    version: int = 0
    independent_segments: bool = False
    start: Start | None = None
    defines: tuple[Define, ...] = ()
    content_steering: ContentSteering | None = None
    session_data: tuple[SessionData, ...] = ()
    session_keys: tuple[Key, ...] = ()
    renditions: tuple[Rendition, ...] = ()
    variants: tuple[Variant, ...] = ()
    iframe_variants: tuple[IFrameVariant, ...] = ()
    image_variants: tuple[ImageVariant, ...] = ()
    unknown: tuple[str, ...] = ()


class Map(msgspec.Struct, frozen=True, kw_only=True):
    """EXT-X-MAP: the Media Initialization Section (§4.4.4.5)."""

    uri: str
    byte_range: ByteRange | None = None
    other: dict[str, str] = {}


class DateRange(msgspec.Struct, frozen=True, kw_only=True):
    """EXT-X-DATERANGE (§4.4.5.1); `X-` client attributes are in `other`."""

    id: str
    class_name: str | None = None
    start_date: str | None = None
    cue: str | None = None
    end_date: str | None = None
    duration: Decimal | None = None
    planned_duration: Decimal | None = None
    scte35_cmd: str | None = None
    scte35_out: str | None = None
    scte35_in: str | None = None
    end_on_next: bool = False
    other: dict[str, str] = {}


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """EXT-X-PART: a Partial Segment (§4.4.4.9)."""

    uri: str
    duration: Decimal
    independent: bool = False
    byte_range: ByteRange | None = None
    gap: bool = False
    other: dict[str, str] = {}


class Tiles(msgspec.Struct, frozen=True, kw_only=True):
    """EXT-X-TILES: how an image segment is cut; `layout` is columns x rows."""

    resolution: Resolution
    layout: Resolution
    duration: Decimal
    """Seconds each tile is shown."""
    other: dict[str, str] = {}


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A Media Segment and the tags that apply to it (§4.4.4).

    `map` and `keys` are those in force, repeated in each segment; rendering writes their tags
    where they change. `bit_rate` (kbit/s) stands where its tag stood.
    """

    uri: str
    duration: Decimal
    title: str = ""
    byte_range: ByteRange | None = None
    discontinuity: bool = False
    keys: tuple[Key, ...] = ()
    map: Map | None = None
    program_date_time: str | None = None
    date_ranges: tuple[DateRange, ...] = ()
    gap: bool = False
    bit_rate: int | None = None
    tiles: Tiles | None = None
    parts: tuple[Part, ...] = ()
    unknown: tuple[str, ...] = ()


class PartInformation(msgspec.Struct, frozen=True, kw_only=True):
    """EXT-X-PART-INF (§4.4.3.7)."""

    part_target: Decimal
    other: dict[str, str] = {}


class ServerControl(msgspec.Struct, frozen=True, kw_only=True):
    """EXT-X-SERVER-CONTROL (§4.4.3.8). All but the flags are seconds."""

    can_block_reload: bool = False
    can_skip_until: Decimal | None = None
    can_skip_date_ranges: bool = False
    hold_back: Decimal | None = None
    part_hold_back: Decimal | None = None
    other: dict[str, str] = {}


class Skip(msgspec.Struct, frozen=True, kw_only=True):
    """EXT-X-SKIP of a Playlist Delta Update (§4.4.5.2)."""

    skipped_segments: int
    recently_removed_date_ranges: str | None = None
    """Ids, separated by tabs."""
    other: dict[str, str] = {}


class PreloadHint(msgspec.Struct, frozen=True, kw_only=True):
    """EXT-X-PRELOAD-HINT (§4.4.5.3)."""

    type: str
    uri: str
    byte_range_start: int | None = None
    byte_range_length: int | None = None
    other: dict[str, str] = {}


class RenditionReport(msgspec.Struct, frozen=True, kw_only=True):
    """EXT-X-RENDITION-REPORT (§4.4.5.4)."""

    uri: str
    last_msn: int | None = None
    last_part: int | None = None
    other: dict[str, str] = {}


class MediaPlaylist(msgspec.Struct, frozen=True, kw_only=True):
    """A list of segments of one rendition (§4.4.3 to §4.4.5); `version` as in the multivariant.

    `open_segment` is the segment still being made: it has parts, an empty `uri` and a zero
    `duration`. `trailing_date_ranges` and `trailing` follow the last segment.
    """

    target_duration: int
    """Seconds."""
    version: int = 0
    media_sequence: int = 0
    discontinuity_sequence: int = 0
    playlist_type: Literal["VOD", "EVENT"] | None = None
    end_list: bool = False
    i_frames_only: bool = False
    images_only: bool = False
    independent_segments: bool = False
    start: Start | None = None
    defines: tuple[Define, ...] = ()
    part_information: PartInformation | None = None
    server_control: ServerControl | None = None
    skip: Skip | None = None
    segments: tuple[Segment, ...] = ()
    open_segment: Segment | None = None
    trailing_date_ranges: tuple[DateRange, ...] = ()
    preload_hints: tuple[PreloadHint, ...] = ()
    rendition_reports: tuple[RenditionReport, ...] = ()
    unknown: tuple[str, ...] = ()
    """Unknown tags before the first segment tag."""
    trailing: tuple[str, ...] = ()
    """Unknown tags after the last segment."""
