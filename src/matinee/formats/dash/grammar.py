"""The rules of the MPD schema, checked by ourselves: what may stand where, and in which form.

The schema document of ISO/IEC 23009-1 (5th edition, namespace urn:mpeg:dash:schema:mpd:2011) is
not ours to ship, so its rules stand here in our words: order and number of child elements,
required attributes and the lexical form of attributes. Elements of the 6th edition are known
too. Attributes and elements of other namespaces are open (`lax`) there and here.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from lxml import etree

from matinee.errors import InputError
from matinee.formats.dash.parsing import read_tree
from matinee.formats.dash.schema import NAMESPACE, ORDER

MAX_VIOLATIONS = 200


class Violation(msgspec.Struct, frozen=True):
    """One broken rule: where (line and element) and what."""

    line: int
    element: str
    message: str


_DATE_TIME = (
    r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9:]{5})?"
)
_DURATION = (
    r"-?P(?=.)([0-9]+Y)?([0-9]+M)?([0-9]+D)?(T(?=.)([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?"
)
_FORMS: dict[str, str] = {
    "uint": r"\+?[0-9]{1,10}",
    "ulong": r"\+?[0-9]{1,20}",
    "integer": r"[+-]?[0-9]+",
    "boolean": "true|false|0|1",
    "double": r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([Ee][+-]?[0-9]+)?|-?INF|NaN",
    "duration": _DURATION,
    "dateTime": _DATE_TIME,
    "language": r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*",
    "ratio": "[0-9]*:[0-9]*",
    "frameRate": "[0-9]+(/[1-9][0-9]*)?",
    "sap": "[0-6]",
    "range": "[0-9]*(-[0-9]*)?",
    "alignment": "[0-9]{1,10}|true|false",
    "scan": "progressive|interlaced|unknown",
    "content": "text|image|audio|video|application|font",
    "presentation": "static|dynamic",
    "sampling": "[0-9]{1,10}( +[0-9]{1,10})?",
    "solid": r"\S*",
    "codecs": r"[A-Za-z0-9!#$%^*_+{}|'.`~&\\()-]+(,[A-Za-z0-9!#$%^*_+{}|'.`~&\\()-]+)*",
    "profiles": r"[^\s,]+(,[^\s,]*)*",
    # Spaces are open to xs:anyURI; a relative one has no colon in its first step (RFC 3986 §4.2).
    "uri": r"([A-Za-z][A-Za-z0-9+.-]*:|(?![^/?#]*:))[^<>]*",
    "encoding": "base64",
    "source": "content|statistics|other",
    "string": r"(?s:.*)",
}
_WITH_SPACES = frozenset(
    [
        "ratio",
        "frameRate",
        "range",
        "scan",
        "content",
        "presentation",
        "solid",
        "codecs",
        "profiles",
        "encoding",
        "source",
        "string",
    ]
)
"""Forms made of xs:string, which keeps the spaces around a value; all others drop them."""
_LARGEST = {"uint": 2**32 - 1, "alignment": 2**32 - 1, "ulong": 2**64 - 1}
_PATTERNS = {name: re.compile(form) for name, form in _FORMS.items()}

_COMMON = (
    "profiles:profiles width:uint height:uint sar:ratio frameRate:frameRate "
    "audioSamplingRate:sampling mimeType:string segmentProfiles:string containerProfiles:string "
    "codecs:codecs maximumSAPPeriod:double startWithSAP:sap maxPlayoutRate:double "
    "codingDependency:boolean scanType:scan selectionPriority:uint tag:string "
    "supplementalCodecs:string supplementalProfiles:string"
)
_BASE = (
    "timescale:uint eptDelta:integer pdDelta:integer presentationTimeOffset:ulong "
    "presentationDuration:ulong timeShiftBufferDepth:duration indexRange:range "
    "indexRangeExact:boolean availabilityTimeOffset:double availabilityTimeComplete:boolean"
)
_MULTIPLE = f"{_BASE} duration:uint startNumber:uint endNumber:uint"
_DESCRIPTOR = "schemeIdUri!:uri value:string id:string"
_URL = "sourceURL:uri range:range"
_LABEL = "id:uint lang:language"
_DESCRIPTORS = (
    "FramePacking",
    "AudioChannelConfiguration",
    "ContentProtection",
    "EssentialProperty",
    "SupplementalProperty",
    "Accessibility",
    "Role",
    "Rating",
    "Viewpoint",
    "AssetIdentifier",
    "Scope",
    "UTCTiming",
    "Reporting",
)
# name:form, name!:form where required.
_ATTRIBUTES: dict[str, str] = {
    "MPD": (
        "id:string profiles!:profiles type:presentation availabilityStartTime:dateTime "
        "availabilityEndTime:dateTime publishTime:dateTime mediaPresentationDuration:duration "
        "minimumUpdatePeriod:duration minBufferTime!:duration timeShiftBufferDepth:duration "
        "suggestedPresentationDelay:duration maxSegmentDuration:duration "
        "maxSubsegmentDuration:duration"
    ),
    "Title": "",
    "Source": "",
    "Copyright": "",
    "Location": "",
    "ProgramInformation": "lang:language moreInformationURL:uri",
    "Period": "id:string start:duration duration:duration bitstreamSwitching:boolean",
    "AdaptationSet": (
        f"{_COMMON} id:uint group:uint lang:language contentType:content par:ratio "
        "minBandwidth:uint maxBandwidth:uint minWidth:uint maxWidth:uint minHeight:uint "
        "maxHeight:uint minFrameRate:frameRate maxFrameRate:frameRate segmentAlignment:alignment "
        "subsegmentAlignment:alignment subsegmentStartsWithSAP:sap bitstreamSwitching:boolean "
        "initializationSetRef:string initializationPrincipal:uri"
    ),
    "ContentComponent": "id:uint lang:language contentType:content par:ratio tag:string",
    "Representation": (
        f"{_COMMON} id!:solid bandwidth!:uint qualityRanking:uint dependencyId:string "
        "associationId:string associationType:string mediaStreamStructureId:string"
    ),
    "SubRepresentation": (
        f"{_COMMON} level:uint dependencyLevel:string bandwidth:uint contentComponent:string"
    ),
    "Preselection": f"{_COMMON} id:solid preselectionComponents!:string lang:language order:string",
    "SegmentBase": _BASE,
    "SegmentList": _MULTIPLE,
    "SegmentTemplate": (
        f"{_MULTIPLE} media:string index:string initialization:string bitstreamSwitching:string"
    ),
    "SegmentURL": "media:uri mediaRange:range index:uri indexRange:range",
    "S": "t:ulong n:ulong d!:ulong r:integer k:ulong",
    "Initialization": _URL,
    "RepresentationIndex": _URL,
    "BitstreamSwitching": _URL,
    "BaseURL": (
        "serviceLocation:string byteRange:string availabilityTimeOffset:double "
        "availabilityTimeComplete:boolean timeShiftBufferDepth:duration"
    ),
    "EventStream": f"{_DESCRIPTOR} timescale:uint presentationTimeOffset:ulong",
    "InbandEventStream": f"{_DESCRIPTOR} timescale:uint presentationTimeOffset:ulong",
    "Event": (
        "presentationTime:ulong duration:ulong id:uint contentEncoding:encoding messageData:string"
    ),
    "ServiceDescription": "id:uint",
    "Latency": "referenceId:uint target:uint max:uint min:uint",
    "PlaybackRate": "max:double min:double",
    "Label": _LABEL,
    "GroupLabel": _LABEL,
    "Subset": "contains!:string id:string",
    "Metrics": "metrics!:string",
    **dict.fromkeys(_DESCRIPTORS, _DESCRIPTOR),
}
_RULES = {
    element: {
        name.rstrip("!"): (form, name.endswith("!"))
        for name, _, form in (one.partition(":") for one in listed.split())
    }
    for element, listed in _ATTRIBUTES.items()
}
_SINGLE = {
    "SegmentBase",
    "SegmentList",
    "SegmentTemplate",
    "AssetIdentifier",
    "LeapSecondInformation",
    "Initialization",
    "RepresentationIndex",
    "FailoverContent",
    "SegmentTimeline",
    "BitstreamSwitching",
    "Title",
    "Source",
    "Copyright",
}
_NEEDS = {"MPD": "Period", "Metrics": "Reporting"}


def violations(document: bytes) -> tuple[Violation, ...]:
    """Return the rules that *document* breaks, at most `MAX_VIOLATIONS`, in document order.

    Raises:
        InputError: it is no XML at all, or beyond the bounds of `parsing`.
    """
    root = read_tree(document)
    name = etree.QName(root)
    if name.localname != "MPD" or name.namespace != NAMESPACE:
        raise InputError(f"not an MPD: its root is {name.text[:80]!r}")
    found: list[Violation] = []
    for node in root.iter(f"{{{NAMESPACE}}}*"):
        for message in (*_of_attributes(node), *_of_children(node)):
            found.append(Violation(node.sourceline, etree.QName(node).localname, message))
            if len(found) == MAX_VIOLATIONS:
                return tuple(found)
    return tuple(found)


def _of_attributes(node: Any) -> Iterator[str]:  # noqa: ANN401  lxml has no public node type
    rules = _RULES.get(etree.QName(node).localname)
    if rules is None:
        return
    for name, text in node.attrib.items():
        if name.startswith("{"):
            continue
        if name not in rules:
            yield f"attribute {name[:40]} is not one of its attributes"
        elif not _has_form(rules[name][0], text):
            yield f"@{name}={text[:60]!r} is not of the form {rules[name][0]}"
    for name, (_, required) in rules.items():
        if required and name not in node.attrib:
            yield f"required attribute {name} is missing"


def _has_form(form: str, text: str) -> bool:
    value = text if form in _WITH_SPACES else text.strip(" \t\r\n")
    if not _PATTERNS[form].fullmatch(value):
        return False
    number = value.removeprefix("+")
    return not (form in _LARGEST and number.isdecimal() and int(number) > _LARGEST[form])


def _of_children(node: Any) -> Iterator[str]:  # noqa: ANN401
    element = etree.QName(node).localname
    order = {name: place for place, name in enumerate(ORDER.get(element, ()))}
    known = element in _RULES or element in ORDER
    latest, previous = -1, ""
    counts: dict[str, int] = {}
    for child in node:
        name = etree.QName(child)
        own = name.namespace == NAMESPACE
        place = order.get(name.localname) if own else len(order)
        if place is None:
            if known:
                yield f"element {name.localname[:40]} may not stand in it"
            continue
        counts[name.localname] = counts.get(name.localname, 0) + own
        if place < latest:
            yield f"element {name.localname} stands after {previous}, but must go before it"
        else:
            latest, previous = place, name.localname
    for single, count in counts.items():
        if count > 1 and single in _SINGLE:
            yield f"element {single} stands {count} times, where once is allowed"
    needed = _NEEDS.get(element)
    if needed is not None and not counts.get(needed):
        yield f"element {needed} is missing"
