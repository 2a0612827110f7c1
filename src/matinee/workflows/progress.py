"""Thin out what a stage reports, and ask only now and then whether it should stop."""

import time
from collections.abc import Callable

from matinee.model.progress import Control, Progress

REPORT_SECONDS = 0.5
ASK_SECONDS = 1.0


def throttled(
    report: Callable[[Progress], None],
    cancelled: Callable[[], bool],
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Control:
    """Return a `Control` that calls *report* twice a second and *cancelled* once, at most.

    The end of a stage (fraction 1) is always reported. Once cancelled, it stays cancelled.
    """
    reported = asked = float("-inf")
    stopped = False

    def thin_report(progress: Progress) -> None:
        nonlocal reported
        now = clock()
        if progress.fraction >= 1 or now - reported >= REPORT_SECONDS:
            reported = now
            report(progress)

    def rare_cancelled() -> bool:
        nonlocal asked, stopped
        now = clock()
        if not stopped and now - asked >= ASK_SECONDS:
            asked = now
            stopped = cancelled()
        return stopped

    return Control(report=thin_report, cancelled=rare_cancelled)
