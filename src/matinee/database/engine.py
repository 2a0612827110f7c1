"""Opening the database and bringing its tables up to date.

SQLite (WAL) is the embedded default: several processes of one machine share the file.
PostgreSQL through psycopg 3 is the same code by another URL.
"""

import os
import sqlite3
import threading
import time
from contextlib import suppress
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from matinee.database.transactions import READS, writing
from matinee.errors import ConflictError, InputError, UpstreamError

BUSY_MILLISECONDS = 30_000
"""How long a SQLite writer waits for the other writers."""
POOL_SIZE = 8
POOL_OVERFLOW = 40
"""Above the 40 threads that an async API may use at once, or they would wait for a connection."""
CONNECT_SECONDS = 10

_migrating = threading.Lock()  # alembic keeps its context in a module global


def open_database(url: str) -> Engine:
    """Open the database at *url*: `sqlite:////path/to/file.db` or `postgresql://...`.

    Nothing is read or created beyond the folder of a SQLite file; `migrate` makes the tables.
    The engine may be used from many threads, and several processes may open the same database.

    Raises:
        InputError: *url* cannot be understood, or names a database that is not supported.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    return create_engine(
        parsed,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_pre_ping=True,
        connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "matinee"},
    )


def migrate(engine: Engine) -> None:
    """Create or upgrade the tables, in one transaction; safe when two processes start together.

    Raises:
        ConflictError: `database-newer`, the database was made by a newer Matinee.
        UpstreamError: the database cannot be reached or written.
    """
    config = Config()
    config.set_main_option("script_location", "matinee.database:migrations")
    config.set_main_option("path_separator", "os")
    known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
    with _migrating, writing(engine) as connection:
        unknown = set(MigrationContext.configure(connection).get_current_heads()) - known
        if unknown:
            raise ConflictError(
                f"The database is of a newer Matinee (revision {', '.join(sorted(unknown))}).",
                fix="Install the version of Matinee that last used this database, or a newer one.",
                code="database-newer",
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        # The URL may hold a password, so the message does not repeat it.
        raise InputError(
            "The database URL cannot be read.",
            fix="Write it as sqlite:////path/to/file.db or postgresql://user@host/name.",
            code="bad-database-url",
        ) from error
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise InputError(
            f"Matinee has no support for {parsed.drivername} databases.",
            fix="Use sqlite:////path/to/file.db or postgresql://user@host/name.",
            code="bad-database-url",
        )
    if parsed.get_backend_name() == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise InputError(
            "A SQLite database in memory cannot be shared by the processes of Matinee.",
            fix="Name a file: sqlite:////path/to/file.db.",
            code="bad-database-url",
        )
    return parsed


def _open_sqlite(url: URL) -> Engine:
    if url.database is not None:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    try:
        engine = create_engine(
            url,
            pool_size=POOL_SIZE,
            max_overflow=POOL_OVERFLOW,
            connect_args={"check_same_thread": False, "timeout": BUSY_MILLISECONDS / 1000},
        )
    except NoSuchModuleError as error:
        raise InputError("This Python was built without SQLite.") from error
    keep_private(engine)
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def keep_private(engine: Engine) -> None:
    """Let a SQLite file be made readable by its owner alone: it holds keys' hashes and secrets.

    SQLite gives the files beside it (`-wal`, `-shm`) the same mode. One that is there stays as its
    owner has made it.
    """
    name = engine.url.database or ""

    def make(*_: object) -> None:
        if not name.startswith("file:"):
            with suppress(OSError):  # it is there, or SQLite says better what is wrong
                os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))

    event.listen(engine, "do_connect", make)


def _set_up(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions by itself: `_begin` chooses their kind.
    connection.isolation_level = None
    set_pragmas(connection)


def set_pragmas(connection: DBAPIConnection) -> None:
    """Make a SQLite connection one of many: WAL, patience with writers, foreign keys."""
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        _enter_wal(cursor)
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
    finally:
        cursor.close()


def _enter_wal(cursor: DBAPICursor) -> None:
    """Switch to WAL. SQLite does not honour busy_timeout here, so two first starts may collide."""
    deadline = time.monotonic() + BUSY_MILLISECONDS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode")
            if cursor.fetchall() == [("wal",)]:
                return
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.fetchall()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise UpstreamError(f"The database file cannot be opened: {error}.") from error
            time.sleep(0.02)
        else:
            return


def _begin(connection: Connection) -> None:
    # IMMEDIATE takes the write lock at once, where busy_timeout works; a read transaction that
    # turned into a write would fail with "database is locked" instead. Who does not say that it
    # only reads is taken for a writer.
    reads = connection.get_execution_options().get(READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
