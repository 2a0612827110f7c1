"""Letting endless answers end when the server is asked to stop."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def on_stop_signal(drain: Callable[[], None]) -> Iterator[None]:
    """Have *drain* called on the running loop when a stop signal comes, beside what is done now.

    A server waits for its answers to end before it sends `lifespan.shutdown`; an event stream
    never ends, so it would wait until it is killed. The loop hears of signals by its wake-up
    descriptor, which a handler of ours does not take away. Where nobody handles a signal, or we
    are not in the main thread, nothing is changed.
    """
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(drain)
        theirs = before[signal.Signals(number)]
        if callable(theirs):
            theirs(number, frame)

    ours = threading.current_thread() is threading.main_thread()
    taken = [one for one in _SIGNALS if ours and callable(before[one])]
    for number in taken:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number in taken:
            if signal.getsignal(number) is handle:
                signal.signal(number, before[number])
