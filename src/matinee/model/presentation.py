"""The core value: everything downstream of packaging reads one immutable `Presentation`.

VOD, a growing title and a live window are the same type at different moments; a change is a new
value, never an edit in place. The nouns are CMAF's (ISO/IEC 23000-19): Presentation, SelectionSet,
SwitchingSet, Track, Segment. All object keys are relative to the folder of the presentation's
version, so a presentation can be rendered for a static folder or behind any prefix.
"""

from datetime import datetime
from typing import Literal

import msgspec

from matinee.model.media import Colour, Ratio
from matinee.model.rendition import Kind
from matinee.model.time import MediaTime

Mode = Literal["on-demand", "growing", "live"]
PeriodSource = Literal["content", "ad", "slate"]


class ByteRange(msgspec.Struct, frozen=True):
    """`length` bytes from `offset` of an object."""

    offset: int
    length: int

    @property
    def last(self) -> int:
        """Offset of the last byte, as HTTP and DASH write ranges (inclusive)."""
        return self.offset + self.length - 1


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A CMAF chunk of a segment, which low latency addresses. Times in the track's timescale."""

    start: int
    duration: int
    key: str
    range: ByteRange | None = None
    independent: bool = True


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """One addressable segment; start and duration are ticks of its track's timescale.

    `range` None means the whole object at `key`.
    """

    number: int
    start: int
    duration: int
    key: str
    range: ByteRange | None = None
    independent: bool = True
    program_date_time: str | None = None
    parts: tuple[Part, ...] = ()


class IFrame(msgspec.Struct, frozen=True, kw_only=True):
    """An independently decodable picture: the bytes from its `moof` to the end of its sample.

    `duration` is the time to the next I-frame (RFC 8216bis §4.4.3.6).
    """

    start: int
    duration: int
    range: ByteRange


class TileGrid(msgspec.Struct, frozen=True, kw_only=True):
    """How one thumbnail image is cut: `columns` x `rows` tiles, each shown for `tile_duration`."""

    columns: int
    rows: int
    tile_duration: MediaTime
    count: int


class Track(msgspec.Struct, frozen=True, kw_only=True):
    """One CMAF track (or text file, or sequence of thumbnail sheets) and its segments.

    Bandwidths are measured bits a second: `bandwidth` is the peak over any contiguous run of
    segments between 0.5 and 1.5 target durations (RFC 8216bis §4.4.6.2), `average_bandwidth`
    over the whole track.
    """

    id: str
    """Unique in the presentation; letters, digits, `-`, `_`: used in file names and @id."""
    kind: Kind
    codec: str
    """RFC 6381 codec string (`avc1.64001f`, `mp4a.40.2`), `wvtt` for WebVTT, `jpeg` for images."""
    mime_type: str
    """`video/mp4`, `audio/mp4`, `text/vtt`, `image/jpeg`."""
    timescale: int
    bandwidth: int
    average_bandwidth: int
    key: str | None = None
    """The single file that holds the whole track: CMAF track file, or WebVTT for DASH."""
    size: int | None = None
    init: ByteRange | None = None
    """`ftyp`+`moov` within `key`."""
    init_key: str | None = None
    """The object that is `ftyp`+`moov`, where every segment is an object of its own."""
    index: ByteRange | None = None
    """`sidx` within `key`."""
    segments: tuple[Segment, ...] = ()
    iframes: tuple[IFrame, ...] = ()
    width: int | None = None
    height: int | None = None
    frame_rate: Ratio | None = None
    colour: Colour | None = None
    sample_rate: int | None = None
    channels: int | None = None
    tiles: TileGrid | None = None

    @property
    def duration(self) -> MediaTime:
        """From the first segment's start to the last one's end."""
        if not self.segments:
            return MediaTime(0, self.timescale)
        last = self.segments[-1]
        return MediaTime(last.start + last.duration - self.segments[0].start, self.timescale)


class SwitchingSet(msgspec.Struct, frozen=True, kw_only=True):
    """Tracks of one codec family with aligned segments, among which a player may switch."""

    id: str
    tracks: tuple[Track, ...]
    """Best first."""
    trick_play_of: str | None = None
    """Id of the switching set for which this one holds I-frames only (DASH trick mode)."""


class CaptionChannel(msgspec.Struct, frozen=True, kw_only=True):
    """Captions that a video carries in its pictures."""

    channel: str
    """As HLS INSTREAM-ID names it: `CC1` to `CC4`, `SERVICE1` to `SERVICE63`."""
    language: str | None = None
    label: str = ""


class SelectionSet(msgspec.Struct, frozen=True, kw_only=True):
    """Alternatives of one content: the video, one language's audio, one language's subtitles."""

    id: str
    kind: Kind
    switching_sets: tuple[SwitchingSet, ...]
    language: str | None = None
    """BCP 47; None renders as `und` where a language is required."""
    label: str = ""
    roles: tuple[str, ...] = ("main",)
    accessibility: tuple[str, ...] = ()
    """`description` (audio for the blind), `caption` (text for the deaf), `enhanced`."""
    default: bool = False
    forced: bool = False
    captions: tuple[CaptionChannel, ...] | None = ()
    """In the pictures of a video; None where there are some of which nothing more is known."""

    @property
    def tracks(self) -> tuple[Track, ...]:
        """All tracks that play at normal speed, best first."""
        return tuple(
            track for one in self.switching_sets if not one.trick_play_of for track in one.tracks
        )


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of one source. HLS separates periods by a discontinuity, DASH by a Period."""

    id: str
    start: MediaTime
    duration: MediaTime | None
    selection_sets: tuple[SelectionSet, ...]
    source: PeriodSource = "content"

    def of_kind(self, kind: Kind) -> tuple[SelectionSet, ...]:
        """The selection sets of one kind, in order."""
        return tuple(one for one in self.selection_sets if one.kind == kind)


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """Something at a time on the presentation's timeline: a chapter, a cue, an avail."""

    kind: Literal["chapter", "cue", "avail", "metadata"]
    start: MediaTime
    duration: MediaTime | None = None
    title: str = ""


class Presentation(msgspec.Struct, frozen=True, kw_only=True):
    """One title or channel as players may see it, at one version."""

    id: str
    version: int
    mode: Mode = "on-demand"
    ended: bool = True
    periods: tuple[Period, ...]
    title: str = ""
    markers: tuple[Marker, ...] = ()
    target_duration: MediaTime = MediaTime(4, 1)
    """Nominal segment duration that the packager aimed at."""
    poster: str | None = None
    """Key of the poster image."""
    thumbnails: str | None = None
    """Key of the WebVTT thumbnail index."""
    chapters: str | None = None
    """Key of the WebVTT chapter file."""
    availability_start: datetime | None = None
    """Of one that grows: wall clock from which segments count as available, by their times."""
    updated_at: datetime | None = None
    """Of one that grows: when this value was made."""
    expected_duration: MediaTime | None = None
    """Of one that grows: how long it will be, as far as its source says."""

    @property
    def duration(self) -> MediaTime | None:
        """Sum of the periods, in seconds' finest timescale; None while it has no end."""
        total = MediaTime(0, 90_000)
        for period in self.periods:
            if period.duration is None:
                return None
            total = MediaTime.of(total.seconds + period.duration.seconds, 90_000)
        return total
