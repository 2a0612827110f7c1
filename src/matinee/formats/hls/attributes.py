"""Attribute lists (RFC 8216bis §4.2): one table a tag says how each attribute is read and written.

The tables serve both directions, so what is parsed and what is rendered cannot drift apart.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NamedTuple, TypeVar

import msgspec

from matinee.errors import InputError
from matinee.formats.hls import values
from matinee.formats.hls.values import ByteRange, Resolution

_ATTRIBUTE = re.compile(r'[ \t]*([A-Z0-9-]{1,128})=("[^"]*"|[^",\s]*)[ \t]*(,|$)')
_INTEGER = re.compile(r"[0-9]{1,20}")
_DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{0,20})?")
_RESOLUTION = re.compile(r"([0-9]{1,9})[xX]([0-9]{1,9})")
_BYTE_RANGE = re.compile(r"([0-9]{1,20})(?:@([0-9]{1,20}))?")
_BARE = re.compile(r'[^",\s]+')
MAX_ATTRIBUTES = 256


class Kind(NamedTuple):
    """How an attribute value is read (raising ValueError) and written."""

    read: Callable[[str], object]
    write: Callable[[object], str]


def integer(text: str) -> int:
    """Read a decimal-integer; ValueError if it is none."""
    if not _INTEGER.fullmatch(text):
        raise ValueError("is not a decimal integer")
    return int(text)


def decimal(text: str) -> Decimal:
    """Read a decimal floating point number, signed or not; ValueError if it is none."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError("is not a decimal number")
    return Decimal(text)


def positive_decimal(text: str) -> Decimal:
    """Read an unsigned decimal floating point number; ValueError if it is none."""
    number = decimal(text)
    if text.startswith("-"):
        raise ValueError("is negative")
    return number


def plain(number: Decimal) -> str:
    """Write *number* without exponent, which the syntax does not know."""
    return format(number, "f")


def _quoted(text: str) -> str:
    if len(text) < 2 or not (text.startswith('"') and text.endswith('"')):
        raise ValueError("is not a quoted string")
    return text[1:-1]


def quote(value: object) -> str:
    """Write a quoted string; InputError where the text cannot stand in one."""
    text = str(value)
    if any(mark in text for mark in '"\r\n'):
        raise InputError(f"a quoted string cannot hold quotes or line breaks: {text[:80]!r}")
    return f'"{text}"'


def _bare(text: str) -> str:
    if not _BARE.fullmatch(text):
        raise ValueError("is not an enumerated string")
    return text


def _write_bare(value: object) -> str:
    text = str(value)
    if not _BARE.fullmatch(text):
        raise InputError(f"{text[:80]!r} cannot stand unquoted in an attribute list")
    return text


def resolution(text: str) -> Resolution:
    """Read `columns x rows`; ValueError if it is none."""
    match = _RESOLUTION.fullmatch(text)
    if not match:
        raise ValueError("is not a resolution")
    return Resolution(int(match[1]), int(match[2]))


def byte_range(text: str, follows: int | None = None) -> ByteRange:
    """Read `length[@offset]`; without offset it begins at *follows*; ValueError if it is none."""
    match = _BYTE_RANGE.fullmatch(text)
    if not match:
        raise ValueError("is not a byte range")
    if match[2] is None and follows is None:
        raise ValueError("has no offset, and no sub-range of the same resource goes before")
    return ByteRange(int(match[1]), int(match[2]) if match[2] is not None else follows or 0)


def write_byte_range(value: ByteRange) -> str:
    """Write `length@offset`."""
    return f"{value.length}@{value.offset}"


def _write_resolution(value: object) -> str:
    return f"{value.width}x{value.height}" if isinstance(value, Resolution) else str(value)


def _captions(text: str) -> str:
    return "NONE" if text == "NONE" else _quoted(text)


INTEGER = Kind(integer, str)
DECIMAL = Kind(positive_decimal, lambda value: plain(Decimal(str(value))))
SIGNED = Kind(decimal, lambda value: plain(Decimal(str(value))))
QUOTED = Kind(_quoted, quote)
BARE = Kind(_bare, _write_bare)
FLAG = Kind(lambda text: text == "YES", lambda _: "YES")
RESOLUTION = Kind(resolution, _write_resolution)
CAPTIONS = Kind(_captions, lambda value: "NONE" if value == "NONE" else quote(value))
RANGE = Kind(
    # A part's range may lack its offset; parsing.py resolves it and hands it in whole.
    lambda text: byte_range(_quoted(text), 0),
    lambda value: quote(write_byte_range(value)) if isinstance(value, ByteRange) else str(value),
)

Table = Mapping[str, tuple[str, Kind]]
"""Attribute name -> (field, kind), in the order of writing."""

_COMMON: dict[str, tuple[str, Kind]] = {
    "BANDWIDTH": ("bandwidth", INTEGER),
    "AVERAGE-BANDWIDTH": ("average_bandwidth", INTEGER),
    "SCORE": ("score", DECIMAL),
    "CODECS": ("codecs", QUOTED),
    "SUPPLEMENTAL-CODECS": ("supplemental_codecs", QUOTED),
    "RESOLUTION": ("resolution", RESOLUTION),
}
_RIGHTS: dict[str, tuple[str, Kind]] = {
    "HDCP-LEVEL": ("hdcp_level", BARE),
    "ALLOWED-CPC": ("allowed_cpc", QUOTED),
    "VIDEO-RANGE": ("video_range", BARE),
    "REQ-VIDEO-LAYOUT": ("req_video_layout", QUOTED),
    "STABLE-VARIANT-ID": ("stable_variant_id", QUOTED),
}
TABLES: dict[type[msgspec.Struct], Table] = {
    values.Start: {"TIME-OFFSET": ("time_offset", SIGNED), "PRECISE": ("precise", FLAG)},
    values.Define: {
        "NAME": ("name", QUOTED),
        "VALUE": ("value", QUOTED),
        "IMPORT": ("import_name", QUOTED),
        "QUERYPARAM": ("query_parameter", QUOTED),
    },
    values.Key: {
        "METHOD": ("method", BARE),
        "URI": ("uri", QUOTED),
        "IV": ("iv", BARE),
        "KEYFORMAT": ("key_format", QUOTED),
        "KEYFORMATVERSIONS": ("key_format_versions", QUOTED),
    },
    values.Variant: {
        **_COMMON,
        "FRAME-RATE": ("frame_rate", DECIMAL),
        **_RIGHTS,
        "AUDIO": ("audio", QUOTED),
        "VIDEO": ("video", QUOTED),
        "SUBTITLES": ("subtitles", QUOTED),
        "CLOSED-CAPTIONS": ("closed_captions", CAPTIONS),
        "PATHWAY-ID": ("pathway_id", QUOTED),
    },
    values.IFrameVariant: {
        **_COMMON,
        **_RIGHTS,
        "VIDEO": ("video", QUOTED),
        "PATHWAY-ID": ("pathway_id", QUOTED),
        "URI": ("uri", QUOTED),
    },
    values.ImageVariant: {
        "BANDWIDTH": ("bandwidth", INTEGER),
        "AVERAGE-BANDWIDTH": ("average_bandwidth", INTEGER),
        "CODECS": ("codecs", QUOTED),
        "RESOLUTION": ("resolution", RESOLUTION),
        "VIDEO": ("video", QUOTED),
        "URI": ("uri", QUOTED),
    },
    values.Rendition: {
        "TYPE": ("type", BARE),
        "GROUP-ID": ("group_id", QUOTED),
        "NAME": ("name", QUOTED),
        "LANGUAGE": ("language", QUOTED),
        "ASSOC-LANGUAGE": ("assoc_language", QUOTED),
        "STABLE-RENDITION-ID": ("stable_rendition_id", QUOTED),
        "DEFAULT": ("default", FLAG),
        "AUTOSELECT": ("autoselect", FLAG),
        "FORCED": ("forced", FLAG),
        "INSTREAM-ID": ("instream_id", QUOTED),
        "BIT-DEPTH": ("bit_depth", INTEGER),
        "SAMPLE-RATE": ("sample_rate", INTEGER),
        "CHARACTERISTICS": ("characteristics", QUOTED),
        "CHANNELS": ("channels", QUOTED),
        "URI": ("uri", QUOTED),
    },
    values.SessionData: {
        "DATA-ID": ("data_id", QUOTED),
        "VALUE": ("value", QUOTED),
        "URI": ("uri", QUOTED),
        "FORMAT": ("format", BARE),
        "LANGUAGE": ("language", QUOTED),
    },
    values.ContentSteering: {
        "SERVER-URI": ("server_uri", QUOTED),
        "PATHWAY-ID": ("pathway_id", QUOTED),
    },
    values.Map: {"URI": ("uri", QUOTED), "BYTERANGE": ("byte_range", RANGE)},
    values.DateRange: {
        "ID": ("id", QUOTED),
        "CLASS": ("class_name", QUOTED),
        "START-DATE": ("start_date", QUOTED),
        "CUE": ("cue", QUOTED),
        "END-DATE": ("end_date", QUOTED),
        "DURATION": ("duration", DECIMAL),
        "PLANNED-DURATION": ("planned_duration", DECIMAL),
        "SCTE35-CMD": ("scte35_cmd", BARE),
        "SCTE35-OUT": ("scte35_out", BARE),
        "SCTE35-IN": ("scte35_in", BARE),
        "END-ON-NEXT": ("end_on_next", FLAG),
    },
    values.Part: {
        "DURATION": ("duration", DECIMAL),
        "URI": ("uri", QUOTED),
        "INDEPENDENT": ("independent", FLAG),
        "BYTERANGE": ("byte_range", RANGE),
        "GAP": ("gap", FLAG),
    },
    values.Tiles: {
        "RESOLUTION": ("resolution", RESOLUTION),
        "LAYOUT": ("layout", RESOLUTION),
        "DURATION": ("duration", DECIMAL),
    },
    values.PartInformation: {"PART-TARGET": ("part_target", DECIMAL)},
    values.ServerControl: {
        "CAN-BLOCK-RELOAD": ("can_block_reload", FLAG),
        "CAN-SKIP-UNTIL": ("can_skip_until", DECIMAL),
        "CAN-SKIP-DATERANGES": ("can_skip_date_ranges", FLAG),
        "HOLD-BACK": ("hold_back", DECIMAL),
        "PART-HOLD-BACK": ("part_hold_back", DECIMAL),
    },
    values.Skip: {
        "SKIPPED-SEGMENTS": ("skipped_segments", INTEGER),
        "RECENTLY-REMOVED-DATERANGES": ("recently_removed_date_ranges", QUOTED),
    },
    values.PreloadHint: {
        "TYPE": ("type", BARE),
        "URI": ("uri", QUOTED),
        "BYTERANGE-START": ("byte_range_start", INTEGER),
        "BYTERANGE-LENGTH": ("byte_range_length", INTEGER),
    },
    values.RenditionReport: {
        "URI": ("uri", QUOTED),
        "LAST-MSN": ("last_msn", INTEGER),
        "LAST-PART": ("last_part", INTEGER),
    },
}

T = TypeVar("T", bound=msgspec.Struct)


def split(text: str) -> dict[str, str]:
    """Split an attribute list into names and raw values.

    Raises:
        ValueError: the syntax is broken, a name comes twice, or there are too many.
    """
    found: dict[str, str] = {}
    position = 0
    while position < len(text):
        match = _ATTRIBUTE.match(text, position)
        if match is None:
            raise ValueError(f"attribute list is broken at {text[position : position + 40]!r}")
        if match[1] in found:
            raise ValueError(f"attribute {match[1]} comes twice")
        if len(found) >= MAX_ATTRIBUTES:
            raise ValueError(f"more than {MAX_ATTRIBUTES} attributes")
        found[match[1]] = match[2]
        position = match.end()
    return found


def read(kind: type[T], text: str, **given: object) -> T:
    """Read an attribute list as *kind*; *given* are fields that stand elsewhere (a URI line).

    Raises:
        ValueError: syntax or a value is broken, or a required attribute is missing.
    """
    table, fields, other = TABLES[kind], dict(given), {}
    for name, raw in split(text).items():
        if name not in table:
            other[name] = raw
            continue
        field, attribute = table[name]
        try:
            fields[field] = attribute.read(raw)
        except ValueError as error:
            raise ValueError(f"{name}={raw[:40]} {error}") from None
    fields["other"] = other
    for name, (field, _) in table.items():
        if field not in fields and field in _REQUIRED[kind]:
            raise ValueError(f"required attribute {name} is missing")
    return kind(**fields)


def write(value: msgspec.Struct) -> str:
    """Write *value* as an attribute list; InputError where a text cannot stand in one."""
    parts = []
    for name, (field, attribute) in TABLES[type(value)].items():
        content = getattr(value, field)
        if content is not None and content is not False:
            parts.append(f"{name}={attribute.write(content)}")
    for name, raw in getattr(value, "other", {}).items():
        if not _ATTRIBUTE.fullmatch(f"{name}={raw}") or "\n" in raw or "\r" in raw:
            raise InputError(f"{name}={raw[:80]!r} cannot stand in an attribute list")
        parts.append(f"{name}={raw}")
    return ",".join(parts)


_REQUIRED = {
    kind: {one.name for one in msgspec.structs.fields(kind) if one.required} for kind in TABLES
}
