"""File names of what is pulled; the pulling itself is in tests/integration/ingest."""

import pytest

from matinee.ingest.fetch import _filename


@pytest.mark.parametrize(
    ("disposition", "url", "name"),
    [
        ("", "https://h/a/Ein%20Film.mp4?sig=x", "Ein Film.mp4"),
        ('attachment; filename="film.mkv"', "https://h/x", "film.mkv"),
        ("attachment; filename=film.mkv; size=1", "https://h/x", "film.mkv"),
        (
            "attachment; filename=a.mp4; filename*=UTF-8''K%C3%A4se.mp4",
            "https://h/",
            "Käse.mp4",
        ),
        ('attachment; filename="../../etc/passwd"', "https://h/x", "etcpasswd"),
        ("", "https://h/..%2f..%2fetc", "etc"),
        ("", "https://h/", "film"),
        ("", "https://h/" + "a" * 500 + ".mp4", "a" * 200),
    ],
)
def test_names_are_plain(disposition: str, url: str, name: str) -> None:
    assert _filename(disposition, url) == name
