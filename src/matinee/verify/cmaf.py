"""Rules of CMAF tracks: headers, fragments, and how the tracks of a switching set fit."""

from fractions import Fraction

from matinee.verify.content import Content, Facts, Header
from matinee.verify.tracks import Run, Track

BRANDS = {"cmfc", "cmf2", "cmfl", "cmff", "cmfd", "cmfs"}


def check_run(run: Run, place: str, content: Content) -> None:
    """Check the header and the fragments of a run of segments."""
    header = run.header
    if header is None:
        return
    _check_header(header, place, content)
    expected: int | None = None
    for cut in run.cuts:
        facts, where = cut.facts, f"{place}, {cut.name}"
        if facts is None or facts.missing or facts.problem or not facts.fragments:
            if facts is not None and facts.problem:
                content.findings.add("cmaf.boxes", where, facts.problem)
            elif facts is not None and not facts.missing:
                content.findings.add("cmaf.fragments", where, "it has no movie fragment")
            # After a hole nothing is known of where the next one must begin.
            expected = None
            continue
        _check_fragments(facts, header, where, content)
        expected = _check_times(facts, expected, where, content)


def _check_header(header: Header, place: str, content: Content) -> None:
    where, findings = f"{place}, header", content.findings
    info = header.info
    if info is None:
        findings.add("cmaf.header", where, header.problem)
        return
    if not info.fragmented:
        findings.add("cmaf.header", where, "it has no mvex, so no fragments may follow")
    if len(info.tracks) != 1:
        findings.add("cmaf.one-track", where, f"it has {len(info.tracks)} tracks", severity=(
            # Muxed fMP4 is legal in HLS, though it is no CMAF.
            "error" if BRANDS & set(info.brands) else "warning"
        ))  # fmt: skip
    if not BRANDS & set(info.brands):
        brands = ", ".join(info.brands[:8])
        findings.add("cmaf.brands", where, f"its brands are {brands or 'none'}")


def _check_fragments(facts: Facts, header: Header, where: str, content: Content) -> None:
    info = header.info
    known = {track.id for track in info.tracks} if info else set()
    first = facts.fragments[0]
    if not first.starts_with_sync:
        content.findings.add("cmaf.first-sync", where, "its first sample is no sync sample")
    sums: dict[int, int] = {}
    for one in facts.fragments:
        sums[one.offset] = sums.get(one.offset, 0) + one.samples_size
        if known and one.track_id not in known:
            content.findings.add(
                "cmaf.fragments", where, f"a fragment is of track {one.track_id}, not of the header"
            )
        if one.decode_time is None:
            content.findings.add("cmaf.decode-time", where, "a fragment has no tfdt")
    for one in facts.fragments:
        if sums[one.offset] != one.data_size or not one.consistent:
            content.findings.add(
                "cmaf.data",
                where,
                f"the samples have {sums[one.offset]} bytes, the mdat {one.data_size}",
            )
            break


def _check_times(facts: Facts, expected: int | None, where: str, content: Content) -> int | None:
    """Follow the decode times of a segment's first track; return where the next must begin."""
    track = facts.fragments[0].track_id
    for one in facts.fragments:
        if one.track_id != track:
            continue
        if one.decode_time is None:
            return None
        if expected is not None and one.decode_time != expected:
            word = "a gap" if one.decode_time > expected else "an overlap"
            content.findings.add(
                "cmaf.decode-time-continuous",
                where,
                f"tfdt is {one.decode_time}, but {expected} was to follow: {word} of "
                f"{abs(one.decode_time - expected)} ticks",
            )
        expected = one.decode_time + one.duration
    return expected


def boundaries_differ(one: Track, other: Track, tolerance: Fraction) -> str:
    """Say where the segments of two tracks begin at different times, or "" where none does."""
    mine, theirs = one.media_starts(), other.media_starts()
    if mine is None or theirs is None:
        mine, theirs = one.listed_starts(), other.listed_starts()
    for number, (first, second) in enumerate(zip(mine, theirs, strict=False)):
        if abs(first - second) > tolerance:
            return (
                f"segment {number + 1} begins at {float(first):.3f} s, "
                f"in {other.place} at {float(second):.3f} s"
            )
    if len(mine) != len(theirs):
        return f"it has {len(mine)} segments, {other.place} has {len(theirs)}"
    return ""
