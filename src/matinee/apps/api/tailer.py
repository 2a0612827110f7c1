"""Events from the catalogue to all who listen: one poller a process, one bounded queue a client."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

import msgspec
import structlog

from matinee.apps.api.problems import RequestError
from matinee.model.title import Event

POLL_SECONDS = 0.25
HEARTBEAT_SECONDS = 15.0
RETRY_MILLISECONDS = 2000
QUEUE_LENGTH = 256
"""Events that one client may lag behind before it is sent away, to come again."""
MAX_CLIENTS = 500
_BATCH = 200

_log = structlog.get_logger(__name__)

After = Callable[[int, str | None, Sequence[str] | None, int], Sequence[Event]]
"""`(id, title_id, types, limit)`: the events after *id* that fit, in order; blocks."""
LastId = Callable[[], int]


@dataclass(eq=False, slots=True)
class Subscription:
    """What one client wants, and what waits for it. `lost` once it was too slow."""

    title_id: str | None
    types: frozenset[str] | None
    queue: asyncio.Queue[Event | None] = field(
        default_factory=lambda: asyncio.Queue(QUEUE_LENGTH + 1)
    )
    lost: bool = False

    def wants(self, event: Event) -> bool:
        """Whether *event* passes the client's filters."""
        return (self.title_id is None or event.title_id == self.title_id) and (
            self.types is None or event.type in self.types
        )

    def offer(self, event: Event) -> None:
        """Queue *event*, or send the client away if it lags too far behind."""
        if self.lost or not self.wants(event):
            return
        if self.queue.qsize() >= QUEUE_LENGTH:
            self.end()
        else:
            self.queue.put_nowait(event)

    def end(self) -> None:
        """Let the stream end after what is queued; the client resumes from its last id."""
        if not self.lost:
            self.lost = True
            self.queue.put_nowait(None)


class Tailer:
    """Polls the catalogue while there are subscribers, and fans out what is new."""

    def __init__(self, after: After, last_id: LastId, *, poll: float = POLL_SECONDS) -> None:
        self._after = after
        self._last_id = last_id
        self._poll = poll
        self._subscriptions: set[Subscription] = set()
        self._task: asyncio.Task[None] | None = None
        self._position = 0
        self._closed = False
        self._starting = asyncio.Lock()

    @property
    def clients(self) -> int:
        """How many clients listen now."""
        return len(self._subscriptions)

    async def stream(
        self, after: int | None, title_id: str | None, types: frozenset[str] | None
    ) -> AsyncGenerator[bytes, None]:
        """Yield a `text/event-stream` (WHATWG HTML §9.2): what came *after*, then all that comes.

        None starts from now. Whoever asks for the first piece has a place from then on.

        Raises:
            RequestError: `MAX_CLIENTS` listen already (429); before the first piece.
        """
        subscription = Subscription(title_id, types)
        joined = await self._join(subscription)
        try:
            yield f"retry: {RETRY_MILLISECONDS}\n: matinee events\n\n".encode()
            position = joined if after is None else after
            while position < joined:
                batch = await asyncio.to_thread(
                    self._after, position, title_id, sorted(types) if types else None, _BATCH
                )
                for event in batch:
                    if event.id <= joined:
                        yield frame(event)
                position = batch[-1].id if len(batch) >= _BATCH else joined
            async for text in self._live(subscription):
                yield text
        finally:
            self._subscriptions.discard(subscription)

    async def _live(self, subscription: Subscription) -> AsyncIterator[bytes]:
        while True:
            try:
                event = await asyncio.wait_for(subscription.queue.get(), HEARTBEAT_SECONDS)
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if event is None:
                return
            yield frame(event)

    async def _join(self, subscription: Subscription) -> int:
        """Add *subscription*; return the id after which its queue has everything."""
        async with self._starting:
            if self._closed:
                subscription.end()
                return 0
            if self.clients >= MAX_CLIENTS:
                raise RequestError(
                    f"{MAX_CLIENTS} clients listen already.",
                    fix="Close some, or ask again later.",
                    code="throttled",
                    headers={"Retry-After": "10"},
                )
            if self._task is None or self._task.done():
                self._position = await asyncio.to_thread(self._last_id)
                self._task = asyncio.create_task(self._run(), name="events-tailer")
            self._subscriptions.add(subscription)
            return self._position

    async def _run(self) -> None:
        """Poll until nobody listens."""
        while self._subscriptions or self._starting.locked():
            try:
                batch = await asyncio.to_thread(self._after, self._position, None, None, _BATCH)
            except Exception:  # noqa: BLE001  (the database may be away for a while; clients wait)
                _log.exception("events.poll-failed")
                await asyncio.sleep(5 * self._poll)
                continue
            for event in batch:
                self._position = event.id
                for subscription in tuple(self._subscriptions):
                    subscription.offer(event)
            if len(batch) < _BATCH:
                await asyncio.sleep(self._poll)

    def end(self) -> None:
        """End every stream, and let none begin; clients come again elsewhere or later."""
        self._closed = True
        for subscription in tuple(self._subscriptions):
            subscription.end()

    async def close(self) -> None:
        """End every stream, and stop polling."""
        self.end()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


def frame(event: Event) -> bytes:
    """Return *event* as one server-sent event; its JSON has no line break."""
    data = msgspec.json.encode(event)
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.id, event.type.encode(), data)
