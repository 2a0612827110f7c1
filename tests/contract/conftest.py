"""Both databases, migrated and empty, for every contract test that touches SQL."""

import itertools
import secrets
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from tests.servers import database_on, execute, postgresql

from matinee.accounts.accounts import Accounts
from matinee.catalog.catalog import Catalog
from matinee.catalog.ids import id_maker
from matinee.catalog.titles import Created, LiveFacts, NewTitle
from matinee.database.engine import migrate, open_database
from matinee.model.title import Source

_numbers = itertools.count(1)


class Clock:
    """A clock that moves only when told, and by a microsecond each time it is read."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.time += timedelta(microseconds=1)
        return self.time

    def forward(self, **how_far: float) -> None:
        self.time += timedelta(**how_far)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a real server's maintenance database; started once, with its data in a new folder."""
    with postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    execute(postgresql_server, "CREATE DATABASE matinee_template")
    engine = open_database(database_on(postgresql_server, "matinee_template"))
    migrate(engine)
    engine.dispose()
    return "matinee_template"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    engine = open_database(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server = request.getfixturevalue("postgresql_server")
    name = f"empty_{next(_numbers)}"
    execute(server, f"CREATE DATABASE {name}")
    yield database_on(server, name)
    execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database."""
    if request.param == "sqlite":
        path = tmp_path / "matinee.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgresql_server")
    template = request.getfixturevalue("postgresql_template")
    name = f"matinee_{next(_numbers)}"
    execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield database_on(server, name)
    execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def catalog(engine: Engine, clock: Clock) -> Catalog:
    return Catalog(engine, clock, id_maker(clock, secrets.token_bytes))


@pytest.fixture
def accounts(engine: Engine, clock: Clock) -> Accounts:
    return Accounts(engine, clock, secrets.token_bytes)


@pytest.fixture
def make(catalog: Catalog) -> Callable[..., Created]:
    """`make("Name")` is a new title with its queued job."""

    def create(name: str = "Big Buck Bunny", synopsis: str = "") -> Created:
        new = NewTitle(name=name, synopsis=synopsis, source=Source(filename="a.mp4", key="k/a"))
        return catalog.titles.create(new)

    return create


@pytest.fixture
def put_on_air(catalog: Catalog, make: Callable[..., Created]) -> Callable[..., str]:
    """`put_on_air("Name")` is the id of a title that is live."""

    def publish(name: str = "Big Buck Bunny", synopsis: str = "") -> str:
        created = make(name, synopsis)
        version = catalog.titles.next_version(created.title.id)
        catalog.titles.go_live(created.title.id, LiveFacts(version=version, duration=60.0))
        catalog.jobs.started(created.job.id)
        catalog.jobs.ended(created.job.id, "succeeded")
        return created.title.id

    return publish
