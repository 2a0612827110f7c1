"""Events on their way to webhooks: an outbox that is written with the event itself."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import Connection, delete, insert, or_, select, update

from matinee.catalog.records import Records, checked_id, not_found
from matinee.catalog.webhooks import Webhook, all_webhooks, load_webhook
from matinee.database.tables import deliveries, webhooks
from matinee.model.title import Event

LEASE = timedelta(seconds=120)
"""How long a worker has for one batch of deliveries before another may take them over."""
_MAXIMUM_ERROR = 500

DeliveryState = Literal["pending", "delivered", "dead"]


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One event to be sent to one webhook. `id` is the same in every attempt."""

    id: str
    webhook_id: str
    url: str
    secret: str
    event_id: int
    event_type: str
    body: str
    """JSON of the event, the same bytes in every attempt."""
    state: DeliveryState = "pending"
    attempts: int = 0
    """Attempts that have failed."""
    due_at: datetime
    last_status: int | None = None
    last_error: str = ""


class Deliveries:
    """Queue deliveries, lease those that are due, and note how they went."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def enqueue(self, event: Event) -> int:
        """Queue *event* for every webhook that wants it and has not got it; say how many.

        Events queue themselves when they are recorded; doing it again does nothing.
        """
        with self._records.writing() as connection:
            return self.enqueue_within(connection, event)

    def enqueue_within(self, connection: Connection, event: Event) -> int:
        """Queue *event* in the caller's transaction; say for how many webhooks."""
        wanting = [hook for hook in all_webhooks(connection) if hook.wants(event.type)]
        if not wanting:
            return 0
        queued = set(
            connection.execute(
                select(deliveries.c.webhook_id).where(deliveries.c.event_id == event.id)
            ).scalars()
        )
        new = [hook for hook in wanting if hook.id not in queued]
        for hook in new:
            self._insert(connection, hook, event)
        return len(new)

    def enqueue_for(self, webhook_id: str, event: Event) -> None:
        """Queue *event* for one webhook whatever it wants, as a ping does.

        Raises:
            NotFoundError: there is no such webhook.
        """
        with self._records.writing() as connection:
            hook = load_webhook(connection, webhook_id)
            known = select(deliveries.c.id).where(
                deliveries.c.webhook_id == webhook_id, deliveries.c.event_id == event.id
            )
            if connection.execute(known).first() is None:
                self._insert(connection, hook, event)

    def _insert(self, connection: Connection, hook: Webhook, event: Event) -> None:
        now = self._records.now()
        connection.execute(
            insert(deliveries).values(
                id=self._records.new_id("delivery"),
                webhook_id=hook.id,
                event_id=event.id,
                event_type=event.type,
                body=msgspec.json.encode(event).decode(),
                state="pending",
                attempts=0,
                due_at=now,
                last_error="",
                created_at=now,
            )
        )

    def due(self, now: datetime, limit: int) -> tuple[Delivery, ...]:
        """Lease up to *limit* deliveries that are due, oldest first.

        Nobody else is given them before LEASE is over: so none is sent twice at once, and those
        of a worker that died are sent by another.
        """
        free = or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until <= now)
        statement = (
            select(deliveries, webhooks.c.url, webhooks.c.secret)
            .join(webhooks, webhooks.c.id == deliveries.c.webhook_id)
            .where(deliveries.c.state == "pending", deliveries.c.due_at <= now, free)
            .order_by(deliveries.c.due_at, deliveries.c.event_id, deliveries.c.id)
            .limit(limit)
        )
        with self._records.reading() as connection:
            if connection.execute(statement.limit(1)).first() is None:
                return ()  # the usual case: no write lock taken for nothing
        with self._records.writing() as connection:
            rows = connection.execute(statement).mappings().all()
            leased = tuple(
                Delivery(**{field: row[field] for field in Delivery.__struct_fields__})
                for row in rows
            )
            connection.execute(
                update(deliveries)
                .where(deliveries.c.id.in_([one.id for one in leased]))
                .values(leased_until=now + LEASE)
            )
        return leased

    def succeeded(self, delivery_id: str, status: int) -> None:
        """Note that the webhook answered with the 2xx *status*."""
        now = self._records.now()
        self._note(
            delivery_id,
            status,
            {"state": "delivered", "last_error": "", "ended_at": now, "leased_until": None},
        )

    def failed(
        self, delivery_id: str, status: int | None, error: str, retry_at: datetime | None
    ) -> None:
        """Note a failed attempt; try again at *retry_at*, or never if that is None (dead)."""
        values: dict[str, object] = {
            "attempts": deliveries.c.attempts + 1,
            "last_error": error.replace("\0", "")[:_MAXIMUM_ERROR],
            "leased_until": None,
        }
        if retry_at is None:
            values |= {"state": "dead", "ended_at": self._records.now()}
        else:
            values["due_at"] = retry_at
        self._note(delivery_id, status, values)

    def prune(self, older_than: datetime) -> int:
        """Delete deliveries that ended before *older_than*; say how many."""
        statement = delete(deliveries).where(deliveries.c.ended_at < older_than)
        with self._records.writing() as connection:
            return connection.execute(statement).rowcount

    def get(self, delivery_id: str) -> Delivery:
        """Return one delivery, or raise NotFoundError."""
        statement = (
            select(deliveries, webhooks.c.url, webhooks.c.secret)
            .join(webhooks, webhooks.c.id == deliveries.c.webhook_id)
            .where(deliveries.c.id == checked_id("delivery", delivery_id))
        )
        with self._records.reading() as connection:
            row = connection.execute(statement).mappings().one_or_none()
        if row is None:
            raise not_found("delivery", delivery_id)
        return Delivery(**{field: row[field] for field in Delivery.__struct_fields__})

    def _note(self, delivery_id: str, status: int | None, values: dict[str, object]) -> None:
        """Update a delivery and its webhook; one that was deleted meanwhile is no error."""
        now = self._records.now()
        with self._records.writing() as connection:
            hook_id = connection.execute(
                update(deliveries)
                .where(deliveries.c.id == delivery_id)
                .values({**values, "last_status": status})
                .returning(deliveries.c.webhook_id)
            ).scalar_one_or_none()
            if hook_id is not None:
                connection.execute(
                    update(webhooks)
                    .where(webhooks.c.id == hook_id)
                    .values(last_status=status, last_attempt_at=now)
                )
