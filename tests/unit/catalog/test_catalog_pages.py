from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.catalog.pages import (
    Position,
    cursor_of,
    cut,
    listing_of,
    microseconds,
    position_of,
)
from matinee.errors import InputError

IDS = st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=1, max_size=64)
KEYS = st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)


@given(KEYS, IDS)
def test_reading_inverts_writing(key: float, row: str) -> None:
    position = Position(listing_of("titles", "q", None), key, row)
    assert position_of(cursor_of(position), position.listing) == position


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_survive_exactly(at: datetime) -> None:
    position = Position("x", microseconds(at), "a")
    found = position_of(cursor_of(position), "x")
    assert found is not None
    assert found.at == at


@given(st.text(), st.text())
def test_filters_tell_listings_apart(one: str, other: str) -> None:
    assert (listing_of("a", one) == listing_of("a", other)) == (one == other)
    assert listing_of("a", one, None) != listing_of("a", one)


def test_no_cursor_is_the_beginning() -> None:
    assert position_of(None, "x") is None


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_other_text_is_refused(cursor: str) -> None:
    with pytest.raises(InputError) as raised:
        position_of(cursor, "x")
    assert raised.value.code == "bad-cursor"


@pytest.mark.parametrize("key", [2**62, -(2**62), 1.5])
def test_keys_that_are_no_time(key: float) -> None:
    with pytest.raises(InputError):
        _ = Position("x", key, "a").at


def test_cutting() -> None:
    positions = [Position("x", number, str(number)) for number in range(3)]
    page = cut("abc", positions, 2)
    assert page.items == ("a", "b")
    assert position_of(page.next_cursor, "x") == positions[1]
    assert cut("abc", positions, 3).next_cursor is None
    assert cut("", [], 3).items == ()
