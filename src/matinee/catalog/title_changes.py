"""Changes of titles within a transaction, with their events: for titles and for their jobs."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection

from matinee.catalog.events import Events, Fact
from matinee.catalog.records import Records
from matinee.catalog.rows import save_title
from matinee.model.title import Problem, Title, TitleState


def change_title(
    events: Events, connection: Connection, before: Title, after: Title, what: tuple[str, datetime]
) -> Title:
    """Save *after* with an event, unless nothing is different; *what* is its type and time."""
    if after == before:
        return before
    event_type, now = what
    after = msgspec.structs.replace(after, updated_at=now)
    save_title(connection, before, after)
    record_title(events, connection, event_type, after)
    return after


def fail_title(
    records: Records, events: Events, connection: Connection, before: Title, problem: Problem
) -> Title:
    """Note *problem* on a title in the caller's transaction; see `Titles.fail`."""
    ended: TitleState = "failed" if before.state in {"processing", "cancelled"} else before.state
    after = msgspec.structs.replace(before, state=ended, problem=problem)
    return change_title(events, connection, before, after, ("title.failed", records.now()))


def record_title(
    events: Events, connection: Connection, event_type: str, title: Title, job_id: str | None = None
) -> None:
    """Append an event on *title*; it tells what players and consoles show, not the source."""
    told: dict[str, object] = {
        "id": title.id,
        "name": title.name,
        "state": title.state,
        "version": title.version,
        "duration": title.duration,
        "problem": msgspec.to_builtins(title.problem),
    }
    fact = Fact(type=event_type, title_id=title.id, job_id=job_id, data={"title": told})
    events.record(connection, fact)
