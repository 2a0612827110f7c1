"""What transcoding hands to packaging: one encoded track of one rung."""

from typing import Literal

import msgspec

from matinee.model.media import Colour, Ratio

Kind = Literal["video", "audio", "text", "image"]


class Rendition(msgspec.Struct, frozen=True, kw_only=True):
    """One encoded track: an MP4 (progressive or fragmented) with that track, or a WebVTT file.

    `key` is a storage key. `track_index` chooses among the MP4's tracks of this kind where the
    file holds several, as a source does that is repackaged without encoding.
    """

    key: str
    kind: Kind
    name: str
    """Rung name, or a name for the audio or text track; unique within its kind and language."""
    track_index: int = 0
    language: str | None = None
    label: str | None = None
    roles: tuple[str, ...] = ()
    """DASH roles, urn:mpeg:dash:role:2011: `main`, `alternate`, `commentary`, `dub`,
    `description`, `caption`, `subtitle`, `forced-subtitle`."""
    default: bool = False
    codec: str | None = None
    """`h264`, `hevc` or `av1` where it was encoded here; None where the file must be asked."""
    frame_rate: Ratio | None = None
    colour: Colour | None = None
    channels: int | None = None
    source_index: int | None = None
    """Which source track it came from: renditions of one source track form one selection set."""
    caption_channels: tuple[str, ...] = ()
    """Caption channels of the pictures (`CC1`, `SERVICE1`) that say what this text does."""
    film_offset: float = 0.0
    """Seconds from the film's time (`MediaInfo.film_start` is its 0) to the file's own clock: by
    how much its pictures and sound were moved, or where the film starts in a file taken as it is.
    Text tells the film's time, and goes with the pictures."""


class TileSheet(msgspec.Struct, frozen=True, kw_only=True):
    """Seek-bar thumbnails: JPEG sheets of `columns` x `rows` tiles, one tile each `interval` s."""

    keys: tuple[str, ...]
    """Storage keys of the sheets, in order."""
    columns: int
    rows: int
    tile_width: int
    tile_height: int
    interval: float
    count: int
    """Tiles that show a picture; the last sheet's rest is black."""
