"""Jobs: the runs of the publish workflow, as people follow them. The durable engine runs them."""

import threading
import time
from collections.abc import Collection
from datetime import timedelta

import msgspec
from sqlalchemy import Connection, and_, delete, or_, select, update

from matinee.catalog.events import Events, Fact
from matinee.catalog.pages import (
    Page,
    Position,
    checked_limit,
    cut,
    listing_of,
    microseconds,
    position_of,
)
from matinee.catalog.records import Records, is_id
from matinee.catalog.rows import (
    ACTIVE,
    insert_job,
    job_of,
    load_job,
    load_title,
    newest_job,
    queued_job,
    save_job,
)
from matinee.catalog.title_changes import change_title, fail_title
from matinee.database.tables import events as events_table
from matinee.database.tables import jobs
from matinee.errors import ConflictError, NotFoundError
from matinee.model.progress import STAGES, Progress
from matinee.model.title import Job, JobState, Problem, StageRecord

PROGRESS_INTERVAL = timedelta(seconds=0.5)
"""Progress of a job is written, and told, at most so often."""
KEPT_PROGRESS = 8
"""Progress events of a job that are kept: enough for a reader who polls every few seconds."""
_ORDER = {stage: place for place, stage in enumerate(("upload", *STAGES))}
_REMEMBERED = 1000


class Jobs:
    """The jobs of the catalogue."""

    def __init__(self, records: Records, events: Events) -> None:
        self._records = records
        self._events = events
        self._told: dict[str, float] = {}  # job id -> monotonic time of its last progress
        self._told_lock = threading.Lock()

    def get(self, job_id: str) -> Job:
        """Return one job, or raise NotFoundError."""
        with self._records.reading() as connection:
            return load_job(connection, job_id)

    def page(
        self,
        title_id: str | None = None,
        state: JobState | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Job]:
        """Return jobs, newest first: of one title, in one state, or all.

        Raises:
            InputError: `bad-cursor`, `bad-limit`.
        """
        limit = checked_limit(limit)
        listing = listing_of("jobs", title_id, state)
        after = position_of(cursor, listing)
        made = jobs.c.created_at
        statement = select(jobs).order_by(made.desc(), jobs.c.id.desc()).limit(limit + 1)
        if title_id is not None:
            statement = statement.where(jobs.c.title_id == title_id)
        if state is not None:
            statement = statement.where(jobs.c.state == state)
        if after is not None:
            statement = statement.where(
                or_(made < after.at, and_(made == after.at, jobs.c.id < after.id))
            )
        with self._records.reading() as connection:
            found = [job_of(row) for row in connection.execute(statement).mappings()]
        positions = [Position(listing, microseconds(job.created_at), job.id) for job in found]
        return cut(found, positions, limit)

    def newest(self, title_id: str) -> Job | None:
        """Return the title's latest attempt, None if there is no such title."""
        with self._records.reading() as connection:
            return newest_job(connection, title_id)

    def unfinished(self) -> tuple[Job, ...]:
        """Return all queued and running jobs, oldest first."""
        statement = (
            select(jobs).where(jobs.c.state.in_(ACTIVE)).order_by(jobs.c.created_at, jobs.c.id)
        )
        with self._records.reading() as connection:
            return tuple(job_of(row) for row in connection.execute(statement).mappings())

    def busy(self, title_ids: Collection[str]) -> frozenset[str]:
        """Return those of *title_ids* (a page of them) that have a job queued or running."""
        statement = select(jobs.c.title_id).where(
            jobs.c.title_id.in_(list(filter(is_id, title_ids))), jobs.c.state.in_(ACTIVE)
        )
        with self._records.reading() as connection:
            return frozenset(connection.execute(statement).scalars())

    def create_retry(self, title_id: str) -> Job:
        """Queue another attempt at a title.

        Raises:
            NotFoundError: there is no such title.
            ConflictError: `job-active`, an attempt is queued or running.
        """
        with self._records.writing() as connection:
            title = load_title(connection, title_id)
            last = newest_job(connection, title_id)
            if last is not None and last.state in ACTIVE:
                raise ConflictError(
                    f"A job of this title is {last.state}.",
                    fix="Wait for it to end, or cancel it.",
                    code="job-active",
                )
            now = self._records.now()
            attempt = 1 if last is None else last.attempt + 1
            job = queued_job(self._records.new_id("job"), title_id, attempt, now)
            insert_job(connection, job)
            again = title.state in {"failed", "cancelled"}
            waiting = msgspec.structs.replace(
                title, state="processing" if again else title.state, problem=None
            )
            change_title(self._events, connection, title, waiting, ("title.updated", now))
        return job

    def started(self, job_id: str) -> Job:
        """Note that a worker runs the job; again after a crash, nothing changes.

        Raises:
            NotFoundError: the title was deleted.
            ConflictError: `job-ended`, such as cancelled while it was queued.
        """
        with self._records.writing() as connection:
            before = load_job(connection, job_id)
            if before.state == "running":
                return before
            _refuse_ended(before)
            now = self._records.now()
            after = msgspec.structs.replace(before, state="running", started_at=now)
            save_job(connection, before, after)
            self._record(connection, after, "job.started")
        return after

    def stage(self, job_id: str, record: StageRecord) -> Job:
        """Put *record* in the place of the stage's old one, which lends it what it leaves out.

        A new state is told as `job.stage`. A job that has ended keeps the stages it has.
        """
        with self._records.writing() as connection:
            before = load_job(connection, job_id)
            if before.state not in ACTIVE:
                return before
            old = _stage_of(before, record)
            new = msgspec.structs.replace(
                record,
                started_at=record.started_at or (old.started_at if old else None),
                progress=record.progress or (old.progress if old else None),
            )
            after = _with_stage(before, new)
            save_job(connection, before, after)
            if old is None or old.state != new.state:
                data: dict[str, object] = {"stage": msgspec.to_builtins(new)}
                self._record(connection, after, "job.stage", data)
        return after

    def progress(self, job_id: str, progress: Progress) -> None:
        """Show how far the running stage is; call it as often as you like.

        All but two a second are dropped, except the word that a stage is done (fraction 1). For a
        job that ended or is gone nothing happens.
        """
        if not self._is_time(job_id, progress):
            return
        with self._records.writing() as connection:
            try:
                before = load_job(connection, job_id)
            except NotFoundError:
                return
            running = next((one for one in before.stages if one.stage == progress.stage), None)
            if before.state != "running" or running is None or running.state != "running":
                return
            after = _with_stage(before, msgspec.structs.replace(running, progress=progress))
            save_job(connection, before, after)
            self._tell_progress(connection, after, progress)

    def ended(self, job_id: str, state: JobState, problem: Problem | None = None) -> Job:
        """End the job as succeeded, failed or cancelled; the first end stands.

        Stages still running end likewise. A failed job fails its title, a cancelled one cancels
        it, unless it is on the air with an earlier version; all in one transaction.
        """
        with self._records.writing() as connection:
            before = load_job(connection, job_id)
            if before.state not in ACTIVE:
                return before
            return self._end(connection, before, state, problem)

    def request_cancel(self, job_id: str) -> Job:
        """Ask the job to stop: a queued one ends at once, a running one when its stage looks.

        Raises:
            ConflictError: `job-ended`.
        """
        with self._records.writing() as connection:
            before = load_job(connection, job_id)
            _refuse_ended(before)
            connection.execute(
                update(jobs).where(jobs.c.id == job_id).values(cancel_requested=True)
            )
            if before.state == "queued":
                return self._end(connection, before, "cancelled", None)
        return before

    def cancel_requested(self, job_id: str) -> bool:
        """Whether the job is to stop: somebody asked for it, it has ended, or is deleted."""
        statement = select(jobs.c.cancel_requested, jobs.c.state).where(jobs.c.id == job_id)
        with self._records.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return row is None or row[0] or row[1] not in ACTIVE

    def _is_time(self, job_id: str, progress: Progress) -> bool:
        """Thin out before the database is touched; it thins out again over all processes."""
        now = time.monotonic()
        with self._told_lock:
            last = self._told.get(job_id)
            done = progress.fraction >= 1
            if last is not None and now - last < PROGRESS_INTERVAL.total_seconds() and not done:
                return False
            if len(self._told) > _REMEMBERED:
                self._told.clear()
            self._told[job_id] = now
        return True

    def _tell_progress(self, connection: Connection, job: Job, progress: Progress) -> None:
        now = self._records.now()
        last = connection.execute(
            select(jobs.c.progress_at).where(jobs.c.id == job.id)
        ).scalar_one()
        if last is not None and timedelta() <= now - last < PROGRESS_INTERVAL:
            return
        connection.execute(update(jobs).where(jobs.c.id == job.id).values(progress_at=now))
        data: dict[str, object] = {"progress": msgspec.to_builtins(progress)}
        self._record(connection, job, "job.progress", data)
        _prune_progress(connection, job.id, KEPT_PROGRESS)

    def _end(
        self, connection: Connection, before: Job, state: JobState, problem: Problem | None
    ) -> Job:
        now = self._records.now()
        after = msgspec.structs.replace(
            before,
            state=state,
            problem=problem,
            ended_at=now,
            stages=tuple(
                msgspec.structs.replace(one, state=state, ended_at=now, problem=problem)
                if one.state == "running"
                else one
                for one in before.stages
            ),
        )
        save_job(connection, before, after)
        _prune_progress(connection, after.id, 0)
        data: dict[str, object] = {"problem": msgspec.to_builtins(problem)}
        self._record(connection, after, f"job.{state}", data)
        title = load_title(connection, after.title_id)
        if state == "failed":
            reason = problem or Problem(code="error", message="The job failed.")
            fail_title(self._records, self._events, connection, title, reason)
        elif state == "cancelled" and title.state == "processing":
            cancelled = msgspec.structs.replace(title, state="cancelled")
            change_title(self._events, connection, title, cancelled, ("title.updated", now))
        with self._told_lock:
            self._told.pop(after.id, None)
        return after

    def _record(
        self,
        connection: Connection,
        job: Job,
        event_type: str,
        data: dict[str, object] | None = None,
    ) -> None:
        told: dict[str, object] = {"state": job.state, "attempt": job.attempt, **(data or {})}
        fact = Fact(type=event_type, title_id=job.title_id, job_id=job.id, data=told)
        self._events.record(connection, fact)


def _refuse_ended(job: Job) -> None:
    if job.state not in ACTIVE:
        raise ConflictError(
            f"The job has ended: it {job.state}." if job.state != "cancelled"
            else "The job was cancelled.",
            fix="Retry the title to start a new job.",
            code="job-ended",
        )  # fmt: skip


def _stage_of(job: Job, record: StageRecord) -> StageRecord | None:
    return next((one for one in job.stages if one.stage == record.stage), None)


def _with_stage(job: Job, record: StageRecord) -> Job:
    others = [one for one in job.stages if one.stage != record.stage]
    stages = sorted([*others, record], key=lambda one: _ORDER[one.stage])
    return msgspec.structs.replace(job, stages=tuple(stages))


def _prune_progress(connection: Connection, job_id: str, keep: int) -> None:
    """Delete the job's progress events but the newest *keep*."""
    of_job = and_(events_table.c.job_id == job_id, events_table.c.type == "job.progress")
    newest = select(events_table.c.id).where(of_job).order_by(events_table.c.id.desc()).limit(keep)
    connection.execute(
        delete(events_table).where(of_job, events_table.c.id.not_in(newest.scalar_subquery()))
    )
