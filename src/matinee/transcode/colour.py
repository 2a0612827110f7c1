"""Colour of what is encoded: SDR in the source's matrix if possible, or the source's own HDR."""

import msgspec

from matinee.model.ladder import Rung
from matinee.model.media import Colour, VideoTrackInfo

_SDR_MATRICES = {"bt709", "smpte170m", "bt470bg"}
_SDR_TRANSFERS = {"bt709", "smpte170m", "bt470bg", "gamma22", "gamma28", "iec61966-2-1", "bt470m"}
_SDR_PRIMARIES = {"bt709", "smpte170m", "bt470bg", "bt470m"}
_HD_LINES = 576
"""Above these lines an unmarked picture is taken for BT.709, at or below for BT.601."""

BT709 = Colour(primaries="bt709", transfer="bt709", matrix="bt709")
_BT601_525 = Colour(primaries="smpte170m", transfer="smpte170m", matrix="smpte170m")
_BT601_625 = Colour(primaries="bt470bg", transfer="smpte170m", matrix="bt470bg")


def assumed_colour(track: VideoTrackInfo) -> Colour:
    """Return the colour of *track* with what it leaves unsaid filled in."""
    short_side = min(track.width, track.height)
    guess = BT709
    if short_side <= _HD_LINES and max(track.width, track.height) <= 1024:
        guess = _BT601_625 if short_side in {288, 576} else _BT601_525
    colour = track.colour
    if colour.video_range != "SDR":
        transfer = "smpte2084" if colour.video_range == "PQ" else "arib-std-b67"
        guess = Colour(primaries="bt2020", transfer=transfer, matrix="bt2020nc")
    elif "bt2020" in f"{colour.primaries} {colour.matrix}":
        guess = Colour(primaries="bt2020", transfer="bt2020-10", matrix="bt2020nc")
    return Colour(
        primaries=_said(colour.primaries) or guess.primaries,
        transfer=_said(colour.transfer) or guess.transfer,
        matrix=_said(colour.matrix) or guess.matrix,
        full_range=colour.full_range,
        bit_depth=colour.bit_depth,
        chroma=colour.chroma,
        video_range=colour.video_range,
        mastering_display=colour.mastering_display,
        content_light_level=colour.content_light_level,
    )


def _said(name: str | None) -> str | None:
    return None if name in {None, "unknown", "unspecified", "reserved"} else name


def is_wide(track: VideoTrackInfo) -> bool:
    """Whether *track* is BT.2020 or another gamut that H.264 players take for BT.709."""
    colour = assumed_colour(track)
    return colour.primaries not in _SDR_PRIMARIES or "bt2020" in (colour.matrix or "")


def output_colour(track: VideoTrackInfo) -> Colour:
    """Return the colour that the SDR rungs of *track* have."""
    colour = assumed_colour(track)
    if colour.video_range != "SDR" or is_wide(track) or colour.matrix not in _SDR_MATRICES:
        return BT709
    return Colour(
        primaries=colour.primaries,
        transfer=colour.transfer if colour.transfer in _SDR_TRANSFERS else BT709.transfer,
        matrix=colour.matrix,
    )


def kept_colour(track: VideoTrackInfo) -> Colour:
    """Return the colour that the HDR rungs of *track* have: its transfer, in 10-bit BT.2020."""
    colour = assumed_colour(track)
    return Colour(
        primaries="bt2020",
        transfer="smpte2084" if colour.video_range == "PQ" else "arib-std-b67",
        matrix="bt2020nc",
        bit_depth=10,
        video_range=colour.video_range,
        mastering_display=colour.mastering_display,
        content_light_level=colour.content_light_level,
    )


def rung_colour(track: VideoTrackInfo, rung: Rung) -> Colour:
    """Return the colour that *rung* has: HDR stays where its codec and bit depth can hold it."""
    hdr = track.colour.video_range != "SDR"
    if hdr and rung.codec != "h264" and rung.bit_depth != 8:
        return kept_colour(track)
    return msgspec.structs.replace(output_colour(track), bit_depth=rung.bit_depth or 8)
