"""Boxes both ways: ISO/IEC 14496-12 and -15, CMAF (23000-19), RFC 6381 codec strings. Pure."""

from matinee.formats.isobmff.entry import Mastering, SampleEntry, cmaf_entry
from matinee.formats.isobmff.fragments import TrackFragment
from matinee.formats.isobmff.growing import FragmentStream
from matinee.formats.isobmff.inspect import (
    FragmentInfo,
    InitInfo,
    InitTrack,
    fragments,
    init_info,
    parse_sidx,
    text_samples,
)
from matinee.formats.isobmff.movie import (
    IDENTITY_MATRIX,
    Edit,
    Movie,
    TrackInfo,
    file_boxes,
    read_box,
    read_movie,
)
from matinee.formats.isobmff.moving import moved_fragment
from matinee.formats.isobmff.samples import SampleTable
from matinee.formats.isobmff.source import ByteSource, MemorySource
from matinee.formats.isobmff.table import read_samples
from matinee.formats.isobmff.text_entry import ttml_entry, webvtt_entry
from matinee.formats.isobmff.writing import (
    FragmentSamples,
    Reference,
    SegmentIndex,
    TrackHeader,
    fragment_head,
    header_segment,
    index_size,
    segment_index,
)

__all__ = [
    "IDENTITY_MATRIX",
    "ByteSource",
    "Edit",
    "FragmentInfo",
    "FragmentSamples",
    "FragmentStream",
    "InitInfo",
    "InitTrack",
    "Mastering",
    "MemorySource",
    "Movie",
    "Reference",
    "SampleEntry",
    "SampleTable",
    "SegmentIndex",
    "TrackFragment",
    "TrackHeader",
    "TrackInfo",
    "cmaf_entry",
    "file_boxes",
    "fragment_head",
    "fragments",
    "header_segment",
    "index_size",
    "init_info",
    "moved_fragment",
    "parse_sidx",
    "read_box",
    "read_movie",
    "read_samples",
    "segment_index",
    "text_samples",
    "ttml_entry",
    "webvtt_entry",
]
