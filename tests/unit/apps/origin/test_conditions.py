import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.apps.origin.conditions import (
    accepts_gzip,
    failed,
    http_date,
    matches,
    not_modified,
    range_applies,
)

TAG = b'"tag"'
MODIFIED = 784_111_777.5
DATE = b"Sun, 06 Nov 1994 08:49:37 GMT"
BEFORE, AFTER = b"Sun, 06 Nov 1994 08:49:36 GMT", b"Sun, 06 Nov 1994 08:49:38 GMT"


def asked(**headers):
    pairs = [(name.replace("_", "-").encode(), value) for name, value in headers.items()]
    return {"headers": pairs}


@pytest.mark.parametrize(
    ("value", "is_named"),
    [
        (None, False), (TAG, True), (b'W/"tag"', True), (b'"a", "tag"', True), (b"*", True),
        (b'"a"', False), (b"tag", False), (b"", False),
    ],
)  # fmt: skip
def test_a_tag_among_many(value, is_named):
    assert matches(value, TAG) is is_named


def test_a_copy_by_its_date():
    assert http_date(MODIFIED) == DATE
    for since, unmodified in ((BEFORE, False), (DATE, True), (AFTER, True), (b"yesterday", False)):
        assert not_modified(asked(if_modified_since=since), TAG, MODIFIED) is unmodified
    for since, refused in ((BEFORE, True), (DATE, False), (AFTER, False), (b"?", False)):
        assert failed(asked(if_unmodified_since=since), TAG, MODIFIED) is refused


def test_a_tag_goes_before_a_date():
    assert not not_modified(asked(if_none_match=b'"a"', if_modified_since=AFTER), TAG, MODIFIED)
    assert not failed(asked(if_match=TAG, if_unmodified_since=BEFORE), TAG, MODIFIED)


def test_if_match_compares_strongly():
    assert failed(asked(if_match=b'W/"tag"'), TAG, MODIFIED)
    assert not failed(asked(if_match=b'"a", "tag"'), TAG, MODIFIED)
    assert not failed(asked(if_match=b"*"), TAG, MODIFIED)


@pytest.mark.parametrize(
    ("value", "counts"),
    [(TAG, True), (DATE, True), (b'W/"tag"', False), (AFTER, False), (b'"a"', False)],
)
def test_a_range_of_exactly_this_object(value, counts):
    assert range_applies(asked(if_range=value), TAG, MODIFIED) is counts
    assert range_applies(asked(), TAG, MODIFIED)


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        (b"gzip", True), (b"br, gzip;q=0.5, *;q=0", True), (b"GZIP", False), (b"x-gzip", True),
        (b"gzip;q=0", False), (b"gzip; q=0.000", False), (b"gzip;q=0.001", True), (b"", False),
        (b"br", False), (b"notgzip", False),
    ],
)  # fmt: skip
def test_who_reads_gzip(value, accepted):
    assert accepts_gzip(asked(accept_encoding=value)) is accepted
    assert not accepts_gzip(asked())


@given(st.binary(max_size=80))
def test_strange_values_never_fail(value):
    every = asked(if_modified_since=value, if_unmodified_since=value, accept_encoding=value)
    assert not_modified(every, TAG, MODIFIED) in {True, False}
    assert failed(every, TAG, MODIFIED) in {True, False}
    accepts_gzip(every)
