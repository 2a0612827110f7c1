"""A good tiny published folder, built of boxes and manifests; tests break it one rule at a time.

10 s: two video rungs (25 pictures a second, a key picture every 2 s) and stereo sound. Samples are
zeros: nothing here decodes, everything else is true.
"""

import struct
from array import array
from pathlib import Path

from matinee.formats import isobmff
from matinee.manifests import folder as manifests_of
from matinee.manifests import rates
from matinee.model.media import Colour, Ratio
from matinee.model.presentation import (
    ByteRange,
    IFrame,
    Period,
    Presentation,
    Segment,
    SelectionSet,
    SwitchingSet,
    TileGrid,
    Track,
)
from matinee.model.time import MediaTime

SEGMENTS = (4, 4, 2)
"""Seconds of each segment."""


def box(kind, *parts):
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def avc_entry(width, height):
    config = bytes([1, 0x64, 0x00, 0x0C, 0xFF, 0xE1, 0, 4, 0x67, 0x64, 0, 0x0C, 1, 0, 4])
    config += bytes([0x68, 0xEE, 0x3C, 0x80])
    head = struct.pack(">6xH16xHHIIIH32xHh", 1, width, height, 72 << 16, 72 << 16, 0, 1, 24, -1)
    return box(b"avc1", head, box(b"avcC", config))


def aac_entry():
    decoder = bytes([4, 17, 0x40, 0x15, *[0] * 11, 5, 2, 0x11, 0x90])
    elementary = bytes([3, 3 + len(decoder) + 3, 0, 1, 0]) + decoder + bytes([6, 1, 2])
    head = struct.pack(">6xH8xHHIHH", 1, 2, 16, 0, 48_000, 0)
    return box(b"mp4a", head, box(b"esds", bytes(4), elementary))


def header(*, video, timescale, width=0, height=0):
    return isobmff.header_segment(
        isobmff.TrackHeader(
            video=video,
            timescale=timescale,
            duration=10 * timescale,
            entry=avc_entry(width, height) if video else aac_entry(),
            width=width,
            height=height,
        )
    )


def fragment(number, start, count, step, size, *, key_size=None):
    sizes = array("I", [size] * count)
    if key_size:
        sizes[0] = key_size
    samples = isobmff.FragmentSamples(
        array("I", [step] * count), sizes, array("i"), key_size is None
    )
    return isobmff.fragment_head(number, start, samples) + bytes(sum(sizes))


def track_file(name, *, video, timescale, step, size, width=0, height=0):
    """Return the bytes of a track file and its `Track`."""
    head = header(video=video, timescale=timescale, width=width, height=height)
    segments, iframes, references, media = [], [], [], b""
    first = len(head) + isobmff.index_size(len(SEGMENTS))
    number, start = 0, 0
    for place, seconds in enumerate(SEGMENTS, 1):
        begun, at = start, len(media)
        for _ in range(seconds // 2):
            number += 1
            count = 2 * timescale // step
            piece = fragment(
                number, start, count, step, size, key_size=size * 10 if video else None
            )
            if video:
                head_size = struct.unpack(">I", piece[:4])[0] + 8
                span = ByteRange(first + len(media), head_size + size * 10)
                iframes.append(IFrame(start=start, duration=count * step, range=span))
            media += piece
            start += count * step
        span = ByteRange(first + at, len(media) - at)
        segments.append(
            Segment(
                number=place, start=begun, duration=start - begun, key=f"{name}.mp4", range=span
            )
        )
        references.append(isobmff.Reference(span.length, start - begun, 1))
    index = isobmff.segment_index(
        isobmff.SegmentIndex(
            timescale=timescale, earliest_presentation_time=0, references=tuple(references)
        )
    )
    sizes = [one.range.length for one in segments]
    durations = [one.duration for one in segments]
    data = head + index + media
    return data, Track(
        id=name,
        kind="video" if video else "audio",
        codec="avc1.64000c" if video else "mp4a.40.2",
        mime_type="video/mp4" if video else "audio/mp4",
        timescale=timescale,
        bandwidth=rates.peak(sizes, durations, timescale, 4),
        average_bandwidth=rates.average(sizes, durations, timescale),
        key=f"{name}.mp4",
        size=len(data),
        init=ByteRange(0, len(head)),
        index=ByteRange(len(head), len(index)),
        segments=tuple(segments),
        iframes=tuple(iframes),
        width=width or None,
        height=height or None,
        frame_rate=Ratio(timescale, step) if video else None,
        colour=Colour() if video else None,
        sample_rate=None if video else 48_000,
        channels=None if video else 2,
    )


def _selection(name, kind, *tracks, **more):
    sets = (SwitchingSet(id=name, tracks=tracks),)
    return SelectionSet(id=name, kind=kind, switching_sets=sets, **more)


def build(where: Path) -> Presentation:
    """Write the folder; return what it holds."""
    shapes = {"video-h264-180p": (320, 180, 60), "video-h264-90p": (160, 90, 20)}
    videos = []
    for name, (width, height, size) in shapes.items():
        data, track = track_file(
            name, video=True, timescale=25_000, step=1000, size=size, width=width, height=height
        )
        (where / f"{name}.mp4").write_bytes(data)
        videos.append(track)
    data, sound = track_file("audio-en", video=False, timescale=48_000, step=960, size=20)
    (where / "audio-en.mp4").write_bytes(data)
    (where / "text-en").mkdir()
    for number in range(1, 4):
        cue = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n"
        (where / "text-en" / f"{number:05d}.vtt").write_text(cue)
    (where / "text-en.vtt").write_text("WEBVTT\n")
    (where / "thumbnails").mkdir()
    for number in (1, 2):
        (where / "thumbnails" / f"{number:05d}.jpg").write_bytes(b"\xff\xd8\xff" + bytes(100))
    text = Track(
        id="text-en",
        kind="text",
        codec="wvtt",
        mime_type="text/vtt",
        timescale=1,
        bandwidth=100,
        average_bandwidth=100,
        key="text-en.vtt",
        segments=tuple(
            Segment(number=n + 1, start=4 * n, duration=one, key=f"text-en/{n + 1:05d}.vtt")
            for n, one in enumerate(SEGMENTS)
        ),
    )
    sheets = Track(
        id="thumbnails",
        kind="image",
        codec="jpeg",
        mime_type="image/jpeg",
        timescale=1,
        bandwidth=200,
        average_bandwidth=100,
        segments=tuple(
            Segment(number=n + 1, start=8 * n, duration=one, key=f"thumbnails/{n + 1:05d}.jpg")
            for n, one in enumerate((8, 2))
        ),
        width=640,
        height=180,
        tiles=TileGrid(columns=2, rows=1, tile_duration=MediaTime(4, 1), count=3),
    )
    p = Presentation(
        id="t",
        version=1,
        title="A film",
        periods=(
            Period(
                id="1",
                start=MediaTime(0, 1),
                duration=MediaTime(10, 1),
                selection_sets=(
                    _selection("video", "video", *videos),
                    _selection("audio", "audio", sound, language="en", label="English"),
                    _selection("text", "text", text, language="en", label="English"),
                    _selection("images", "image", sheets),
                ),
            ),
        ),
    )
    for name, content in manifests_of(p).items():
        (where / name).write_bytes(content)
    return p


def edit(path: Path, before: str, after: str, count: int = 1) -> None:
    """Replace *before*, which must be there, in a text file."""
    text = path.read_text()
    assert before in text, f"{before!r} is not in {path.name}"
    path.write_text(text.replace(before, after, count))


def patch(path: Path, kind: str, number: int, offset: int, data: bytes) -> None:
    """Overwrite bytes at *offset* of the body of the box *kind* number *number* (from 0)."""
    content = bytearray(path.read_bytes())
    at = -1
    for _ in range(number + 1):
        at = content.index(kind.encode(), at + 1)
    content[at + 4 + offset : at + 4 + offset + len(data)] = data
    path.write_bytes(content)
