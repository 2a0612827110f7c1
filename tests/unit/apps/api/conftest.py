import secrets
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from litestar.testing import TestClient

from matinee.accounts.accounts import Accounts
from matinee.apps.api.app import create_api
from matinee.apps.api.services import Services
from matinee.catalog.catalog import Catalog
from matinee.catalog.ids import id_maker
from matinee.catalog.titles import LiveFacts
from matinee.database.engine import migrate, open_database
from matinee.storage.local import LocalStore


class Clock:
    """Wall time that a test can move."""

    def __init__(self):
        self.ahead = timedelta()

    def __call__(self):
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """A migrated database without rows, to be copied: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("database") / "empty.sqlite"
    engine = open_database(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture
def services(tmp_path, clock, empty_database):
    shutil.copyfile(empty_database, tmp_path / "catalog.sqlite")
    engine = open_database(f"sqlite:///{tmp_path / 'catalog.sqlite'}")
    yield Services(
        catalog=Catalog(engine, clock, id_maker(clock, secrets.token_bytes)),
        accounts=Accounts(engine, clock, secrets.token_bytes),
        store=LocalStore(tmp_path / "media"),
        uploads_folder=tmp_path / "uploads",
        version="1.2.3",
        clock=clock,
    )
    engine.dispose()


@pytest.fixture
def key(services):
    return services.accounts.create_key("tests").secret


@pytest.fixture
def app(services):
    return create_api(services)


@pytest.fixture
def visitor(app):
    """A client without a key."""
    with TestClient(app, base_url="http://matinee.test") as client:
        yield client


@pytest.fixture
def client(app, key):
    """A client with an admin's key."""
    with TestClient(app, base_url="http://matinee.test") as client:
        client.headers["Authorization"] = f"Bearer {key}"
        yield client


@pytest.fixture
def upload(services):
    """Put a complete upload there and return its id."""

    def made(content=b"film", filename="Some_film.mp4", *, complete=True):
        uploads = services.catalog.uploads
        expires = services.clock() + timedelta(days=1)
        length = len(content) if complete else len(content) + 1
        one = uploads.create(length, {"filename": filename}, "tests", expires)
        services.uploads_folder.mkdir(exist_ok=True)
        (services.uploads_folder / one.id).write_bytes(content)
        uploads.advance(one.id, len(content))
        if complete:
            uploads.complete(one.id)
        return one.id

    return made


@pytest.fixture
def publish(services):
    """Bring a title on the air, as the worker does."""

    def live(title_id, version=1):
        job = services.catalog.jobs.newest(title_id)
        services.catalog.jobs.started(job.id)
        services.catalog.titles.go_live(
            title_id, LiveFacts(version=version, duration=2.5, poster="poster.jpg")
        )
        services.catalog.jobs.ended(job.id, "succeeded")
        text = b'{"id": "x", "poster": "poster.jpg", "thumbnails": "thumbnails.vtt", "more": [1]}'
        services.store.put(f"titles/{title_id}/v{version}/presentation.json", text)

    return live
