"""Rules of a playlist's text: what parsing forgives."""

from matinee.formats import hls
from matinee.formats.hls import attributes
from matinee.verify.findings import Findings

_ONCE = (
    "#EXT-X-VERSION",
    "#EXT-X-TARGETDURATION",
    "#EXT-X-MEDIA-SEQUENCE",
    "#EXT-X-DISCONTINUITY-SEQUENCE",
    "#EXT-X-PLAYLIST-TYPE",
    "#EXT-X-ENDLIST",
    "#EXT-X-I-FRAMES-ONLY",
    "#EXT-X-INDEPENDENT-SEGMENTS",
    "#EXT-X-START",
    "#EXT-X-PART-INF",
    "#EXT-X-SERVER-CONTROL",
    "#EXT-X-SKIP",
    "#EXT-X-CONTENT-STEERING",
)
_MEDIA_ONLY = ("#EXTINF", "#EXT-X-TARGETDURATION", "#EXT-X-MEDIA-SEQUENCE", "#EXT-X-PART")
_FIRST_OF_A_SEGMENT = ("#EXTINF", "#EXT-X-PART:", "#EXT-X-BYTERANGE", "#EXT-X-SKIP")


def check(
    place: str,
    text: str,
    playlist: hls.MultivariantPlaylist | hls.MediaPlaylist,
    findings: Findings,
) -> None:
    """Check *text*, which was read as *playlist*."""
    lines = [line.strip() for line in text.split("\n")]
    numbers: dict[str, list[int]] = {}
    for number, line in enumerate(lines, start=1):
        if line.startswith("#EXT"):
            numbers.setdefault(line.partition(":")[0], []).append(number)
    for tag in _ONCE:
        again = numbers.get(tag, [])[1:]
        if again:
            findings.add("hls.tag-once", f"{place}, line {again[0]}", f"{tag[1:]} comes again")
    declared, needed = max(1, playlist.version), hls.required_version(playlist)
    if declared < needed:
        findings.add(
            "hls.version", place, f"version {declared} is said, the features need {needed}"
        )
    if isinstance(playlist, hls.MultivariantPlaylist):
        mixed = [tag for tag in _MEDIA_ONLY if tag in numbers]
        if mixed:
            findings.add(
                "hls.mixed-tags",
                f"{place}, line {numbers[mixed[0]][0]}",
                f"{mixed[0][1:]} stands in a multivariant playlist",
            )
        _defaults(place, lines, findings)
        return
    _order(place, lines, numbers, findings)


def _order(place: str, lines: list[str], numbers: dict[str, list[int]], findings: Findings) -> None:
    first = next(
        (number for number, line in enumerate(lines, 1) if line.startswith(_FIRST_OF_A_SEGMENT)),
        None,
    )
    for tag in ("#EXT-X-MEDIA-SEQUENCE", "#EXT-X-DISCONTINUITY-SEQUENCE"):
        for number in numbers.get(tag, []):
            if first is not None and number > first:
                findings.add(
                    "hls.tag-order",
                    f"{place}, line {number}",
                    f"{tag[1:]} stands after the first segment, in line {first}",
                )


def _defaults(place: str, lines: list[str], findings: Findings) -> None:
    for number, line in enumerate(lines, 1):
        if not line.startswith("#EXT-X-MEDIA:"):
            continue
        given = attributes.split(line.partition(":")[2])
        # §4.4.6.1: if it is present, it must be YES where DEFAULT is.
        if given.get("DEFAULT") == "YES" and given.get("AUTOSELECT", "YES") != "YES":
            findings.add(
                "hls.group-members",
                f"{place}, line {number}",
                f"{given.get('NAME')} is DEFAULT, but AUTOSELECT is NO",
            )
