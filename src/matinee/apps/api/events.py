"""What happens, as it happens: /api/v1/events."""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated

import msgspec
from litestar import get
from litestar.response import Stream
from msgspec import Meta

from matinee.apps.api.desk import ApiRequest, desk_of
from matinee.apps.api.operations import Answer, Operation, read_query

STREAM = "text/event-stream"
_EVENT_ID = re.compile(r"[0-9]{1,18}")
_LAST_ID = {
    "Last-Event-ID": {
        "description": "The last event that was received: the stream goes on after it. Browsers "
        "send it by themselves; a malformed one is ignored.",
        "schema": {"type": "string"},
        "example": "42",
    }
}


class EventQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which events to stream."""

    title_id: (
        Annotated[str, Meta(max_length=64, description="Events of this title only.")] | None
    ) = None
    types: (
        Annotated[
            str,
            Meta(
                pattern="^[a-z][a-z.-]*(,[a-z][a-z.-]*)*$",
                max_length=500,
                description="Event types, separated by commas; all without it.",
                examples=["title.published,job.progress"],
            ),
        ]
        | None
    ) = None
    after: (
        Annotated[
            int,
            Meta(
                ge=0,
                le=2**53,
                description="Begin after this event, as Last-Event-ID does; without either, "
                "with what happens from now on.",
            ),
        ]
        | None
    ) = None


@get(
    "/events",
    operation=Operation(
        id="streamEvents",
        tag="Events",
        summary="Follow what happens",
        query=EventQuery,
        request_headers=_LAST_ID,
        answers={
            200: Answer(
                description="Server-sent events without end: `id:` is the event's id, `event:` "
                "its type, `data:` the `Event` as JSON; a comment every 15 s. A client that is "
                "too slow is sent away and goes on from its last id.",
                media_type=STREAM,
            )
        },
        problems={429: "Too many clients listen already."},
    ),
)
async def stream_events(request: ApiRequest) -> Stream:
    """Stream events as they happen, for `EventSource` or `curl -N`."""
    tailer = desk_of(request).tailer
    query = read_query(request, EventQuery)
    last = request.headers.get("last-event-id", "")
    after = int(last) if _EVENT_ID.fullmatch(last) else query.after
    types = frozenset(query.types.split(",")) if query.types else None
    pieces = tailer.stream(after, query.title_id, types)
    # The first piece takes our place among the clients, or is refused while we can still say so.
    first = await anext(pieces)
    return Stream(
        _all(first, pieces),
        media_type=STREAM,
        # Proxies must neither keep the stream nor gather it: nginx heeds X-Accel-Buffering.
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _all(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    async with aclosing(rest):
        yield first
        async for piece in rest:
            yield piece
