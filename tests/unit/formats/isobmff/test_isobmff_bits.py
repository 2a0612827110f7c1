import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.errors import MediaError
from matinee.formats.isobmff.bits import Bits


@given(st.binary(min_size=1, max_size=16), st.data())
def test_pieces_put_together_are_the_whole(data, draw):
    bits = Bits(data)
    value, left = 0, len(data) * 8
    while bits.left:
        count = draw.draw(st.integers(1, bits.left))
        value = value << count | bits.take(count)
        left -= count
        assert bits.left == left
    assert value.to_bytes(len(data), "big") == data


def test_the_end_is_the_end():
    bits = Bits(b"\xff")
    bits.skip(7)
    with pytest.raises(MediaError, match="ends too early"):
        bits.take(2)


def test_align_goes_to_the_next_byte():
    bits = Bits(b"\x00\x81")
    bits.skip(3)
    bits.align()
    assert bits.take(8) == 0x81
