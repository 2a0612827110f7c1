from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matinee.catalog.catalog import Catalog
from matinee.catalog.pages import Position, cursor_of, listing_of
from matinee.catalog.titles import LiveFacts, NewTitle
from matinee.errors import InputError
from matinee.model.title import Source

OnAir = Callable[..., str]
FIXTURE_KEPT = settings(
    max_examples=60,
    deadline=None,
    # Searching changes nothing, so the examples may share one database.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def names(catalog: Catalog, q: str) -> list[str]:
    return [title.name for title in catalog.titles.catalog_page(q).items]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("bunny", True),
        ("BUN", True),
        ("b", True),
        ("r", False),
        ("物", True),
        ("big bunny", True),
        ("bunny big", True),
        ("  bunny\t", True),
        ("bunny rabbit", True),
        ("bunnyx", False),
        ("unny", False),
        ("bunny elephant", False),
        ("dej", True),
        ("déjà", True),
        ("DEJA-VU", True),
        ("grosse", True),
        ("2008", True),
        ("物語", True),
        ("東京物", True),
        ("京語", False),
        ("ｂｕｎｎｙ", True),  # noqa: RUF001 # full width is the point
        ("हिन्दी", True),
    ],
)
def test_what_is_found(catalog: Catalog, put_on_air: OnAir, q: str, found: bool) -> None:
    put_on_air("Big Buck Bunny (2008)", "A rabbit's déjà-vu, große 東京物語 हिन्दी.")
    assert (names(catalog, q) == ["Big Buck Bunny (2008)"]) is found
    assert (len(catalog.titles.page(q).items) == 1) is found


def test_nothing_asked_is_everything_and_no_word_is_nothing(
    catalog: Catalog, put_on_air: OnAir
) -> None:
    put_on_air("One")
    assert names(catalog, "") == names(catalog, " \t") == ["One"]
    assert names(catalog, "🎬") == names(catalog, '"') == []


def test_a_match_in_the_name_comes_first(catalog: Catalog, put_on_air: OnAir) -> None:
    put_on_air("Rabbits", "The bunny.")
    put_on_air("Bunny", "Rabbits.")
    put_on_air("Cats", "A bunny in the night, and then again no bunny.")
    assert names(catalog, "bunny")[0] == "Bunny"
    assert len(names(catalog, "bunny")) == 3


def test_search_follows_changes(catalog: Catalog, put_on_air: OnAir) -> None:
    title_id = put_on_air("Bunny", "rabbit")
    catalog.titles.update(title_id, name="Elephant")
    assert names(catalog, "bunny") == []
    assert names(catalog, "elephant") == names(catalog, "rabbit") == ["Elephant"]
    catalog.titles.unpublish(title_id)
    assert names(catalog, "elephant") == []
    assert len(catalog.titles.page("elephant").items) == 1


def test_pages_of_a_search_hold_every_title_once(catalog: Catalog, put_on_air: OnAir) -> None:
    made = {put_on_air(f"Bunny {'rabbit ' * (number % 3)}") for number in range(8)}
    found: list[str] = []
    cursor = None
    while True:
        page = catalog.titles.catalog_page("bunny", cursor=cursor, limit=3)
        found += [title.id for title in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(found) == len(made)
    assert set(found) == made


OPERATORS = st.sampled_from(
    ['"', "'", "*", "AND", "OR", "NOT", "NEAR(a b)", "(", ")", ":", "^", "-", "+", "\\", "%", "_",
     "<->", "&", "|", "!", "\0", "🎬", "name_words:", "{a b}:", ";", "--", "\ud800", "́"]
)  # fmt: skip


@FIXTURE_KEPT
@given(q=st.one_of(st.text(), st.lists(OPERATORS | st.text(max_size=4)).map("".join)))
def test_any_text_can_be_searched_for(catalog: Catalog, q: str) -> None:
    assert catalog.titles.catalog_page(q, limit=1).items == ()
    assert catalog.titles.page(q, limit=1).items == ()


@FIXTURE_KEPT
@given(word=st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=8))
def test_a_title_is_found_by_its_own_name(catalog: Catalog, word: str) -> None:
    new = NewTitle(name=f"Film {word}", source=Source(filename="a"))
    title_id = catalog.titles.create(new).title.id
    catalog.titles.go_live(title_id, LiveFacts(version=1, duration=1.0))
    assert title_id in {title.id for title in catalog.titles.catalog_page(word, limit=200).items}
    catalog.titles.delete(title_id)


@FIXTURE_KEPT
@given(cursor=st.text() | st.text("abcdefgABCDEFG0123456789-_"))
def test_any_text_can_be_sent_as_a_cursor(catalog: Catalog, cursor: str) -> None:
    for ask in (catalog.titles.page, catalog.titles.catalog_page, catalog.jobs.page):
        with pytest.raises(InputError) as raised:
            ask(cursor=cursor)
        assert raised.value.code == "bad-cursor"


@FIXTURE_KEPT
@given(
    key=st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False),
    row=st.text(max_size=20),
)
def test_a_forged_cursor_is_a_page_or_refused(catalog: Catalog, key: float, row: str) -> None:
    """Whoever knows how cursors are made can still do no more than choose where to begin."""
    asks = {
        listing_of("titles", None, None): catalog.titles.page,
        listing_of("catalog"): catalog.titles.catalog_page,
        listing_of("jobs", None, None): catalog.jobs.page,
        listing_of("search", "a"): partial(catalog.titles.catalog_page, "a"),
    }
    for listing, ask in asks.items():
        outcome = ""
        try:
            assert ask(cursor=cursor_of(Position(listing, key, row))).items == ()
        except InputError as error:
            outcome = error.code
        assert outcome in {"", "bad-cursor"}
