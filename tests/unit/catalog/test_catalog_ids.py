import re
import secrets
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from matinee.catalog.ids import id_maker, new_id


@given(st.datetimes(datetime(2020, 1, 1), datetime(3000, 1, 1)), st.binary(min_size=5, max_size=5))  # noqa: DTZ001 # Hypothesis wants them naive
def test_ids_sort_by_time(when: datetime, chance: bytes) -> None:
    at = when.replace(tzinfo=UTC)
    earlier = id_maker(lambda: at, lambda _: b"\xff" * 5)("title")
    later = id_maker(lambda: at + timedelta(milliseconds=1), lambda _: chance)("title")
    assert earlier < later
    assert re.fullmatch("[0-9a-hjkmnp-tv-z]{17}", later)


def test_the_platforms_own_ids_differ() -> None:
    assert len({new_id("job") for _ in range(1000)}) == 1000


def test_all_random_bits_are_used() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    made = {id_maker(lambda: at, secrets.token_bytes)("x")[9:] for _ in range(500)}
    assert {len(one) for one in made} == {8}
    assert all(len({one[place] for one in made}) > 16 for place in range(8))
