from datetime import UTC, datetime
from pathlib import Path

import pytest

from matinee.cli.packaging import check_folder, replace_folder
from matinee.cli.publishing import damage_share, failure, ladder_text, side_car
from matinee.cli.up import Publications, fingerprint
from matinee.errors import CancelledError, InputError, InvariantError, MediaError, UpstreamError
from matinee.model.title import Job, Problem
from matinee.settings import Settings


def job(state: str, code: str = "") -> Job:
    problem = Problem(code=code, message="It failed.", fix="Do this.") if code else None
    return Job(
        id="j1", title_id="t1", state=state, problem=problem,  # type: ignore[arg-type]
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def test_a_side_car_is_a_file_and_a_language(tmp_path: Path) -> None:
    path = tmp_path / "film: the end.srt"
    path.touch()
    assert side_car(f"{path}:pt-BR") == (path, "pt-BR", None)
    assert side_car(f"{path}:en:sdh") == (path, "en", "sdh")
    assert side_car(f"{path}:en:forced") == (path, "en", "forced")


@pytest.mark.parametrize("text", ["film.srt", "film.srt:", ":de", "nothing.srt:de"])
def test_a_side_car_without_language_or_file_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        side_car(text)


def test_a_ladder_is_a_name_or_the_text_of_a_file(tmp_path: Path) -> None:
    assert ladder_text("standard") == "standard"
    (tmp_path / "l.toml").write_text('name = "x"')
    assert ladder_text(str(tmp_path / "l.toml")) == 'name = "x"\n'
    with pytest.raises(InputError):
        ladder_text(str(tmp_path / "nothing.toml"))


@pytest.mark.parametrize(
    ("state", "code", "kind"),
    [
        ("cancelled", "", CancelledError),
        ("failed", "truncated", MediaError),
        ("failed", "program-failed", UpstreamError),
        ("failed", "verify-failed", InvariantError),
        ("failed", "internal", InvariantError),
    ],
)
def test_a_failed_job_is_the_error_it_stands_for(
    state: str, code: str, kind: type[Exception]
) -> None:
    error = failure(job(state, code), "t1")
    assert type(error) is kind
    assert error.fix


def test_a_folder_with_a_strangers_files_is_left_alone(tmp_path: Path) -> None:
    film, folder = tmp_path / "film.mp4", tmp_path / "out"
    film.touch()
    folder.mkdir()
    check_folder(film, folder, force=False)
    (folder / "thesis.docx").touch()
    for force in (False, True):
        with pytest.raises(InputError, match="out"):
            check_folder(film, folder, force=force)
    (folder / "presentation.json").touch()
    check_folder(film, folder, force=True)


def test_the_film_itself_is_not_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "presentation.json").touch()
    (folder / "film.mp4").touch()
    with pytest.raises(InputError, match="lies in"):
        check_folder(folder / "film.mp4", folder, force=True)


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.txt").touch()
    replace_folder(tmp_path / "new", tmp_path / "old")
    assert [path.name for path in (tmp_path / "old").iterdir()] == ["new.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_films_are_told_apart_and_remembered(tmp_path: Path) -> None:
    one, other = tmp_path / "1.mp4", tmp_path / "2.mp4"
    one.write_bytes(b"a" * 3_000_000)
    other.write_bytes(b"a" * 2_999_999 + b"b")
    marks = [fingerprint(one), fingerprint(other)]
    assert marks[0] != marks[1]
    publications = Publications(Settings(data=tmp_path))
    publications.add(marks[0], "t1")
    publications.add(marks[1], "t2")
    assert publications.read() == {marks[0]: "t1", marks[1]: "t2"}


@pytest.mark.parametrize(
    ("text", "share"),
    [(None, None), ("refuse", 0.0), ("repair", 1.0), ("20%", 0.2), ("0.05", 0.05), ("0", 0.0)],
)
def test_how_much_damage_is_taken(text: str | None, share: float | None) -> None:
    assert damage_share(text) == share


@pytest.mark.parametrize("text", ["much", "120%", "-1", "nan", ""])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        damage_share(text)
