from datetime import timedelta

import pytest

from matinee.apps.uploads.records import record, settle
from matinee.errors import ConflictError


@pytest.fixture
def uploads(shared):
    return shared.catalog.uploads


@pytest.fixture
def expires(shared):
    return shared.clock() + timedelta(days=1)


@pytest.fixture
def upload(uploads, expires):
    return uploads.create(4, {}, "tests", expires)


def test_an_upload_is_complete_when_all_of_it_is_there(uploads, upload, expires):
    assert record(uploads, upload, 3, expires).state == "open"
    assert record(uploads, upload, 4, expires).state == "complete"
    assert record(uploads, upload, 4, expires).state == "complete"


def test_each_byte_lengthens_its_life(uploads, upload, expires):
    later = expires + timedelta(days=1)
    assert record(uploads, upload, 1, later).expires_at == later


def test_an_upload_does_not_go_back(uploads, upload, expires):
    record(uploads, upload, 3, expires)
    with pytest.raises(ConflictError):
        record(uploads, upload, 2, expires)


@pytest.mark.parametrize(("offset", "state"), [(None, "open"), (3, "open"), (4, "complete")])
def test_the_file_is_the_truth(uploads, upload, expires, offset, state):
    assert settle(uploads, upload, offset, expires).state == state
