"""One suite for every adapter of the storage port."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.servers import s3

from matinee.errors import InputError, NotFoundError
from matinee.model.presentation import ByteRange
from matinee.storage.local import LocalStore
from matinee.storage.memory import MemoryStore
from matinee.storage.s3 import S3Location, S3Store
from matinee.storage.store import ObjectStore


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    with s3() as endpoint:
        yield endpoint


@pytest.fixture(params=["local", "memory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "local":
        return LocalStore(tmp_path / "objects")
    if request.param == "memory":
        return MemoryStore()
    location = S3Location(
        bucket="films",
        prefix=tmp_path.name,
        endpoint=request.getfixturevalue("s3_endpoint"),
        access_key_id="test",
        secret_access_key="test",
    )
    return S3Store(location, tmp_path / "scratch")


def test_what_is_put_is_got(store: ObjectStore) -> None:
    store.put("titles/a/v1/master.m3u8", b"#EXTM3U\n")
    assert store.get("titles/a/v1/master.m3u8") == b"#EXTM3U\n"


def test_a_path_is_moved_in(store: ObjectStore, tmp_path: Path) -> None:
    source = tmp_path / "film.mp4"
    source.write_bytes(bytes(range(256)) * 100)
    store.put("uploads/x", source)
    assert not source.exists()
    assert store.get("uploads/x") == bytes(range(256)) * 100


def test_putting_again_replaces(store: ObjectStore) -> None:
    store.put("a/b", b"one")
    store.put("a/b", b"two")
    assert store.get("a/b") == b"two"


@pytest.mark.parametrize(
    ("offset", "length", "expected"),
    [(0, 4, b"0123"), (2, 3, b"234"), (8, 10, b"89"), (10, 1, b""), (50, 2, b"")],
)
def test_ranges_are_cut_at_the_end(
    store: ObjectStore, offset: int, length: int, expected: bytes
) -> None:
    store.put("a", b"0123456789")
    assert store.get("a", ByteRange(offset, length)) == expected


def test_missing_objects_are_named(store: ObjectStore) -> None:
    with pytest.raises(NotFoundError, match="nothing/here"):
        store.get("nothing/here")
    with pytest.raises(NotFoundError, match="nothing"), store.local("nothing/here"):
        pass
    store.delete("nothing/here")
    assert list(store.list("nothing")) == []


def test_listing_is_sorted_and_stays_below_its_prefix(store: ObjectStore) -> None:
    for key in ("t/a/2", "t/a/10", "t/ab/1", "t/a/b/c", "u"):
        store.put(key, b"x" * len(key))
    assert [one.key for one in store.list("t/a")] == ["t/a/10", "t/a/2", "t/a/b/c"]
    assert [one.key for one in store.list("t/a/2")] == ["t/a/2"]
    assert [one.size for one in store.list("u")] == [1]
    assert len(list(store.list(""))) == 5


def test_delete_takes_all_below_and_nothing_beside(store: ObjectStore) -> None:
    for key in ("t/a/1", "t/a/2/3", "t/ab"):
        store.put(key, b"x")
    store.delete("t/a")
    assert [one.key for one in store.list("")] == ["t/ab"]


def test_local_gives_a_readable_file(store: ObjectStore) -> None:
    store.put("t/film.mp4", b"media")
    with store.local("t/film.mp4") as path:
        assert path.read_bytes() == b"media"
        assert path.suffix == ".mp4"


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../up", "a/../b", "a//b", "a/./b", "a\\b", "a\nb", "x" * 2000]
)
def test_tricky_keys_are_refused(store: ObjectStore, key: str) -> None:
    for call in (store.get, store.delete, lambda k: store.put(k, b"")):
        with pytest.raises(InputError):
            call(key)
