import pytest

from matinee.accounts.secrets import digest, is_key, is_token, matches, url_safe


def test_what_is_kept_tells_nothing_but_equality() -> None:
    kept = digest("mk_secret")
    assert len(kept) == 64
    assert "secret" not in kept
    assert matches("mk_secret", kept)
    assert not matches("mk_Secret", kept)


def test_forms() -> None:
    token = url_safe(bytes(range(32)))
    assert is_token(token)
    assert is_key(f"mk_{token}")
    assert not is_key(token)


@pytest.mark.parametrize(
    "text", ["", "mk_", "mk_" + "a" * 42, "mk_" + "a" * 44, "mk_" + "a" * 43 + "\n"]
)
def test_other_text(text: str) -> None:
    assert not is_key(text)
    assert not is_token(text)
