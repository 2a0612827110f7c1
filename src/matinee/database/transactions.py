"""Reading and writing: the two kinds of transaction, the same on both databases.

Writers take turns: SQLite allows one at a time anyway, and on PostgreSQL an advisory lock does the
same. So what a writer has read stays true until it commits, no two writers deadlock, and event ids
appear in the order of the commits: who has seen id 7 will never find a 6 later.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    StatementError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from matinee.errors import InputError, InvariantError, UpstreamError

READS = "matinee_reads"
"""Execution option that marks a connection's transactions as reading only."""
_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(30787925074404709)")  # "matinee" in ASCII


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection for queries, which all see one state of a SQLite database.

    Raises:
        UpstreamError: the database cannot be reached.
    """
    with _translated(), engine.connect() as connection:
        yield connection.execution_options(**{READS: True})


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that commits at the end, and rolls back on any error.

    Raises:
        UpstreamError: the database cannot be reached, or was busy for too long.
    """
    with _translated(), engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(_TAKE_TURNS)
        yield connection


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the driver's exceptions into ours. Statements and values stay out of the message."""
    try:
        yield
    except IntegrityError as error:
        # The driver's own words may hold values, so they stay in the cause.
        raise InvariantError("The database refused a row that breaks a rule.") from error
    except (DataError, UnicodeEncodeError) as error:
        raise InputError("The database cannot hold the value given.") from error
    except (DBAPIError, DisconnectionError, PoolTimeoutError) as error:
        reason = str(error.orig if isinstance(error, DBAPIError) else error).strip()
        raise UpstreamError(f"The database failed: {reason.partition(chr(10))[0]}") from error
    except StatementError as error:
        raise InvariantError("A value does not fit its column.") from error
