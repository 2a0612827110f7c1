"""The values of an MPD. Names are the schema's, in our spelling; sections: ISO/IEC 23009-1.

Durations (`xs:duration`) are `Decimal` seconds; `xs:dateTime` stays text. `attributes` keeps the
attributes we have no field for (names of other namespaces as `{namespace}name`), `elements` the
child elements, each as canonical XML, so that parsing and rendering loses nothing.
"""

from decimal import Decimal
from typing import Literal

import msgspec


class Element(msgspec.Struct, frozen=True, kw_only=True):
    """What every element can hold beside its own fields."""

    attributes: dict[str, str] = {}
    elements: tuple[str, ...] = ()


class Descriptor(Element, frozen=True, kw_only=True):
    """A descriptor (§5.8.2): Role, Accessibility, EssentialProperty, ContentProtection ..."""

    scheme_id_uri: str
    value: str | None = None
    id: str | None = None


class Label(Element, frozen=True, kw_only=True):
    """Label or GroupLabel (§5.3.10): words for a menu."""

    text: str
    id: int | None = None
    lang: str | None = None


class BaseUrl(Element, frozen=True, kw_only=True):
    """BaseURL (§5.6)."""

    text: str
    service_location: str | None = None
    byte_range: str | None = None
    availability_time_offset: str | None = None
    availability_time_complete: bool | None = None


class Initialization(Element, frozen=True, kw_only=True):
    """Initialization or RepresentationIndex (URLType, §5.3.9.2.3); `range` is `first-last`."""

    source_url: str | None = None
    range: str | None = None


class TimelineEntry(msgspec.Struct, frozen=True):
    """S of a SegmentTimeline (§5.3.9.6): `d` ticks, repeated `r` times more."""

    d: int
    r: int = 0
    t: int | None = None
    n: int | None = None
    k: int | None = None


class SegmentTimeline(Element, frozen=True, kw_only=True):
    """SegmentTimeline (§5.3.9.6)."""

    entries: tuple[TimelineEntry, ...] = ()


class SegmentBase(Element, frozen=True, kw_only=True):
    """SegmentBase (§5.3.9.2): one indexed segment a Representation; ranges are `first-last`."""

    timescale: int | None = None
    presentation_time_offset: int | None = None
    presentation_duration: int | None = None
    index_range: str | None = None
    index_range_exact: bool | None = None
    availability_time_offset: str | None = None
    availability_time_complete: bool | None = None
    initialization: Initialization | None = None
    representation_index: Initialization | None = None


class MultipleSegmentBase(SegmentBase, frozen=True, kw_only=True):
    """What SegmentList and SegmentTemplate share (§5.3.9.2.2)."""

    duration: int | None = None
    start_number: int | None = None
    end_number: int | None = None
    timeline: SegmentTimeline | None = None


class SegmentUrl(Element, frozen=True, kw_only=True):
    """SegmentURL (§5.3.9.3)."""

    media: str | None = None
    media_range: str | None = None
    index: str | None = None
    index_range: str | None = None


class SegmentList(MultipleSegmentBase, frozen=True, kw_only=True):
    """SegmentList (§5.3.9.3)."""

    segment_urls: tuple[SegmentUrl, ...] = ()


class SegmentTemplate(MultipleSegmentBase, frozen=True, kw_only=True):
    """SegmentTemplate (§5.3.9.4)."""

    media: str | None = None
    index: str | None = None
    initialization_template: str | None = None
    bitstream_switching: str | None = None


class RepresentationBase(Element, frozen=True, kw_only=True):
    """Common attributes and elements (§5.3.7). Ratios are `w:h`, frame rates `n` or `n/d`."""

    profiles: tuple[str, ...] = ()
    width: int | None = None
    height: int | None = None
    sar: str | None = None
    frame_rate: str | None = None
    audio_sampling_rate: str | None = None
    mime_type: str | None = None
    segment_profiles: str | None = None
    codecs: str | None = None
    start_with_sap: int | None = None
    max_playout_rate: str | None = None
    coding_dependency: bool | None = None
    scan_type: str | None = None
    selection_priority: int | None = None
    frame_packing: tuple[Descriptor, ...] = ()
    audio_channel_configurations: tuple[Descriptor, ...] = ()
    content_protections: tuple[Descriptor, ...] = ()
    essential_properties: tuple[Descriptor, ...] = ()
    supplemental_properties: tuple[Descriptor, ...] = ()
    labels: tuple[Label, ...] = ()


class Representation(RepresentationBase, frozen=True, kw_only=True):
    """Representation (§5.3.5). `bandwidth`: bits a second."""

    id: str
    bandwidth: int
    quality_ranking: int | None = None
    dependency_id: str | None = None
    base_urls: tuple[BaseUrl, ...] = ()
    segment_base: SegmentBase | None = None
    segment_list: SegmentList | None = None
    segment_template: SegmentTemplate | None = None


class AdaptationSet(RepresentationBase, frozen=True, kw_only=True):
    """AdaptationSet (§5.3.3). Alignments are `true`, `false` or a number."""

    id: int | None = None
    group: int | None = None
    lang: str | None = None
    content_type: str | None = None
    par: str | None = None
    min_bandwidth: int | None = None
    max_bandwidth: int | None = None
    min_width: int | None = None
    max_width: int | None = None
    min_height: int | None = None
    max_height: int | None = None
    min_frame_rate: str | None = None
    max_frame_rate: str | None = None
    segment_alignment: str | None = None
    subsegment_alignment: str | None = None
    subsegment_starts_with_sap: int | None = None
    bitstream_switching: bool | None = None
    accessibilities: tuple[Descriptor, ...] = ()
    roles: tuple[Descriptor, ...] = ()
    ratings: tuple[Descriptor, ...] = ()
    viewpoints: tuple[Descriptor, ...] = ()
    base_urls: tuple[BaseUrl, ...] = ()
    segment_base: SegmentBase | None = None
    segment_list: SegmentList | None = None
    segment_template: SegmentTemplate | None = None
    representations: tuple[Representation, ...] = ()


class Event(Element, frozen=True, kw_only=True):
    """Event of an EventStream (§5.10.2); ticks of the stream's timescale."""

    presentation_time: int | None = None
    duration: int | None = None
    id: int | None = None
    content_encoding: str | None = None
    message_data: str | None = None
    text: str = ""


class EventStream(Element, frozen=True, kw_only=True):
    """EventStream (§5.10.2)."""

    scheme_id_uri: str
    value: str | None = None
    timescale: int | None = None
    presentation_time_offset: int | None = None
    events: tuple[Event, ...] = ()


class Period(Element, frozen=True, kw_only=True):
    """Period (§5.3.2)."""

    id: str | None = None
    start: Decimal | None = None
    duration: Decimal | None = None
    bitstream_switching: bool | None = None
    base_urls: tuple[BaseUrl, ...] = ()
    segment_base: SegmentBase | None = None
    segment_list: SegmentList | None = None
    segment_template: SegmentTemplate | None = None
    asset_identifier: Descriptor | None = None
    event_streams: tuple[EventStream, ...] = ()
    adaptation_sets: tuple[AdaptationSet, ...] = ()
    supplemental_properties: tuple[Descriptor, ...] = ()


class ProgramInformation(Element, frozen=True, kw_only=True):
    """ProgramInformation (§5.7)."""

    lang: str | None = None
    more_information_url: str | None = None
    title: str | None = None
    source: str | None = None
    copyright: str | None = None


class Latency(Element, frozen=True, kw_only=True):
    """Latency of a ServiceDescription (Annex K.3.2): milliseconds."""

    reference_id: int | None = None
    target: int | None = None
    max: int | None = None
    min: int | None = None


class PlaybackRate(Element, frozen=True, kw_only=True):
    """PlaybackRate of a ServiceDescription (Annex K.3.4)."""

    max: str | None = None
    min: str | None = None


class ServiceDescription(Element, frozen=True, kw_only=True):
    """ServiceDescription (Annex K)."""

    id: int | None = None
    scopes: tuple[Descriptor, ...] = ()
    latencies: tuple[Latency, ...] = ()
    playback_rates: tuple[PlaybackRate, ...] = ()


class Mpd(Element, frozen=True, kw_only=True):
    """The media presentation description (§5.3.1)."""

    profiles: tuple[str, ...]
    min_buffer_time: Decimal
    id: str | None = None
    type: Literal["static", "dynamic"] = "static"
    availability_start_time: str | None = None
    availability_end_time: str | None = None
    publish_time: str | None = None
    media_presentation_duration: Decimal | None = None
    minimum_update_period: Decimal | None = None
    time_shift_buffer_depth: Decimal | None = None
    suggested_presentation_delay: Decimal | None = None
    max_segment_duration: Decimal | None = None
    max_subsegment_duration: Decimal | None = None
    program_informations: tuple[ProgramInformation, ...] = ()
    base_urls: tuple[BaseUrl, ...] = ()
    locations: tuple[str, ...] = ()
    service_descriptions: tuple[ServiceDescription, ...] = ()
    periods: tuple[Period, ...] = ()
    essential_properties: tuple[Descriptor, ...] = ()
    supplemental_properties: tuple[Descriptor, ...] = ()
    utc_timings: tuple[Descriptor, ...] = ()
