"""Run publish jobs durably: DBOS keeps which stages are done, the catalogue tells people.

A job is dispatched from the catalogue, which is its outbox: whoever creates a job only writes a
row, and the worker hands every unfinished job to DBOS under the id `publish-<job id>`, which makes
that idempotent. A step that was cut short is run again from its start; steps are idempotent. A
retry after a failure reuses what earlier attempts left: results are kept in the store below the
job's work folder, keyed by what they were made from.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
import structlog

from matinee.catalog.catalog import Catalog
from matinee.catalog.names import default_name
from matinee.errors import (
    CancelledError,
    ConflictError,
    InvariantError,
    MatineeError,
    NotFoundError,
    UpstreamError,
)
from matinee.model.progress import Control, Stage
from matinee.model.title import Job, JobState, Problem, StageRecord, Title
from matinee.storage.store import ObjectStore
from matinee.workflows.arrival import arrive
from matinee.workflows.facts import live_facts
from matinee.workflows.on_air import OnAir
from matinee.workflows.problems import problem_of
from matinee.workflows.progress import throttled
from matinee.workflows.publish import (
    Published,
    PublishJob,
    Studio,
    print_of,
    publish,
)

log = structlog.get_logger()

Result = TypeVar("Result")
Step = Callable[[str, Callable[[], str]], str]
"""Runs a named step and checkpoints the text it returns."""

ATTEMPTS = 3
"""Runs of a stage whose tools fail (a killed ffmpeg, a store that does not answer)."""
KEPT_STAGES: frozenset[Stage] = frozenset({"ingest", "transcode", "text", "images"})
"""Packaging and all after it write into the version's own folder, and are quick."""


class StageFailed(MatineeError):  # noqa: N818  (an outcome that ends a run, told by its problem)
    """A stage ended without a result; `problem` is what people are told."""

    def __init__(self, stage: Stage, problem: Problem) -> None:
        super().__init__(problem.message, fix=problem.fix, code=problem.code)
        self.stage = stage
        self.problem = problem


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a step leaves behind: a result or a problem, as JSON."""

    result: msgspec.Raw = msgspec.Raw(b"null")
    """`null` where there is a problem."""
    problem: Problem | None = None


class Drain:
    """Lets stages stop for a shutdown without being counted as failed.

    A stage that stops while draining never returns: its thread waits for the process to end, so
    the durable engine sees a run cut short, and resumes it at the next start.
    """

    def __init__(self) -> None:
        self._begun = threading.Event()
        self._running = 0
        self._changed = threading.Condition()

    @property
    def begun(self) -> bool:
        """Whether the process is shutting down."""
        return self._begun.is_set()

    def enter(self) -> None:
        """Count a stage in."""
        with self._changed:
            self._running += 1

    def leave(self) -> None:
        """Count a stage out."""
        with self._changed:
            self._running -= 1
            self._changed.notify_all()

    def start(self, seconds: float) -> bool:
        """Ask all stages to stop; return whether they have within *seconds*."""
        self._begun.set()
        with self._changed:
            return self._changed.wait_for(lambda: self._running == 0, timeout=seconds)

    def hold(self) -> None:
        """Wait for the end of the process."""
        threading.Event().wait()


class DurableRunner:
    """A `StageRunner` that checkpoints every stage and tells the catalogue about it."""

    def __init__(
        self,
        job: Job,
        work: PublishJob,
        *,
        catalog: Catalog,
        store: ObjectStore,
        step: Step,
        drain: Drain,
    ) -> None:
        self._job = job
        self._catalog = catalog
        self._step = step
        self._drain = drain
        self._checkpoints = Checkpoints(store, work)

    def run(self, stage: Stage, kind: type[Result], work: Callable[[Control], Result]) -> Result:
        """See `StageRunner.run`.

        Raises:
            StageFailed: the stage did not succeed, now or in the run that is replayed.
        """
        outcome = msgspec.json.decode(
            self._step(stage, lambda: self._attempt(stage, work)), type=Outcome
        )
        if outcome.problem is not None:
            raise StageFailed(stage, outcome.problem)
        return msgspec.json.decode(outcome.result, type=kind)

    def _attempt(self, stage: Stage, work: Callable[[Control], Result]) -> str:
        kept = self._checkpoints.read(stage)
        if kept is not None:
            self._tell(StageRecord(stage=stage, state="succeeded", ended_at=_now()))
            return _encoded(Outcome(result=msgspec.Raw(kept)))
        started = _now()
        self._tell(StageRecord(stage=stage, state="running", started_at=started))
        self._drain.enter()
        try:
            result = msgspec.json.encode(self._repeated(stage, work))
        except CancelledError as error:
            if self._drain.begun:
                self._drain.leave()
                self._drain.hold()
            self._drain.leave()
            return self._ended(stage, "cancelled", started, problem_of(error))
        except MatineeError as error:
            self._drain.leave()
            return self._ended(stage, "failed", started, problem_of(error))
        except Exception as error:
            # A fault of ours must end the job with its reason, not hang it.
            self._drain.leave()
            log.exception("stage.crashed", job=self._job.id, stage=stage)
            return self._ended(stage, "failed", started, problem_of(error))
        self._drain.leave()
        self._checkpoints.write(stage, result)
        self._tell(StageRecord(stage=stage, state="succeeded", started_at=started, ended_at=_now()))
        return _encoded(Outcome(result=msgspec.Raw(result)))

    def _repeated(self, stage: Stage, work: Callable[[Control], Result]) -> Result:
        control = throttled(
            lambda progress: self._catalog.jobs.progress(self._job.id, progress), self._cancelled
        )
        for attempt in range(1, ATTEMPTS + 1):
            if control.cancelled():
                raise CancelledError("The job was cancelled.")
            try:
                return work(control)
            except UpstreamError as error:
                if attempt == ATTEMPTS or self._drain.begun:
                    raise
                log.warning("stage.again", job=self._job.id, stage=stage, error=error.message)
        raise InvariantError("a stage ran out of attempts without an error")

    def _cancelled(self) -> bool:
        if self._drain.begun:
            return True
        try:
            return self._catalog.jobs.cancel_requested(self._job.id)
        except NotFoundError:  # the title was deleted meanwhile
            return True

    def _ended(self, stage: Stage, state: str, started: datetime, problem: Problem) -> str:
        record = StageRecord(
            stage=stage,
            state="cancelled" if state == "cancelled" else "failed",
            started_at=started,
            ended_at=_now(),
            problem=problem,
        )
        self._tell(record)
        return _encoded(Outcome(problem=problem))

    def _tell(self, record: StageRecord) -> None:
        try:
            self._catalog.jobs.stage(self._job.id, record)
        except NotFoundError:
            log.info("job.gone", job=self._job.id, stage=record.stage)


class Checkpoints:
    """Results of the costly stages in the store, valid for one source and ladder."""

    def __init__(self, store: ObjectStore, job: PublishJob) -> None:
        self._store = store
        self._job = job
        self._print = print_of(job)

    def _key(self, stage: Stage) -> str:
        return f"{self._job.work}/checkpoints/{self._print}-{stage}.json"

    def read(self, stage: Stage) -> bytes | None:
        """Return what *stage* left in an earlier attempt."""
        if stage not in KEPT_STAGES:
            return None
        try:
            return self._store.get(self._key(stage))
        except NotFoundError:
            return None

    def write(self, stage: Stage, result: bytes) -> None:
        """Keep the result of *stage* for later attempts."""
        if stage in KEPT_STAGES:
            self._store.put(self._key(stage), result)


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """What the runs of one worker have in common."""

    catalog: Catalog
    studio: Studio
    step: Step
    drain: Drain


def run_arrival(job_id: str, shift: Shift) -> str:
    """Run the quick part of a job: probe, and put the source on the air if it plays as it is.

    Returns `go on`, or the state that the job ended in.
    """
    return _run(job_id, shift, "arrival-version", _arrive)


def run_job(job_id: str, shift: Shift) -> str:
    """Run one publish job to its end, and return the state it ended in.

    Like `run_arrival`, called by the durable engine, again after a crash; finished stages then
    give their results from their checkpoints.
    """
    return _run(job_id, shift, "version", _publish)


def _run(
    job_id: str, shift: Shift, version_step: str, work: Callable[[Job, PublishJob, Shift], str]
) -> str:
    begun = _begin(job_id, shift.catalog)
    if isinstance(begun, str):
        return begun
    job, title = begun
    version = shift.step(version_step, lambda: str(shift.catalog.titles.next_version(title.id)))
    place = publish_job(title, int(version), shift.studio.most_damage)
    try:
        return work(job, place, shift)
    except StageFailed as failed:
        cancelled = failed.problem.code == CancelledError.code
        if cancelled:
            shift.studio.store.delete(place.work)
        return _end(shift.catalog, job, "cancelled" if cancelled else "failed", failed.problem)
    except Exception as error:
        # Between the stages only our own faults are left; a job must not hang for one.
        log.exception("job.crashed", job=job_id)
        return _end(shift.catalog, job, "failed", problem_of(error))


def _begin(job_id: str, catalog: Catalog) -> tuple[Job, Title] | str:
    """Return the job and its title, or the state that the job has ended in already."""
    try:
        job = catalog.jobs.get(job_id)
        title = catalog.titles.get(job.title_id)
        if job.state in {"queued", "running"} and catalog.jobs.cancel_requested(job_id):
            return _end(catalog, job, "cancelled", None)
        return catalog.jobs.started(job_id), title
    except NotFoundError:
        return "deleted"
    except ConflictError:  # it has ended, perhaps this very moment
        return catalog.jobs.get(job_id).state


def _arrive(job: Job, place: PublishJob, shift: Shift) -> str:
    if shift.catalog.titles.live_version(place.title_id) not in {None, place.version}:
        return "go on"  # a retry of a title that is on the air
    air = OnAir(shift.catalog.titles, place)
    ingested = arrive(place, shift.studio, _runner(job, place, shift), air)
    tag = ingested.info.tags.get("title")
    if tag and place.name == default_name(place.source.filename):
        shift.catalog.titles.update(place.title_id, name=tag)
    return "go on"


def _publish(job: Job, place: PublishJob, shift: Shift) -> str:
    runner = _runner(job, place, shift)
    published = publish(place, shift.studio, runner)
    runner.run("publish", str, lambda _: _go_live(shift, place, published))
    shift.studio.store.delete(place.work)
    return _end(shift.catalog, job, "succeeded", None)


def _runner(job: Job, place: PublishJob, shift: Shift) -> DurableRunner:
    return DurableRunner(
        job,
        place,
        catalog=shift.catalog,
        store=shift.studio.store,
        step=shift.step,
        drain=shift.drain,
    )


def publish_job(title: Title, version: int, most_damage: float | None = None) -> PublishJob:
    """Say where the parts of *version* of *title* go.

    *most_damage* holds where the title says nothing of it; what was made under another rule is
    then made anew.
    """
    source = title.source
    if source.most_damage is None:
        source = msgspec.structs.replace(source, most_damage=most_damage)
    return PublishJob(
        title_id=title.id,
        version=version,
        name=title.name,
        source=source,
        ladder=title.ladder,
        folder=f"titles/{title.id}/v{version}",
        work=f"work/{title.id}",
    )


def _go_live(shift: Shift, work: PublishJob, published: Published) -> str:
    shift.catalog.titles.go_live(work.title_id, live_facts(published.presentation))
    # The version before stays for players that are in the middle of it.
    oldest_kept = work.version - 1
    for version in range(max(1, oldest_kept - 20), oldest_kept):
        shift.studio.store.delete(f"titles/{work.title_id}/v{version}")
    return "live"


def _end(catalog: Catalog, job: Job, state: JobState, problem: Problem | None) -> str:
    if state == "failed":
        catalog.pieces.halt(job.title_id)
    else:
        catalog.pieces.forget(job.title_id)
    try:
        catalog.jobs.ended(job.id, state, problem)
    except NotFoundError:
        log.info("job.gone", job=job.id)
    log.info(
        "job.ended", job=job.id, title=job.title_id, state=state,
        problem=problem.message if problem else None,
    )  # fmt: skip
    return state


def _encoded(outcome: Outcome) -> str:
    return msgspec.json.encode(outcome).decode()


def _now() -> datetime:
    return datetime.now(UTC)
