import secrets
from datetime import UTC, datetime, timedelta

import pytest
from litestar.testing import TestClient

from matinee.accounts.accounts import Accounts
from matinee.apps.api.app import create_api
from matinee.apps.api.services import Services
from matinee.catalog.catalog import Catalog
from matinee.catalog.ids import id_maker
from matinee.database.engine import migrate, open_database
from matinee.storage.local import LocalStore


class Clock:
    """Wall time that a test can move."""

    def __init__(self):
        self.ahead = timedelta()

    def __call__(self):
        return datetime.now(UTC) + self.ahead


class Queue:
    """A publisher that remembers."""

    def __init__(self):
        self.enqueued = []
        self.cancelled = []

    def enqueue(self, job):
        self.enqueued.append(job)

    def cancel(self, job):
        self.cancelled.append(job)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def queue():
    return Queue()


@pytest.fixture
def services(tmp_path, clock, queue):
    engine = open_database(f"sqlite:///{tmp_path / 'catalog.sqlite'}")
    migrate(engine)
    yield Services(
        catalog=Catalog(engine, clock, id_maker(clock, secrets.token_bytes)),
        accounts=Accounts(engine, clock, secrets.token_bytes),
        store=LocalStore(tmp_path / "media"),
        publisher=queue,
        uploads_folder=tmp_path / "uploads",
        version="1.2.3",
        clock=clock,
    )
    engine.dispose()


@pytest.fixture
def key(services):
    return services.accounts.create_key("tests").secret


@pytest.fixture
def visitor(services):
    """A client without a key."""
    with TestClient(create_api(services), base_url="http://matinee.test") as client:
        yield client


@pytest.fixture
def client(services, key):
    with TestClient(create_api(services), base_url="http://matinee.test") as client:
        client.headers["Authorization"] = f"Bearer {key}"
        yield client
