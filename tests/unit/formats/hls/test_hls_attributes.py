from decimal import Decimal

import pytest

from matinee.errors import InputError
from matinee.formats.hls import attributes
from matinee.formats.hls.values import ByteRange, IFrameVariant, Resolution, Variant


def test_lists_split_at_commas_outside_quotes():
    assert attributes.split('A="x,y=z",B=1, C-D=E') == {"A": '"x,y=z"', "B": "1", "C-D": "E"}


@pytest.mark.parametrize("text", ["A", "a=1", 'A="', "A=1 B=2", 'A="x"y', "=1", "A=1,A=2", ",A=1"])
def test_broken_lists_raise(text):
    with pytest.raises(ValueError, match="attribute"):
        attributes.split(text)


def test_counts_are_bounded():
    text = ",".join(f"A{number}=1" for number in range(attributes.MAX_ATTRIBUTES + 1))
    with pytest.raises(ValueError, match="more than"):
        attributes.split(text)


@pytest.mark.parametrize("text", ["", "-1", "1.0", "1e3", "0x1", "1_0", "٣", "9" * 21])
def test_integers_are_plain_digits(text):
    with pytest.raises(ValueError, match="integer"):
        attributes.integer(text)


def test_kinds_read_what_they_write():
    assert attributes.RESOLUTION.read("1920x1080") == Resolution(1920, 1080)
    assert attributes.RANGE.read('"5@6"') == ByteRange(5, 6)
    assert attributes.CAPTIONS.read("NONE") == "NONE"
    assert attributes.CAPTIONS.write("cc") == '"cc"'
    assert attributes.DECIMAL.write(Decimal("59.940")) == "59.940"


def test_required_attributes_must_be_there():
    with pytest.raises(ValueError, match="BANDWIDTH is missing"):
        attributes.read(IFrameVariant, 'URI="a"')


def test_attributes_are_written_in_the_order_of_the_table():
    variant = Variant(uri="v", resolution=Resolution(1, 2), bandwidth=3, codecs="a")
    assert attributes.write(variant) == 'BANDWIDTH=3,CODECS="a",RESOLUTION=1x2'


def test_quotes_in_a_quoted_string_are_refused():
    with pytest.raises(InputError):
        attributes.quote('a"b')
