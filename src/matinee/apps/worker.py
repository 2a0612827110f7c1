"""The worker process: runs publish jobs, delivers webhooks, clears away what is left over.

`python -m matinee.apps.worker [PARENT [NUMBER]]`, started by the supervisor, or by `matinee worker`
on a machine of its own.
"""

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import FrameType

import structlog

from matinee import wiring
from matinee.apps.lifetime import end_with_parent, lock_folder
from matinee.catalog.deliver import deliver_due
from matinee.errors import InputError, MatineeError
from matinee.settings import Settings
from matinee.storage.local import LocalStore
from matinee.telemetry import logs
from matinee.workflows.engine import EngineOptions, PublishEngine

log = structlog.get_logger()

DRAIN_SECONDS = 10.0
DELIVERY_SECONDS = 1.0
TIDY_SECONDS = 600.0
ORPHAN_SECONDS = 3600.0
EVENT_LIFE = timedelta(days=7)
EVENTS_KEPT = 10_000
DELIVERY_LIFE = timedelta(days=30)


def main() -> int:
    """Run as the arguments say: the process to end with, and which worker of its machine it is."""
    parent = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    if parent:
        end_with_parent(parent)
    return run(Settings.from_env(), int(sys.argv[2]) if len(sys.argv) > 2 else 1)


def run(settings: Settings, number: int) -> int:
    """Run worker *number* of this data folder until SIGTERM or SIGINT.

    Unfinished jobs and pieces are taken by the next worker. Ends the process, unless it cannot
    start: then its exit status is returned.
    """
    logs.configure(settings.log_level, settings.log_format, component=f"worker-{number}")
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    try:
        wiring.prepare(settings)
        held = lock_folder(settings.data, f"worker-{number}")
        engine = start_engine(settings, number, stop)
    except MatineeError as error:
        log.error("worker.refused", error=error.message, fix=error.fix)  # noqa: TRY400  (expected: its words suffice)
        return 1
    log.info("worker.started")
    stop.wait()
    stopped = engine.stop(DRAIN_SECONDS)
    log.info("worker.stopped", clean=stopped)
    sys.stderr.flush()
    held.close()
    # Stages that stopped for the drain hold their threads, so that the engine does not count them
    # as ended; leave without waiting for them.
    os._exit(0)


def start_engine(settings: Settings, number: int, stop: threading.Event) -> PublishEngine:
    """Put the worker together and start its threads."""
    scratch = settings.scratch / f"worker-{number}"
    shutil.rmtree(scratch, ignore_errors=True)  # of a worker that was killed
    scratch.mkdir(mode=0o700)
    platform = wiring.platform(settings, scratch.name)
    engine = PublishEngine(
        platform.catalog,
        wiring.studio(settings, platform.store, scratch),
        wiring.workflow_database(settings),
        EngineOptions(
            executor_id=settings.worker_name(number),
            concurrency=settings.publish_concurrency,
            slots=settings.slots,
        ),
    )
    engine.start()
    _every(
        DELIVERY_SECONDS,
        stop,
        "webhooks",
        lambda: deliver_due(platform.catalog, allow_private=settings.allow_private_sources),
    )
    _every(TIDY_SECONDS, stop, "tidy", lambda: tidy(platform))
    return engine


def _every(seconds: float, stop: threading.Event, name: str, work: Callable[[], object]) -> None:
    """Run *work* now and then again *seconds* after it ended, in a thread, until *stop*."""

    def loop() -> None:
        while True:
            try:
                work()
            except Exception:
                # Housekeeping must outlive a database that is away for a moment.
                log.exception("housekeeping.failed", task=name)
            if stop.wait(seconds):
                return

    threading.Thread(target=loop, name=name, daemon=True).start()


def tidy(platform: wiring.Platform) -> None:
    """Remove expired uploads, old events, objects of titles that are gone, and half an object."""
    for upload in platform.catalog.uploads.expired(wiring.now()):
        for path in platform.uploads.glob(f"{upload.id}*"):
            path.unlink(missing_ok=True)
        platform.catalog.uploads.delete(upload.id)
    platform.catalog.events.prune(wiring.now() - EVENT_LIFE, EVENTS_KEPT)
    platform.catalog.deliveries.prune(wiring.now() - DELIVERY_LIFE)
    for top in ("titles", "work"):
        for title_id in platform.folders(top):
            if not _exists(platform, title_id):
                # Its row may be about to be written: what is new is left alone.
                newest = max(
                    (one.modified for one in platform.store.list(f"{top}/{title_id}")), default=0.0
                )
                if time.time() - newest > ORPHAN_SECONDS:
                    platform.store.delete(f"{top}/{title_id}")
    if isinstance(platform.store, LocalStore):
        platform.store.sweep(time.time() - ORPHAN_SECONDS)


def _exists(platform: wiring.Platform, title_id: str) -> bool:
    try:
        platform.catalog.titles.get(title_id)
    except InputError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
