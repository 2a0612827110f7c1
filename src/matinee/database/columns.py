"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

from matinee.errors import InvariantError

Value = TypeVar("Value")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime to the microsecond; SQLite keeps it as sortable text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: they would silently be read as UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise InvariantError(f"naive datetime {value.isoformat()} given to the database")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back aware UTC whatever zone the session has."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Encoded(TypeDecorator[Value]):
    """A value of the model as JSON text. Text, not JSONB: nothing queries inside it."""

    impl = Text
    cache_ok = True

    def __init__(self, shape: type[Value]) -> None:
        super().__init__()
        self.shape = shape
        self._decoder: msgspec.json.Decoder[Value] = msgspec.json.Decoder(shape)

    def process_bind_param(self, value: Value | None, dialect: Dialect) -> str | None:
        """Encode to JSON; control characters are escaped, so NUL is harmless."""
        del dialect
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Value | None:
        """Decode into the column's own type."""
        del dialect
        return None if value is None else self._decoder.decode(value)
