"""`moov`: the tracks of a file, ISO/IEC 14496-12 §8.2-8.8, and where their samples are."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from matinee.errors import MediaError
from matinee.formats.isobmff.box import (
    MAX_BOXES,
    Box,
    boxes,
    child,
    children,
    damaged,
    guarded,
    header,
    truncated,
    u32,
    u64,
    version_and_flags,
)
from matinee.formats.isobmff.entry import SampleEntry, read_entry
from matinee.formats.isobmff.samples import big_endian
from matinee.formats.isobmff.source import ByteSource

MAX_HEADER = 1 << 28
"""Bytes of a `moov` or `moof`: sample tables of days of film stay below."""
MAX_TRACKS = 256

_FIRST = {
    b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid",
    b"sidx", b"pdin", b"meta",
}  # fmt: skip
"""What an MP4 or QuickTime file may begin with."""

IDENTITY_MATRIX = (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


class Edit(msgspec.Struct, frozen=True):
    """One entry of `elst`: *duration* in the movie's timescale, *media_time* in the track's.

    A media time of -1 is an empty edit: nothing is shown for the duration.
    """

    duration: int
    media_time: int
    rate: int = 0x10000


class Defaults(NamedTuple):
    """`trex`: what a fragment's samples have unless it says otherwise, §8.8.3."""

    duration: int = 0
    size: int = 0
    flags: int = 0


class TrackInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What `trak` says of one track. `language` is `elng`, or the three letters of `mdhd`."""

    id: int
    handler: str
    timescale: int
    duration: int
    language: str | None = None
    enabled: bool = True
    matrix: tuple[int, ...] = IDENTITY_MATRIX
    display_width: float = 0.0
    display_height: float = 0.0
    edits: tuple[Edit, ...] = ()
    entries: tuple[SampleEntry, ...] = ()
    defaults: Defaults = Defaults()
    self_contained: bool = True
    """Whether the samples are in the same file (`dref` may name others, which we never open)."""
    stbl: Box
    """Where the sample table lies in `Movie.moov`."""


class Movie(msgspec.Struct, frozen=True, kw_only=True):
    """A file's `ftyp` and `moov`."""

    brands: tuple[str, ...]
    timescale: int
    duration: int
    tracks: tuple[TrackInfo, ...]
    fragmented: bool
    moov: bytes

    def of_handler(self, handler: str) -> tuple[TrackInfo, ...]:
        """The tracks with *handler* (`vide`, `soun`, ...), in order."""
        return tuple(track for track in self.tracks if track.handler == handler)


def file_boxes(source: ByteSource) -> Iterator[Box]:
    """Yield the top level boxes of *source*.

    Raises:
        MediaError: not boxes (`not-media`), damaged, or the last one is cut short (`truncated`).
    """
    if source.size == 0:
        raise MediaError("The file is empty.", fix="Choose another file.", code="empty-file")
    at = 0
    for _ in range(MAX_BOXES):
        if source.size - at < 8:
            return
        start = source.read(at, 16)
        if at == 0 and start[4:8] not in _FIRST:
            raise _no_mp4()
        box = header(memoryview(start), 0, source.size - at, at)
        yield Box(box.type, at, at + box.body, at + box.end)
        at += box.end
    raise damaged(f"more than {MAX_BOXES} boxes at the top level")


def _no_mp4() -> MediaError:
    return MediaError("This is no MP4 file.", fix="Choose another file.", code="not-media")


@guarded("the movie header")
def read_movie(source: ByteSource) -> Movie:
    """Read `ftyp` and `moov` of *source*.

    Raises:
        MediaError: there is no `moov` (`truncated` where there is media data), or it is damaged.
    """
    found: dict[str, Box] = {}
    for box in file_boxes(source):
        if box.type in {"ftyp", "moov", "mdat"}:
            found.setdefault(box.type, box)
    if "moov" not in found:
        if "mdat" in found:
            raise truncated("it has media data, but no 'moov'")
        raise _no_mp4()
    ftyp = found.get("ftyp")
    brands = source.read(ftyp.body, min(ftyp.end - ftyp.body, 4096)) if ftyp else b""
    return parse_movie(read_box(source, found["moov"]), brands)


def read_box(source: ByteSource, box: Box) -> bytes:
    """Return the whole of *box*, a `moov` or `moof`, header included."""
    size = box.end - box.start
    if size > MAX_HEADER:
        raise damaged(f"{box.type!r} claims {size} bytes")
    data = source.read(box.start, size)
    if len(data) < size:
        raise truncated(f"{box.type!r} ends before its {size} bytes")
    return data


@guarded("the movie header")
def parse_movie(moov: bytes, ftyp: bytes = b"") -> Movie:
    """Read a whole `moov` box; *ftyp* is the body of the file type box."""
    data = memoryview(moov)
    top = header(data, 0, len(data))
    extends = _track_extends(data, top)
    timescale = duration = 0
    tracks: list[TrackInfo] = []
    for box in boxes(data, top.body, top.end):
        if box.type == "mvhd":
            timescale, duration, _ = _clock(data, box)
        elif box.type == "trak":
            tracks.append(_track(data, box, extends or {}))
            if len(tracks) > MAX_TRACKS:
                raise damaged(f"more than {MAX_TRACKS} tracks")
    names = ftyp[:4] + ftyp[8:]
    brands = dict.fromkeys(
        names[at : at + 4].decode("latin-1") for at in range(0, len(names) - 3, 4)
    )
    return Movie(
        brands=tuple(brands),
        timescale=timescale or 1,
        duration=duration,
        tracks=tuple(tracks),
        fragmented=extends is not None,
        moov=moov,
    )


def _track_extends(data: memoryview, moov: Box) -> dict[int, Defaults] | None:
    mvex = children(data, moov).get("mvex")
    if mvex is None:
        return None
    found: dict[int, Defaults] = {}
    for box in boxes(data, mvex.body, mvex.end):
        if box.type == "trex":
            at = box.body + 4
            found[u32(data, at)] = Defaults(*(u32(data, at + 8 + 4 * i) for i in range(3)))
    return found


def _clock(data: memoryview, box: Box) -> tuple[int, int, int]:
    """Return timescale, duration and where the fields after them begin, of mvhd or mdhd."""
    version, _ = version_and_flags(data, box)
    at = box.body + 4
    if version == 1:
        return u32(data, at + 16), u64(data, at + 20), at + 28
    return u32(data, at + 8), u32(data, at + 12), at + 16


def _track(data: memoryview, trak: Box, extends: dict[int, Defaults]) -> TrackInfo:
    parts = children(data, trak)
    mdia = child(data, trak, "mdia")
    media = children(data, mdia)
    minf, hdlr, mdhd = (child(data, mdia, kind) for kind in ("minf", "hdlr", "mdhd"))
    stbl = child(data, minf, "stbl")
    handler = bytes(data[hdlr.body + 8 : hdlr.body + 12]).decode("latin-1")
    timescale, duration, rest = _clock(data, mdhd)
    if timescale == 0:
        raise damaged("a track has timescale 0")
    track_id, enabled, matrix, width, height = _track_header(data, child(data, trak, "tkhd"))
    edts = parts.get("edts")
    return TrackInfo(
        id=track_id,
        handler=handler,
        timescale=timescale,
        duration=duration,
        language=_language(data, media.get("elng"), rest),
        enabled=enabled,
        matrix=matrix,
        display_width=width / 65536,
        display_height=height / 65536,
        edits=_edits(data, edts) if edts else (),
        entries=_entries(data, child(data, stbl, "stsd"), handler),
        defaults=extends.get(track_id, Defaults()),
        self_contained=_self_contained(data, minf),
        stbl=stbl,
    )


def _track_header(data: memoryview, box: Box) -> tuple[int, bool, tuple[int, ...], int, int]:
    version, flags = version_and_flags(data, box)
    at = box.body + 4 + (16 if version == 1 else 8)
    track_id = u32(data, at)
    at += (16 if version == 1 else 12) + 16
    if at + 44 > box.end:
        raise damaged("'tkhd' is too short")
    matrix = tuple(big_endian("i", data[at : at + 36]))
    return track_id, bool(flags & 1), matrix, u32(data, at + 36), u32(data, at + 40)


def _language(data: memoryview, elng: Box | None, at: int) -> str | None:
    if elng is not None:
        raw = bytes(data[elng.body + 4 : min(elng.end, elng.body + 68)]).split(b"\0")[0]
        text = raw.decode("ascii", "ignore")
        if text:
            return text
    packed = u32(data, at) >> 16
    letters = "".join(chr(0x60 + (packed >> shift & 31)) for shift in (10, 5, 0))
    return letters if letters.isascii() and letters.isalpha() and letters != "und" else None


def _self_contained(data: memoryview, minf: Box) -> bool:
    """Whether every data reference has the flag of §8.7.2: the media is in the same file."""
    dinf = children(data, minf).get("dinf")
    dref = children(data, dinf).get("dref") if dinf else None
    if dref is None:
        return True
    return all(version_and_flags(data, box)[1] & 1 for box in boxes(data, dref.body + 8, dref.end))


def _edits(data: memoryview, edts: Box) -> tuple[Edit, ...]:
    elst = children(data, edts).get("elst")
    if elst is None:
        return ()
    version, _ = version_and_flags(data, elst)
    count, at = u32(data, elst.body + 4), elst.body + 8
    width = 20 if version == 1 else 12
    if count * width > elst.end - at:
        raise damaged(f"'elst' claims {count} entries, there is no room for them")
    found = []
    for _ in range(count):
        if version == 1:
            duration, media_time = u64(data, at), u64(data, at + 8)
            media_time -= (media_time >> 63) << 64
        else:
            duration, media_time = u32(data, at), u32(data, at + 4)
            media_time -= (media_time >> 31) << 32
        found.append(Edit(duration, media_time, u32(data, at + width - 4)))
        at += width
    return tuple(found)


def _entries(data: memoryview, stsd: Box, handler: str) -> tuple[SampleEntry, ...]:
    return tuple(read_entry(data, box, handler) for box in boxes(data, stsd.body + 8, stsd.end))[
        :256
    ]
