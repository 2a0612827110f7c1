"""Rows to values and back, for the parts of the catalogue that touch each other's tables."""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from matinee.catalog.records import checked_id, not_found
from matinee.database.tables import jobs, titles
from matinee.model.progress import STAGES
from matinee.model.title import Job, StageRecord, Title

ACTIVE = ("queued", "running")
"""The states of a job that has not ended."""


def title_of(row: RowMapping) -> Title:
    """Return the title that *row* of the titles table holds."""
    return Title(**{field: row[field] for field in Title.__struct_fields__})


def job_of(row: RowMapping) -> Job:
    """Return the job that *row* of the jobs table holds."""
    return Job(**{field: row[field] for field in Job.__struct_fields__})


def load_title(connection: Connection, title_id: str) -> Title:
    """Return the title *title_id*, or raise NotFoundError."""
    statement = select(titles).where(titles.c.id == checked_id("title", title_id))
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        raise not_found("title", title_id)
    return title_of(row)


def load_job(connection: Connection, job_id: str) -> Job:
    """Return the job *job_id*, or raise NotFoundError."""
    statement = select(jobs).where(jobs.c.id == checked_id("job", job_id))
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        raise not_found("job", job_id)
    return job_of(row)


def newest_job(connection: Connection, title_id: str) -> Job | None:
    """Return the title's job with the highest attempt."""
    statement = (
        select(jobs).where(jobs.c.title_id == title_id).order_by(jobs.c.attempt.desc()).limit(1)
    )
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else job_of(row)


def insert_job(connection: Connection, job: Job) -> None:
    """Add *job* as a row."""
    values = {field: getattr(job, field) for field in Job.__struct_fields__}
    connection.execute(insert(jobs).values(values))


def queued_job(job_id: str, title_id: str, attempt: int, now: datetime) -> Job:
    """Return a job as it is when it is made: every stage waiting."""
    return Job(
        id=job_id,
        title_id=title_id,
        state="queued",
        attempt=attempt,
        stages=tuple(StageRecord(stage=stage) for stage in STAGES),
        created_at=now,
    )


def save_title(connection: Connection, before: Title, after: Title) -> None:
    """Write the fields in which *after* differs from *before*."""
    changed = {
        field: getattr(after, field)
        for field in Title.__struct_fields__
        if getattr(after, field) != getattr(before, field)
    }
    if changed:
        connection.execute(update(titles).where(titles.c.id == before.id).values(changed))


def save_job(connection: Connection, before: Job, after: Job) -> None:
    """Write the fields in which *after* differs from *before*."""
    changed = {
        field: getattr(after, field)
        for field in Job.__struct_fields__
        if getattr(after, field) != getattr(before, field)
    }
    if changed:
        connection.execute(update(jobs).where(jobs.c.id == before.id).values(changed))
