"""Walks a DASH stream from its MPD to the last segment."""

from fractions import Fraction

from matinee.errors import InputError, MatineeError
from matinee.formats import dash
from matinee.formats.dash import grammar
from matinee.verify import cmaf, dash_media, dash_rules
from matinee.verify.content import Content
from matinee.verify.dash_addressing import Scope
from matinee.verify.reader import Body
from matinee.verify.tracks import Track

MEDIA_TYPES = {"application/dash+xml", "text/xml", "application/xml"}


def check(address: str, body: Body, content: Content) -> list[Track]:
    """Check the stream of the MPD *body*; return its tracks for decoding."""
    findings, place = content.findings, address.partition("?")[0]
    findings.count("playlists")
    if body.media_type is not None and body.media_type not in MEDIA_TYPES:
        findings.add("http.media-type", place, f"it came as {body.media_type or 'nothing'}")
    try:
        for one in grammar.violations(body.data):
            where = f"{place}, line {one.line}"
            findings.add("dash.schema", where, f"{one.element}: {one.message}")
        mpd = dash.parse(body.data)
    except InputError as error:
        findings.add("dash.syntax", place, error.message)
        return []
    dash_rules.check(place, mpd, findings)
    tracks: list[Track] = []
    for number, period in enumerate(mpd.periods):
        seconds = dash_rules.period_seconds(mpd, number)
        for adaptation_set in period.adaptation_sets:
            tracks += _set(
                [
                    Scope(
                        mpd=mpd,
                        period=period,
                        adaptation_set=adaptation_set,
                        representation=one,
                        address=address,
                        seconds=seconds,
                    )
                    for one in adaptation_set.representations
                ],
                place,
                content,
            )
    return tracks


def _set(scopes: list[Scope], place: str, content: Content) -> list[Track]:
    """Check the Representations of one AdaptationSet, and how they fit each other."""
    tracks: list[Track] = []
    for scope in scopes:
        content.check_cancelled()
        where = f"{place}, {scope.representation.id}"
        try:
            track = dash_media.load(scope, where, content)
        except MatineeError as error:
            if not isinstance(error, InputError):
                raise
            content.findings.add("dash.resolves", where, error.message)
            continue
        if track is None:
            continue
        content.findings.count("tracks")
        dash_media.check(scope, track, content)
        tracks.append(track)
    if scopes:
        _aligned(scopes[0].adaptation_set, tracks, content)
    return tracks


def _aligned(adaptation_set: dash.AdaptationSet, tracks: list[Track], content: Content) -> None:
    claims = {adaptation_set.segment_alignment, adaptation_set.subsegment_alignment}
    if len(tracks) < 2 or not claims & {"true", "1"}:
        return
    rate = tracks[0].frame_rate
    tolerance = 1 / (2 * rate) if rate else Fraction(1, 20)
    for track in tracks[1:]:
        difference = cmaf.boundaries_differ(track, tracks[0], tolerance)
        if difference:
            content.findings.add("dash.alignment", track.place, difference)
            if "vide" in track.handlers and all(one.header for one in track.runs):
                content.findings.add("cmaf.boundaries", track.place, difference)
