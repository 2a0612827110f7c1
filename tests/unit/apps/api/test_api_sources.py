import pytest

from matinee.apps.api.schema import CreateTitle
from matinee.apps.api.sources import create_title, idempotency
from matinee.apps.uploads.files import UploadFiles
from matinee.errors import ConflictError, UpstreamError


@pytest.fixture
def files(services):
    return UploadFiles(services.uploads_folder)


@pytest.mark.parametrize("with_key", [True, False])
def test_a_crash_before_the_row_is_made_good_by_the_same_request(
    services, files, upload, monkeypatch, with_key
):
    wanted = CreateTitle(upload_id=upload(b"film"))
    key = idempotency("k", "me", wanted) if with_key else None

    def crash(*_, **__):
        raise UpstreamError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr(services.catalog.titles, "create", crash)
        with pytest.raises(UpstreamError):
            create_title(services, files, wanted, key)
    created = create_title(services, files, wanted, key)
    assert services.store.get(created.title.source.key) == b"film"
    assert services.catalog.jobs.unfinished() == (created.job,)


def test_the_source_is_in_the_store_before_the_worker_can_see_the_job(
    services, files, upload, monkeypatch
):
    wanted = CreateTitle(upload_id=upload(b"film"))
    create = services.catalog.titles.create
    seen = []

    def watched(new, **more):
        seen.append(services.store.get(new.source.key))
        return create(new, **more)

    monkeypatch.setattr(services.catalog.titles, "create", watched)
    create_title(services, files, wanted, None)
    assert seen == [b"film"]


def test_bytes_that_came_before_a_crash_count(services, files, upload):
    upload_id = upload(b"fil", complete=False)
    (services.uploads_folder / upload_id).write_bytes(b"film")
    created = create_title(services, files, CreateTitle(upload_id=upload_id), None)
    assert services.store.get(created.title.source.key) == b"film"


def test_of_two_requests_at_once_for_one_upload_one_wins(services, files, upload, monkeypatch):
    wanted = CreateTitle(upload_id=upload(b"film"))
    create = services.catalog.titles.create

    def overtaken(new, **more):
        monkeypatch.undo()
        create_title(services, files, wanted, None)
        return create(new, **more)

    monkeypatch.setattr(services.catalog.titles, "create", overtaken)
    with pytest.raises(ConflictError):
        create_title(services, files, wanted, None)
    assert len(services.catalog.titles.page().items) == 1
