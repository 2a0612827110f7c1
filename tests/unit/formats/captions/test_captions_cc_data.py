from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from tests.media import caption_data as made

from matinee.formats.captions import cc_data

TRIPLETS = [bytes((0xFC, 0x80 | n, 0)) for n in range(3)]


def sample(*nals: bytes) -> bytes:
    return b"".join(len(nal).to_bytes(4, "big") + nal for nal in nals)


def test_messages_are_found_behind_others_and_before_the_slices():
    other = b"\x06\x05\x10" + bytes(range(1, 17)) + b"\x80"
    data = sample(b"\x09\xf0", other, made.sei(TRIPLETS), b"\x65" + bytes(100))
    assert cc_data.of_sample(data, 4, hevc=False) == b"".join(TRIPLETS)
    late = sample(b"\x65" + bytes(100), made.sei(TRIPLETS))
    assert cc_data.of_sample(late, 4, hevc=False) == b""


def test_hevc_has_its_own_units():
    nal = b"\x4e\x01" + made.sei(TRIPLETS)[1:]
    assert cc_data.of_sample(sample(nal, b"\x26\x01xx"), 4, hevc=True) == b"".join(TRIPLETS)


def test_mpeg2_user_data():
    body = b"".join(TRIPLETS)
    data = b"\0\0\1\0pict\0\0\1\xb5ext\0\0\1\xb2GA94\x03" + bytes((0xC3, 0xFF)) + body + b"\xff"
    assert cc_data.of_mpeg2(data) == body


def test_a_distribution_packet_with_a_time_code():
    body = b"".join(TRIPLETS)
    packet = b"\x96\x69\x30\x4f\xc3\0\1\x71\0\0\0\0\x72" + bytes((0xE0 | 3,)) + body + b"\x74"
    assert cc_data.of_packet(packet) == body


def test_pairs_of_a_track_sample_follow_each_other():
    data = b"\0\0\0\x0ccdat\x94\x20\x94\x20"
    found = list(cc_data.of_track_sample(data, Fraction(1), Fraction(2)))
    assert found == [(1, b"\xfc\x94\x20"), (Fraction(3, 2), b"\xfc\x94\x20")]


@given(st.binary(max_size=300), st.booleans(), st.integers(1, 4))
def test_hostile_bytes_raise_nothing(data: bytes, hevc: bool, size: int):
    assert len(cc_data.of_sample(data, size, hevc=hevc)) % 3 == 0
    assert len(cc_data.of_mpeg2(b"\0\0\1\xb2GA94\x03" + data)) % 3 == 0
    assert len(cc_data.of_packet(b"\x96\x69" + data)) % 3 == 0
    list(cc_data.of_track_sample(data, Fraction(0), Fraction(1)))
