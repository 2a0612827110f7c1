"""Rules of one media playlist and the segments it lists."""

from decimal import Decimal
from fractions import Fraction

from matinee.errors import InputError
from matinee.formats import hls
from matinee.formats.isobmff import fragments
from matinee.model.presentation import ByteRange
from matinee.verify import cmaf
from matinee.verify.content import Content, Facts, Header, Place
from matinee.verify.tracks import Cut, Run, Track, look

_TOLERANCE = Fraction(1, 10)
"""Seconds by which EXTINF may differ from the media before players notice."""


def load(content: Content, address: str, place: str, playlist: hls.MediaPlaylist) -> Track:
    """Read the segments that *playlist* lists, and return them as a track."""
    listed: list[tuple[Header | None, list[Cut]]] = []
    current: hls.Map | None = None
    for number, segment in enumerate(playlist.segments, first_number(playlist)):
        if not listed or segment.map != current or segment.discontinuity:
            current = segment.map
            listed.append((_header(content, address, place, current), []))
        if segment.gap:
            continue
        name = f"segment {number}"
        target = _place(content, address, segment.uri, segment.byte_range, f"{place}, {name}")
        if target is not None:
            listed[-1][1].append(Cut(place=target, duration=Fraction(segment.duration), name=name))
    runs = look(content, listed, read=not playlist.i_frames_only)
    return Track(
        place=place,
        runs=runs,
        target=max(1, playlist.target_duration),
        images=playlist.images_only,
        i_frames=playlist.i_frames_only,
    )


def first_number(playlist: hls.MediaPlaylist) -> int:
    """Media sequence number of the first segment listed, behind those that were skipped."""
    skipped = playlist.skip.skipped_segments if playlist.skip else 0
    return playlist.media_sequence + skipped


def _place(
    content: Content, base: str, uri: str, span: hls.ByteRange | None, where: str
) -> Place | None:
    try:
        address = content.reader.resolve(base, uri)
    except InputError as error:
        content.findings.add("hls.resolves", where, error.message)
        return None
    return Place(address, ByteRange(span.offset, span.length) if span else None)


def _header(content: Content, base: str, place: str, section: hls.Map | None) -> Header | None:
    if section is None:
        return None
    where = _place(content, base, section.uri, section.byte_range, f"{place}, EXT-X-MAP")
    if where is None:
        return None
    found = content.header(where)
    if isinstance(found, str):
        rule = "hls.byte-range" if "beyond" in found else "hls.resolves"
        content.findings.add(rule, f"{place}, EXT-X-MAP", found)
        return None
    return found


def check(playlist: hls.MediaPlaylist, track: Track, content: Content) -> None:
    """Check *playlist* and the segments of its *track*."""
    findings, place = content.findings, track.place
    if not playlist.segments and playlist.open_segment is None and playlist.skip is None:
        findings.add("hls.empty", place, "no segment is listed")
    for number, segment in enumerate(playlist.segments, first_number(playlist)):
        # Half a second and more counts up: 4.5 becomes 5.
        if int(segment.duration + Decimal("0.5")) > playlist.target_duration:
            findings.add(
                "hls.target-duration",
                f"{place}, segment {number}",
                f"{segment.duration} s, the target is {playlist.target_duration} s",
            )
        if playlist.images_only and segment.tiles is None:
            findings.add(
                "hls.image-tiles",
                f"{place}, segment {number}",
                "it has no EXT-X-TILES",
            )
    _ended(playlist, place, content)
    for run in track.runs:
        _check_run(run, playlist, track, content)
    if playlist.i_frames_only:
        _check_i_frames(track, content)


def _ended(playlist: hls.MediaPlaylist, place: str, content: Content) -> None:
    if playlist.playlist_type == "VOD" and not playlist.end_list:
        content.findings.add("hls.end-list", place, "it is VOD, but has no EXT-X-ENDLIST")
    if playlist.end_list and playlist.playlist_type is None:
        content.findings.add("hls.playlist-type", place, "it has no EXT-X-PLAYLIST-TYPE")
    if playlist.end_list or playlist.i_frames_only or playlist.images_only:
        return
    listed = sum((one.duration for one in playlist.segments), Decimal(0))
    if playlist.playlist_type is None and listed < 3 * playlist.target_duration:
        content.findings.add(
            "hls.live-window",
            place,
            f"{listed} s are listed, three target durations are {3 * playlist.target_duration} s",
        )
    if playlist.segments and not any(one.program_date_time for one in playlist.segments):
        content.findings.add("hls.live-date-time", place, "EXT-X-PROGRAM-DATE-TIME is missing")


def _check_run(run: Run, playlist: hls.MediaPlaylist, track: Track, content: Content) -> None:
    for cut in run.cuts:
        where = f"{track.place}, {cut.name}"
        if cut.facts is None:
            continue
        if cut.facts.missing:
            rule = "hls.byte-range" if "beyond" in cut.facts.missing else "hls.resolves"
            content.findings.add(rule, where, cut.facts.missing)
        elif cut.facts.kind == "fmp4":
            if run.header is None:
                content.findings.add("hls.map", where, "it is fragmented MP4 without EXT-X-MAP")
            _check_fragments(cut, cut.facts, run, where, content)
            if playlist.independent_segments and not _independent(cut.facts, run):
                content.findings.add("hls.independent", where, "it starts with no sync sample")
    if run.header is not None:
        content.first_time(run.header.place)
        cmaf.check_run(run, track.place, content)


def _check_fragments(cut: Cut, facts: Facts, run: Run, where: str, content: Content) -> None:
    found = run.seconds_of(facts)
    if found is not None and abs(found - cut.duration) > _TOLERANCE:
        content.findings.add(
            "hls.duration",
            where,
            f"EXTINF says {float(cut.duration):.3f} s, the media lasts {float(found):.3f} s",
        )


def _independent(facts: Facts, run: Run) -> bool:
    found = run.fragments_of(facts)
    return not found or found[0].starts_with_sync


def _check_i_frames(track: Track, content: Content) -> None:
    """Read the I-frames that the options ask for, and look whether each is one."""
    cuts = [(run, cut) for run in track.runs for cut in run.cuts]
    picked = range(len(cuts)) if not content.options.quick else {0, len(cuts) - 1} - {-1}
    wanted = list(picked)
    results = content.each(wanted, lambda number: _i_frame_problem(*cuts[number], content))
    for number, problem in results:
        if problem:
            rule, message = problem
            content.findings.add(rule, f"{track.place}, {cuts[number][1].name}", message)


def _i_frame_problem(run: Run, cut: Cut, content: Content) -> tuple[str, str] | None:
    try:
        data = content.bytes_at(cut.place)
    except InputError as error:
        rule = "hls.byte-range" if error.code == "byte-range" else "hls.resolves"
        return rule, error.message
    if run.header is None:
        return None  # transport streams carry their headers within
    offset = cut.place.span.offset if cut.place.span else 0
    words = _picture_fault(data, offset, run.header)
    return ("hls.i-frames", words) if words else None


def _picture_fault(data: bytes, offset: int, header: Header) -> str:
    """Say why *data*, from *offset* of its file, is no whole independent picture, or ""."""
    at = 0
    while data[at + 4 : at + 8] in {b"styp", b"prft", b"emsg", b"sidx"}:
        at += max(8, int.from_bytes(data[at : at + 4], "big"))
    size = int.from_bytes(data[at : at + 4], "big")
    if data[at + 4 : at + 8] != b"moof" or size > len(data) - at:
        return "it does not begin with a movie fragment"
    try:
        found = fragments(data[at : at + size], offset + at, header.info)
    except InputError as error:
        return error.message
    if not found or not found[0].starts_with_sync:
        return "its first picture depends on others"
    missing = found[0].first_sample_end - offset - len(data)
    return f"the range ends {missing} bytes before the picture does" if missing > 0 else ""
