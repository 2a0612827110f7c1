"""The air over a real catalogue."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.golden.manifests import cases

from matinee.catalog.catalog import Catalog
from matinee.catalog.titles import NewTitle
from matinee.database.engine import migrate, open_database
from matinee.model.title import Source, Title
from matinee.workflows.durable import publish_job
from matinee.workflows.on_air import OnAir


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    database = open_database(f"sqlite:///{tmp_path / 'catalog.db'}")
    migrate(database)
    numbers = itertools.count(1)
    yield Catalog(
        database, clock=lambda: datetime.now(UTC), new_id=lambda kind: f"{kind}{next(numbers):06}"
    )
    database.dispose()


@pytest.fixture
def title(catalog: Catalog) -> Title:
    return catalog.titles.create(
        NewTitle(name="Film", source=Source(filename="film.avi", key="film.avi"))
    ).title


def test_a_growing_film_is_as_long_as_it_will_be(catalog: Catalog, title: Title) -> None:
    air = OnAir(catalog.titles, publish_job(title, 1))
    air.go_live(cases.growing())
    live = catalog.titles.get(title.id)
    assert (live.state, live.version, live.duration) == ("live", 1, 10.0)
    assert [one.name for one in live.rungs] == ["360p"]
    air.withdraw()
    assert catalog.titles.get(title.id).state == "processing"


def test_a_title_that_was_deleted_meanwhile(catalog: Catalog, title: Title) -> None:
    catalog.titles.delete(title.id)
    OnAir(catalog.titles, publish_job(title, 1)).withdraw()
