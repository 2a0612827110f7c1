"""Rules of an MPD by itself."""

from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction

from matinee.formats import dash
from matinee.verify.findings import Findings

TRICK_MODE = "http://dashif.org/guidelines/trickmode"
TILES = {"http://dashif.org/guidelines/thumbnail_tile", "http://dashif.org/thumbnail_tile"}
_TOLERANCE = Fraction(1, 1000)


def check(place: str, mpd: dash.Mpd, findings: Findings) -> None:
    """Check what *mpd* says, without looking at the media."""
    if not any(profile.startswith("urn:") or "://" in profile for profile in mpd.profiles):
        findings.add("dash.profiles", place, "@profiles names none")
    for message in _repeated_ids(mpd):
        findings.add("dash.ids", place, message)
    if mpd.type == "static":
        _static(place, mpd, findings)
    else:
        _dynamic(place, mpd, findings)
    for period in mpd.periods:
        _check_period(place, period, findings)


def _repeated(ids: Iterable[object]) -> Iterator[object]:
    yield from (one for one, count in Counter(ids).items() if count > 1)


def _repeated_ids(mpd: dash.Mpd) -> Iterator[str]:
    for one in _repeated(period.id for period in mpd.periods if period.id is not None):
        yield f"two periods are called {one}"
    for period in mpd.periods:
        sets = period.adaptation_sets
        for one in _repeated(each.id for each in sets if each.id is not None):
            yield f"two adaptation sets are called {one}"
        for one in _repeated(each.id for every in sets for each in every.representations):
            yield f"two representations are called {one}"


def period_seconds(mpd: dash.Mpd, number: int) -> Fraction | None:
    """How long the period *number* lasts: as said, else to the next one or the end (§5.3.2.1)."""
    period = mpd.periods[number]
    if period.duration is not None:
        return Fraction(period.duration)
    start = _start(mpd, number)
    if start is None:
        return None
    if number + 1 < len(mpd.periods):
        following = mpd.periods[number + 1].start
        return Fraction(following) - start if following is not None else None
    whole = mpd.media_presentation_duration
    return Fraction(whole) - start if whole is not None else None


def _start(mpd: dash.Mpd, number: int) -> Fraction | None:
    total = Fraction(0)
    for place, period in enumerate(mpd.periods[: number + 1]):
        if period.start is not None:
            total = Fraction(period.start)
        elif place and mpd.periods[place - 1].duration is None:
            return None
        if place == number:
            return total
        if period.duration is not None:
            total += Fraction(period.duration)
    return total


def _static(place: str, mpd: dash.Mpd, findings: Findings) -> None:
    whole = mpd.media_presentation_duration
    lengths = [period_seconds(mpd, number) for number in range(len(mpd.periods))]
    known = [one for one in lengths if one is not None]
    if whole is None:
        if len(known) < len(lengths) or not lengths:
            findings.add("dash.duration", place, "neither the MPD nor its periods say it")
        return
    for number, length in enumerate(lengths):
        if length is not None and length < 0:
            findings.add("dash.duration", place, f"period {number + 1} lasts {float(length)} s")
    if len(known) == len(lengths) and abs(sum(known) - Fraction(whole)) > _TOLERANCE:
        findings.add(
            "dash.duration",
            place,
            f"it is {whole} s, the periods add up to {float(sum(known)):.3f} s",
        )


def _dynamic(place: str, mpd: dash.Mpd, findings: Findings) -> None:
    if mpd.availability_start_time is None:
        findings.add("dash.dynamic", place, "availabilityStartTime is missing")
    if mpd.publish_time is None:
        findings.add("dash.dynamic", place, "publishTime is missing")
    if not mpd.utc_timings:
        findings.add("dash.dynamic", place, "there is no UTCTiming", severity="warning")


def _check_period(place: str, period: dash.Period, findings: Findings) -> None:
    ids = {str(one.id) for one in period.adaptation_sets if one.id is not None}
    for one in period.adaptation_sets:
        where = f"{place}, set {one.id}"
        properties = (*one.essential_properties, *one.supplemental_properties)
        for descriptor in properties:
            named = (descriptor.value or "").split()
            if descriptor.scheme_id_uri == TRICK_MODE and not set(named) <= (ids - {str(one.id)}):
                findings.add(
                    "dash.trick-mode", where, f"its main set {descriptor.value} is not there"
                )
        for representation in one.representations:
            if (representation.mime_type or one.mime_type or "").startswith("image/"):
                _check_tiles(one, representation, f"{place}, {representation.id}", findings)


def _check_tiles(
    one: dash.AdaptationSet, representation: dash.Representation, where: str, findings: Findings
) -> None:
    properties = (*one.essential_properties, *representation.essential_properties)
    for descriptor in properties:
        columns, _, rows = (descriptor.value or "").partition("x")
        if descriptor.scheme_id_uri in TILES and columns.isdigit() and rows.isdigit():
            return
    findings.add("dash.thumbnails", where, "no essential property says how its sheets are cut")
