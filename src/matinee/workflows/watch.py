"""Heartbeats of a worker, and the taking over of jobs whose worker is dead.

The durable engine resumes what an executor left when that very executor starts again. Where it
never does, the others give its jobs to themselves. A worker whose heart has stopped (its machine
slept, the database was away) ends itself before the others take it for dead: no job has two.
"""

import threading
import time
from collections.abc import Callable

import msgspec
import structlog
from dbos import DBOS

from matinee.catalog.workers import LIFE, Workers
from matinee.model.piece import WorkerRecord

log = structlog.get_logger()

BEAT_SECONDS = 2.0
TAKE_OVER_SECONDS = 5.0
_OWN_LIFE = 0.8 * LIFE.total_seconds()


class Heart:
    """Says that a worker lives, and hears what operators want of it."""

    def __init__(
        self,
        workers: Workers,
        worker: WorkerRecord,
        wanted: Callable[[int | None], int],
        died: Callable[[], object],
    ) -> None:
        """Beat for *worker*; *wanted* is told the slots asked for, and returns those it has now.

        *died* is called once no beat has been heard for so long that others may think so.
        """
        self._workers = workers
        self._worker = worker
        self._wanted = wanted
        self._died = died
        self._stopping = threading.Event()

    def start(self) -> None:
        """Beat once, so that nobody takes the worker for dead, and go on in a thread."""
        self._beat()
        threading.Thread(target=self._loop, name="heart", daemon=True).start()

    def stop(self) -> None:
        """Stop beating, and let the others know that the worker is gone."""
        self._stopping.set()
        self._workers.gone(self._worker.id)

    def drain(self) -> None:
        """Let people see that the worker is about to stop."""
        self._worker = msgspec.structs.replace(self._worker, draining=True)

    def _beat(self) -> None:
        told = self._workers.beat(self._worker)
        slots = self._wanted(told.wanted_slots)
        if slots != self._worker.slots:
            self._worker = msgspec.structs.replace(self._worker, slots=slots)
            self._workers.beat(self._worker)

    def _loop(self) -> None:
        # The wall clock: the monotonic one stands still while a machine sleeps.
        last = time.time()
        while not self._stopping.wait(BEAT_SECONDS):
            silent = time.time() - last
            if silent > _OWN_LIFE:
                log.error("worker.heart_stopped", silent_seconds=silent)
                self._died()
            try:
                self._beat()
                last = time.time()
            except Exception as error:  # noqa: BLE001 - the database may be away for a moment
                log.warning("worker.beat_failed", error=str(error))


def take_over(workers: Workers, version: str) -> list[str]:
    """Queue the jobs of executors that are dead again, for any worker; return their workflow ids.

    Steps are at-least-once and idempotent, so what was half done is done again from its last
    checkpoint.
    """
    running = DBOS.list_workflows(
        status="PENDING", app_version=version, load_input=False, load_output=False
    )
    alive = workers.alive()
    orphans = [one.workflow_id for one in running if one.executor_id not in alive]
    if orphans:
        log.warning("jobs.taken_over", workflows=orphans)
        DBOS.resume_workflows(orphans)
    return orphans
