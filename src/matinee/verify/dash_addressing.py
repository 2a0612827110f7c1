"""Where the segments of a Representation are: ISO/IEC 23009-1 §5.3.9 and §5.6."""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import TypeVar

import msgspec

from matinee.errors import InputError
from matinee.formats import dash
from matinee.verify.content import Content, Place
from matinee.verify.tracks import Cut, span_of

_IDENTIFIER = re.compile(r"\$(?:(RepresentationID|Number|Bandwidth|Time)(%0([1-9][0-9]?)d)?)?\$")

T = TypeVar("T", bound=dash.SegmentBase)
Holder = dash.Period | dash.AdaptationSet | dash.Representation


class Addressed(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a Representation: header, index, and segments where no index lists them."""

    header: Place | None = None
    index: Place | None = None
    cuts: tuple[Cut, ...] = ()
    whole: Place | None = None
    """The file, where it is addressed by its BaseURL alone."""
    broken_range: str = ""
    """An @indexRange that is none."""


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """A Representation within its AdaptationSet and Period."""

    mpd: dash.Mpd
    period: dash.Period
    adaptation_set: dash.AdaptationSet
    representation: dash.Representation
    address: str
    """Of the MPD."""
    seconds: Fraction | None
    """How long the period lasts, where that is known."""

    @property
    def holders(self) -> tuple[Holder, ...]:
        """Outermost first."""
        return self.period, self.adaptation_set, self.representation

    def base(self, content: Content) -> str:
        """Resolve the BaseURLs of all levels, the first of each.

        Raises:
            InputError: one leads where we may not read.
        """
        address = self.address
        for one in (self.mpd, *self.holders):
            if one.base_urls:
                address = content.reader.resolve(address, one.base_urls[0].text)
        return address

    def segment_base(self) -> dash.SegmentBase | None:
        """The SegmentBase, its attributes inherited level by level."""
        return _merged([one.segment_base for one in self.holders])

    def segment_list(self) -> dash.SegmentList | None:
        """The SegmentList in force."""
        return _merged([one.segment_list for one in self.holders])

    def segment_template(self) -> dash.SegmentTemplate | None:
        """The SegmentTemplate in force."""
        return _merged([one.segment_template for one in self.holders])


def _merged(levels: list[T | None]) -> T | None:
    result: T | None = None
    for level in levels:
        if level is None:
            continue
        if result is None:
            result = level
            continue
        own = {
            field.name: getattr(level, field.name)
            for field in msgspec.structs.fields(level)
            if getattr(level, field.name) not in (None, (), {})
        }
        result = msgspec.structs.replace(result, **own)
    return result


def addressed(scope: Scope, content: Content) -> Addressed:
    """Return where the segments of a Representation are.

    Raises:
        InputError: an address that may not be read, more segments than the options allow, or a
            template that cannot be filled in.
    """
    base = scope.base(content)
    template = scope.segment_template()
    if template is not None:
        return _of_template(scope, template, base, content)
    listed = scope.segment_list()
    if listed is not None:
        return _of_list(listed, base, content)
    single = scope.segment_base()
    if single is not None:
        section = single.initialization
        where = _url(base, section, content) if section else None
        span = span_of(single.index_range)
        index = Place(base, span) if span else None
        broken = single.index_range if single.index_range and span is None else ""
        return Addressed(header=where, index=index, whole=Place(base), broken_range=broken or "")
    return Addressed(whole=Place(base))


def _url(base: str, section: dash.Initialization, content: Content) -> Place:
    address = (
        base if section.source_url is None else content.reader.resolve(base, section.source_url)
    )
    return Place(address, span_of(section.range))


def _of_list(listed: dash.SegmentList, base: str, content: Content) -> Addressed:
    section = listed.initialization
    durations = [ticks for _, ticks in _timeline(listed, None, content)]
    cuts = []
    for number, one in enumerate(listed.segment_urls):
        address = base if one.media is None else content.reader.resolve(base, one.media)
        ticks = durations[number] if number < len(durations) else listed.duration or 0
        cuts.append(
            Cut(
                place=Place(address, span_of(one.media_range)),
                duration=Fraction(ticks, listed.timescale or 1),
                name=f"segment {number + 1}",
            )
        )
    header = _url(base, section, content) if section else None
    return Addressed(header=header, cuts=tuple(cuts))


def _of_template(
    scope: Scope, template: dash.SegmentTemplate, base: str, content: Content
) -> Addressed:
    header = None
    if template.initialization_template is not None:
        name = fill(template.initialization_template, scope.representation, 0, 0)
        header = Place(content.reader.resolve(base, name))
    if template.media is None:
        raise InputError("its SegmentTemplate has no @media")
    timescale = template.timescale or 1
    first = 1 if template.start_number is None else template.start_number
    cuts = []
    for number, (start, ticks) in enumerate(_timeline(template, scope.seconds, content), first):
        name = fill(template.media, scope.representation, number, start)
        cuts.append(
            Cut(
                place=Place(content.reader.resolve(base, name)),
                duration=Fraction(ticks, timescale),
                name=f"segment {number}",
            )
        )
    return Addressed(header=header, cuts=tuple(cuts))


def fill(template: str, representation: dash.Representation, number: int, time: int) -> str:
    """Replace the identifiers of a template (§5.3.9.4.4)."""
    values = {"Number": number, "Bandwidth": representation.bandwidth, "Time": time}

    def value(match: re.Match[str]) -> str:
        if match[1] is None:
            return "$"
        if match[1] == "RepresentationID":
            return representation.id
        return f"{values[match[1]]:0{int(match[3] or 1)}d}"

    return _IDENTIFIER.sub(value, template)


def _timeline(
    listed: dash.SegmentList | dash.SegmentTemplate, seconds: Fraction | None, content: Content
) -> Iterator[tuple[int, int]]:
    """Yield start and duration of every segment in ticks, as many as the options allow."""
    timescale, limit = listed.timescale or 1, content.options.segments
    if listed.timeline is not None:
        yield from _bounded(_entries(listed, seconds, timescale), limit)
        return
    if not listed.duration or seconds is None:
        return
    whole = seconds * timescale
    count = -(-whole // listed.duration)
    if listed.end_number is not None:
        count = min(count, listed.end_number - (listed.start_number or 1) + 1)
    if count > limit:
        raise InputError(f"it has more than {limit} segments")
    for number in range(int(count)):
        start = number * listed.duration
        yield start, min(listed.duration, max(1, int(whole) - start))


def _bounded(items: Iterator[tuple[int, int]], limit: int) -> Iterator[tuple[int, int]]:
    for number, item in enumerate(items):
        if number >= limit:
            raise InputError(f"it has more than {limit} segments")
        yield item


def _entries(
    listed: dash.SegmentList | dash.SegmentTemplate, seconds: Fraction | None, timescale: int
) -> Iterator[tuple[int, int]]:
    entries = listed.timeline.entries if listed.timeline else ()
    end = None
    if seconds is not None:
        end = int(seconds * timescale) + (listed.presentation_time_offset or 0)
    time = 0
    for place, entry in enumerate(entries):
        time = time if entry.t is None else entry.t
        repeats = entry.r
        if entry.d <= 0:
            raise InputError("its timeline has a segment of no duration")
        if repeats < 0:
            # §5.3.9.6: up to the next entry, or the end of the period.
            follows = entries[place + 1].t if place + 1 < len(entries) else end
            repeats = max(0, -(-((follows or time) - time) // entry.d) - 1)
        for _ in range(repeats + 1):
            yield time, entry.d
            time += entry.d
