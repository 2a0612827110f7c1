"""What a probe says of a source file: `MediaInfo` and the facts of each track."""

from fractions import Fraction

import msgspec

MPEG_STREAMS = frozenset({"mpegts", "mpeg"})
"""Containers without an index, with 33 bits for a time, which pass zero in the middle of a film."""


class Ratio(msgspec.Struct, frozen=True):
    """A positive rational such as a frame rate (24000/1001) or an aspect ratio (16/9)."""

    numerator: int
    denominator: int = 1

    @property
    def value(self) -> Fraction:
        """The exact quotient."""
        return Fraction(self.numerator, self.denominator)

    def __str__(self) -> str:
        if self.denominator == 1:
            return str(self.numerator)
        return f"{self.numerator}/{self.denominator}"


class Colour(msgspec.Struct, frozen=True, kw_only=True):
    """Colour description of a video track; names as ITU-T H.273 and ffprobe use them."""

    primaries: str | None = None
    transfer: str | None = None
    matrix: str | None = None
    full_range: bool = False
    bit_depth: int = 8
    chroma: str = "4:2:0"
    video_range: str = "SDR"
    """`SDR`, `PQ` or `HLG`: HLS VIDEO-RANGE, RFC 8216bis §4.4.6.2."""
    mastering_display: str | None = None
    content_light_level: str | None = None


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a picture in pixels; x and y are its upper left corner."""

    width: int
    height: int
    x: int
    y: int


class VideoTrackInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One video track of a source. Width and height are as coded, before rotation and SAR."""

    index: int
    codec: str
    profile: str | None = None
    width: int
    height: int
    rotation: int = 0
    """Clockwise degrees to turn the coded picture for display: 0, 90, 180 or 270."""
    mirrored: bool = False
    sample_aspect_ratio: Ratio = Ratio(1, 1)
    frame_rate: Ratio
    """The average rate of frames a second."""
    variable_frame_rate: bool = False
    field_order: str = "progressive"
    """`progressive`, `tff`, `bff` or `unknown`; as the pictures show where flags are wrong."""
    telecined: bool = False
    """Whether film of 24 a second was spread over the fields of 30 (3:2 pulldown)."""
    colour: Colour = Colour()
    duration: float | None = None
    bit_rate: int | None = None
    start: float = 0.0
    early: float = 0.0
    """Seconds by which its pictures are decoded before their time, where an edit list begins
    between two of them."""
    active: Area | None = None
    """The upright picture inside its black bars, before SAR; None where there are none."""
    changes: bool = False
    """Whether size, pixel format or colour change during the film, as where files were joined."""
    damaged: bool = False
    """Whether the container or a trial decode says that some of its pictures are broken."""

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height in the source's pixels, turned as a viewer sees them."""
        turned = self.rotation in {90, 270}
        return (self.height, self.width) if turned else (self.width, self.height)

    @property
    def display_size(self) -> tuple[int, int]:
        """Width and height in square pixels as a viewer sees them, each at least 1."""
        return self.squared(*self.upright_size)

    def squared(self, width: int, height: int) -> tuple[int, int]:
        """Return the size in square pixels of an upright picture of the source's pixels."""
        ratio = self.sample_aspect_ratio.value
        if self.rotation in {90, 270}:
            return width, max(1, round(height * ratio))
        return max(1, round(width * ratio)), height


class AudioTrackInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One audio track of a source."""

    index: int
    codec: str
    profile: str | None = None
    sample_rate: int
    channels: int
    channel_layout: str | None = None
    language: str | None = None
    """BCP 47 tag, or None where the source does not say."""
    label: str | None = None
    default: bool = False
    roles: tuple[str, ...] = ()
    """`commentary`, `description`, `dub` ...: from the container's disposition flags."""
    duration: float | None = None
    bit_rate: int | None = None
    start: float = 0.0
    changes: bool = False
    """Whether sample rate or channels change on the way. `channels` are the most then."""


class TextTrackInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One subtitle or caption track of a source."""

    index: int
    codec: str
    language: str | None = None
    label: str | None = None
    default: bool = False
    forced: bool = False
    hearing_impaired: bool = False
    bitmap: bool = False
    """True for picture subtitles (PGS, DVB, VobSub), which cannot become text."""


class Chapter(msgspec.Struct, frozen=True, kw_only=True):
    """A named stretch of the film; start and end in seconds from the start of the film."""

    start: float
    end: float
    title: str


class MediaInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the pipeline must know of a source before it touches it."""

    container: str
    """`mp4`, `matroska`, `mpegts`, `avi`, `mxf`, `mpeg`, `flv`, `ogg`, or an audio container."""
    duration: float
    """Seconds, from the longest playable track."""
    size: int
    """Bytes."""
    bit_rate: int
    video: tuple[VideoTrackInfo, ...] = ()
    audio: tuple[AudioTrackInfo, ...] = ()
    text: tuple[TextTrackInfo, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    tags: dict[str, str] = {}
    """`title`, `artist`, `date` ... as the container gives them, bounded in count and length."""
    warnings: tuple[str, ...] = ()
    """Faults that do not forbid publishing, in words for the operator."""

    @property
    def film_start(self) -> float:
        """The source's own time of its first picture or sound: 0 of the film's time.

        What comes before 0 is an encoder's delay (Matroska CodecDelay), which decoders leave out;
        but for MPEG, whose clock starts again every 26 hours: a film across that is told to begin
        before 0.
        """
        starts = [track.start for track in self.video] + [track.start for track in self.audio]
        first = min(starts, default=0.0)
        return first if self.container in MPEG_STREAMS else max(0.0, first)
