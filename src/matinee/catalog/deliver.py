"""Sending webhooks: one signed POST for each delivery, to public addresses only."""

import asyncio
import random
from collections.abc import Callable
from datetime import datetime

import httpx
import msgspec

from matinee.catalog.catalog import Catalog
from matinee.catalog.deliveries import Delivery
from matinee.catalog.retry import retry_after
from matinee.catalog.signature import sign
from matinee.errors import MatineeError
from matinee.network.guard import Resolve, guarded_client, system_resolve

DEADLINE_SECONDS = 20
"""For one attempt from the first look-up to the status line; Standard Webhooks advises 15 to 30."""
TIMEOUT = httpx.Timeout(15.0, connect=5.0)
BATCH = 32
PARALLEL = 8
"""Receivers that hang hold up the others for 32 / 8 * 20 s at most, within the lease."""
_GONE = 410
"""Standard Webhooks: the receiver is not there any more, do not try again."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How one attempt went; `error` is "" if the receiver took it."""

    status: int | None = None
    error: str = ""

    @property
    def final(self) -> bool:
        """Whether another attempt is pointless."""
        return self.status == _GONE


def deliver_due(
    catalog: Catalog,
    *,
    allow_private: bool = False,
    jitter: Callable[[], float] = random.random,
    resolve: Resolve = system_resolve,
) -> int:
    """Send the deliveries that are due, a batch of them, and note how they went; say how many.

    Several workers may do so at once: each delivery is leased to one. It blocks; call it from a
    thread without an event loop.
    """
    due = catalog.deliveries.due(catalog.now(), BATCH)
    if not due:
        return 0
    client = guarded_client(TIMEOUT, allow_private=allow_private, resolve=resolve)
    outcomes = asyncio.run(_send_all(due, client, catalog.now))
    for delivery, outcome in zip(due, outcomes, strict=True):
        note(catalog, delivery, outcome, jitter())
    return len(due)


async def _send_all(
    due: tuple[Delivery, ...], client: httpx.AsyncClient, clock: Callable[[], datetime]
) -> list[Outcome]:
    turns = asyncio.Semaphore(PARALLEL)

    async def take_turn(delivery: Delivery) -> Outcome:
        async with turns:
            return await send(client, delivery, clock())

    async with client, asyncio.TaskGroup() as group:
        tasks = [group.create_task(take_turn(delivery)) for delivery in due]
    return [task.result() for task in tasks]


async def send(client: httpx.AsyncClient, delivery: Delivery, now: datetime) -> Outcome:
    """Make one attempt. Nothing is raised for a receiver that is broken, slow or forbidden."""
    body = delivery.body.encode()
    try:
        headers = {
            **sign(delivery.secret, delivery.id, now, body),
            "content-type": "application/json",
            "user-agent": "Matinee-Webhooks/1",
        }
        # Streamed, so that the answer's body, which may be endless, is never read.
        async with (
            asyncio.timeout(DEADLINE_SECONDS),
            client.stream("POST", delivery.url, content=body, headers=headers) as response,
        ):
            status = response.status_code
    except TimeoutError:
        return Outcome(error=f"The receiver did not answer within {DEADLINE_SECONDS} s.")
    except MatineeError as error:
        return Outcome(error=error.message)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Outcome(error=f"{type(error).__name__}: {error}".rstrip(": "))
    if 200 <= status < 300:
        return Outcome(status=status)
    return Outcome(status=status, error=f"The receiver answered {status}.")


def note(catalog: Catalog, delivery: Delivery, outcome: Outcome, jitter: float) -> None:
    """Write down how the attempt went, and when the next one is due if there is one."""
    if not outcome.error:
        catalog.deliveries.succeeded(delivery.id, outcome.status or 0)
        return
    wait = None if outcome.final else retry_after(delivery.attempts + 1, jitter)
    retry_at = None if wait is None else catalog.now() + wait
    catalog.deliveries.failed(delivery.id, outcome.status, outcome.error, retry_at)
