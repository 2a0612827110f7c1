"""What foreign CMAF says, for checkers: header, fragments and index of one track or segment."""

import struct

import msgspec

from matinee.errors import MediaError
from matinee.formats.isobmff.box import (
    MAX_BOXES,
    boxes,
    damaged,
    guarded,
    header,
    u32,
    u64,
    version_and_flags,
)
from matinee.formats.isobmff.fragments import (
    NON_SYNC,
    TrackFragment,
    contiguous,
    earliest_presentation,
    read_moof,
)
from matinee.formats.isobmff.movie import Defaults, TrackInfo, parse_movie
from matinee.formats.isobmff.writing import Reference, SegmentIndex


class InitTrack(msgspec.Struct, frozen=True, kw_only=True):
    """One track of a header segment. `priming` is the media time at which its edit list starts."""

    id: int
    handler: str
    timescale: int
    codec: str
    format: str
    width: int = 0
    height: int = 0
    channels: int = 0
    sample_rate: int = 0
    language: str | None = None
    encrypted: bool = False
    scheme: str | None = None
    key_id: str | None = None
    """Default key identifier, 32 hex digits."""
    edits: int = 0
    """Entries of the edit list."""
    priming: int = 0
    defaults: Defaults = Defaults()


class InitInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What a header segment (`ftyp` and `moov`) says."""

    brands: tuple[str, ...]
    """Major brand first."""
    tracks: tuple[InitTrack, ...]
    fragmented: bool
    """Whether it has `mvex`: fragments may follow."""
    size: int
    """Bytes up to the end of `moov`; a `sidx` may follow."""


class FragmentInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One track fragment and its media data. Offsets count from the file's start."""

    offset: int
    """Of the `moof`."""
    size: int
    """Bytes of the `moof`."""
    data_size: int
    """Bytes in the `mdat` that follows, without its header; 0 where none does."""
    track_id: int
    sequence_number: int
    decode_time: int | None
    """`tfdt`; None where there is none."""
    duration: int
    earliest_presentation_time: int
    """Edit lists aside."""
    samples: int
    starts_with_sync: bool
    sync_samples: int
    samples_size: int
    first_sample_end: int
    """Offset of the byte after the first sample."""
    consistent: bool
    """Whether the samples follow each other and lie within the `mdat`."""


@guarded("the header segment")
def init_info(data: bytes) -> InitInfo:
    """Read a header segment; bytes after `moov` are passed over.

    Raises:
        MediaError: no `moov`, or a damaged one.
    """
    view = memoryview(data)
    ftyp, moov = b"", None
    at = 0
    while moov is None and len(data) - at >= 8:
        box = header(view, at, len(data))
        if box.type == "ftyp":
            ftyp = data[box.body : box.end]
        elif box.type == "moov":
            moov = data[box.start : box.end]
        at = box.end
    if moov is None:
        raise MediaError("This is no CMAF header: it has no 'moov'.", code="not-media")
    movie = parse_movie(moov, ftyp)
    return InitInfo(
        brands=movie.brands,
        tracks=tuple(_init_track(track) for track in movie.tracks),
        fragmented=movie.fragmented,
        size=at,
    )


def _init_track(track: TrackInfo) -> InitTrack:
    if not track.entries:
        raise damaged(f"track {track.id} has no sample entry")
    entry = track.entries[0]
    return InitTrack(
        id=track.id,
        handler=track.handler,
        timescale=track.timescale,
        codec=entry.codec,
        format=entry.format,
        width=entry.width,
        height=entry.height,
        channels=entry.channels,
        sample_rate=entry.sample_rate,
        language=track.language,
        encrypted=entry.scheme is not None,
        scheme=entry.scheme,
        key_id=entry.key_id,
        edits=len(track.edits),
        priming=next((max(0, edit.media_time) for edit in track.edits), 0),
        defaults=track.defaults,
    )


@guarded("a media segment")
def fragments(
    data: bytes, base_offset: int = 0, init: InitInfo | None = None
) -> tuple[FragmentInfo, ...]:
    """Read every fragment in *data*, which begins at *base_offset* of its file.

    Without *init*, what a fragment leaves to the defaults of `trex` counts as 0.

    Raises:
        MediaError: damaged boxes, or a box that reaches beyond *data* (`truncated`).
    """
    view = memoryview(data)
    defaults = {track.id: track.defaults for track in init.tracks} if init else {}
    found: list[FragmentInfo] = []
    pending: list[tuple[TrackFragment, int, int]] = []
    for box in boxes(view, 0, len(data), MAX_BOXES):
        if box.type == "moof":
            found.extend(_fragment(one, 0, (0, 0)) for one in pending)
            position = base_offset + box.start
            pending = [
                (one, position, box.end - box.start)
                for one in read_moof(view, box, position, defaults)
            ]
        elif box.type == "mdat":
            span = (base_offset + box.body, base_offset + box.end)
            found.extend(_fragment(one, box.end - box.body, span) for one in pending)
            pending = []
    found.extend(_fragment(one, 0, (0, 0)) for one in pending)
    return tuple(found)


def _fragment(
    read: tuple[TrackFragment, int, int], data_size: int, span: tuple[int, int]
) -> FragmentInfo:
    fragment, offset, size = read
    sizes, flags = fragment.sizes, fragment.flags
    first = fragment.offsets[0] if sizes else 0
    last = fragment.offsets[-1] + sizes[-1] if sizes else 0
    inside = not sizes or (span[0] <= first and last <= span[1])
    return FragmentInfo(
        offset=offset,
        size=size,
        data_size=data_size,
        track_id=fragment.track_id,
        sequence_number=fragment.sequence_number,
        decode_time=fragment.decode_time,
        duration=sum(fragment.durations),
        earliest_presentation_time=earliest_presentation(fragment, fragment.decode_time or 0),
        samples=len(sizes),
        starts_with_sync=bool(sizes) and not flags[0] & NON_SYNC,
        sync_samples=sum(1 for value in flags if not value & NON_SYNC),
        samples_size=sum(sizes),
        first_sample_end=first + sizes[0] if sizes else 0,
        consistent=inside and contiguous(fragment),
    )


@guarded("a text segment")
def text_samples(
    data: bytes, base_offset: int = 0, init: InitInfo | None = None
) -> tuple[tuple[int, int, bytes], ...]:
    """Return start and duration in ticks, and bytes, of every sample in *data*.

    For small samples such as text. *data* begins at *base_offset* of its file.

    Raises:
        MediaError: damaged boxes, or a sample that lies outside *data* (`truncated`).
    """
    view = memoryview(data)
    defaults = {track.id: track.defaults for track in init.tracks} if init else {}
    found: list[tuple[int, int, bytes]] = []
    for box in boxes(view, 0, len(data), MAX_BOXES):
        if box.type != "moof":
            continue
        for one in read_moof(view, box, base_offset + box.start, defaults):
            start = one.decode_time or 0
            for offset, size, duration in zip(one.offsets, one.sizes, one.durations, strict=True):
                at = offset - base_offset
                if at < 0 or at + size > len(data):
                    raise damaged("a sample lies outside its segment")
                found.append((start, duration, data[at : at + size]))
                start += duration
    return tuple(found)


@guarded("the segment index")
def parse_sidx(data: bytes, offset: int = 0) -> SegmentIndex:
    """Read the `sidx` box at *offset* of *data*.

    Raises:
        MediaError: there is another box, or a damaged one, or an index of indexes.
    """
    view = memoryview(data)
    box = header(view, offset, len(data))
    if box.type != "sidx":
        raise damaged(f"there is a {box.type!r} where the index should be")
    version, _ = version_and_flags(view, box)
    reference_id, timescale = u32(view, box.body + 4), u32(view, box.body + 8)
    at = box.body + 12
    if version == 0:
        earliest, first, at = u32(view, at), u32(view, at + 4), at + 8
    else:
        earliest, first, at = u64(view, at), u64(view, at + 8), at + 16
    count = u32(view, at) & 0xFFFF
    at += 4
    if timescale == 0 or 12 * count > box.end - at:
        raise damaged(f"'sidx' claims {count} references, there is no room for them")
    references = []
    for size, duration, access in struct.iter_unpack(">III", view[at : at + 12 * count]):
        if size >> 31:
            raise damaged("'sidx' refers to other indexes")
        sap_type = access >> 28 & 7 if access >> 31 else 0
        references.append(Reference(size, duration, sap_type))
    return SegmentIndex(
        reference_id=reference_id,
        timescale=timescale,
        earliest_presentation_time=earliest,
        first_offset=first,
        references=tuple(references),
    )
