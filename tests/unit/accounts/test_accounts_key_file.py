from pathlib import Path

import pytest

from matinee.accounts import key_file
from matinee.errors import InputError, UpstreamError

KEY = "mk_" + "a" * 43


def test_reading_gives_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "key"
    assert key_file.read(path) is None
    key_file.write(path, KEY)
    assert key_file.read(path) == KEY
    assert path.stat().st_mode & 0o777 == 0o600
    key_file.write(path, "mk_" + "b" * 43)
    assert key_file.read(path) == "mk_" + "b" * 43
    assert list(path.parent.iterdir()) == [path]


def test_other_peoples_access_is_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(KEY)
    path.chmod(0o664)
    key_file.read(path)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"\0", b"password", b"mk_" + b"a" * 10_000])
def test_files_of_something_else(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(InputError):
        key_file.read(path)


def test_places_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(UpstreamError):
        key_file.read(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(UpstreamError):
        key_file.write(tmp_path / "file" / "key", KEY)
