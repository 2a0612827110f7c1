"""How values map to XML: one table a type, used by parsing and rendering alike.

`ORDER` is the order in which the schema of ISO/IEC 23009-1 (5th edition, namespace
urn:mpeg:dash:schema:mpd:2011) wants the children of each element; rendering sorts by it.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from matinee.formats.dash import values

NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"
XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
# Some players look for these elements by the prefix that everybody uses.
PREFIXES: dict[Any, str] = {
    None: NAMESPACE,
    "cenc": "urn:mpeg:cenc:2013",
    "mspr": "urn:microsoft:playready",
    "dashif": "https://dashif.org/CPS",
    "xlink": "http://www.w3.org/1999/xlink",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}

_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_DURATION = re.compile(
    r"(-?)P(?:([0-9]{1,9})Y)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})D)?"
    r"(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,12})M)?(?:([0-9]{1,15}(?:\.[0-9]{0,18})?)S)?)?"
)
# §5.3.1 leaves years and months to the reader; these are the lengths players take.
_UNITS = (365 * 86_400, 30 * 86_400, 86_400, 3600, 60)


class Kind(NamedTuple):
    """How a text is read (raising ValueError) and written."""

    read: Callable[[str], object]
    write: Callable[[object], str]


def read_integer(text: str) -> int:
    """Read an integer; ValueError if it is none."""
    if not _INTEGER.fullmatch(text.strip()):
        raise ValueError(f"{text[:40]!r} is not an integer")
    return int(text)


def read_boolean(text: str) -> bool:
    """Read an xs:boolean; ValueError if it is none."""
    known = {"true": True, "1": True, "false": False, "0": False}
    if text.strip() not in known:
        raise ValueError(f"{text[:40]!r} is not a boolean")
    return known[text.strip()]


def read_duration(text: str) -> Decimal:
    """Read an xs:duration as seconds; ValueError if it is none."""
    match = _DURATION.fullmatch(text.strip())
    if not match or not any(match.groups()[1:]) or text.strip().endswith("T"):
        raise ValueError(f"{text[:40]!r} is not a duration")
    seconds = Decimal(match[7] or 0)
    for unit, count in zip(_UNITS, match.groups()[1:6], strict=True):
        seconds += int(count or 0) * unit
    return -seconds if match[1] else seconds


def write_duration(value: object) -> str:
    """Write `Decimal` seconds as an xs:duration in seconds alone."""
    seconds = Decimal(str(value))
    text = format(abs(seconds), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{'-' if seconds < 0 else ''}PT{text}S"


def _read_type(text: str) -> str:
    if text not in {"static", "dynamic"}:
        raise ValueError(f"{text[:40]!r} is neither static nor dynamic")
    return text


def _read_list(text: str) -> tuple[str, ...]:
    return tuple(one for one in (part.strip() for part in text.split(",")) if one)


TEXT = Kind(str, str)
INTEGER = Kind(read_integer, str)
BOOLEAN = Kind(read_boolean, lambda value: "true" if value else "false")
DURATION = Kind(read_duration, write_duration)
LIST = Kind(_read_list, lambda value: ",".join(value) if isinstance(value, tuple) else str(value))
TYPE = Kind(_read_type, str)


class Child(NamedTuple):
    """A child element: its field, its type (`str` for plain text), and whether it repeats."""

    field: str
    kind: type[msgspec.Struct] | type[str]
    many: bool = True


class Shape(NamedTuple):
    """Attributes and children of a type by XML name; `text` is the field of the content."""

    attributes: dict[str, tuple[str, Kind]]
    children: dict[str, Child]
    text: str | None = None


def _many(names: str, kind: type[msgspec.Struct]) -> dict[str, Child]:
    pairs = (one.split("=") for one in names.split())
    return {name: Child(field, kind) for name, field in pairs}


_SEGMENT_BASE: dict[str, tuple[str, Kind]] = {
    "timescale": ("timescale", INTEGER),
    "presentationTimeOffset": ("presentation_time_offset", INTEGER),
    "presentationDuration": ("presentation_duration", INTEGER),
    "indexRange": ("index_range", TEXT),
    "indexRangeExact": ("index_range_exact", BOOLEAN),
    "availabilityTimeOffset": ("availability_time_offset", TEXT),
    "availabilityTimeComplete": ("availability_time_complete", BOOLEAN),
}
_MULTIPLE: dict[str, tuple[str, Kind]] = {
    **_SEGMENT_BASE,
    "duration": ("duration", INTEGER),
    "startNumber": ("start_number", INTEGER),
    "endNumber": ("end_number", INTEGER),
}
_BASE_CHILDREN = {
    "Initialization": Child("initialization", values.Initialization, many=False),
    "RepresentationIndex": Child("representation_index", values.Initialization, many=False),
}
_MULTIPLE_CHILDREN = {
    **_BASE_CHILDREN,
    "SegmentTimeline": Child("timeline", values.SegmentTimeline, many=False),
}
_ADDRESSING = {
    "BaseURL": Child("base_urls", values.BaseUrl),
    "SegmentBase": Child("segment_base", values.SegmentBase, many=False),
    "SegmentList": Child("segment_list", values.SegmentList, many=False),
    "SegmentTemplate": Child("segment_template", values.SegmentTemplate, many=False),
}
_COMMON: dict[str, tuple[str, Kind]] = {
    "profiles": ("profiles", LIST),
    "mimeType": ("mime_type", TEXT),
    "codecs": ("codecs", TEXT),
    "width": ("width", INTEGER),
    "height": ("height", INTEGER),
    "sar": ("sar", TEXT),
    "frameRate": ("frame_rate", TEXT),
    "audioSamplingRate": ("audio_sampling_rate", TEXT),
    "segmentProfiles": ("segment_profiles", TEXT),
    "startWithSAP": ("start_with_sap", INTEGER),
    "maxPlayoutRate": ("max_playout_rate", TEXT),
    "codingDependency": ("coding_dependency", BOOLEAN),
    "scanType": ("scan_type", TEXT),
    "selectionPriority": ("selection_priority", INTEGER),
}
_COMMON_CHILDREN = {
    **_many(
        "FramePacking=frame_packing AudioChannelConfiguration=audio_channel_configurations "
        "ContentProtection=content_protections EssentialProperty=essential_properties "
        "SupplementalProperty=supplemental_properties",
        values.Descriptor,
    ),
    "Label": Child("labels", values.Label),
}

SHAPES: dict[type[msgspec.Struct], Shape] = {
    values.Descriptor: Shape(
        {"schemeIdUri": ("scheme_id_uri", TEXT), "value": ("value", TEXT), "id": ("id", TEXT)}, {}
    ),
    values.Label: Shape({"id": ("id", INTEGER), "lang": ("lang", TEXT)}, {}, "text"),
    values.BaseUrl: Shape(
        {
            "serviceLocation": ("service_location", TEXT),
            "byteRange": ("byte_range", TEXT),
            "availabilityTimeOffset": ("availability_time_offset", TEXT),
            "availabilityTimeComplete": ("availability_time_complete", BOOLEAN),
        },
        {},
        "text",
    ),
    values.Initialization: Shape({"sourceURL": ("source_url", TEXT), "range": ("range", TEXT)}, {}),
    values.TimelineEntry: Shape({name: (name, INTEGER) for name in "tndrk"}, {}),
    values.SegmentTimeline: Shape({}, {"S": Child("entries", values.TimelineEntry)}),
    values.SegmentBase: Shape(_SEGMENT_BASE, _BASE_CHILDREN),
    values.SegmentUrl: Shape(
        {
            "media": ("media", TEXT),
            "mediaRange": ("media_range", TEXT),
            "index": ("index", TEXT),
            "indexRange": ("index_range", TEXT),
        },
        {},
    ),
    values.SegmentList: Shape(
        _MULTIPLE,
        {**_MULTIPLE_CHILDREN, "SegmentURL": Child("segment_urls", values.SegmentUrl)},
    ),
    values.SegmentTemplate: Shape(
        {
            **_MULTIPLE,
            "media": ("media", TEXT),
            "index": ("index", TEXT),
            "initialization": ("initialization_template", TEXT),
            "bitstreamSwitching": ("bitstream_switching", TEXT),
        },
        _MULTIPLE_CHILDREN,
    ),
    values.Representation: Shape(
        {
            "id": ("id", TEXT),
            "bandwidth": ("bandwidth", INTEGER),
            **_COMMON,
            "qualityRanking": ("quality_ranking", INTEGER),
            "dependencyId": ("dependency_id", TEXT),
        },
        {**_COMMON_CHILDREN, **_ADDRESSING},
    ),
    values.AdaptationSet: Shape(
        {
            "id": ("id", INTEGER),
            "group": ("group", INTEGER),
            "contentType": ("content_type", TEXT),
            "lang": ("lang", TEXT),
            **_COMMON,
            "par": ("par", TEXT),
            "minBandwidth": ("min_bandwidth", INTEGER),
            "maxBandwidth": ("max_bandwidth", INTEGER),
            "minWidth": ("min_width", INTEGER),
            "maxWidth": ("max_width", INTEGER),
            "minHeight": ("min_height", INTEGER),
            "maxHeight": ("max_height", INTEGER),
            "minFrameRate": ("min_frame_rate", TEXT),
            "maxFrameRate": ("max_frame_rate", TEXT),
            "segmentAlignment": ("segment_alignment", TEXT),
            "subsegmentAlignment": ("subsegment_alignment", TEXT),
            "subsegmentStartsWithSAP": ("subsegment_starts_with_sap", INTEGER),
            "bitstreamSwitching": ("bitstream_switching", BOOLEAN),
        },
        {
            **_COMMON_CHILDREN,
            **_many(
                "Accessibility=accessibilities Role=roles Rating=ratings Viewpoint=viewpoints",
                values.Descriptor,
            ),
            **_ADDRESSING,
            "Representation": Child("representations", values.Representation),
        },
    ),
    values.Event: Shape(
        {
            "presentationTime": ("presentation_time", INTEGER),
            "duration": ("duration", INTEGER),
            "id": ("id", INTEGER),
            "contentEncoding": ("content_encoding", TEXT),
            "messageData": ("message_data", TEXT),
        },
        {},
        "text",
    ),
    values.EventStream: Shape(
        {
            "schemeIdUri": ("scheme_id_uri", TEXT),
            "value": ("value", TEXT),
            "timescale": ("timescale", INTEGER),
            "presentationTimeOffset": ("presentation_time_offset", INTEGER),
        },
        {"Event": Child("events", values.Event)},
    ),
    values.Period: Shape(
        {
            "id": ("id", TEXT),
            "start": ("start", DURATION),
            "duration": ("duration", DURATION),
            "bitstreamSwitching": ("bitstream_switching", BOOLEAN),
        },
        {
            **_ADDRESSING,
            "AssetIdentifier": Child("asset_identifier", values.Descriptor, many=False),
            "EventStream": Child("event_streams", values.EventStream),
            "AdaptationSet": Child("adaptation_sets", values.AdaptationSet),
            "SupplementalProperty": Child("supplemental_properties", values.Descriptor),
        },
    ),
    values.ProgramInformation: Shape(
        {"lang": ("lang", TEXT), "moreInformationURL": ("more_information_url", TEXT)},
        {name.title(): Child(name, str, many=False) for name in ("title", "source", "copyright")},
    ),
    values.Latency: Shape(
        {
            "referenceId": ("reference_id", INTEGER),
            "target": ("target", INTEGER),
            "max": ("max", INTEGER),
            "min": ("min", INTEGER),
        },
        {},
    ),
    values.PlaybackRate: Shape({"max": ("max", TEXT), "min": ("min", TEXT)}, {}),
    values.ServiceDescription: Shape(
        {"id": ("id", INTEGER)},
        {
            "Scope": Child("scopes", values.Descriptor),
            "Latency": Child("latencies", values.Latency),
            "PlaybackRate": Child("playback_rates", values.PlaybackRate),
        },
    ),
    values.Mpd: Shape(
        {
            "id": ("id", TEXT),
            "profiles": ("profiles", LIST),
            "type": ("type", TYPE),
            "availabilityStartTime": ("availability_start_time", TEXT),
            "availabilityEndTime": ("availability_end_time", TEXT),
            "publishTime": ("publish_time", TEXT),
            "mediaPresentationDuration": ("media_presentation_duration", DURATION),
            "minimumUpdatePeriod": ("minimum_update_period", DURATION),
            "minBufferTime": ("min_buffer_time", DURATION),
            "timeShiftBufferDepth": ("time_shift_buffer_depth", DURATION),
            "suggestedPresentationDelay": ("suggested_presentation_delay", DURATION),
            "maxSegmentDuration": ("max_segment_duration", DURATION),
            "maxSubsegmentDuration": ("max_subsegment_duration", DURATION),
        },
        {
            "ProgramInformation": Child("program_informations", values.ProgramInformation),
            "BaseURL": Child("base_urls", values.BaseUrl),
            "Location": Child("locations", str),
            "ServiceDescription": Child("service_descriptions", values.ServiceDescription),
            "Period": Child("periods", values.Period),
            **_many(
                "EssentialProperty=essential_properties "
                "SupplementalProperty=supplemental_properties UTCTiming=utc_timings",
                values.Descriptor,
            ),
        },
    ),
}

_COMMON_ORDER = (
    "FramePacking AudioChannelConfiguration ContentProtection OutputProtection EssentialProperty "
    "SupplementalProperty InbandEventStream Switching RandomAccess GroupLabel Label "
    "ProducerReferenceTime ContentPopularityRate Resync"
)
_BASE_ORDER = "Initialization RepresentationIndex FailoverContent"
_SEGMENT_ORDER = "SegmentBase SegmentList SegmentTemplate"
ORDER: dict[str, tuple[str, ...]] = {
    name: tuple(order.split())
    for name, order in {
        "MPD": (
            "ProgramInformation BaseURL Location PatchLocation ServiceDescription "
            "InitializationSet InitializationGroup InitializationPresentation ContentProtection "
            "Period Metrics EssentialProperty SupplementalProperty UTCTiming LeapSecondInformation"
        ),
        "ProgramInformation": "Title Source Copyright",
        "ServiceDescription": (
            "Scope Latency PlaybackRate OperatingQuality OperatingBandwidth ContentSteering"
        ),
        "Latency": "QualityLatency",
        "Period": (
            f"BaseURL {_SEGMENT_ORDER} AssetIdentifier EventStream ServiceDescription "
            "ContentProtection AdaptationSet Subset SupplementalProperty EmptyAdaptationSet "
            "GroupLabel Preselection"
        ),
        "EventStream": "Event",
        "AdaptationSet": (
            f"{_COMMON_ORDER} Accessibility Role Rating Viewpoint ContentComponent BaseURL "
            f"{_SEGMENT_ORDER} Representation"
        ),
        "ContentComponent": "Accessibility Role Rating Viewpoint",
        "Representation": (
            f"{_COMMON_ORDER} BaseURL ExtendedBandwidth SubRepresentation {_SEGMENT_ORDER}"
        ),
        "SubRepresentation": _COMMON_ORDER,
        "Preselection": f"{_COMMON_ORDER} Accessibility Role Rating Viewpoint",
        "SegmentBase": _BASE_ORDER,
        "SegmentList": f"{_BASE_ORDER} SegmentTimeline BitstreamSwitching SegmentURL",
        "SegmentTemplate": f"{_BASE_ORDER} SegmentTimeline BitstreamSwitching",
        "SegmentTimeline": "Pattern S",
        "ProducerReferenceTime": "UTCTiming",
        "Metrics": "Range Reporting",
    }.items()
}
