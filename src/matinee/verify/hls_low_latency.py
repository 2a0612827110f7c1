"""Rules of Low-Latency HLS as far as one reading of the playlists can tell."""

from collections.abc import Iterator
from decimal import Decimal

from matinee.formats import hls
from matinee.verify.findings import Findings

_SHORTEST = Decimal("0.85")


def check(place: str, playlist: hls.MediaPlaylist, others: int, findings: Findings) -> None:
    """Check *playlist*, beside which the stream has *others* media playlists."""
    parts = [part for segment in _segments(playlist) for part in segment.parts]
    control, information = playlist.server_control, playlist.part_information
    target = playlist.target_duration
    if control is not None:
        _check_control(place, control, target, findings)
    if information is None:
        if parts:
            findings.add("llhls.part-information", place, "it has parts, but no EXT-X-PART-INF")
        return
    part_target = information.part_target
    _check_parts(place, playlist, part_target, findings)
    if playlist.end_list:
        return
    held = control.part_hold_back if control else None
    if held is None or held < 2 * part_target:
        findings.add(
            "llhls.part-hold-back", place, f"it is {held} s, two parts are {2 * part_target} s"
        )
    elif held < 3 * part_target:
        findings.add(
            "llhls.part-hold-back-three",
            place,
            f"it is {held} s, three parts are {3 * part_target} s",
        )
    if control is None or not control.can_block_reload:
        findings.add("llhls.block-reload", place, "CAN-BLOCK-RELOAD=YES is missing")
    if not any(hint.type == "PART" for hint in playlist.preload_hints):
        findings.add("llhls.preload-hint", place, "no part is hinted")
    if len(playlist.rendition_reports) < others:
        findings.add(
            "llhls.rendition-reports",
            place,
            f"{len(playlist.rendition_reports)} reports for {others} other playlists",
        )


def _segments(playlist: hls.MediaPlaylist) -> Iterator[hls.Segment]:
    yield from playlist.segments
    if playlist.open_segment is not None:
        yield playlist.open_segment


def _check_control(place: str, control: hls.ServerControl, target: int, findings: Findings) -> None:
    if control.hold_back is not None and control.hold_back < 3 * target:
        findings.add(
            "llhls.hold-back",
            place,
            f"HOLD-BACK is {control.hold_back} s, three target durations are {3 * target} s",
        )
    if control.can_skip_until is not None and control.can_skip_until < 6 * target:
        findings.add(
            "llhls.skip",
            place,
            f"CAN-SKIP-UNTIL is {control.can_skip_until} s, six target durations {6 * target} s",
        )
    if control.can_skip_date_ranges and control.can_skip_until is None:
        findings.add("llhls.skip", place, "CAN-SKIP-DATERANGES stands without CAN-SKIP-UNTIL")


def _check_parts(
    place: str, playlist: hls.MediaPlaylist, part_target: Decimal, findings: Findings
) -> None:
    after = sum((one.duration for one in playlist.segments), Decimal(0))
    limit = 3 * playlist.target_duration
    for number, segment in enumerate(_segments(playlist)):
        where = f"{place}, segment {playlist.media_sequence + number}"
        after -= segment.duration
        for place_in_segment, part in enumerate(segment.parts):
            last = place_in_segment == len(segment.parts) - 1
            if part.duration > part_target:
                findings.add(
                    "llhls.part-target",
                    where,
                    f"a part of {part.duration} s, at most {part_target}",
                )
            elif not last and part.duration < part_target * _SHORTEST:
                findings.add(
                    "llhls.short-part",
                    where,
                    f"a part of {part.duration} s, 85 % are {part_target * _SHORTEST} s",
                )
        if segment.parts and segment is not playlist.open_segment and after > limit:
            findings.add("llhls.old-parts", where, f"its parts ended {after} s before the end")
