from pathlib import Path

import pytest
from sqlalchemy import text

from matinee.database.engine import open_database
from matinee.database.transactions import reading, writing
from matinee.errors import InputError


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://localhost/x", "sqlite://", "sqlite:///:memory:",
            "postgresql+asyncpg://x", "postgresql://h:port/x"]
)  # fmt: skip
def test_urls_that_cannot_be_used(url: str) -> None:
    with pytest.raises(InputError) as raised:
        open_database(url)
    assert raised.value.code == "bad-database-url"


def test_a_password_is_not_repeated() -> None:
    with pytest.raises(InputError) as raised:
        open_database("oracle://user:hunter2@host/x")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_postgresql_goes_through_psycopg(scheme: str) -> None:
    engine = open_database(f"{scheme}://user@127.0.0.1/x")
    assert engine.driver == "psycopg"


def test_sqlite_is_set_up_for_many_processes(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'new' / 'a.db'}")
    with reading(engine) as connection:
        found = {
            pragma: connection.execute(text(f"PRAGMA {pragma}")).scalar_one()
            for pragma in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    engine.dispose()
    assert found == {
        "journal_mode": "wal", "synchronous": 1, "busy_timeout": 30_000, "foreign_keys": 1,
    }  # fmt: skip


def test_sqlite_files_are_their_owners_alone(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE t (x)"))
        modes = {one.name: one.stat().st_mode & 0o777 for one in tmp_path.iterdir()}
    engine.dispose()
    assert modes == {"a.db": 0o600, "a.db-wal": 0o600, "a.db-shm": 0o600}


def test_a_mode_that_an_owner_chose_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.touch()
    path.chmod(0o640)
    engine = open_database(f"sqlite:///{path}")
    with reading(engine):
        pass
    engine.dispose()
    assert path.stat().st_mode & 0o777 == 0o640
