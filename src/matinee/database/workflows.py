"""The database of the durable engine, which brings its own tables and its own transactions."""

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from matinee.database.engine import (
    BUSY_MILLISECONDS,
    keep_private,
    open_database,
    set_pragmas,
)


def open_workflow_database(url: str) -> Engine:
    """Open the durable engine's database at *url*, of the same kinds as `open_database`.

    On SQLite the engine begins its transactions by itself and expects the driver's IMMEDIATE mode;
    WAL makes a step ten times as quick as its own default.

    Raises:
        InputError: *url* cannot be understood, or names a database that is not supported.
    """
    checked = open_database(url)
    if checked.dialect.name != "sqlite":
        return checked
    engine = create_engine(
        make_url(url),
        connect_args={"check_same_thread": False, "timeout": BUSY_MILLISECONDS / 1000},
    )
    keep_private(engine)
    event.listen(engine, "connect", _set_up)
    return engine


def _set_up(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = "IMMEDIATE"
    set_pragmas(connection)
