"""The tables as SQLAlchemy Core values. A change here needs a migration beside it.

Two things live only in the migrations, since each exists on one database: the FTS5 table
`titles_search` with its triggers (SQLite), and the generated column `titles.search` (PostgreSQL).
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Named,
    String,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    false,
)

from matinee.database.columns import Encoded, UtcDateTime
from matinee.model.progress import RungProgress
from matinee.model.title import Problem, RungSummary, Source, StageRecord

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only in a column of the very type INTEGER.
Number = BigInteger().with_variant(Integer, "sqlite")


class TitleColumns(TypedColumns):
    """`version` is live now, `last_version` was live last, `next_version` is given out next."""

    number = Column(Number, primary_key=True, autoincrement=True)
    id: Named[str] = Column(String(64), unique=True)
    name: Named[str] = Column(Text)
    synopsis: Named[str] = Column(Text)
    name_words: Named[str] = Column(Text)
    synopsis_words: Named[str] = Column(Text)
    state: Named[str] = Column(String(16))
    version: Named[int | None] = Column(Integer)
    last_version: Named[int | None] = Column(Integer)
    next_version: Named[int] = Column(Integer)
    source: Named[Source] = Column(Encoded(Source))
    ladder: Named[str] = Column(Text)
    duration: Named[float | None]
    width: Named[int | None]
    height: Named[int | None]
    poster: Named[str | None] = Column(Text)
    audio_languages: Named[tuple[str, ...]] = Column(Encoded(tuple[str, ...]))
    text_languages: Named[tuple[str, ...]] = Column(Encoded(tuple[str, ...]))
    rungs: Named[tuple[RungSummary, ...]] = Column(Encoded(tuple[RungSummary, ...]))
    problem: Named[Problem | None] = Column(Encoded(Problem))
    created_at: Named[datetime] = Column(UtcDateTime)
    updated_at: Named[datetime] = Column(UtcDateTime)
    published_at: Named[datetime | None] = Column(UtcDateTime)


titles = Table("titles", metadata, TitleColumns, sqlite_autoincrement=True)
Index(None, titles.c.created_at, titles.c.id)
Index(None, titles.c.state, titles.c.created_at, titles.c.id)
Index(None, titles.c.state, titles.c.published_at, titles.c.id)


class IdempotencyColumns(TypedColumns):
    """What a creation with an Idempotency-Key answered; the ids are None once it was deleted."""

    owner: Named[str] = Column(String(64), primary_key=True)
    key: Named[str] = Column(String(255), primary_key=True)
    fingerprint: Named[str] = Column(String(128))
    title_id: Named[str | None] = Column(
        String(64), ForeignKey("titles.id", ondelete="SET NULL"), index=True
    )
    created_at: Named[datetime] = Column(UtcDateTime, index=True)


idempotency_keys = Table("idempotency_keys", metadata, IdempotencyColumns)


class JobColumns(TypedColumns):
    """`progress_at` is when the newest `job.progress` event was written."""

    id: Named[str] = Column(String(64), primary_key=True)
    title_id: Named[str] = Column(String(64), ForeignKey("titles.id", ondelete="CASCADE"))
    state: Named[str] = Column(String(16))
    attempt: Named[int] = Column(Integer)
    stages: Named[tuple[StageRecord, ...]] = Column(Encoded(tuple[StageRecord, ...]))
    problem: Named[Problem | None] = Column(Encoded(Problem))
    cancel_requested: Named[bool] = Column(Boolean, server_default=false())
    created_at: Named[datetime] = Column(UtcDateTime)
    started_at: Named[datetime | None] = Column(UtcDateTime)
    ended_at: Named[datetime | None] = Column(UtcDateTime)
    progress_at: Named[datetime | None] = Column(UtcDateTime)


jobs = Table("jobs", metadata, JobColumns, UniqueConstraint("title_id", "attempt"))
Index(None, jobs.c.created_at, jobs.c.id)
Index(None, jobs.c.state, jobs.c.created_at, jobs.c.id)


class PieceColumns(TypedColumns):
    """Pieces of encodes: a queue with leases. `queued_at` is the same for all of one order."""

    order_key: Named[str] = Column(String(255), primary_key=True)
    number: Named[int] = Column(Integer, primary_key=True, autoincrement=False)
    title_id: Named[str] = Column(
        String(64), ForeignKey("titles.id", ondelete="CASCADE"), index=True
    )
    lane: Named[str] = Column(String(16))
    start: Named[float] = Column(Double)
    duration: Named[float] = Column(Double)
    state: Named[str] = Column(String(16))
    worker: Named[str] = Column(String(128))
    claim: Named[int] = Column(Integer)
    leased_until: Named[datetime | None] = Column(UtcDateTime)
    failures: Named[int] = Column(Integer)
    losses: Named[int] = Column(Integer)
    fraction: Named[float] = Column(Double)
    rungs: Named[tuple[RungProgress, ...]] = Column(Encoded(tuple[RungProgress, ...]))
    result: Named[str | None] = Column(Text)
    problem: Named[Problem | None] = Column(Encoded(Problem))
    queued_at: Named[datetime] = Column(UtcDateTime)


pieces = Table("pieces", metadata, PieceColumns)
Index(None, pieces.c.state, pieces.c.lane)


class WorkerColumns(TypedColumns):
    """Processes that run jobs, by their last heartbeat."""

    id: Named[str] = Column(String(128), primary_key=True)
    host: Named[str] = Column(Text)
    process: Named[int] = Column(BigInteger)
    slots: Named[int] = Column(Integer)
    wanted_slots: Named[int | None] = Column(Integer)
    draining: Named[bool] = Column(Boolean, server_default=false())
    started_at: Named[datetime] = Column(UtcDateTime)
    seen_at: Named[datetime] = Column(UtcDateTime)


workers = Table("workers", metadata, WorkerColumns)


class EventColumns(TypedColumns):
    """No foreign keys: what happened to a title outlives it."""

    id = Column(Number, primary_key=True, autoincrement=True)
    at: Named[datetime] = Column(UtcDateTime, index=True)
    type: Named[str] = Column(String(64))
    title_id: Named[str | None] = Column(String(64), index=True)
    job_id: Named[str | None] = Column(String(64))
    data: Named[dict[str, object]] = Column(Encoded(dict[str, object]))


# autoincrement: ids must not come back after the newest events were pruned.
events = Table("events", metadata, EventColumns, sqlite_autoincrement=True)
Index(None, events.c.job_id, events.c.type, events.c.id)


class UploadColumns(TypedColumns):
    """A tus upload; its bytes lie in the store."""

    id: Named[str] = Column(String(64), primary_key=True)
    owner: Named[str] = Column(String(64))
    state: Named[str] = Column(String(16))
    offset: Named[int] = Column("offset_bytes", BigInteger)
    length: Named[int | None] = Column("length_bytes", BigInteger)
    metadata: Named[dict[str, str]] = Column("metadata", Encoded(dict[str, str]))
    title_id: Named[str | None] = Column(String(64), index=True)
    created_at: Named[datetime] = Column(UtcDateTime)
    expires_at: Named[datetime] = Column(UtcDateTime)


uploads = Table("uploads", metadata, UploadColumns)
Index(None, uploads.c.state, uploads.c.expires_at)


class WebhookColumns(TypedColumns):
    """Where events are sent; an empty `events` means all but `job.progress`."""

    id: Named[str] = Column(String(64), primary_key=True)
    url: Named[str] = Column(Text)
    events: Named[tuple[str, ...]] = Column(Encoded(tuple[str, ...]))
    secret: Named[str] = Column(String(128))
    last_status: Named[int | None] = Column(Integer)
    last_attempt_at: Named[datetime | None] = Column(UtcDateTime)
    created_at: Named[datetime] = Column(UtcDateTime)


webhooks = Table("webhooks", metadata, WebhookColumns)


class DeliveryColumns(TypedColumns):
    """One event on its way to one webhook. `body` is kept: each attempt sends the same bytes."""

    id: Named[str] = Column(String(64), primary_key=True)
    webhook_id: Named[str] = Column(String(64), ForeignKey("webhooks.id", ondelete="CASCADE"))
    event_id: Named[int] = Column(BigInteger)
    event_type: Named[str] = Column(String(64))
    body: Named[str] = Column(Text)
    state: Named[str] = Column(String(16))
    attempts: Named[int] = Column(Integer)
    due_at: Named[datetime] = Column(UtcDateTime)
    leased_until: Named[datetime | None] = Column(UtcDateTime)
    last_status: Named[int | None] = Column(Integer)
    last_error: Named[str] = Column(Text)
    created_at: Named[datetime] = Column(UtcDateTime)
    ended_at: Named[datetime | None] = Column(UtcDateTime)


deliveries = Table(
    "webhook_deliveries", metadata, DeliveryColumns, UniqueConstraint("webhook_id", "event_id")
)
Index(None, deliveries.c.state, deliveries.c.due_at)


class ApiKeyColumns(TypedColumns):
    """`hash` is the SHA-256 of the key in hex; the key itself is never kept."""

    id: Named[str] = Column(String(64), primary_key=True)
    name: Named[str] = Column(Text)
    role: Named[str] = Column(String(16))
    hash: Named[str] = Column(String(64), unique=True)
    hint: Named[str] = Column(String(16))
    created_at: Named[datetime] = Column(UtcDateTime)
    last_used_at: Named[datetime | None] = Column(UtcDateTime)
    revoked_at: Named[datetime | None] = Column(UtcDateTime)


api_keys = Table("api_keys", metadata, ApiKeyColumns)


class SessionColumns(TypedColumns):
    """A browser's session, by the hash of its token; it ends with the key it was opened with."""

    hash: Named[str] = Column(String(64), primary_key=True)
    key_id: Named[str] = Column(
        String(64), ForeignKey("api_keys.id", ondelete="CASCADE"), index=True
    )
    created_at: Named[datetime] = Column(UtcDateTime)
    expires_at: Named[datetime] = Column(UtcDateTime, index=True)


sessions = Table("sessions", metadata, SessionColumns)


class SignInCodeColumns(TypedColumns):
    """A one-time sign-in code, by its hash."""

    hash: Named[str] = Column(String(64), primary_key=True)
    key_id: Named[str] = Column(
        String(64), ForeignKey("api_keys.id", ondelete="CASCADE"), index=True
    )
    created_at: Named[datetime] = Column(UtcDateTime)
    expires_at: Named[datetime] = Column(UtcDateTime, index=True)


sign_in_codes = Table("sign_in_codes", metadata, SignInCodeColumns)
