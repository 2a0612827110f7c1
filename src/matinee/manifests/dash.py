"""Presentation -> MPD values (ISO/IEC 23009-1, DASH-IF IOP v5)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil, gcd

import msgspec
from msgspec.structs import replace

from matinee.errors import InputError
from matinee.formats import dash
from matinee.manifests import captions, colour, dash_addressing, names, tracks
from matinee.manifests.audio import codec_family
from matinee.model.presentation import (
    Period,
    Presentation,
    SelectionSet,
    SwitchingSet,
    Track,
)

PROFILES = ("urn:mpeg:dash:profile:isoff-on-demand:2011", "urn:mpeg:dash:profile:cmaf:2019")
GROWING_PROFILES = ("urn:mpeg:dash:profile:isoff-live:2011", "urn:mpeg:dash:profile:cmaf:2019")
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
_TEXT_RATE = 256
"""@bandwidth of a text track that has no measured one, in bits a second: a rough hour of cues."""
_CLEARANCE = Fraction(1, 100)
"""Milliseconds from a film's end to the end that its manifest says."""


def mpd(p: Presentation, base: str = "") -> dash.Mpd:
    """Return the MPD of a film, every URL in it prefixed with *base*.

    It is dynamic while the film grows, and static from its end on.

    Raises:
        InputError: *p* has no period, or is live: nothing says when its segments are available.
    """
    if not p.periods:
        raise InputError(f"presentation {p.id} has no period")
    title = tracks.words(p.title)
    common = dash.Mpd(
        id=p.id,
        profiles=PROFILES if p.mode == "on-demand" else GROWING_PROFILES,
        min_buffer_time=tracks.exact(_buffer(p)),
        program_informations=(dash.ProgramInformation(title=title),) if title else (),
        periods=tuple(_period(one, base) for one in p.periods),
    )
    if not p.ended:
        return _dynamic(p, common, base)
    duration = p.duration
    if duration is None:
        raise InputError(f"presentation {p.id} has ended, but says no duration")
    end = _clear_of(duration.seconds)
    last = common.periods[-1]
    last = replace(last, duration=end - (last.start or Decimal(0)))
    return replace(common, media_presentation_duration=end, periods=(*common.periods[:-1], last))


def _clear_of(end: Fraction) -> Decimal:
    """Return *end* if it is a whole millisecond, else the next that is well behind it.

    Within 5 microseconds of the end that the manifest says, dash.js declares the film ended before
    the browser does, seeks, and fetches the last segment for ever; browsers round each sample to a
    microsecond, so what is as exact as can be falls into that.
    """
    ticks = end * 1000
    if ticks.denominator != 1:
        ticks = Fraction(ceil(ticks + _CLEARANCE))
    return Decimal(int(ticks)) / 1000


def _dynamic(p: Presentation, common: dash.Mpd, base: str) -> dash.Mpd:
    """Say what makes an MPD be read again (§5.3.1.2), always by the address of this version."""
    if p.mode != "growing" or p.availability_start is None or p.updated_at is None:
        raise InputError(f"presentation {p.id} is live", fix="serve it over HLS until it ends")
    target = tracks.target_duration(p)
    return replace(
        common,
        type="dynamic",
        availability_start_time=_instant(p.availability_start),
        publish_time=_instant(p.updated_at),
        # Half a target duration, as HLS players wait for a playlist that has not changed.
        minimum_update_period=Decimal(target) / 2,
        locations=(names.version_mpd(p.version) if base else names.MPD,),
        utc_timings=(
            dash.Descriptor(
                scheme_id_uri="urn:mpeg:dash:utc:http-xsdate:2014", value=names.clock(base)
            ),
        ),
    )


def _buffer(p: Presentation) -> Fraction:
    """@minBufferTime: a segment; of a film that begins to grow there may be no more than one."""
    target = Fraction(tracks.target_duration(p))
    return target if p.mode == "on-demand" else target / 2


def _instant(time: datetime) -> str:
    """Return *time* as `xs:dateTime` in UTC, to the millisecond."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
                dash_addressing.representation(one, place.base, place.origin),
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
                dash_addressing.representation(one, place.base, place.origin),
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
            dash_addressing.representation(one, place.base, place.origin)
            if cut
            else dash.Representation(
                id=one.id,
                bandwidth=one.bandwidth or _TEXT_RATE,
                base_urls=dash_addressing.file(one, place.base),
            )
            for one in members
        ),
    )


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
            media=dash_addressing.template(track, base),
        ),
    )
