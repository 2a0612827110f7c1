import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.catalog.search import fts5, query, tsquery, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Big Buck  Bunny", "big buck bunny"),
        ("Déjà-vu (1997)", "deja vu 1997"),
        ("GROẞE Straße", "grosse strasse"),
        ("東京物語 Tokyo", "東 京 物 語 tokyo"),
        ("x東y", "x 東 y"),
        ("ＦＵＬＬ", "full"),  # noqa: RUF001 # full width is the point
        ("o'clock", "o clock"),
        ("हिन्दी", "हनद"),
        ("snake_case", "snake case"),
        ("🎬", ""),
        ("", ""),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert words(text) == folded


def test_a_run_of_unspaced_script_is_a_phrase() -> None:
    assert query("東京 big") == (("東", "京"), ("big",))


def test_how_queries_are_written() -> None:
    phrases = query('物語 "bun')
    assert fts5(phrases) == '"物 語" * AND "bun" *'
    assert tsquery(phrases) == "('物' <-> '語':*) & ('bun':*)"


def test_one_letter_is_looked_for_in_names_only() -> None:
    assert fts5(query("a 物")) == 'name_words : "a" * AND "物" *'
    assert tsquery(query("a 物")) == "('a':*A) & ('物':*)"


@given(st.text())
def test_no_operator_survives(text: str) -> None:
    assert all(letter.isalnum() or letter == " " for letter in words(text))
    for phrase in query(text):
        assert phrase
        assert all(word.isalnum() for word in phrase)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert words(words(text)) == words(text)


def test_queries_are_bounded() -> None:
    assert len(query("a " * 10_000)) == 12
    assert max(len(word) for phrase in query("b" * 10_000) for word in phrase) <= 64
