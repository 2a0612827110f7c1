import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.errors import MediaError
from matinee.formats.isobmff import box


def whole(data: bytes) -> list[box.Box]:
    return list(box.boxes(memoryview(data), 0, len(data)))


@given(st.lists(st.binary(max_size=40), max_size=5))
def test_walking_finds_what_was_built(bodies):
    data = b"".join(box.build("free", body) for body in bodies)
    assert [data[one.body : one.end] for one in whole(data)] == bodies


@given(st.binary(max_size=200))
def test_any_bytes_are_walked_or_refused(data):
    try:
        found = whole(data)
    except MediaError:
        return
    assert all(0 <= one.start <= one.body <= one.end <= len(data) for one in found)


def test_large_size_and_size_to_the_end():
    large = b"\0\0\0\1mdat" + (20).to_bytes(8, "big") + b"abcd"
    last = b"\0\0\0\0free1234"
    data = large + last
    assert [data[one.body : one.end] for one in whole(data)] == [b"abcd", b"1234"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\0\0\0\x07free", "damaged"),
        (b"\0\0\0\x09free", "truncated"),
        (b"\0\0\0\1free\0\0\0\0", "truncated"),
        (b"\0\0\0\1free\0\0\0\0\0\0\0\x0f", "damaged"),
        (b"\0\0\0\x10uuid\0\0\0\0\0\0\0\0", "damaged"),
    ],
)
def test_a_box_that_lies_about_its_size_is_refused(data, code):
    with pytest.raises(MediaError) as refused:
        whole(data)
    assert refused.value.code == code


def test_a_crowd_of_boxes_is_refused():
    with pytest.raises(MediaError, match="more than 16384 boxes"):
        whole(box.build("free") * 16385)


def test_child_names_what_is_missing():
    data = box.build("moov", box.build("free"))
    parent = box.header(memoryview(data), 0, len(data))
    with pytest.raises(MediaError, match="'moov' lacks its 'mvhd'"):
        box.child(memoryview(data), parent, "mvhd")


def test_guarded_doors_turn_mishaps_into_media_errors():
    @box.guarded("the thing")
    def door():
        return b"".index(b"x")

    with pytest.raises(MediaError, match="the thing cannot be read"):
        door()


def test_full_box_has_version_and_flags():
    data = box.build_full("tfhd", 1, 0x020038)
    one = box.header(memoryview(data), 0, len(data))
    assert box.version_and_flags(memoryview(data), one) == (1, 0x020038)
