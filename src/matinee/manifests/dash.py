"""Presentation -> MPD values (ISO/IEC 23009-1, DASH-IF IOP v5)."""

import re
from collections.abc import Iterator
from fractions import Fraction
from math import gcd

import msgspec
from msgspec.structs import replace

from matinee.errors import InputError
from matinee.formats import dash
from matinee.manifests import captions, colour, names, tracks
from matinee.manifests.audio import codec_family
from matinee.model.presentation import (
    ByteRange,
    Period,
    Presentation,
    SelectionSet,
    SwitchingSet,
    Track,
)

PROFILES = ("urn:mpeg:dash:profile:isoff-on-demand:2011", "urn:mpeg:dash:profile:cmaf:2019")
ROLE = "urn:mpeg:dash:role:2011"
PURPOSE = "urn:tva:metadata:cs:AudioPurposeCS:2007"
TRICK_MODE = "http://dashif.org/guidelines/trickmode"
THUMBNAIL_TILE = "http://dashif.org/guidelines/thumbnail_tile"
SWITCHING = "urn:mpeg:dash:adaptation-set-switching:2016"
CHANNELS = "urn:mpeg:dash:23003:3:audio_channel_configuration:2011"
CICP_CHANNELS = "urn:mpeg:mpegB:cicp:ChannelConfiguration"
DOLBY_CHANNELS = "tag:dolby.com,2014:dash:audio_channel_configuration:2011"

_PURPOSES = {"description": "1", "caption": "2", "enhanced": "2"}
# Speaker masks of the Dolby scheme for the layouts that carry that many channels.
_DOLBY_MASKS = {1: "4000", 2: "A000", 6: "F801", 8: "FA01"}
_NUMBERED = re.compile(r"(.*?)([0-9]+)(\.[A-Za-z0-9]+)?")
_TEXT_RATE = 256
"""@bandwidth of a text track that has no measured one, in bits a second: a rough hour of cues."""


def mpd(p: Presentation, base: str = "") -> dash.Mpd:
    """Return the MPD of a presentation that has ended, every URL in it prefixed with *base*.

    Raises:
        InputError: *p* has no period, or has not ended: its MPD would be dynamic.
    """
    if not p.periods:
        raise InputError(f"presentation {p.id} has no period")
    duration = p.duration
    if duration is None or not p.ended:
        raise InputError(
            f"presentation {p.id} has not ended", fix="serve it over HLS until it ends"
        )
    title = tracks.words(p.title)
    return dash.Mpd(
        id=p.id,
        profiles=PROFILES,
        media_presentation_duration=tracks.exact(duration.seconds),
        min_buffer_time=tracks.exact(Fraction(tracks.target_duration(p))),
        program_informations=(dash.ProgramInformation(title=title),) if title else (),
        periods=tuple(_period(one, base) for one in p.periods),
    )


def _period(period: Period, base: str) -> dash.Period:
    pairs = [
        (selection, one)
        for selection in period.selection_sets
        for one in tracks.for_dash(selection)
    ]
    ids = {one.id: number for number, (_, one) in enumerate(pairs, start=1)}
    origin = _origin(period)
    makers = {"video": _video, "audio": _audio, "text": _text, "image": _images}
    return dash.Period(
        id=period.id,
        start=tracks.exact(period.start.seconds),
        duration=tracks.exact(period.duration.seconds) if period.duration else None,
        adaptation_sets=tuple(
            makers[selection.kind](_Place(period, selection, one, ids, base, origin))
            for selection, one in pairs
        ),
    )


def _origin(period: Period) -> Fraction:
    """Media time, in seconds, that plays at the start of *period*: the first main track's."""
    for kind in ("video", "audio"):
        for selection in period.selection_sets:
            for track in selection.tracks:
                if track.kind == kind and track.segments:
                    return Fraction(track.segments[0].start, track.timescale)
    return Fraction(0)


class _Place(msgspec.Struct, frozen=True):
    """One switching set on its way into an AdaptationSet, and where it stands."""

    period: Period
    selection: SelectionSet
    switching: SwitchingSet
    ids: dict[str, int]
    base: str
    origin: Fraction

    @property
    def id(self) -> int:
        return self.ids[self.switching.id]

    @property
    def lang(self) -> str:
        return self.selection.language or "und"

    @property
    def labels(self) -> tuple[dash.Label, ...]:
        text = tracks.words(self.selection.label)
        return (dash.Label(text=text),) if text else ()

    @property
    def roles(self) -> tuple[dash.Descriptor, ...]:
        named = dict.fromkeys(self.selection.roles)
        return tuple(dash.Descriptor(scheme_id_uri=ROLE, value=one) for one in named)

    @property
    def accessibilities(self) -> tuple[dash.Descriptor, ...]:
        values = dict.fromkeys(
            _PURPOSES[one] for one in self.selection.accessibility if one in _PURPOSES
        )
        return tuple(dash.Descriptor(scheme_id_uri=PURPOSE, value=one) for one in values)

    @property
    def priority(self) -> int | None:
        """@selectionPriority, where there is something to choose and this is the default."""
        rivals = self.period.of_kind(self.selection.kind)
        return 2 if len(rivals) > 1 and tracks.default_of(rivals) is self.selection else None


def _video(place: _Place) -> dash.AdaptationSet:
    best = place.switching.tracks[0]
    trick = place.switching.trick_play_of
    essential: tuple[dash.Descriptor, ...] = ()
    if trick is not None:
        main = place.ids.get(trick)
        if main is None:
            raise InputError(f"{place.switching.id} is trick play of {trick}, which is not there")
        essential = (dash.Descriptor(scheme_id_uri=TRICK_MODE, value=str(main)),)
    colours = colour.descriptors(best)
    if colour.needs_hdr(place.selection, place.switching):
        essential, colours = (*essential, *colours), ()
    members = place.switching.tracks
    rates = [one.frame_rate.value for one in members if one.frame_rate]
    return dash.AdaptationSet(
        id=place.id,
        content_type="video",
        mime_type=best.mime_type,
        par=_ratio(best),
        max_width=max((one.width or 0 for one in members), default=0) or None,
        max_height=max((one.height or 0 for one in members), default=0) or None,
        max_frame_rate=_frame_rate(max(rates)) if rates else None,
        segment_alignment="true",
        subsegment_alignment="true",
        subsegment_starts_with_sap=1,
        start_with_sap=1,
        coding_dependency=False if trick is not None else None,
        max_playout_rate=str(_playout_rate(place)) if trick is not None else None,
        essential_properties=essential,
        supplemental_properties=(*_switching(place), *colours),
        labels=place.labels,
        accessibilities=() if trick is not None else captions.descriptors(place.selection.captions),
        roles=place.roles,
        representations=tuple(
            replace(
                _addressed(one, place),
                width=one.width,
                height=one.height,
                sar="1:1" if one.width else None,
                frame_rate=_frame_rate(one.frame_rate.value) if one.frame_rate else None,
            )
            for one in members
        ),
    )


def _switching(place: _Place) -> Iterator[dash.Descriptor]:
    """Sets of other codecs among which a player may switch (§5.3.3.5).

    Not from SDR to HDR: the picture would change its looks.
    """
    if place.switching.trick_play_of is not None:
        return
    rivals = [
        str(place.ids[one.id])
        for one in place.selection.switching_sets
        if one.id in place.ids
        and one.id != place.switching.id
        and not one.trick_play_of
        and colour.range_of(one) == colour.range_of(place.switching)
    ]
    if rivals:
        yield dash.Descriptor(scheme_id_uri=SWITCHING, value=",".join(rivals))


def _playout_rate(place: _Place) -> int:
    """Times real time at which the I-frames alone come as fast as the main set's pictures."""
    main = next(
        one
        for selection in place.period.selection_sets
        for one in selection.switching_sets
        if one.id == place.switching.trick_play_of
    )
    fast, slow = main.tracks[0].frame_rate, place.switching.tracks[0].frame_rate
    return max(2, round(fast.value / slow.value)) if fast and slow else 8


def _ratio(track: Track) -> str | None:
    if not track.width or not track.height:
        return None
    common = gcd(track.width, track.height)
    return f"{track.width // common}:{track.height // common}"


def _frame_rate(rate: Fraction) -> str:
    if rate.denominator == 1:
        return str(rate.numerator)
    return f"{rate.numerator}/{rate.denominator}"


def _audio(place: _Place) -> dash.AdaptationSet:
    members = place.switching.tracks
    return dash.AdaptationSet(
        id=place.id,
        content_type="audio",
        mime_type=members[0].mime_type,
        lang=place.lang,
        segment_alignment="true",
        subsegment_alignment="true",
        subsegment_starts_with_sap=1,
        start_with_sap=1,
        selection_priority=place.priority,
        labels=place.labels,
        accessibilities=place.accessibilities,
        roles=place.roles,
        representations=tuple(
            replace(
                _addressed(one, place),
                audio_sampling_rate=str(one.sample_rate) if one.sample_rate else None,
                audio_channel_configurations=tuple(_channels(one)),
            )
            for one in members
        ),
    )


def _channels(track: Track) -> Iterator[dash.Descriptor]:
    if not track.channels:
        return
    scheme, value = CHANNELS, str(track.channels)
    if codec_family(track.codec) in {"ac3", "eac3"} and track.channels in _DOLBY_MASKS:
        scheme, value = DOLBY_CHANNELS, _DOLBY_MASKS[track.channels]
    elif track.channels > 6:
        # ISO/IEC 23091-3: 12 is 7.1 with side speakers; the older scheme counts otherwise there.
        scheme, value = CICP_CHANNELS, {7: "11", 8: "12"}.get(track.channels, "0")
    yield dash.Descriptor(scheme_id_uri=scheme, value=value)


def _text(place: _Place) -> dash.AdaptationSet:
    members = place.switching.tracks
    cut = members[0].index is not None
    return dash.AdaptationSet(
        id=place.id,
        content_type="text",
        mime_type=members[0].mime_type,
        lang=place.lang,
        segment_alignment="true" if cut else None,
        subsegment_alignment="true" if cut else None,
        subsegment_starts_with_sap=1 if cut else None,
        start_with_sap=1 if cut else None,
        selection_priority=place.priority if place.selection.default else None,
        labels=place.labels,
        accessibilities=place.accessibilities,
        roles=place.roles,
        representations=tuple(
            _addressed(one, place)
            if cut
            else dash.Representation(
                id=one.id,
                bandwidth=one.bandwidth or _TEXT_RATE,
                base_urls=_file(one, place.base),
            )
            for one in members
        ),
    )


def _file(track: Track, base: str) -> tuple[dash.BaseUrl, ...]:
    if track.key is None:
        raise InputError(f"track {track.id} is not one file")
    return (dash.BaseUrl(text=names.address(base, track.key)),)


def _addressed(track: Track, place: _Place) -> dash.Representation:
    """The Representation of a track in one file: what it needs, and where its bytes are."""
    section = dash.Initialization(range=_span(track.init)) if track.init else None
    offset = round(place.origin * track.timescale) or None
    single = listed = None
    if track.index is not None:
        single = dash.SegmentBase(
            timescale=track.timescale,
            presentation_time_offset=offset,
            index_range=_span(track.index),
            initialization=section,
        )
    else:
        ranges = [one.range for one in track.segments if one.range is not None]
        listed = dash.SegmentList(
            timescale=track.timescale,
            presentation_time_offset=offset,
            initialization=section,
            timeline=_timeline(track),
            segment_urls=tuple(dash.SegmentUrl(media_range=_span(one)) for one in ranges),
        )
    return dash.Representation(
        id=track.id,
        bandwidth=max(1, track.bandwidth),
        codecs=track.codec,
        base_urls=_file(track, place.base),
        segment_base=single,
        segment_list=listed,
    )


def _span(span: ByteRange) -> str:
    return f"{span.offset}-{span.last}"


def _timeline(track: Track) -> dash.SegmentTimeline:
    """Runs of equal durations (§5.3.9.6)."""
    entries: list[dash.TimelineEntry] = []
    expected: int | None = None
    for one in track.segments:
        last = entries[-1] if entries else None
        if last is not None and expected == one.start and last.d == one.duration:
            entries[-1] = dash.TimelineEntry(d=last.d, r=last.r + 1, t=last.t)
        else:
            start = one.start if expected != one.start else None
            entries.append(dash.TimelineEntry(d=one.duration, t=start))
        expected = one.start + one.duration
    return dash.SegmentTimeline(entries=tuple(entries))


def _images(place: _Place) -> dash.AdaptationSet:
    return dash.AdaptationSet(
        id=place.id,
        content_type="image",
        mime_type=place.switching.tracks[0].mime_type,
        representations=tuple(_sheets(one, place.base) for one in place.switching.tracks),
    )


def _sheets(track: Track, base: str) -> dash.Representation:
    """Thumbnail sheets (DASH-IF IOP part 5, 6.2.6): @width and @height are a whole sheet's."""
    if track.tiles is None or not track.segments:
        raise InputError(f"track {track.id} has no tiles")
    tiles = track.tiles
    layout = f"{tiles.columns}x{tiles.rows}"
    first = track.segments[0]
    # Players divide @duration by the number of tiles, so it is a full sheet's even where the only
    # sheet is not full.
    whole = round(tiles.tile_duration.seconds * tiles.columns * tiles.rows * track.timescale)
    return dash.Representation(
        id=track.id,
        bandwidth=max(1, track.bandwidth),
        width=track.width,
        height=track.height,
        essential_properties=(dash.Descriptor(scheme_id_uri=THUMBNAIL_TILE, value=layout),),
        segment_template=dash.SegmentTemplate(
            timescale=track.timescale,
            duration=whole,
            start_number=first.number,
            media=_template(track, base),
        ),
    )


def _template(track: Track, base: str) -> str:
    """Return the template that yields the keys of *track*'s segments by their numbers."""
    match = _NUMBERED.fullmatch(track.segments[0].key)
    if match:
        head, digits, tail = match[1], len(match[2]), match[3] or ""
        if all(f"{head}{one.number:0{digits}d}{tail}" == one.key for one in track.segments):
            escaped = names.address(base, head).replace("$", "$$")
            return f"{escaped}$Number%0{digits}d${tail}"
    raise InputError(f"the sheets of {track.id} are not numbered in their names")
