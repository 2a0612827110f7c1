from pathlib import Path

import pytest
from sqlalchemy import text

from matinee.database.workflows import open_workflow_database
from matinee.errors import InputError


def test_sqlite_is_set_up_as_the_durable_engine_wants_it(tmp_path: Path) -> None:
    engine = open_workflow_database(f"sqlite:///{tmp_path / 'new' / 'a.db'}")
    with engine.begin() as connection:
        found = [
            connection.execute(text(f"PRAGMA {pragma}")).scalar_one()
            for pragma in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        ]
        mode = connection.connection.driver_connection
    assert found == ["wal", 1, 30_000, 1]
    assert mode is not None
    assert mode.isolation_level == "IMMEDIATE"
    engine.dispose()


def test_the_same_urls_are_refused() -> None:
    with pytest.raises(InputError):
        open_workflow_database("sqlite://")


def test_its_files_are_their_owners_alone(tmp_path: Path) -> None:
    engine = open_workflow_database(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (x)"))
    assert {one.stat().st_mode & 0o777 for one in tmp_path.iterdir()} == {0o600}
    engine.dispose()
