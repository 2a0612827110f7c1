"""Webhooks: the URLs that want to hear of events."""

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import Connection, RowMapping, delete, insert, select

from matinee.catalog.records import Records, checked_id, checked_text, not_found
from matinee.database.tables import webhooks
from matinee.errors import InputError

MAXIMUM_WEBHOOKS = 100
"""Every event is looked up against all of them."""
_MAXIMUM_URL = 2048
_MAXIMUM_EVENTS = 50
_EVENT_TYPE = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+")
_FREQUENT = "job.progress"


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """Where to send which events; empty `events` means all but `job.progress`."""

    id: str
    url: str
    events: tuple[str, ...]
    secret: str
    """`whsec_` and base64 of the signing key (Standard Webhooks)."""
    created_at: datetime
    last_status: int | None = None
    last_attempt_at: datetime | None = None

    def wants(self, event_type: str) -> bool:
        """Whether events of this type are to be sent."""
        return event_type in self.events if self.events else event_type != _FREQUENT


class Webhooks:
    """Register and remove webhooks."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def create(self, url: str, events: Sequence[str], secret: str) -> Webhook:
        """Register *url* for *events*, signed with *secret* (see `signature.new_secret`).

        Raises:
            InputError: the URL is not http or https, an event type is malformed, or there are
                too many webhooks.
        """
        webhook = Webhook(
            id=self._records.new_id("webhook"),
            url=_checked_url(url),
            events=_checked_events(events),
            secret=secret,
            created_at=self._records.now(),
        )
        with self._records.writing() as connection:
            if len(all_webhooks(connection)) >= MAXIMUM_WEBHOOKS:
                raise InputError(
                    f"There are {MAXIMUM_WEBHOOKS} webhooks already.",
                    fix="Delete one that is not needed any more.",
                    code="too-many-webhooks",
                )
            connection.execute(insert(webhooks).values(msgspec.structs.asdict(webhook)))
        return webhook

    def get(self, webhook_id: str) -> Webhook:
        """Return one webhook, or raise NotFoundError."""
        with self._records.reading() as connection:
            return load_webhook(connection, webhook_id)

    def list(self) -> tuple[Webhook, ...]:
        """Return all webhooks, oldest first."""
        with self._records.reading() as connection:
            return all_webhooks(connection)

    def delete(self, webhook_id: str) -> None:
        """Remove a webhook and what was on its way to it, or raise NotFoundError."""
        statement = delete(webhooks).where(webhooks.c.id == checked_id("webhook", webhook_id))
        with self._records.writing() as connection:
            if connection.execute(statement).rowcount == 0:
                raise not_found("webhook", webhook_id)

    def matching(self, event_type: str) -> tuple[Webhook, ...]:
        """Return the webhooks that want events of this type."""
        return tuple(webhook for webhook in self.list() if webhook.wants(event_type))


def webhook_of(row: RowMapping) -> Webhook:
    """Return the webhook that *row* of the webhooks table holds."""
    return Webhook(**row)


def all_webhooks(connection: Connection) -> tuple[Webhook, ...]:
    """Return all webhooks, oldest first, in the caller's transaction."""
    statement = select(webhooks).order_by(webhooks.c.created_at, webhooks.c.id)
    return tuple(webhook_of(row) for row in connection.execute(statement).mappings())


def load_webhook(connection: Connection, webhook_id: str) -> Webhook:
    """Return one webhook in the caller's transaction, or raise NotFoundError."""
    statement = select(webhooks).where(webhooks.c.id == checked_id("webhook", webhook_id))
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        raise not_found("webhook", webhook_id)
    return webhook_of(row)


def _checked_url(url: str) -> str:
    checked_text("webhook URL", url, _MAXIMUM_URL)
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:  # a malformed IPv6 address or port
        usable = False
    if not usable or any(letter.isspace() or not letter.isprintable() for letter in url):
        raise InputError(
            "The webhook URL is not an http or https URL.",
            fix="Write it as https://host/path.",
            code="bad-webhook-url",
        )
    if parts.username is not None or parts.password is not None:
        raise InputError(
            "The webhook URL holds a user name or password.",
            fix="Check the signature of each request instead.",
            code="bad-webhook-url",
        )
    return url


def _checked_events(events: Sequence[str]) -> tuple[str, ...]:
    if len(events) > _MAXIMUM_EVENTS:
        raise InputError(f"A webhook can name at most {_MAXIMUM_EVENTS} event types.")
    for one in events:
        if len(one) > _MAXIMUM_EVENTS or _EVENT_TYPE.fullmatch(one) is None:
            raise InputError(
                "An event type of the webhook is malformed.",
                fix="Write types such as title.published, or none for all.",
                code="bad-event-type",
            )
    return tuple(dict.fromkeys(events))
