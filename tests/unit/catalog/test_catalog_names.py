import pytest

from matinee.catalog.names import default_name


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("Big_Buck_Bunny.mp4", "Big Buck Bunny"),
        ("a.b.c.mkv", "a b c"),
        ("film", "film"),
        ("___.mp4", "Untitled"),
    ],
)
def test_names_come_from_file_names(filename, name):
    assert default_name(filename) == name
