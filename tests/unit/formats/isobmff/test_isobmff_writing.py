from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.formats.isobmff.movies import AVC1, MP4A

from matinee.errors import InvariantError, MediaError
from matinee.formats import isobmff
from matinee.formats.isobmff import FragmentSamples, Reference, SegmentIndex, TrackHeader


def test_a_header_says_what_it_was_told():
    header = TrackHeader(
        video=False, timescale=44100, duration=88200, entry=MP4A, language_code="deu",
        language_tag="de-AT", priming=1024,
    )  # fmt: skip
    found = isobmff.init_info(isobmff.header_segment(header))
    assert found.brands == ("cmfc", "iso6")
    assert found.fragmented
    (track,) = found.tracks
    assert (track.timescale, track.language, track.priming) == (44100, "de-AT", 1024)
    assert (track.codec, track.channels, track.sample_rate) == ("mp4a.40.2", 2, 48000)


def test_video_has_no_edit_list_and_the_brand_that_says_so():
    header = TrackHeader(video=True, timescale=24000, duration=1, entry=AVC1, width=640, height=360)
    found = isobmff.init_info(isobmff.header_segment(header))
    assert found.brands[0] == "cmf2"
    assert (found.tracks[0].edits, found.tracks[0].language) == (0, None)


def test_what_samples_share_is_said_once():
    same = FragmentSamples(array("I", [10] * 3), array("I", [7] * 3), array("i"), all_sync=True)
    mixed = FragmentSamples(
        array("I", [10, 11, 12]), array("I", [7, 8, 9]), array("i", [0, 5, -5]), all_sync=False
    )
    small, large = (isobmff.fragment_head(1, 0, one) for one in (same, mixed))
    assert len(large) - len(small) == 3 * 3 * 4 - 2 * 4 + 4
    for one, head in ((same, small), (mixed, large)):
        (found,) = isobmff.fragments(head + bytes(sum(one.sizes)))
        assert found.duration == sum(one.durations)
        assert found.samples_size == sum(one.sizes) == found.data_size
        assert found.consistent


@given(
    st.integers(0, 1 << 63),
    st.lists(
        st.builds(
            Reference,
            st.integers(0, 0x7FFFFFFF), st.integers(0, 0xFFFFFFFF), st.integers(0, 6),
        ),
        max_size=20,
    ),
)  # fmt: skip
def test_an_index_is_read_back(earliest, references):
    index = SegmentIndex(
        timescale=90000, earliest_presentation_time=earliest, references=tuple(references)
    )
    data = isobmff.segment_index(index)
    assert len(data) == isobmff.index_size(len(references))
    assert isobmff.parse_sidx(b"1234" + data, 4) == index


def test_what_cannot_be_said_is_refused():
    one = FragmentSamples(array("I", [1]), array("I", [1]), array("i"), all_sync=True)
    with pytest.raises(InvariantError):
        isobmff.fragment_head(1, -1, one)
    huge = FragmentSamples(
        array("I", [1] * 2), array("I", [1 << 31] * 2), array("i"), all_sync=True
    )
    with pytest.raises(MediaError, match="4 GiB"):
        isobmff.fragment_head(1, 0, huge)
    with pytest.raises(MediaError, match="2 GiB"):
        isobmff.segment_index(
            SegmentIndex(
                timescale=1, earliest_presentation_time=0, references=(Reference(1 << 31, 1),)
            )
        )
    with pytest.raises(MediaError, match="more segments"):
        isobmff.segment_index(
            SegmentIndex(
                timescale=1, earliest_presentation_time=0, references=(Reference(1, 1),) * 65536
            )
        )
