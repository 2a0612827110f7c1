"""ISO 639-2 to BCP 47."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.ingest.languages import tag_of


@pytest.mark.parametrize(
    ("code", "tag"),
    [
        ("eng", "en"), ("ger", "de"), ("deu", "de"), ("fre", "fr"), ("fra", "fr"), ("chi", "zh"),
        ("zho", "zh"), ("en", "en"), ("EN", "en"), ("en-us", "en-US"), ("pt_BR", "pt-BR"),
        ("zh-hant-tw", "zh-Hant-TW"), ("por-BR", "pt-BR"), ("fil", "fil"), ("haw", "haw"),
        ("es-419", "es-419"), ("iw", "he"),
        ("und", None), ("mul", None), ("zxx", None), ("", None), (None, None), ("english", None),
        ("e", None), ("en<script>", None), ("../en", None), ("en-", None),
    ],
)  # fmt: skip
def test_tags(code: str | None, tag: str | None) -> None:
    assert tag_of(code) == tag


@given(st.text())
def test_tags_are_safe_in_names(code: str) -> None:
    tag = tag_of(code)
    assert tag is None or all(char.isascii() and (char.isalnum() or char == "-") for char in tag)
    assert tag is None or tag_of(tag) == tag
