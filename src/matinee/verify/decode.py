"""Decodes the first and the last segment of each track with ffmpeg."""

import re

from matinee.toolchain import BACKGROUND, Limits, ProcessError, Toolchain, run
from matinee.verify import text
from matinee.verify.content import Content
from matinee.verify.tracks import Cut, Run, Track

_LIMITS = Limits(
    wall_seconds=120, memory_bytes=4 << 30, file_bytes=0, stdout_bytes=1 << 20, niceness=BACKGROUND
)
_DEMUXERS = {"fmp4": "mov", "ts": "mpegts"}
_LAST_WORDS = 300

_HARMLESS = re.compile(
    r"mmco: unref short failure"
    r"|Last message repeated \d+ times"
    r"|co located POCs unavailable"
    r"|number of reference frames .* exceeds max"
    r"|Increasing reorder buffer"
)
"""What ffmpeg calls errors although every picture comes out, as at the end of a cut without
encoding: the reference bookkeeping of pictures that lie beyond it."""


def check(tracks: list[Track], content: Content, toolchain: Toolchain) -> None:
    """Decode the ends of every track, and report what the decoder says."""
    work: list[tuple[Track, Run, Cut]] = []
    seen = set()
    for track in tracks:
        if track.images or track.i_frames:
            continue
        ends = [(one, cut) for one in track.runs for cut, _ in one.looked_at]
        picked = [ends[0], ends[-1]] if len(ends) > 1 else ends
        for ending, cut in picked:
            if cut.place not in seen:
                seen.add(cut.place)
                work.append((track, ending, cut))
    for number, message in content.each(
        range(len(work)), lambda number: _decode(*work[number][1:], content, toolchain)
    ):
        track, _, cut = work[number]
        if message:
            rule, words = message
            content.findings.add(rule, f"{track.place}, {cut.name}", words)
    content.findings.count("decoded", len(work))


def packed_audio(data: bytes) -> str:
    """Tell which packed audio *data* is, behind its ID3 tag (RFC 8216bis §3.1.3): a demuxer."""
    at = 0
    if data[:3] == b"ID3" and len(data) > 10:
        # Four bytes of seven bits each, without the header's own ten.
        at = 10 + sum((byte & 0x7F) << 7 * (3 - place) for place, byte in enumerate(data[6:10]))
    if data[at : at + 2] == b"\x0b\x77":
        return "eac3" if at + 5 < len(data) and data[at + 5] >> 3 > 10 else "ac3"
    # The two bits of the layer: none in ADTS, some in MPEG audio (ISO/IEC 11172-3).
    layer = data[at + 1] & 6 if at + 1 < len(data) else 0
    return "mp3" if layer else "aac"


def _decode(
    run_of: Run, cut: Cut, content: Content, toolchain: Toolchain
) -> tuple[str, str] | None:
    facts = cut.facts
    if facts is None or facts.kind not in {"fmp4", "ts", "audio"}:
        return None
    header = run_of.header
    if facts.kind == "fmp4" and (header is None or header.info is None):
        return None  # its own finding says so
    if header and text.is_text(header.info):
        return None  # read by our own code
    if header and header.info and any(track.encrypted for track in header.info.tracks):
        return "decode.encrypted", "it is encrypted"
    segment = content.bytes_at(cut.place)
    data = (header.data if header else b"") + segment
    demuxer = _DEMUXERS.get(facts.kind) or packed_audio(segment)
    argv = [
        *(str(toolchain.ffmpeg), "-nostdin", "-hide_banner", "-v", "error", "-xerror"),
        *("-protocol_whitelist", "pipe", "-format_whitelist", demuxer, "-f", demuxer),
        # One thread: several of these run beside each other.
        *("-threads", "1", "-i", "pipe:0", "-map", "0:v?", "-map", "0:a?", "-f", "null", "-"),
    ]
    try:
        done = run(argv, limits=_LIMITS, stdin=data, cancelled=content.cancelled, check=False)
    except ProcessError as error:
        return "decode.segment", error.message
    return judged(done.returncode, done.stderr)


def judged(status: int, said: str) -> tuple[str, str] | None:
    """Return the rule that the decoder's end breaks, and its words; None where it is content."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    words = " ".join(" ".join(lines).split())[:_LAST_WORDS]
    if status:
        return "decode.segment", words or f"the decoder ended with status {status}"
    if any(not _HARMLESS.search(line) for line in lines):
        return "decode.segment", words
    return ("decode.remark", words) if lines else None
