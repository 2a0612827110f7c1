"""Boxes of a CMAF track file: its header, its fragments and its index (ISO/IEC 23000-19 §7).

A track file has one track, ID 1, and keeps the source's timescale and coded samples.
"""

import struct
import sys
from array import array
from collections.abc import Sequence

import msgspec

from matinee.errors import InvariantError, MediaError
from matinee.formats.isobmff.box import build, build_full
from matinee.formats.isobmff.movie import IDENTITY_MATRIX

TRACK_ID = 1
SYNC_FLAGS = 0x0200_0000
"""sample_depends_on = 2: this sample does not depend on others, §8.8.3.1."""
NON_SYNC_FLAGS = 0x0101_0000

VIDEO_BRANDS = ("cmf2", "iso6", "cmfc")
"""Structural brand cmf2: composition offsets may be negative, so no edit list (§7.7.2)."""
AUDIO_BRANDS = ("cmfc", "iso6")
TEXT_BRANDS = {"text": ("cmfc", "iso6", "cwvt"), "subt": ("cmfc", "iso6", "im1t")}
"""By handler: WebVTT, and IMSC 1 Text (§11)."""

MAX_BOX = 0xFFFF_FFFF
MAX_REFERENCES = 0xFFFF
MAX_REFERENCED = 0x7FFF_FFFF

_U32_MAX = 0xFFFF_FFFF


class TrackHeader(msgspec.Struct, frozen=True, kw_only=True):
    """What the header of a track file says. Durations and priming in ticks of `timescale`."""

    video: bool
    timescale: int
    duration: int
    """0 where it is not known yet: then nothing is said of it."""
    entry: bytes
    """A sample entry as `cmaf_entry` gives it."""
    language_code: str = "und"
    """ISO 639-2/T, three letters."""
    language_tag: str | None = None
    """BCP 47, for `elng`, where it says more than the code."""
    width: int = 0
    height: int = 0
    """Display size in square pixels, before the matrix."""
    matrix: tuple[int, ...] = IDENTITY_MATRIX
    priming: int = 0
    """Encoder delay at the start that is not to be heard; an edit list hides it."""
    text: str = ""
    """Handler of a text track: `text` for WebVTT, `subt` for TTML."""


def header_segment(track: TrackHeader) -> bytes:
    """Return `ftyp` and `moov` of a CMAF track file."""
    brands = VIDEO_BRANDS if track.video else TEXT_BRANDS.get(track.text, AUDIO_BRANDS)
    return file_type(brands) + _movie(track)


def file_type(brands: Sequence[str]) -> bytes:
    """Return `ftyp` with the first of *brands* as its major brand, §4.3."""
    names = "".join(brands).encode("latin-1")
    return build("ftyp", names[:4], b"\0\0\0\0", names)


def _movie(track: TrackHeader) -> bytes:
    mvhd = struct.pack(
        ">IIIIIHHII9i24xI",
        *(0, 0, track.timescale, 0),
        *(0x10000, 0x100, 0, 0, 0),
        *IDENTITY_MATRIX,
        TRACK_ID + 1,
    )
    extends = build_full("trex", 0, 0, struct.pack(">5I", TRACK_ID, 1, 0, 0, 0))
    length = build_full("mehd", 1, 0, struct.pack(">Q", track.duration)) if track.duration else b""
    return build(
        "moov", build_full("mvhd", 0, 0, mvhd), _track(track), build("mvex", length, extends)
    )


def _track(track: TrackHeader) -> bytes:
    tkhd = struct.pack(
        ">IIIII8xhhhH9iII",
        *(0, 0, TRACK_ID, 0, 0),
        *(0, 0, 0 if track.video or track.text else 0x100, 0),
        *track.matrix,
        min(track.width, 0xFFFF) << 16,
        min(track.height, 0xFFFF) << 16,
    )
    edits = b""
    if track.priming:
        # Duration 0 in a fragmented file: the edit reaches to the end, whatever is appended.
        elst = struct.pack(">IQqHH", 1, 0, track.priming, 1, 0)
        edits = build("edts", build_full("elst", 1, 0, elst))
    flags = 0x7  # enabled, in movie, in preview
    return build("trak", build_full("tkhd", 0, flags, tkhd), edits, _media(track))


def _media(track: TrackHeader) -> bytes:
    letters = track.language_code if len(track.language_code) == 3 else "und"
    packed = 0
    for letter in letters:
        packed = packed << 5 | (ord(letter) - 0x60) & 31
    mdhd = build_full("mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, track.timescale, 0, packed, 0))
    kind, name = (b"vide", b"VideoHandler\0") if track.video else (b"soun", b"SoundHandler\0")
    if track.text:
        kind, name = track.text.encode("latin-1"), b"TextHandler\0"
    hdlr = build_full("hdlr", 0, 0, b"\0" * 4, kind, b"\0" * 12, name)
    tag = track.language_tag
    elng = build_full("elng", 0, 0, tag.encode("ascii", "ignore"), b"\0") if tag else b""
    return build("mdia", mdhd, hdlr, elng, _information(track))


def _information(track: TrackHeader) -> bytes:
    if track.video:
        head = build_full("vmhd", 0, 1, b"\0" * 8)
    elif track.text:
        head = build_full("sthd" if track.text == "subt" else "nmhd", 0, 0)
    else:
        head = build_full("smhd", 0, 0, b"\0" * 4)
    here = build_full("url ", 0, 1)  # "the media data is in the same file"
    data = build("dinf", build_full("dref", 0, 0, b"\0\0\0\1", here))
    none = b"\0\0\0\0"
    table = build(
        "stbl",
        build_full("stsd", 0, 0, b"\0\0\0\1", track.entry),
        build_full("stts", 0, 0, none),
        build_full("stsc", 0, 0, none),
        build_full("stsz", 0, 0, none, none),
        build_full("stco", 0, 0, none),
    )
    return build("minf", head, data, table)


class FragmentSamples(msgspec.Struct, frozen=True):
    """The samples of one fragment: arrays `I`, `I` and `i` in step, the last empty if all zero.

    The first is a sync sample, unless it is said not to be; of the others either all are, or none.
    """

    durations: "array[int]"
    sizes: "array[int]"
    composition: "array[int]"
    all_sync: bool
    first_sync: bool = True


def fragment_head(sequence_number: int, decode_time: int, samples: FragmentSamples) -> bytes:
    """Return `moof` and the header of `mdat`; the samples' bytes come right after.

    Raises:
        InvariantError: negative decode time or no samples.
        MediaError: more bytes than one `mdat` of 32 bits can hold.
    """
    count, size = len(samples.sizes), sum(samples.sizes)
    if decode_time < 0 or not count:
        raise InvariantError(f"fragment {sequence_number} at {decode_time} with {count} samples")
    if size + 8 > MAX_BOX:
        raise MediaError("A group of pictures is larger than 4 GiB.", code="too-large")
    header, run = _run(samples)
    mfhd = build_full("mfhd", 0, 0, struct.pack(">I", sequence_number))
    tfdt = build_full("tfdt", 1, 0, struct.pack(">Q", decode_time))
    before = len(mfhd) + len(header) + len(tfdt) + 16  # moof and traf headers
    flags, offset_and_first, rows = run
    length = 12 + 4 + len(offset_and_first) + 4 + len(rows)
    data_offset = before + length + 8
    trun = build_full(
        "trun", 1, flags, struct.pack(">Ii", count, data_offset), offset_and_first, rows
    )
    moof = build("moof", mfhd, build("traf", header, tfdt, trun))
    return moof + struct.pack(">I4s", size + 8, b"mdat")


def _run(samples: FragmentSamples) -> tuple[bytes, tuple[int, bytes, bytes]]:
    """Return `tfhd`, and of `trun` the flags, the first sample's flags and the rows.

    What all samples share goes to `tfhd`, so that a fragment can be read without `trex`.
    """
    durations, sizes = samples.durations, samples.sizes
    tfhd_flags, trun_flags = 0x020000 | 0x20, 0x1  # default-base-is-moof, default flags
    defaults: list[int] = []
    columns: list[array[int]] = []
    if durations.count(durations[0]) == len(durations):
        tfhd_flags |= 0x8
        defaults.append(durations[0])
    else:
        trun_flags |= 0x100
        columns.append(durations)
    if sizes.count(sizes[0]) == len(sizes):
        tfhd_flags |= 0x10
        defaults.append(sizes[0])
    else:
        trun_flags |= 0x200
        columns.append(sizes)
    if samples.composition:
        trun_flags |= 0x800
        columns.append(array("I", samples.composition.tobytes()))
    first = b""
    if samples.first_sync and not samples.all_sync:
        trun_flags |= 0x4
        first = struct.pack(">I", SYNC_FLAGS)
    defaults.append(SYNC_FLAGS if samples.all_sync else NON_SYNC_FLAGS)
    tfhd = build_full(
        "tfhd", 0, tfhd_flags, struct.pack(f">{1 + len(defaults)}I", TRACK_ID, *defaults)
    )
    return tfhd, (trun_flags, first, _rows(columns))


def _rows(columns: "Sequence[array[int]]") -> bytes:
    """Interleave equally long *columns* as big-endian rows."""
    if not columns:
        return b""
    width = len(columns)
    rows = array("I", bytes(4 * width * len(columns[0])))
    for index, column in enumerate(columns):
        rows[index::width] = column
    if sys.byteorder == "little":
        rows.byteswap()
    return rows.tobytes()


class Reference(msgspec.Struct, frozen=True):
    """One subsegment in `sidx`: bytes, ticks, and the type of its first access point (0: none)."""

    size: int
    duration: int
    sap_type: int = 1


class SegmentIndex(msgspec.Struct, frozen=True, kw_only=True):
    """`sidx`, ISO/IEC 14496-12 §8.16.3. References follow each other from `first_offset` on."""

    reference_id: int = TRACK_ID
    timescale: int
    earliest_presentation_time: int
    first_offset: int = 0
    """Bytes between the end of the index and the first subsegment."""
    references: tuple[Reference, ...]


def index_size(references: int) -> int:
    """Return the bytes of a `sidx` version 1 with that many references."""
    return 40 + 12 * references


def segment_index(index: SegmentIndex) -> bytes:
    """Return `sidx` version 1, whose subsegments all start with a stream access point.

    Raises:
        MediaError: a segment larger than 2 GiB, or more segments than an index can name.
    """
    if len(index.references) > MAX_REFERENCES:
        raise MediaError("The film has more segments than an index can name.", code="too-large")
    body = [
        struct.pack(
            ">IIQQHH",
            index.reference_id,
            index.timescale,
            index.earliest_presentation_time,
            index.first_offset,
            0,
            len(index.references),
        )
    ]
    for one in index.references:
        if one.size > MAX_REFERENCED or one.duration > _U32_MAX:
            raise MediaError("A segment is larger than 2 GiB.", code="too-large")
        access = (1 << 31 | one.sap_type << 28) if one.sap_type else 0
        body.append(struct.pack(">III", one.size, one.duration, access))
    return build_full("sidx", 1, 0, *body)
