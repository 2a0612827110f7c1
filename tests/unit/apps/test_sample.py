"""The parts of the sample film's way that need no network; the rest is in tests/e2e."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from matinee.apps import sample
from matinee.errors import UpstreamError
from matinee.toolchain.tools import Toolchain


def package(folder: Path, film: bytes, *, member: str = sample._MEMBER) -> Path:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../escaped", b"outside")
        archive.writestr(member, film)
    path = folder / "moviepy-2.2.1.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        info = tarfile.TarInfo(sample._ARCHIVE)
        info.size = len(inner.getvalue())
        tar.addfile(info, io.BytesIO(inner.getvalue()))
    return path


def test_the_film_is_taken_out_and_nothing_else_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "_FILM_SIZE", 4)
    work = tmp_path / "work"
    work.mkdir()
    assert sample._unpack(package(tmp_path, b"film"), work).read_bytes() == b"film"
    assert {path.name for path in work.iterdir()} == {"inner.zip", "film.mp4"}
    assert not (tmp_path / "escaped").exists()


def test_a_film_of_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UpstreamError, match="another film"):
        sample._unpack(package(tmp_path, b"film"), tmp_path)


def test_a_link_in_the_place_of_the_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "moviepy-2.2.1.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        info = tarfile.TarInfo(sample._ARCHIVE)
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(UpstreamError, match="as it used to"):
        sample._unpack(path, tmp_path)


def test_no_more_is_copied_than_was_declared(tmp_path: Path) -> None:
    sample._copy(io.BytesIO(b"x" * 100), tmp_path / "copy", 10)
    assert (tmp_path / "copy").stat().st_size == 10


@pytest.mark.parametrize(
    "damage", [b"", b"\x1f\x8b\x08 cut", b"not an archive"], ids=["empty", "cut", "text"]
)
def test_a_damaged_package_leads_to_the_stand_in(
    damage: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is fetched passes its digest check first; this asks what happens behind it.
    def fetched(folder: Path) -> Path:
        path = folder / "moviepy-2.2.1.tar.gz"
        path.write_bytes(damage)
        return path

    clip = tmp_path / "samples" / "test-pattern-1.mp4"
    clip.parent.mkdir()
    clip.write_bytes(b"made before")
    monkeypatch.setattr(sample, "_download", fetched)
    monkeypatch.setattr(sample, "_check", lambda *_: None)
    film = sample.sample_film(tmp_path, Toolchain(Path("/bin/false"), Path("/bin/false")))
    assert film.synthetic
    assert film.reason
    assert film.path == clip
    assert [path.name for path in clip.parent.iterdir()] == [clip.name]


def test_another_file_than_the_one_pinned_is_refused() -> None:
    with pytest.raises(UpstreamError, match="not the file expected"):
        sample._check("0" * 64, "1" * 64, "bbb.mp4")


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    occupied = tmp_path / "cache"
    occupied.write_text("a file stands here")
    with pytest.raises(UpstreamError, match="can't be kept") as caught:
        sample.sample_film(occupied, Toolchain(Path("/bin/false"), Path("/bin/false")))
    assert "MATINEE_CACHE" in caught.value.fix
