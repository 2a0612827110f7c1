"""The log of what happened. Ids rise in the order of commits and are never reused."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, delete, func, insert, select

from matinee.catalog.deliveries import Deliveries
from matinee.catalog.records import Records, checked_text
from matinee.database.tables import events
from matinee.model.title import Event

RETENTION = timedelta(days=30)
"""How long events are kept for readers that come back."""
KEPT = 1000
"""Events that are kept however old they are: the console shows them."""
_MAXIMUM_TYPE = 64
_MAXIMUM_LIMIT = 1000


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is about to become an event."""

    type: str
    title_id: str | None = None
    job_id: str | None = None
    data: dict[str, object] = {}


class Events:
    """Append to the log and read on from any point of it."""

    def __init__(self, records: Records, deliveries: Deliveries) -> None:
        self._records = records
        self._deliveries = deliveries

    def append(
        self,
        type: str,  # noqa: A002 # the field's name in Event
        title_id: str | None = None,
        job_id: str | None = None,
        data: dict[str, object] | None = None,
    ) -> Event:
        """Add an event of its own; the changes of titles and jobs add theirs by themselves."""
        checked_text("event type", type, _MAXIMUM_TYPE)
        fact = Fact(type=type, title_id=title_id, job_id=job_id, data=data or {})
        with self._records.writing() as connection:
            return self.record(connection, fact)

    def record(self, connection: Connection, fact: Fact) -> Event:
        """Add *fact* in the caller's transaction, with its deliveries to webhooks (outbox)."""
        values = {**msgspec.structs.asdict(fact), "at": self._records.now()}
        number = connection.execute(
            insert(events).values(values).returning(events.c.id)
        ).scalar_one()
        event = Event(id=number, **values)
        self._deliveries.enqueue_within(connection, event)
        return event

    def after(
        self,
        id: int,  # noqa: A002 # the field's name in Event
        *,
        title_id: str | None = None,
        types: Sequence[str] = (),
        limit: int = 500,
    ) -> tuple[Event, ...]:
        """Return the events after *id*, oldest first: of one title, of some types, or all."""
        statement = (
            select(events)
            # An id from a Last-Event-ID header may be beyond what the database can compare.
            .where(events.c.id > min(max(id, 0), 2**63 - 1))
            .order_by(events.c.id)
            .limit(min(max(limit, 1), _MAXIMUM_LIMIT))
        )
        if title_id is not None:
            statement = statement.where(events.c.title_id == title_id)
        if types:
            statement = statement.where(events.c.type.in_(types))
        with self._records.reading() as connection:
            return tuple(Event(**row) for row in connection.execute(statement).mappings())

    def last_id(self) -> int:
        """Return the newest event's id, 0 if there is none."""
        with self._records.reading() as connection:
            return connection.execute(select(func.max(events.c.id))).scalar_one() or 0

    def prune(self, older_than: datetime | None = None, keep: int = KEPT) -> int:
        """Delete events from before *older_than*, but none of the newest *keep*; say how many.

        Without *older_than*: from before RETENTION.
        """
        horizon = older_than or self._records.now() - RETENTION
        newest = select(events.c.id).order_by(events.c.id.desc()).limit(keep)
        statement = delete(events).where(events.c.at < horizon)
        if keep > 0:
            floor = select(func.min(newest.subquery().c.id)).scalar_subquery()
            statement = statement.where(events.c.id < floor)
        with self._records.writing() as connection:
            return connection.execute(statement).rowcount
