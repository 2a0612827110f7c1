from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from matinee.catalog.catalog import Catalog
from matinee.catalog.uploads import Upload
from matinee.errors import ConflictError, InputError, NotFoundError


@pytest.fixture
def begin(catalog: Catalog, clock) -> Callable[..., Upload]:
    def create(length: int | None = 10, **metadata: str) -> Upload:
        return catalog.uploads.create(length, metadata, "owner", clock() + timedelta(hours=1))

    return create


Begin = Callable[..., Upload]


def refused(code: str, ask: Callable[[], object]) -> None:
    with pytest.raises(ConflictError) as raised:
        ask()
    assert raised.value.code == code


def test_what_is_still_to_come_is_promised(catalog: Catalog, begin: Begin, clock) -> None:
    assert catalog.uploads.promised(clock()) == 0
    first, second = begin(10), begin(2**40)
    begin(None)
    assert catalog.uploads.promised(clock()) == 10 + 2**40
    catalog.uploads.advance(second.id, 2**39)
    catalog.uploads.advance(first.id, 10)
    catalog.uploads.complete(first.id)
    assert catalog.uploads.promised(clock()) == 2**39
    assert catalog.uploads.promised(clock() + timedelta(hours=2)) == 0


def test_a_life(catalog: Catalog, begin: Begin) -> None:
    upload = begin(filename="film.mp4")
    assert (upload.state, upload.offset, upload.length) == ("open", 0, 10)
    assert catalog.uploads.get(upload.id) == upload
    refused("upload-incomplete", lambda: catalog.uploads.complete(upload.id))
    assert catalog.uploads.advance(upload.id, 4).offset == 4
    refused("upload-incomplete", lambda: catalog.uploads.consume(upload.id, "t1"))
    catalog.uploads.advance(upload.id, 10)
    assert catalog.uploads.complete(upload.id).state == "complete"
    assert catalog.uploads.complete(upload.id).state == "complete"
    refused("upload-complete", lambda: catalog.uploads.advance(upload.id, 10))
    taken = catalog.uploads.consume(upload.id, "t1")
    assert (taken.state, taken.title_id) == ("consumed", "t1")
    assert catalog.uploads.consume(upload.id, "t1") == taken == catalog.uploads.get(upload.id)
    refused("upload-consumed", lambda: catalog.uploads.consume(upload.id, "t2"))
    catalog.uploads.delete(upload.id)
    with pytest.raises(NotFoundError):
        catalog.uploads.get(upload.id)
    with pytest.raises(NotFoundError):
        catalog.uploads.delete(upload.id)


@pytest.mark.parametrize("offset", [-1, 3, 11, 2**70])
def test_offsets_go_forward_within_the_length(catalog: Catalog, begin: Begin, offset: int) -> None:
    upload = begin()
    catalog.uploads.advance(upload.id, 4)
    refused("bad-offset", lambda: catalog.uploads.advance(upload.id, offset))
    assert catalog.uploads.get(upload.id).offset == 4


def test_the_length_may_come_later(catalog: Catalog, begin: Begin) -> None:
    upload = begin(None)
    catalog.uploads.advance(upload.id, 7)
    refused("bad-offset", lambda: catalog.uploads.set_length(upload.id, 6))
    refused("upload-incomplete", lambda: catalog.uploads.complete(upload.id))
    assert catalog.uploads.set_length(upload.id, 7).length == 7
    assert catalog.uploads.set_length(upload.id, 7).length == 7
    refused("length-set", lambda: catalog.uploads.set_length(upload.id, 8))
    assert catalog.uploads.complete(upload.id).state == "complete"


@pytest.mark.parametrize("length", [-1, 2**63])
def test_impossible_lengths(begin: Begin, length: int) -> None:
    with pytest.raises(InputError):
        begin(length)


def test_large_files(catalog: Catalog, begin: Begin) -> None:
    upload = begin(2**62)
    assert catalog.uploads.advance(upload.id, 2**61).offset == 2**61
    assert catalog.uploads.get(upload.id).length == 2**62


@pytest.mark.parametrize(
    ("metadata", "filename"),
    [
        ({"filename": "film.mp4"}, "film.mp4"),
        ({"name": "film.mp4"}, "film.mp4"),
        ({"filename": "../../etc/passwd"}, "passwd"),
        ({"filename": "C:\\films\\a b.mov"}, "a b.mov"),
        ({"filename": "x" * 400}, "x" * 255),
        ({}, ""),
    ],
)
def test_file_names(begin: Begin, metadata: dict[str, str], filename: str) -> None:
    assert begin(**metadata).filename == filename


@pytest.mark.parametrize("value", ["x" * 9000, "a\0b", "\udfff"])
def test_metadata_is_bounded_text(begin: Begin, value: str) -> None:
    with pytest.raises(InputError):
        begin(filename=value)


def test_expiry(catalog: Catalog, begin: Begin, clock) -> None:
    forgotten, finished, taken, prolonged = begin(), begin(0), begin(0), begin()
    for upload in (finished, taken):
        catalog.uploads.complete(upload.id)
    catalog.uploads.consume(taken.id, "t")
    assert catalog.uploads.expired(clock()) == ()
    catalog.uploads.advance(prolonged.id, 1, clock() + timedelta(days=1))
    clock.forward(hours=2)
    assert [one.id for one in catalog.uploads.expired(clock())] == [forgotten.id, finished.id]


def test_one_of_many_titles_gets_it(catalog: Catalog, begin: Begin) -> None:
    upload = begin(0)
    catalog.uploads.complete(upload.id)

    def take(number: int) -> bool:
        try:
            catalog.uploads.consume(upload.id, f"t{number}")
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(take, range(12))) == 1


def test_the_uploads_that_wait_are_bounded(
    catalog: Catalog, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matinee.catalog.uploads.MAXIMUM_WAITING", 2)
    taken, waiting = begin(0), begin()
    with pytest.raises(InputError) as raised:
        begin()
    assert raised.value.code == "too-many-uploads"
    catalog.uploads.complete(taken.id)
    with pytest.raises(InputError):
        begin()
    catalog.uploads.consume(taken.id, "t1")
    catalog.uploads.delete(waiting.id)
    assert [begin().state for _ in range(2)] == ["open", "open"]
