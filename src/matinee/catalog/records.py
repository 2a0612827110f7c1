"""What every part of the catalogue stands on: the database, the clock and new identifiers."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine

from matinee.database.transactions import reading, writing
from matinee.errors import InputError, NotFoundError

_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Records:
    """The database with the clock and the identifiers that its rows get."""

    engine: Engine
    clock: Callable[[], datetime]
    new_id: Callable[[str], str]

    def now(self) -> datetime:
        """Return the time, aware UTC, to the microsecond."""
        return self.clock().astimezone(UTC)

    def reading(self) -> AbstractContextManager[Connection]:
        """Give a connection for queries."""
        return reading(self.engine)

    def writing(self) -> AbstractContextManager[Connection]:
        """Give a connection in a transaction that commits at the end."""
        return writing(self.engine)


def is_id(identifier: str) -> bool:
    """Whether *identifier*, which may come from a URL, has the form of one."""
    return _IDENTIFIER.fullmatch(identifier) is not None


def checked_id(kind: str, identifier: str) -> str:
    """Return *identifier*, which comes from a URL.

    Raises:
        NotFoundError: no row can have such an id, so there is none.
    """
    if not is_id(identifier):
        raise NotFoundError(f"There is no such {kind}.", code=f"{kind}-not-found")
    return identifier


def not_found(kind: str, identifier: str) -> NotFoundError:
    """Return the error for a *kind* that is not, or no longer, there."""
    return NotFoundError(f"There is no {kind} {identifier}.", code=f"{kind}-not-found")


def checked_text(field: str, text: str, limit: int) -> str:
    """Return *text* if a database can hold it and it has at most *limit* characters.

    Raises:
        InputError: it is longer, or holds NUL or half a surrogate pair.
    """
    if len(text) > limit:
        raise InputError(
            f"The {field} has {len(text)} characters.", fix=f"Use at most {limit}.", code="too-long"
        )
    if _UNSTORABLE.search(text):
        raise InputError(
            f"The {field} holds a character that is not text.",
            fix="Send plain UTF-8 without NUL.",
            code="bad-text",
        )
    return text
