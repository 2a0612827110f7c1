"""MP4 files built by hand: every byte is ours, so expectations can be exact."""

import struct
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from matinee.formats.isobmff.box import build, build_full

AVCC = bytes.fromhex("0164001e ff e1 0004 67640014 01 0003 68ebe3 fd f8 f8 00")
HVCC = (
    bytes.fromhex("01 01 60000000 900000000000 5d f000 fc fd f8 f8 0000 0f 03")
    + bytes.fromhex("20 0001 0002 4001")
    + bytes.fromhex("21 0001 0002 4201")
    + bytes.fromhex("22 0001 0002 4401")
)
AAC_LC_STEREO = bytes.fromhex("1190")
ESDS_PAYLOAD = bytes.fromhex("03 19 0001 00 04 11 40 15 000000 00000000 00000000 05 02") + (
    AAC_LC_STEREO + bytes.fromhex("06 01 02")
)


def u32(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


def visual(kind: str, *boxes: bytes, width: int = 640, height: int = 360) -> bytes:
    fields = struct.pack(">6xH16xHHIIIH32xHh", 1, width, height, 0x480000, 0x480000, 0, 1, 24, -1)
    return build(kind, fields, *boxes)


def sound(kind: str, *boxes: bytes, channels: int = 2, rate: int = 48000) -> bytes:
    fields = struct.pack(">6xH8xHHIHH", 1, channels, 16, 0, rate, 0)
    return build(kind, fields, *boxes)


AVC1 = visual("avc1", build("avcC", AVCC), build("pasp", u32(1, 1)), build("gama", u32(1)))
MP4A = sound("mp4a", build_full("esds", 0, 0, ESDS_PAYLOAD))


@dataclass
class HandTrack:
    """One track: samples as bytes, runs of (count, ticks), and tables where they differ."""

    handler: str = "vide"
    timescale: int = 24
    samples: list[bytes] = field(default_factory=list)
    durations: list[tuple[int, int]] = field(default_factory=list)
    composition: list[tuple[int, int]] = field(default_factory=list)
    composition_version: int = 0
    sync: list[int] | None = None
    chunks: list[int] = field(default_factory=list)
    """Samples of each chunk."""
    entries: list[bytes] = field(default_factory=lambda: [AVC1])
    edits: list[tuple[int, int]] = field(default_factory=list)
    language: int = 0x15C7  # eng
    elng: bytes = b""
    data_flags: int = 1
    uniform: int = 0


def movie(*tracks: HandTrack, timescale: int = 1000, large: bool = False) -> bytes:
    """A progressive file: chunks of the tracks take turns in `mdat`, which comes first."""
    ftyp = build("ftyp", b"isom\0\0\0\0isommp41")
    queues = []
    for track in tracks:
        counts = track.chunks or [len(track.samples)]
        ends = list(accumulate(counts, initial=0))
        queues.append([b"".join(track.samples[a:b]) for a, b in pairwise(ends)])
    offsets: list[list[int]] = [[] for _ in tracks]
    body = b""
    for turn in range(max(len(one) for one in queues)):
        for index, queue in enumerate(queues):
            if turn < len(queue):
                offsets[index].append(len(ftyp) + 8 + len(body))
                body += queue[turn]
    mvhd = build_full("mvhd", 0, 0, u32(0, 0, timescale, 0), bytes(80))
    traks = [
        _trak(number, track, offsets[number - 1], large=large)
        for number, track in enumerate(tracks, 1)
    ]
    return ftyp + build("mdat", body) + build("moov", mvhd, *traks)


def _trak(number: int, track: HandTrack, offsets: list[int], *, large: bool) -> bytes:
    matrix = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    tkhd = build_full("tkhd", 0, 3, u32(0, 0, number, 0, 0), bytes(16), matrix, u32(0, 0))
    edits = b""
    if track.edits:
        rows = b"".join(struct.pack(">IiHH", *edit, 1, 0) for edit in track.edits)
        edits = build("edts", build_full("elst", 0, 0, u32(len(track.edits)), rows))
    mdhd = build_full(
        "mdhd", 0, 0, u32(0, 0, track.timescale, 0), struct.pack(">HH", track.language, 0)
    )
    hdlr = build_full("hdlr", 0, 0, u32(0), track.handler.encode(), bytes(13))
    elng = build_full("elng", 0, 0, track.elng) if track.elng else b""
    dref = build_full("dref", 0, 0, u32(1), build_full("url ", 0, track.data_flags))
    minf = build("minf", build("dinf", dref), table(track, offsets, large=large))
    return build("trak", tkhd, edits, build("mdia", mdhd, hdlr, elng, minf))


def table(track: HandTrack, offsets: list[int], *, large: bool = False) -> bytes:
    """The `stbl` of *track* with its chunks at *offsets*."""
    counts = track.chunks or [len(track.samples)]
    chunk_rows = b"".join(u32(number, count, 1) for number, count in enumerate(counts, 1))
    if track.uniform:
        sizes = u32(track.uniform, len(track.samples))
    else:
        sizes = u32(0, len(track.samples), *(len(one) for one in track.samples))
    parts = [
        build_full("stsd", 0, 0, u32(len(track.entries)), *track.entries),
        build_full("stts", 0, 0, u32(len(track.durations)), runs(track.durations)),
        build_full("stsc", 0, 0, u32(len(counts)), chunk_rows),
        build_full("stsz", 0, 0, sizes),
    ]
    if large:
        places = struct.pack(f">{len(offsets)}Q", *offsets)
        parts.append(build_full("co64", 0, 0, u32(len(offsets)), places))
    else:
        parts.append(build_full("stco", 0, 0, u32(len(offsets), *offsets)))
    if track.composition:
        rows = b"".join(struct.pack(">Ii", count, value) for count, value in track.composition)
        count = u32(len(track.composition))
        parts.append(build_full("ctts", track.composition_version, 0, count, rows))
    if track.sync is not None:
        parts.append(build_full("stss", 0, 0, u32(len(track.sync), *track.sync)))
    return build("stbl", *parts)


def runs(pairs: list[tuple[int, int]]) -> bytes:
    return b"".join(u32(*pair) for pair in pairs)


def picture_track() -> HandTrack:
    """Two closed groups of four pictures, I P B B, at 24 a second; the edit hides the delay."""
    return HandTrack(
        samples=[bytes([number]) * (10 - number) for number in range(8)],
        durations=[(8, 1)],
        composition=[(1, 1), (1, 3), (2, 0), (1, 1), (1, 3), (2, 0)],
        sync=[1, 5],
        chunks=[3, 3, 2],
        edits=[(333, 1)],
    )


def sound_track() -> HandTrack:
    """Eleven AAC frames at 48 kHz, the first of them priming."""
    return HandTrack(
        handler="soun",
        timescale=48000,
        samples=[bytes([0x80 + number]) * (5 + number % 3) for number in range(11)],
        durations=[(11, 1024)],
        chunks=[4, 4, 3],
        entries=[MP4A],
        edits=[(0, 1024)],
    )
