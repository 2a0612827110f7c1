import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.apps.origin.ranges import Unsatisfiable, requested
from matinee.model.presentation import ByteRange


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"bytes=0-0", ByteRange(0, 1)),
        (b"bytes=10-19", ByteRange(10, 10)),
        (b"bytes=90-", ByteRange(90, 10)),
        (b"bytes=90-500", ByteRange(90, 10)),
        (b"bytes=-5", ByteRange(95, 5)),
        (b"bytes=-500", ByteRange(0, 100)),
        (None, None),
        (b"", None),
        (b"items=0-1", None),
        (b"bytes=5-2", None),
        (b"bytes=0-1,3-4", None),
        (b"bytes=a-b", None),
        (b"bytes=-", None),
    ],
)
def test_ranges_of_a_hundred_bytes(header: bytes | None, expected: ByteRange | None) -> None:
    assert requested(header, 100) == expected


@pytest.mark.parametrize("header", [b"bytes=100-", b"bytes=500-600", b"bytes=-0"])
def test_beyond_the_end_is_unsatisfiable(header: bytes) -> None:
    with pytest.raises(Unsatisfiable):
        requested(header, 100)


@given(st.binary(max_size=40), st.integers(0, 10**12))
def test_any_header_gives_a_range_within_the_object(header: bytes, size: int) -> None:
    try:
        span = requested(header, size)
    except Unsatisfiable:
        return
    if span is not None:
        assert span.offset >= 0
        assert span.length > 0
        assert span.offset + span.length <= size
