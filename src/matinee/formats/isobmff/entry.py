"""Sample entries: how samples are coded (ISO/IEC 14496-12 §8.5.2, 14496-15, 23001-7 §8.1).

`read_entry` says what an entry means; `cmaf_entry` writes it anew as CMAF tracks may carry it.
"""

import struct
from fractions import Fraction
from typing import NamedTuple

import msgspec

from matinee.errors import MediaError
from matinee.formats.isobmff import audio_config, video_config
from matinee.formats.isobmff.audio_config import AudioFacts
from matinee.formats.isobmff.box import Box, boxes, build, u32
from matinee.formats.isobmff.text_entry import text_codec
from matinee.formats.isobmff.video_config import Nclx

VISUAL_FIELDS = 78
"""Bytes of VisualSampleEntry before its boxes, §12.1.3."""
AUDIO_FIELDS = 28
"""Bytes of AudioSampleEntry before its boxes, §12.2.3."""

_KEPT = {
    "avcC", "hvcC", "av1C", "vpcC", "dvcC", "dvvC", "colr", "pasp", "clap", "mdcv", "clli",
    "SmDm", "CoLL", "esds", "dOps", "dac3", "dec3", "dfLa", "alac", "chnl", "srat",
}  # fmt: skip
"""Boxes of a sample entry that CMAF players read; all else stays behind (QuickTime `wave`, `gama`,
`fiel`, encoder names, and `btrt`, which measured bandwidths make needless)."""


class SampleEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of `stsd`. `codec` is the RFC 6381 string, or the bare format when unknown."""

    format: str
    codec: str
    data: bytes
    """The whole entry box as the file has it."""
    handler: str
    width: int = 0
    height: int = 0
    pixel_aspect: Fraction = Fraction(1)
    colour: Nclx | None = None
    bit_depth: int = 8
    channels: int = 0
    sample_rate: int = 0
    scheme: str | None = None
    """Protection scheme such as `cenc` or `cbcs`; None in the clear."""
    key_id: str | None = None
    """Default key identifier, 32 hex digits."""
    boxes: dict[str, bytes] = {}
    """Bodies of the entry's own boxes."""


def read_entry(data: memoryview, box: Box, handler: str) -> SampleEntry:
    """Read one sample entry of a track with *handler* (`vide`, `soun`, ...)."""
    raw = bytes(data[box.start : box.end])
    if handler == "vide":
        parts = _parts(data, box, VISUAL_FIELDS)
        return _visual(raw, box, parts)
    if handler == "soun":
        parts = _parts(data, box, _audio_fields(data, box))
        return _audio(raw, box, parts)
    codec = text_codec(data, box) if handler in {"subt", "text"} else box.type
    return SampleEntry(format=box.type, codec=codec, data=raw, handler=handler)


def _parts(data: memoryview, box: Box, fields: int) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for one in boxes(data, box.body + fields, box.end):
        if one.type == "wave":  # QuickTime hides the decoder configuration in here
            for inner in boxes(data, one.body, one.end):
                found.setdefault(inner.type, bytes(data[inner.body : inner.end]))
        else:
            found.setdefault(one.type, bytes(data[one.body : one.end]))
    return found


def _audio_fields(data: memoryview, box: Box) -> int:
    """Return the bytes of fields of an audio entry: QuickTime's versions 1 and 2 have more.

    ISO's AudioSampleEntryV1 says 1 as well but keeps the short form, so what follows decides.
    """
    version = u32(data, box.body + 8) >> 16
    short = box.body + AUDIO_FIELDS
    if version == 1 and box.end - short >= 8:
        size, kind = u32(data, short), bytes(data[short + 4 : short + 8])
        if 8 <= size <= box.end - short and kind.isascii() and kind.isalnum():
            return AUDIO_FIELDS
    return AUDIO_FIELDS + {1: 16, 2: 36}.get(version, 0)


def _protection(format_: str, parts: dict[str, bytes]) -> tuple[str, str | None, str | None]:
    """Return the format in the clear, the scheme and the default key identifier."""
    sinf = parts.get("sinf")
    if sinf is None:
        return format_, ("unknown" if format_ in {"encv", "enca"} else None), None
    view = memoryview(sinf)
    scheme: str | None = "unknown"
    key_id: str | None = None
    for box in boxes(view, 0, len(view)):
        body = sinf[box.body : box.end]
        if box.type == "frma":
            format_ = body[:4].decode("latin-1")
        elif box.type == "schm":
            scheme = body[4:8].decode("latin-1")
        elif box.type == "schi":
            for inner in boxes(view, box.body, box.end):
                if inner.type == "tenc":
                    key_id = sinf[inner.body + 8 : inner.body + 24].hex()
    return format_, scheme, key_id


def _visual(raw: bytes, box: Box, parts: dict[str, bytes]) -> SampleEntry:
    width, height = struct.unpack_from(">HH", raw, box.body - box.start + 24)
    format_, scheme, key_id = _protection(box.type, parts)
    colour = _colour(parts.get("colr"))
    facts = video_config.VideoFacts(format_, 8)
    if format_ in {"avc1", "avc3"} and "avcC" in parts:
        facts = video_config.avc(format_, parts["avcC"])
    elif format_ in {"hvc1", "hev1"} and "hvcC" in parts:
        facts = video_config.hevc(format_, parts["hvcC"])
    elif format_ == "av01" and "av1C" in parts:
        facts = video_config.av1(parts["av1C"], colour)
    elif format_ in {"vp09", "vp08"} and "vpcC" in parts:
        facts, stated = video_config.vp9(format_, parts["vpcC"][4:])
        colour = colour or stated
    return SampleEntry(
        format=format_,
        codec=facts.codec,
        data=raw,
        handler="vide",
        width=width,
        height=height,
        pixel_aspect=_pixel_aspect(parts.get("pasp")),
        colour=colour,
        bit_depth=facts.bit_depth,
        scheme=scheme,
        key_id=key_id,
        boxes=parts,
    )


def _pixel_aspect(pasp: bytes | None) -> Fraction:
    if pasp is None or len(pasp) < 8:
        return Fraction(1)
    horizontal, vertical = struct.unpack_from(">II", pasp)
    return Fraction(horizontal, vertical) if horizontal and vertical else Fraction(1)


def _colour(colr: bytes | None) -> Nclx | None:
    """Read `colr`: ISO's nclx, or QuickTime's nclc, which has no range."""
    if colr is None or len(colr) < 10 or colr[:4] not in {b"nclx", b"nclc"}:
        return None
    primaries, transfer, matrix = struct.unpack_from(">HHH", colr, 4)
    return Nclx(primaries, transfer, matrix, len(colr) > 10 and colr[10] >= 0x80)


def _audio(raw: bytes, box: Box, parts: dict[str, bytes]) -> SampleEntry:
    at = box.body - box.start
    channels, _, _, rate = struct.unpack_from(">HHII", raw, at + 16)
    format_, scheme, key_id = _protection(box.type, parts)
    facts = _audio_facts(format_, parts)
    return SampleEntry(
        format=format_,
        codec=facts.codec,
        data=raw,
        handler="soun",
        channels=facts.channels or channels,
        sample_rate=facts.sample_rate or rate >> 16,
        scheme=scheme,
        key_id=key_id,
        boxes=parts,
    )


def _audio_facts(format_: str, parts: dict[str, bytes]) -> AudioFacts:  # noqa: PLR0911 one a codec
    if format_ == "mp4a" and "esds" in parts:
        return audio_config.mpeg4_audio(parts["esds"][4:])
    if format_ == "Opus" and "dOps" in parts:
        return audio_config.opus(parts["dOps"])
    if format_ == "ac-3" and "dac3" in parts:
        return audio_config.ac3(parts["dac3"])
    if format_ == "ec-3" and "dec3" in parts:
        return audio_config.ec3(parts["dec3"])
    if format_ == "fLaC" and "dfLa" in parts:
        return audio_config.flac(parts["dfLa"][4:])
    if format_ == "alac" and "alac" in parts:
        return audio_config.alac(parts["alac"][4:])
    return AudioFacts(format_, 0, 0)


_VIDEO_TAGS = {
    "avc1": "avc1", "avc3": "avc1", "hvc1": "hvc1", "hev1": "hvc1", "av01": "av01", "vp09": "vp09",
}  # fmt: skip
_CONFIGURATIONS = {
    "avc1": "avcC", "avc3": "avcC", "hvc1": "hvcC", "hev1": "hvcC", "av01": "av1C", "vp09": "vpcC",
    "mp4a": "esds", "Opus": "dOps", "ac-3": "dac3", "ec-3": "dec3", "fLaC": "dfLa", "alac": "alac",
}  # fmt: skip
"""The box that holds the decoder configuration of each codec that CMAF has a binding for."""


class Mastering(NamedTuple):
    """What a film was mastered on, for `mdcv` and `clli` (ISO/IEC 14496-12 §12.1.6, §12.1.7).

    `display` is x and y of green, blue, red and white in 0.00002, then the most and least
    luminance in 0.0001 cd/m²; `light` is MaxCLL and MaxFALL in cd/m².
    """

    display: tuple[int, int, int, int, int, int, int, int, int, int] | None = None
    light: tuple[int, int] | None = None

    def boxes(self) -> dict[str, bytes]:
        """Return the bodies of the boxes that say this; numbers too large are cut."""
        found = {}
        if self.display is not None:
            points = (min(value, 0xFFFF) for value in self.display[:8])
            limits = (min(value, 0xFFFFFFFF) for value in self.display[8:])
            found["mdcv"] = struct.pack(">8H2I", *points, *limits)
        if self.light is not None:
            found["clli"] = struct.pack(">2H", *(min(value, 0xFFFF) for value in self.light))
        return found


def cmaf_entry(entry: SampleEntry, mastering: Mastering = Mastering()) -> bytes:  # noqa: B008 - immutable
    """Return *entry* as a CMAF track carries it: parameter sets out of band (avc1, hvc1), ISO form.

    *mastering* is said where the entry does not say it itself.

    Raises:
        MediaError: encrypted, a codec that CMAF has no binding for, or one whose parameter sets
            are only in the stream.
    """
    if entry.scheme is not None:
        raise MediaError(
            "The track is encrypted already.",
            fix="Give the film as it was before encryption.",
            code="encrypted",
        )
    if _CONFIGURATIONS.get(entry.format) in entry.boxes:
        if entry.handler == "vide" and entry.format in _VIDEO_TAGS:
            said = mastering.boxes()
            boxes = entry.boxes | {name: said[name] for name in said if name not in entry.boxes}
            return _cmaf_visual(msgspec.structs.replace(entry, boxes=boxes))
        if entry.handler == "soun" and entry.format not in _VIDEO_TAGS:
            return _cmaf_audio(entry)
    raise MediaError(
        f"Codec {entry.codec!r} cannot be packaged as CMAF.",
        fix="Encode it: publish with a ladder that does not copy this track.",
        code="unsupported-codec",
    )


def _kept(entry: SampleEntry, config: bytes | None = None) -> bytes:
    """Return the boxes of *entry* that a CMAF track keeps; *config* replaces its hvcC."""
    kept = []
    for kind, body in entry.boxes.items():
        if kind not in _KEPT:
            continue
        if kind == "hvcC" and config is not None:
            kept.append(build(kind, config))
        elif kind == "colr" and body[:4] == b"nclc":
            kept.append(build(kind, b"nclx", body[4:10], b"\0"))
        else:
            kept.append(build(kind, body))
    return b"".join(kept)


def _cmaf_visual(entry: SampleEntry) -> bytes:
    config = None
    if entry.format in {"avc1", "avc3"} and not video_config.has_avc_parameter_sets(
        entry.boxes["avcC"]
    ):
        raise _no_parameter_sets("avcC")
    if entry.format in {"hvc1", "hev1"}:
        config = _complete_hevc(entry.boxes["hvcC"])
    fields = struct.pack(
        ">6xH16xHHIIIH32xHh",
        1,  # data_reference_index
        entry.width,
        entry.height,
        0x480000,
        0x480000,
        0,
        1,
        0x18,
        -1,
    )
    return build(_VIDEO_TAGS[entry.format], fields, _kept(entry, config))


def _complete_hevc(config: bytes) -> bytes:
    """Return *config* with its arrays marked complete, as the tag hvc1 demands (§8.4.1)."""
    if len(config) < 23:
        raise _no_parameter_sets("hvcC")
    arrays = video_config.hevc_arrays(config)
    if 33 not in {kind for _, kind in arrays}:  # SPS_NUT
        raise _no_parameter_sets("hvcC")
    changed = bytearray(config)
    for at, kind in arrays:
        if kind in {32, 33, 34}:  # VPS, SPS, PPS
            changed[at] |= 0x80
    return bytes(changed)


def _no_parameter_sets(box: str) -> MediaError:
    return MediaError(
        f"The video's parameter sets are only in the stream; {box} has none.",
        fix="Encode it: publish with a ladder that does not copy the video.",
        code="unsupported-codec",
    )


def _cmaf_audio(entry: SampleEntry) -> bytes:
    rate = entry.sample_rate if entry.sample_rate < 1 << 16 else 0
    fields = struct.pack(">6xH8xHHIHH", 1, min(entry.channels, 0xFFFF), 16, 0, rate, 0)
    return build(entry.format, fields, _kept(entry))
