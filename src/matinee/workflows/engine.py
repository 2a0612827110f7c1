"""The durable engine (DBOS) around publish jobs, and the loop that hands jobs to it."""

import os
import socket
import threading
import time
from collections.abc import Callable

import msgspec
import structlog
from dbos import DBOS, DBOSConfig, SetWorkflowID
from sqlalchemy import Engine

from matinee.catalog.catalog import Catalog
from matinee.errors import UpstreamError
from matinee.model.piece import WorkerRecord
from matinee.workflows.crew import Crew
from matinee.workflows.durable import Drain, Shift, run_arrival, run_job
from matinee.workflows.encoding import QueuedEncoding
from matinee.workflows.publish import Studio
from matinee.workflows.watch import TAKE_OVER_SECONDS, Heart, take_over

log = structlog.get_logger()

ARRIVALS, QUEUE = "arrivals", "publish"
"""Two queues, so that a new film need not wait for another's encode to go on the air."""
ARRIVALS_AT_ONCE = 4
"""More than grow at once (`arrival.py`): a film that plays as it is need not wait for those."""
VERSION = "matinee-publish-1"
"""Pinned: DBOS leaves runs of another version alone. Raise it when the steps of a job change, and
say in the release notes that running jobs must end before the upgrade."""
DISPATCH_SECONDS = 0.1


class EngineOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How one worker runs jobs."""

    executor_id: str = "worker-1"
    """Stable over restarts: the engine resumes what this executor left unfinished."""
    concurrency: int = 1
    slots: int = 1
    """Pieces of pictures that it encodes at a time, unless an operator asks for another number."""


class PublishEngine:
    """Runs publish jobs until `stop`; one in a process, as DBOS keeps its state globally.

    Beside the jobs of its own it makes pieces of anybody's encodes (`crew.py`), and takes over the
    jobs of workers that are dead (`watch.py`).
    """

    def __init__(
        self, catalog: Catalog, studio: Studio, database: Engine, options: EngineOptions
    ) -> None:
        self._catalog = catalog
        self._options = options
        self.drain = Drain()
        self._stopping = threading.Event()
        self._dispatched: set[str] = set()
        self._crew = Crew(
            options.executor_id,
            catalog.pieces,
            studio.store,
            studio.scratch,
            studio.toolchain,
            studio.hardware,
        )
        self._heart = Heart(catalog.workers, self._worker(), self._staff, _end_at_once)
        studio = msgspec.structs.replace(
            studio,
            encoding=QueuedEncoding(
                catalog.pieces,
                studio.store,
                draining=lambda: self.drain.begun,
                posted=self._crew.wake,
            ),
        )
        config: DBOSConfig = {
            "name": "matinee",
            "system_database_engine": database,
            "application_version": VERSION,
            "executor_id": options.executor_id,
            "log_level": "WARNING",
            "enable_otlp": False,
        }
        DBOS(config=config)

        def step(name: str, work: Callable[[], str]) -> str:
            return DBOS.run_step({"name": name}, work)

        shift = Shift(catalog=catalog, studio=studio, step=step, drain=self.drain)

        @DBOS.workflow(name="publish")
        def publish_workflow(job_id: str) -> str:
            return run_job(job_id, shift)

        @DBOS.workflow(name="arrive")
        def arrival_workflow(job_id: str) -> str:
            state = run_arrival(job_id, shift)
            if state == "go on":
                with SetWorkflowID(f"publish-{job_id}"):
                    DBOS.enqueue_workflow(QUEUE, publish_workflow, job_id)
            return state

        self._arrive = arrival_workflow

    def start(self) -> None:
        """Resume what was cut short, and begin to take jobs."""
        self._heart.start()  # first of all: nobody may take our jobs for orphans
        self._catalog.pieces.lost(self._options.executor_id)
        DBOS.launch()
        for queue, at_once in (
            (ARRIVALS, ARRIVALS_AT_ONCE), (QUEUE, self._options.concurrency),
        ):  # fmt: skip
            DBOS.register_queue(
                queue,
                worker_concurrency=at_once,
                polling_interval_sec=DISPATCH_SECONDS,
                on_conflict="always_update",
            )
        self._crew.start()
        threading.Thread(target=self._dispatch_loop, name="dispatch", daemon=True).start()
        threading.Thread(target=self._take_over_loop, name="take-over", daemon=True).start()

    def _worker(self) -> WorkerRecord:
        now = self._catalog.now()
        return WorkerRecord(
            id=self._options.executor_id,
            host=socket.gethostname(),
            process=os.getpid(),
            slots=self._options.slots,
            started_at=now,
            seen_at=now,
        )

    def _staff(self, wanted: int | None) -> int:
        """Have as many slots as an operator wants, or as the options say; return how many."""
        self._crew.slots = self._options.slots if wanted is None else wanted
        return self._crew.slots

    def _take_over_loop(self) -> None:
        while not self._stopping.wait(TAKE_OVER_SECONDS):
            try:
                take_over(self._catalog.workers, VERSION)
            except Exception:
                # The database may be away for a while.
                log.exception("take_over.failed")

    def _dispatch_loop(self) -> None:
        while not self._stopping.wait(DISPATCH_SECONDS):
            try:
                self.dispatch()
            except Exception:
                # The database may be away for a while; jobs wait in it, so try again for ever.
                log.exception("dispatch.failed")
                self._stopping.wait(5)

    def dispatch(self) -> None:
        """Hand every unfinished job to the engine; a job that it has already is left alone."""
        unfinished = self._catalog.jobs.unfinished()
        for job in unfinished:
            if job.id not in self._dispatched:
                with SetWorkflowID(f"arrive-{job.id}"):
                    DBOS.enqueue_workflow(ARRIVALS, self._arrive, job.id)
                self._dispatched.add(job.id)
            elif job.state == "queued" and self._catalog.jobs.cancel_requested(job.id):
                DBOS.cancel_workflow(f"arrive-{job.id}")
                self._catalog.jobs.ended(job.id, "cancelled", None)
        self._dispatched &= {job.id for job in unfinished}

    def stop(self, seconds: float) -> bool:
        """Take no more jobs and stop the running stages; whether all stopped in time.

        The process must end afterwards: stages that stopped for the drain hold their threads.
        """
        self._stopping.set()
        self._heart.drain()
        deadline = time.monotonic() + seconds
        let_go = self._crew.stop(seconds)
        stopped = self.drain.start(max(0.0, deadline - time.monotonic()))
        try:
            self._heart.stop()
        except UpstreamError as error:  # the others will notice
            log.warning("worker.not_signed_off", error=error.message)
        return let_go and stopped


def _end_at_once() -> None:
    os._exit(os.EX_TEMPFAIL)  # the supervisor starts another
