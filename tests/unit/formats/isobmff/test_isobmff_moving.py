import contextlib
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.errors import MediaError
from matinee.formats import isobmff
from matinee.formats.isobmff import FragmentSamples
from matinee.formats.isobmff.box import build, build_full

SAMPLES = FragmentSamples(array("I", [10, 10]), array("I", [3, 4]), array("i"), all_sync=False)


def head_of(decode_time):
    whole = isobmff.fragment_head(1, decode_time, SAMPLES)
    return whole[:-8], whole[-8:]  # moof, and the header of mdat


@given(st.integers(0, 1 << 40), st.integers(0, 1 << 40), st.integers(0, (1 << 32) - 1))
def test_a_fragment_is_moved_and_nothing_else_of_it_changes(own, later, number):
    moof, mdat = head_of(own)
    moved = isobmff.moved_fragment(moof, number, later)
    (before,) = isobmff.fragments(moof + mdat + b"abcdefg")
    (after,) = isobmff.fragments(moved + mdat + b"abcdefg")
    assert after.decode_time == own + later
    assert after.sequence_number == number
    assert (after.duration, after.samples, after.consistent) == (
        before.duration, before.samples, True,
    )  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        build("mdat", b"abc"),
        build("moof", build_full("mfhd", 0, 0, bytes(4)), build("traf")),
        build("moof"),
        build(
            "moof",
            build_full("mfhd", 0, 0, bytes(4)),
            build("traf", build_full("tfhd", 0, 1, bytes(12)), build_full("tfdt", 1, 0, bytes(8))),
        ),
    ],
    ids=["no-moof", "no-time", "empty", "bound-to-its-file"],
)  # fmt: skip
def test_what_cannot_be_moved_is_refused(body):
    with pytest.raises(MediaError):
        isobmff.moved_fragment(body, 1, 1)


@given(st.binary(max_size=200))
def test_hostile_bytes_raise_only_typed_errors(data):
    with contextlib.suppress(MediaError):
        isobmff.moved_fragment(data, 1, 1)
