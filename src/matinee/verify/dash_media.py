"""Rules of one Representation and the segments it addresses."""

from fractions import Fraction

from matinee.errors import InputError, MatineeError
from matinee.formats.isobmff import parse_sidx
from matinee.model.presentation import ByteRange
from matinee.verify import cmaf
from matinee.verify.content import Content, Header, Place
from matinee.verify.dash_addressing import Addressed, Scope, addressed
from matinee.verify.dash_rules import TRICK_MODE
from matinee.verify.tracks import Cut, Track, look

_TARGET = 4
"""Seconds against which peaks are measured where segments are shorter."""


def load(scope: Scope, where: str, content: Content) -> Track | None:
    """Read the segments of a Representation.

    Raises:
        InputError: it cannot be addressed.
    """
    found = addressed(scope, content)
    mime_type = scope.representation.mime_type or scope.adaptation_set.mime_type or ""
    if mime_type.endswith("/webm"):
        # Matroska has other indexes and headers; that the file is there is all we look at.
        found = Addressed(whole=found.whole, cuts=found.cuts)
    header = _header(found, where, content)
    if found.broken_range:
        content.findings.add("dash.index", where, f"@indexRange is {found.broken_range}")
    cuts = list(found.cuts)
    if found.index is not None:
        cuts = _indexed(found.index, found.whole, where, content)
    elif not cuts and found.whole is not None and not _read_whole(mime_type):
        problem = content.problem_of(found.whole.address)
        if problem:
            content.findings.add("dash.resolves", where, problem)
        return None
    elif not cuts and found.whole is not None:
        cuts = [Cut(place=found.whole, duration=scope.seconds or Fraction(0), name="file")]
    if not cuts:
        if scope.mpd.type == "static":
            content.findings.add("dash.segments", where, "it has no segment")
        return None
    longest = max(cut.duration for cut in cuts)
    return Track(
        place=where,
        runs=look(content, [(header, cuts)]),
        target=max(_TARGET, int(longest + Fraction(1, 2))),
        images=mime_type.startswith("image/"),
        i_frames=any(
            one.scheme_id_uri == TRICK_MODE for one in scope.adaptation_set.essential_properties
        ),
    )


def _read_whole(mime_type: str) -> bool:
    """Whether a file without index is small enough by its kind to be read: text, not a film."""
    return mime_type.startswith(("text/", "image/", "application/ttml"))


def _header(found: Addressed, where: str, content: Content) -> Header | None:
    if found.header is None:
        return None
    header = content.header(found.header)
    if isinstance(header, str):
        content.findings.add("dash.resolves", f"{where}, initialization", header)
        return None
    return header


def _indexed(place: Place, whole: Place | None, where: str, content: Content) -> list[Cut]:
    """Read the index, and return the subsegments it names."""
    findings = content.findings
    try:
        data = content.bytes_at(place)
    except InputError as error:
        findings.add("dash.resolves", f"{where}, index", error.message)
        return []
    try:
        index = parse_sidx(data)
    except MatineeError as error:
        findings.add("dash.index", where, error.message)
        return []
    start = place.span.offset if place.span else 0
    at = start + int.from_bytes(data[:4], "big") + index.first_offset
    cuts = []
    for number, one in enumerate(index.references, start=1):
        cuts.append(
            Cut(
                place=Place(place.address, ByteRange(at, one.size)),
                duration=Fraction(one.duration, index.timescale),
                name=f"segment {number}",
            )
        )
        at += one.size
    size = content.size(place.address)
    if whole is not None and size is not None and at != size:
        findings.add("dash.index", where, f"it reaches to byte {at}, the file has {size}")
    return cuts


def check(scope: Scope, track: Track, content: Content) -> None:
    """Check the segments of *track* against what the MPD says of them."""
    findings, sync = content.findings, _starts_with_sync(scope)
    for run in track.runs:
        for cut in run.cuts:
            facts, where = cut.facts, f"{track.place}, {cut.name}"
            if facts is None:
                continue
            if facts.missing:
                findings.add("dash.resolves", where, facts.missing)
            elif facts.kind == "fmp4" and run.header is None:
                findings.add(
                    "dash.initialization", where, "it is fragmented MP4 without initialization"
                )
            elif facts.kind == "fmp4" and run.fragments_of(facts):
                _check_duration(cut, run.seconds_of(facts) or Fraction(0), where, content)
                if sync and not run.fragments_of(facts)[0].starts_with_sync:
                    findings.add("dash.access-points", where, "it starts with no sync sample")
        if run.header is not None and content.first_time(run.header.place):
            cmaf.check_run(run, track.place, content)
    _claims(scope, track, content)
    _length(scope, track, content)


def _starts_with_sync(scope: Scope) -> bool:
    one, other = scope.representation, scope.adaptation_set
    said = one.start_with_sap if one.start_with_sap is not None else other.start_with_sap
    return 1 in {said, other.subsegment_starts_with_sap}


def _check_duration(cut: Cut, found: Fraction, where: str, content: Content) -> None:
    if abs(found - cut.duration) > Fraction(1, 10):
        # An index is exact; a nominal @duration may be off by half (§5.3.9.5.3).
        off = abs(found - cut.duration) > cut.duration / 2
        content.findings.add(
            "dash.timeline",
            where,
            f"{float(cut.duration):.3f} s are said, the media lasts {float(found):.3f} s",
            severity=None if off or cut.place.span else "warning",
        )


def _claims(scope: Scope, track: Track, content: Content) -> None:
    one, other, findings = scope.representation, scope.adaptation_set, content.findings
    codecs = one.codecs or other.codecs
    said = {part.strip() for part in (codecs or "").split(",") if part.strip()}
    if track.codecs and not _named(said, track.codecs):
        named = ", ".join(sorted(said)) or "missing"
        findings.add(
            "dash.codecs",
            track.place,
            f"@codecs is {named}, the file holds {', '.join(sorted(track.codecs))}",
        )
    size = track.frame_size
    width = one.width if one.width is not None else other.width
    height = one.height if one.height is not None else other.height
    if size is not None and (width, height) != size:
        findings.add(
            "dash.resolution",
            track.place,
            f"{width}x{height} is said, the video is {size[0]}x{size[1]}",
        )
    measured = track.measured()
    # A file without segments (text) has no peak worth a claim.
    if measured and len(track.cuts) > 1 and measured[0] * 10 > one.bandwidth * 11:
        findings.add(
            "dash.bandwidth",
            track.place,
            f"{one.bandwidth} bit/s are said, the peak is {measured[0]} bit/s",
        )


def _named(said: set[str], found: set[str]) -> bool:
    """Whether @codecs names what the file holds; many files do not tell their TTML's profile."""
    return said == found or (
        found == {"stpp"} and len(said) == 1 and next(iter(said)).startswith("stpp.ttml")
    )


def _length(scope: Scope, track: Track, content: Content) -> None:
    if scope.seconds is None or track.images or len(track.cuts) < 2:
        return
    longest = max(cut.duration for cut in track.cuts)
    if abs(track.duration - scope.seconds) > longest:
        content.findings.add(
            "dash.period-end",
            track.place,
            f"it lasts {float(track.duration):.3f} s, its period {float(scope.seconds):.3f} s",
        )
