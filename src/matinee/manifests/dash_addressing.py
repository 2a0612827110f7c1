"""How a Representation says where its segments are (ISO/IEC 23009-1 §5.3.9)."""

import re
from fractions import Fraction

from matinee.errors import InputError
from matinee.formats import dash
from matinee.manifests import names
from matinee.model.presentation import ByteRange, Track

_NUMBERED = re.compile(r"(.*?)([0-9]+)(\.[A-Za-z0-9]+)?")


def file(track: Track, base: str) -> tuple[dash.BaseUrl, ...]:
    """Return the address of a track that is one file.

    Raises:
        InputError: it is not.
    """
    if track.key is None:
        raise InputError(f"track {track.id} is not one file")
    return (dash.BaseUrl(text=names.address(base, track.key)),)


def representation(track: Track, base: str, origin: Fraction) -> dash.Representation:
    """Return the Representation of a track: what it needs, and where its bytes are.

    *origin* is the media time, in seconds, that plays at the start of its period.
    """
    if track.init_key is not None:
        return _of_objects(track, base, origin)
    section = dash.Initialization(range=_span(track.init)) if track.init else None
    offset = round(origin * track.timescale) or None
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
        base_urls=file(track, base),
        segment_base=single,
        segment_list=listed,
    )


def _of_objects(track: Track, base: str, origin: Fraction) -> dash.Representation:
    """Each segment is an object, numbered in its name: §5.3.9.4 with a timeline."""
    return dash.Representation(
        id=track.id,
        bandwidth=max(1, track.bandwidth),
        codecs=track.codec,
        segment_template=dash.SegmentTemplate(
            timescale=track.timescale,
            presentation_time_offset=round(origin * track.timescale) or None,
            start_number=track.segments[0].number,
            initialization_template=_literal(names.address(base, track.init_key or "")),
            media=template(track, base),
            timeline=_timeline(track),
        ),
    )


def _literal(address: str) -> str:
    return address.replace("$", "$$")


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


def template(track: Track, base: str) -> str:
    """Return the template that yields the keys of *track*'s segments by their numbers.

    Raises:
        InputError: they are not numbered so.
    """
    match = _NUMBERED.fullmatch(track.segments[0].key)
    if match:
        head, digits, tail = match[1], len(match[2]), match[3] or ""
        if all(f"{head}{one.number:0{digits}d}{tail}" == one.key for one in track.segments):
            return f"{_literal(names.address(base, head))}$Number%0{digits}d${tail}"
    raise InputError(f"the segments of {track.id} are not numbered in their names")
