"""The plan of an encode: a `Ladder` of video `Rung`s and `AudioRung`s.

A ladder is written as TOML (see docs/how-to/ladders.md) and validated by `transcode/ladder.py`.
"""

from typing import Literal

import msgspec

DEFAULT_LADDER = "auto"
"""Name of the built-in ladder that a film gets where none is asked for."""

DashText = Literal["webvtt", "wvtt", "imsc"]
"""How DASH has its texts: one WebVTT file each, or a CMAF track of WebVTT or of IMSC 1.1 Text."""


class Rung(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One video rendition to make, in the box of 16:9 landscape; portrait sources swap the sides.

    Rates are bits a second. The encoder aims at constant quality (`crf`) capped by `max_rate` over
    a buffer of `buffer_seconds`; with `crf` None it aims at `rate` on average, over the whole film
    or each chunk of it.
    """

    name: str
    """Short and unique, such as `720p`; becomes part of file names."""
    height: int
    """Lines on the shorter side for the common 16:9 case; never above the source's."""
    max_rate: int
    rate: int | None = None
    crf: float | None = 23.0
    codec: str = "h264"
    """`h264`, `hevc` or `av1`; `crf` is on the scale of its encoder (x264, x265, SVT-AV1)."""
    profile: str | None = None
    """Of H.264: `baseline`, `main` or `high`, which None stands for. Others follow `bit_depth`."""
    bit_depth: int | None = None
    """8 or 10. None is 8, but 10 for HEVC and AV1 of an HDR source, which then stays HDR."""
    film_grain: int = 0
    """AV1: how much grain (0 to 50) is taken out and made again by the player; 0 leaves it in."""
    max_frame_rate: float = 60.0
    buffer_seconds: float = 1.5
    preset: str | None = None
    """Of this rung alone; None is the ladder's. A small rung is slow to no great cost."""
    trellis: bool = False
    """H.264: weigh bits against error in every coefficient, also where the preset does not."""
    passes: int | None = None
    """With `rate`: 2 to look at all pictures before bits are shared out among them, 1 to go by what
    has passed. None is 2; with `crf` there is nothing to share out, and 1."""
    lookahead: int | None = None
    """H.264: frames looked ahead to share out bits; None is what the preset has."""


class AudioRung(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One audio rendition to make of every audio track of the source."""

    name: str = "stereo"
    codec: str = "aac"
    """`aac` (AAC-LC) or `opus`."""
    channels: int = 2
    rate: int = 128_000
    sample_rate: int = 48_000


class Ladder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rungs of one title, best first, and what they share."""

    name: str
    video: tuple[Rung, ...]
    audio: tuple[AudioRung, ...] = (AudioRung(),)
    preset: str = "veryfast"
    """Trade of speed against size by x264's names; other encoders have theirs mapped."""
    gop_seconds: float = 2.0
    """IDR distance; rounded to whole frames. Apple authoring spec: 2 s."""
    segment_seconds: float = 4.0
    """A whole number of GOPs."""
    copy_video: bool = False
    """Repackage the source's own video instead of encoding, where it is compatible."""
    copy_audio: bool = False
    loudness: float | None = None
    """LUFS (ITU-R BS.1770) that each encoded audio track is brought to; None leaves it as it is."""
    true_peak: float = -1.0
    """dBTP that no peak may pass where `loudness` is set (EBU R 128: -1)."""
    crop: str = "none"
    """`auto` cuts black bars off, `none` shows the picture as it is."""
    field_rate: bool = False
    """Make a frame of each field of interlaced sources (50i becomes 50p), not of each two."""
    dash_text: DashText = "webvtt"
    """What DASH has its texts in; HLS has them in segments of WebVTT in any case."""
    per_title: bool = False
    """Choose CRFs and caps for each film by measured quality, from the heights given here."""
    description: str = ""
