from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.formats.isobmff.movies import AVC1, u32

from matinee.errors import MediaError
from matinee.formats import isobmff
from matinee.formats.isobmff import FragmentSamples, TrackHeader, box

SAMPLES = FragmentSamples(
    array("I", [10] * 3), array("I", [5, 6, 7]), array("i", [0, 10, -5]), all_sync=False
)
HEADER = isobmff.header_segment(
    TrackHeader(video=True, timescale=24, duration=60, entry=AVC1, width=640, height=360)
)
SEGMENT = b"".join(
    isobmff.fragment_head(number, 100 + 30 * number, SAMPLES) + bytes(18) for number in (1, 2)
)


def test_fragments_of_a_segment():
    first, second = isobmff.fragments(SEGMENT, 5000)
    assert (first.offset, first.track_id, first.sequence_number) == (5000, 1, 1)
    assert (first.decode_time, first.duration, first.samples) == (130, 30, 3)
    assert (first.earliest_presentation_time, first.sync_samples) == (130, 1)
    assert first.starts_with_sync
    assert first.consistent
    assert first.first_sample_end == 5000 + first.size + 8 + 5
    assert second.offset == first.offset + first.size + 8 + first.data_size
    assert second.decode_time == first.decode_time + first.duration


def test_what_lies_between_fragments_is_passed_over():
    data = box.build("styp", b"msdh") + box.build_full("prft", 1, 0, bytes(20)) + SEGMENT
    assert len(isobmff.fragments(data)) == 2


def test_samples_outside_their_data_are_told():
    moof_only = SEGMENT[: SEGMENT.index(b"mdat") - 4]
    (found,) = isobmff.fragments(moof_only + box.build("mdat", bytes(17)))
    assert not found.consistent
    (alone,) = isobmff.fragments(moof_only)
    assert (alone.data_size, alone.consistent) == (0, False)


def test_defaults_come_from_the_header():
    run = box.build_full("trun", 0, 1, u32(2, 84))
    traf = box.build("traf", box.build_full("tfhd", 0, 0x20000, u32(1)), run)
    data = box.build("moof", box.build_full("mfhd", 0, 0, u32(1)), traf) + box.build("mdat")
    trex = box.build_full("trex", 0, 0, u32(1, 1, 11, 0, 0))
    header = HEADER.replace(box.build_full("trex", 0, 0, u32(1, 1, 0, 0, 0)), trex)
    info = isobmff.init_info(header)
    assert isobmff.fragments(data, 0, info)[0].duration == 22
    assert isobmff.fragments(data)[0].duration == 0


def test_an_index_after_the_header_is_none_of_it():
    assert isobmff.init_info(HEADER).size == len(HEADER)
    assert isobmff.init_info(HEADER + box.build("sidx", bytes(24))).size == len(HEADER)


@pytest.mark.parametrize("data", [b"", box.build("ftyp", b"cmfc"), box.build("free")])
def test_no_header(data):
    with pytest.raises(MediaError) as refused:
        isobmff.init_info(data)
    assert refused.value.code == "not-media"


def test_a_segment_cut_short():
    with pytest.raises(MediaError) as refused:
        isobmff.fragments(SEGMENT[:-1])
    assert refused.value.code == "truncated"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (box.build("free", bytes(30)), "'free' where the index should be"),
        (box.build_full("sidx", 0, 0, u32(1, 1, 0, 0, 9)), "no room"),
        (box.build_full("sidx", 0, 0, u32(1, 1, 0, 0, 1, 1 << 31, 0, 0)), "other indexes"),
        (box.build_full("sidx", 0, 0, u32(1, 0, 0, 0, 0)), "no room"),
    ],
)
def test_an_index_that_is_none(data, message):
    with pytest.raises(MediaError, match=message):
        isobmff.parse_sidx(data)


@given(st.sampled_from([HEADER, SEGMENT]), st.data())
def test_damage_is_read_or_refused(data, draw):
    broken = bytearray(data)
    for _ in range(draw.draw(st.integers(1, 8))):
        broken[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    for door in (isobmff.init_info, isobmff.fragments, isobmff.parse_sidx):
        try:
            assert door(bytes(broken)) is not None
        except MediaError:
            continue
