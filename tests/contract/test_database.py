"""What `open_database` and `migrate` promise on both databases."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic import autogenerate
from alembic.migration import MigrationContext
from sqlalchemy import Engine, insert, select, text

from matinee.database.engine import migrate, open_database
from matinee.database.tables import events, metadata
from matinee.database.transactions import reading, writing
from matinee.errors import ConflictError, InputError, InvariantError, UpstreamError


def test_the_migrations_make_exactly_the_tables(engine: Engine) -> None:
    def ours(name: str | None, kind: str, _: object) -> bool:
        return not (kind == "table" and (name or "").startswith("titles_search"))

    with engine.connect() as connection:
        options = {"include_name": ours, "compare_type": False}
        context = MigrationContext.configure(connection, opts=options)
        differences = autogenerate.compare_metadata(context, metadata)
    # PostgreSQL alone has the generated search column and its index; see tables.py.
    assert [one for one in differences if not any("search" in str(part) for part in one[1:])] == []


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).all() == [
            ("0002",)
        ]


def test_two_processes_may_migrate_together(empty_url: str) -> None:
    program = (
        "import sys; from matinee.database.engine import migrate, open_database;"
        "migrate(open_database(sys.argv[1]))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, empty_url], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for process in running:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()
    engine = open_database(empty_url)
    with reading(engine) as connection:
        assert connection.execute(select(events)).all() == []
    engine.dispose()


def test_threads_may_migrate_together(empty_url: str) -> None:
    engine = open_database(empty_url)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(migrate, [engine] * 4))
    engine.dispose()


def test_a_newer_database_is_refused(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConflictError, match="newer Matinee") as raised:
        migrate(engine)
    assert raised.value.code == "database-newer"


def test_times_come_back_aware_and_exact(engine: Engine) -> None:
    paris = timezone(timedelta(hours=1))
    given = datetime(2026, 5, 4, 1, 2, 3, 456789, tzinfo=paris)
    with writing(engine) as connection:
        row = {"at": given, "type": "x.y", "data": {}}
        connection.execute(insert(events).values(row))
        found = connection.execute(select(events.c.at)).scalar_one()
    assert found == given
    assert found.tzinfo is UTC


def test_naive_times_are_refused(engine: Engine) -> None:
    naive = datetime(2026, 5, 4)  # noqa: DTZ001 # that is the point
    with pytest.raises(InvariantError), writing(engine) as connection:
        connection.execute(insert(events).values(at=naive, type="x.y", data={}))


def test_an_error_takes_everything_back(engine: Engine) -> None:
    class OddError(Exception):
        pass

    def write_and_fail() -> None:
        with writing(engine) as connection:
            row = {"at": datetime.now(UTC), "type": "x.y", "data": {}}
            connection.execute(insert(events).values(row))
            raise OddError

    with pytest.raises(OddError):
        write_and_fail()
    with reading(engine) as connection:
        assert connection.execute(select(events)).all() == []


def test_what_the_driver_says_becomes_our_errors(engine: Engine) -> None:
    with pytest.raises(UpstreamError), reading(engine) as connection:
        connection.execute(text("SELECT * FROM nowhere"))
    with pytest.raises(InvariantError), writing(engine) as connection:
        connection.execute(text("INSERT INTO events (id) VALUES (1)"))


def test_text_that_no_database_holds_is_the_callers_fault(engine: Engine) -> None:
    with pytest.raises(InputError), reading(engine) as connection:
        connection.execute(select(events).where(events.c.type == "\ud800")).all()


def test_an_unreachable_server_is_an_upstream_error() -> None:
    engine = open_database("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(UpstreamError):
        migrate(engine)
