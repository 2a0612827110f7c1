import pytest

from matinee.packager import languages


@pytest.mark.parametrize(
    ("tag", "code", "name"),
    [
        ("en", "eng", "English"),
        ("eng", "eng", "English"),
        ("ger", "deu", "German"),
        ("pt-BR", "por", "Portuguese (Brazil)"),
        ("en-AU", "eng", "English (AU)"),
        ("zh-Hant", "zho", "Chinese (Traditional)"),
        ("nb", "nob", "Norwegian Bokmål"),
        ("tlh", "tlh", "tlh"),
        ("x-private", "und", "x-private"),
        (None, "und", "Unknown"),
        ("und", "und", "Unknown"),
    ],
)
def test_codes_and_names(tag, code, name):
    assert languages.code(tag) == code
    assert languages.name(tag) == name
