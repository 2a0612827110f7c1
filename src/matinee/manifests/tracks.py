"""Questions that both renderers ask of a `Presentation`."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from matinee.errors import NotFoundError
from matinee.model.presentation import Period, Presentation, SelectionSet, SwitchingSet, Track

MICROSECOND = 1_000_000


def find(p: Presentation, track_id: str) -> tuple[Track, ...]:
    """Return the track named *track_id* in each period.

    Raises:
        NotFoundError: a period has no such track.
    """
    return tuple(_in(period, track_id) for period in p.periods)


def _in(period: Period, track_id: str) -> Track:
    for selection in period.selection_sets:
        for one in selection.switching_sets:
            for track in one.tracks:
                if track.id == track_id:
                    return track
    raise NotFoundError(f"period {period.id} has no track {track_id}")


def all_tracks(p: Presentation) -> Iterator[Track]:
    """Every track of every period that plays at normal speed."""
    for period in p.periods:
        for selection in period.selection_sets:
            yield from selection.tracks


def target_duration(p: Presentation) -> int:
    """Return EXT-X-TARGETDURATION: one for all playlists of the presentation, in seconds.

    The nominal duration, or the longest segment's where that is more; both rounded to the
    nearest second (RFC 8216bis §4.4.3.1). One value for all: §6.2.4 asks it of every playlist.
    """
    longest = Fraction(p.target_duration.seconds)
    for track in all_tracks(p):
        if track.kind != "image" and track.segments:
            ticks = max(segment.duration for segment in track.segments)
            longest = max(longest, Fraction(ticks, track.timescale))
    return max(1, int(longest + Fraction(1, 2)))


def seconds(start: int, duration: int, timescale: int) -> Decimal:
    """Return *duration* from *start* in seconds, to the microsecond.

    It is the difference of rounded instants, so the sum over a track has no drift.
    """
    first = _microseconds(start, timescale)
    return Decimal(_microseconds(start + duration, timescale) - first) / MICROSECOND


def _microseconds(ticks: int, timescale: int) -> int:
    return (2 * ticks * MICROSECOND + timescale) // (2 * timescale)


def exact(value: Fraction) -> Decimal:
    """Return *value* in seconds to the microsecond."""
    return Decimal(round(value * MICROSECOND)) / MICROSECOND


def default_of(selections: tuple[SelectionSet, ...]) -> SelectionSet | None:
    """Return the one that plays unless the viewer chooses: the marked one, else the first."""
    marked = [one for one in selections if one.default]
    return next(iter((*marked, *selections)), None)


def words(text: str) -> str:
    """Return *text* fit for a quoted string and for XML: one line, no quotes or control marks."""
    kept = "".join(mark if mark.isprintable() else " " for mark in text.replace('"', "'"))
    return " ".join(kept.split())


def names_of(selections: tuple[SelectionSet, ...]) -> dict[str, str]:
    """Return for each selection set's id a name for menus, unique among *selections*."""
    names: dict[str, str] = {}
    for one in selections:
        name = words(one.label) or one.language or one.kind.capitalize()
        unique, number = name, 2
        while unique in names.values():
            unique, number = f"{name} {number}", number + 1
        names[one.id] = unique
    return names


def for_hls(selection: SelectionSet) -> tuple[Track, ...]:
    """Return the tracks that HLS plays: of texts those in WebVTT segments."""
    if selection.kind != "text":
        return selection.tracks
    return tuple(track for track in selection.tracks if track.mime_type == "text/vtt")


def for_dash(selection: SelectionSet) -> tuple[SwitchingSet, ...]:
    """Return the sets that DASH plays: a text's CMAF track where there is one, else its file.

    Two forms of one text would be two entries in players' menus.
    """
    sets = tuple(one for one in selection.switching_sets if one.tracks)
    if selection.kind != "text":
        return sets
    cmaf = tuple(one for one in sets if one.tracks[0].mime_type == "application/mp4")
    return cmaf or sets
