"""Thumbnail sheets and their WebVTT index, as players' seek bars read it."""

from fractions import Fraction

from matinee.formats.captions import Cue
from matinee.model.media import Chapter
from matinee.model.presentation import Marker, Segment, TileGrid, Track
from matinee.model.rendition import TileSheet
from matinee.model.time import MediaTime
from matinee.packager import names
from matinee.packager.bandwidth import measure

TIMESCALE = 1000


def sheet_track(tiles: TileSheet, sizes: tuple[int, ...], end: Fraction) -> Track:
    """Return the track of *tiles*, whose sheets have *sizes* in bytes, for a film until *end*.

    The last sheet lasts as long as the film, so that every instant has a picture.
    """
    interval = MediaTime.of(Fraction(tiles.interval).limit_denominator(TIMESCALE), TIMESCALE)
    per_sheet = interval.ticks * tiles.columns * tiles.rows
    film = MediaTime.of(end, TIMESCALE).ticks
    segments = []
    for number in range(1, len(sizes) + 1):
        start = per_sheet * (number - 1)
        stop = start + per_sheet if number < len(sizes) else max(start + 1, film)
        segments.append(
            Segment(
                number=number,
                start=start,
                duration=min(per_sheet, stop - start),
                key=names.sheet(number),
            )
        )
    rates = measure(sizes, [one.duration for one in segments], TIMESCALE)
    return Track(
        id=names.THUMBNAILS,
        kind="image",
        codec="jpeg",
        mime_type="image/jpeg",
        timescale=TIMESCALE,
        bandwidth=rates.peak,
        average_bandwidth=rates.average,
        size=sum(sizes),
        segments=tuple(segments),
        width=tiles.columns * tiles.tile_width,
        height=tiles.rows * tiles.tile_height,
        tiles=TileGrid(
            columns=tiles.columns, rows=tiles.rows, tile_duration=interval, count=tiles.count
        ),
    )


def index_cues(tiles: TileSheet, end: Fraction) -> tuple[Cue, ...]:
    """Return a cue for each tile: its sheet and, as `#xywh`, its place there (Media Fragments)."""
    interval = Fraction(tiles.interval).limit_denominator(TIMESCALE)
    per_sheet = tiles.columns * tiles.rows
    cues = []
    for number in range(tiles.count):
        sheet, place = divmod(number, per_sheet)
        row, column = divmod(place, tiles.columns)
        start = interval * number
        if start >= end:
            break
        stop = start + interval if number + 1 < tiles.count else max(start + interval, end)
        x, y = column * tiles.tile_width, row * tiles.tile_height
        area = f"xywh={x},{y},{tiles.tile_width},{tiles.tile_height}"
        cues.append(
            Cue(start=start, end=min(stop, end), payload=f"{names.sheet(sheet + 1)}#{area}")
        )
    return tuple(cues)


def chapter_markers(chapters: tuple[Chapter, ...], moved: Fraction) -> tuple[Marker, ...]:
    """Return a marker for each chapter, *moved* by so many seconds as the film's tracks are.

    Chapters of no length are left out; those without a title are called by their number.
    """
    found = []
    for number, one in enumerate(chapters, 1):
        start = MediaTime.of(max(Fraction(0), Fraction(one.start) + moved), TIMESCALE)
        duration = MediaTime.of(Fraction(one.end) + moved, TIMESCALE) - start
        if duration.ticks > 0:
            title = " ".join(one.title.split()) or f"Chapter {number}"
            found.append(Marker(kind="chapter", start=start, duration=duration, title=title))
    return tuple(found)


def chapter_cues(markers: tuple[Marker, ...]) -> tuple[Cue, ...]:
    """Return a WebVTT cue for each chapter marker."""
    cues = []
    for number, one in enumerate(markers, 1):
        start, duration = one.start.seconds, one.duration.seconds if one.duration else 0
        payload = one.title
        for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            payload = payload.replace(sign, entity)
        cues.append(Cue(start=start, end=start + duration, payload=payload, id=str(number)))
    return tuple(cues)
