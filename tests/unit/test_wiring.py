from pathlib import Path

from matinee import wiring
from matinee.settings import Settings


def test_unpublished_films_are_private_even_in_an_open_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    wiring.prepare(Settings(data=tmp_path))
    assert {one.name: one.stat().st_mode & 0o777 for one in tmp_path.iterdir()} == {
        "scratch": 0o700,
        "uploads": 0o700,
    }


def test_a_new_data_folder_is_private(tmp_path: Path) -> None:
    wiring.prepare(Settings(data=tmp_path / "new"))
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
