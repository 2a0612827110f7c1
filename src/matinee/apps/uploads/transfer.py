"""Bytes of one request onto the end of an upload's file: one sender at a time, bounded memory."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

import msgspec
from litestar.types import Receive

from matinee.apps.api.problems import RequestError
from matinee.apps.uploads.files import Appender, UploadFiles
from matinee.apps.uploads.protocol import Checksum
from matinee.errors import ConflictError

BUFFER = 1 << 20
"""Bytes gathered before they are written: the memory of one request."""
SYNC_EVERY = 64 << 20
"""Bytes after which a running request is brought to the disk and recorded."""
SILENCE_SECONDS = 60.0
"""A sender that says nothing for so long has gone; its lock is let go."""
TAKEOVER_SECONDS = 2.0
"""A sender silent for so long gives way to a new request for the same upload: after a broken
connection the client is back long before we would notice that the old one is dead."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


class SenderGoneError(Exception):
    """The sender went away, was silent too long, or gave way; what arrived is kept."""


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """What one request brings: bytes from *offset*, never beyond *limit*."""

    upload_id: str
    offset: int
    limit: int
    checksum: Checksum | None
    record: Callable[[int], object]
    """Told the offset after bytes are on the disk; blocks."""


@dataclass(eq=False, slots=True)
class _Sender:
    """A request that is sending now."""

    heard: float = field(default_factory=time.monotonic)
    give_way: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Transfers:
    """The requests that are sending to uploads now."""

    def __init__(self, files: UploadFiles, uploaded: Callable[[int], None]) -> None:
        self._files = files
        self._uploaded = uploaded
        self._senders: dict[str, _Sender] = {}

    async def take(self, incoming: Incoming, receive: Receive) -> int:
        """Append the request's body and return the new offset.

        Raises:
            RequestError: another request is sending (423), the body goes beyond the limit (413),
                its checksum is wrong (460), or the disk is full (507).
            ConflictError: the upload is at another offset (409).
            SenderGoneError: the body did not come whole.
        """
        await self._supersede_silent(incoming.upload_id)
        opened = self._files.append(incoming.upload_id, unproven=incoming.checksum is not None)
        appender = await settled(opened.__enter__)
        sender = self._senders[incoming.upload_id] = _Sender()
        try:
            if appender.offset != incoming.offset:
                raise ConflictError(
                    f"The upload is at {appender.offset}, not at {incoming.offset}.",
                    fix="Ask for the offset with HEAD, and go on from there.",
                    code="offset-mismatch",
                )
            await _Intake(appender, incoming, sender, self._uploaded).run(receive)
        finally:
            # Unlocks, and cuts off what was not proven, even while we are being cancelled.
            try:
                await settled(opened.__exit__, None, None, None)
            finally:
                self._senders.pop(incoming.upload_id, None)
                sender.ended.set()
        return appender.offset

    async def _supersede_silent(self, upload_id: str) -> None:
        sender = self._senders.get(upload_id)
        if sender is not None and time.monotonic() - sender.heard > TAKEOVER_SECONDS:
            sender.give_way.set()
            await sender.ended.wait()

    async def interrupt(self, upload_id: str) -> None:
        """End the request that is sending to *upload_id*, if there is one here."""
        sender = self._senders.get(upload_id)
        if sender is not None:
            sender.give_way.set()
            await sender.ended.wait()


class _Intake:
    """Moves one body from the socket to the file."""

    def __init__(
        self,
        appender: Appender,
        incoming: Incoming,
        sender: _Sender,
        uploaded: Callable[[int], None],
    ) -> None:
        self._appender = appender
        self._incoming = incoming
        self._sender = sender
        self._uploaded = uploaded
        self._buffer = bytearray()
        self._hasher = incoming.checksum.hasher() if incoming.checksum else None
        self._synced = appender.offset

    async def run(self, receive: Receive) -> None:
        """Take the whole body; what came before a fault is kept, unless a checksum guards it."""
        more, whole = True, False
        try:
            while more:
                chunk, more = await self._next(receive)
                if self._appender.offset + len(self._buffer) + len(chunk) > self._incoming.limit:
                    raise RequestError(
                        f"The body goes beyond the upload's {self._incoming.limit} bytes.",
                        fix="Send no more than Upload-Length bytes.",
                        code="too-large",
                    )
                self._buffer += chunk
                if len(self._buffer) >= BUFFER:
                    await settled(self._flush)
            whole = True
        finally:
            await settled(self._finish, whole=whole)

    async def _next(self, receive: Receive) -> tuple[bytes, bool]:
        """Return the next bytes and whether there are more."""
        message = asyncio.ensure_future(receive())
        way = asyncio.ensure_future(self._sender.give_way.wait())
        try:
            done, _ = await asyncio.wait(
                {message, way}, timeout=SILENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            way.cancel()
            if not message.done():
                message.cancel()
        if message not in done:
            raise SenderGoneError
        event = message.result()
        if event["type"] != "http.request":
            raise SenderGoneError
        self._sender.heard = time.monotonic()
        return event.get("body", b""), event.get("more_body", False)

    def _flush(self) -> None:
        data, self._buffer = self._buffer, bytearray()
        if self._hasher is not None:
            self._hasher.update(data)
        self._appender.write(data)
        self._uploaded(len(data))
        if self._hasher is None and self._appender.offset - self._synced >= SYNC_EVERY:
            self._appender.sync()
            self._synced = self._appender.offset
            self._incoming.record(self._synced)

    def _finish(self, *, whole: bool) -> None:
        """Bring everything to the disk and record it; unproven bytes are left to be cut off."""
        checksum = self._incoming.checksum
        if checksum is not None and self._hasher is not None:
            if not whole:
                return
            self._flush()
            if self._hasher.digest() != checksum.digest:
                raise RequestError(
                    f"The bytes do not have the {checksum.algorithm} that Upload-Checksum gives.",
                    fix="Send the same bytes again.",
                    code="checksum-mismatch",
                )
            self._appender.prove()
        else:
            self._flush()
            self._appender.sync()
        self._incoming.record(self._appender.offset)


async def settled(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Run a blocking *function* in a thread, and never leave it running behind.

    Cancelling an await of a thread does not stop the thread: it would go on with a file that we
    have closed by then.
    """
    task = asyncio.ensure_future(asyncio.to_thread(function, *args, **kwargs))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
