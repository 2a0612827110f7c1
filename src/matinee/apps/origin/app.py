"""`/media/...` as a raw ASGI application."""

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from matinee.apps.asgi import App, Receive, Scope, Send, header, respond, respond_text
from matinee.apps.origin.conditions import (
    accepts_gzip,
    coded,
    failed,
    http_date,
    matches,
    not_modified,
    range_applies,
)
from matinee.apps.origin.documents import Document, Documents, Version
from matinee.apps.origin.objects import Objects, OpenObject
from matinee.apps.origin.ranges import Unsatisfiable, requested
from matinee.apps.origin.types import TEXT_TYPES, content_type
from matinee.errors import InputError, NotFoundError, UpstreamError
from matinee.manifests import names
from matinee.model.presentation import ByteRange
from matinee.storage.store import ObjectStore

POINTER_SECONDS = 1.0
"""For how long a title's live version is remembered: how late an unpublish takes hold here."""
POINTERS = 4096
"""Titles whose versions are remembered at most."""

_PATH = re.compile(r"/media/([A-Za-z0-9_-]{1,64})/(?:v(\d{1,9})/)?([A-Za-z0-9_./-]{1,256})")
_PINNED = re.compile(r"manifest-v(\d{1,9})\.mpd")
_FOREVER = (b"cache-control", b"public, max-age=31536000, immutable")
_SHORT = (b"cache-control", b"public, max-age=5, stale-while-revalidate=30")
_NEVER = (b"cache-control", b"no-store")
_CORS = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"content-length, content-range, etag, date"),
    (b"x-content-type-options", b"nosniff"),
)
_READABLE = (
    b"range", b"if-none-match", b"cmcd-object", b"cmcd-request", b"cmcd-session", b"cmcd-status",
)  # fmt: skip
_PREFLIGHT = (
    (b"access-control-allow-methods", b"GET, HEAD, OPTIONS"),
    (b"access-control-allow-headers", b", ".join(_READABLE)),
    (b"access-control-max-age", b"86400"),
)


class Pointers(Protocol):
    """What the origin asks of the catalogue."""

    def live_version(self, title_id: str) -> int | None:
        """Return the version that players get, None where the title is not on the air."""
        ...


class Origin:
    """Serves the manifests and media of live titles."""

    def __init__(
        self,
        pointers: Pointers,
        store: ObjectStore,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pointers = pointers
        self._store = store
        self._clock = clock
        self._objects = Objects(store)
        self._documents = Documents(store, clock=clock)
        self._live: OrderedDict[str, tuple[float, int | None]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request below /media/."""
        del receive  # bodies of requests are not read
        method = scope["method"]
        if method == "OPTIONS":
            await respond(send, 204, [*_CORS, *_PREFLIGHT])
            return
        if method not in {"GET", "HEAD"}:
            await respond_text(
                send, 405, "Only GET and HEAD.\n", [(b"allow", b"GET, HEAD, OPTIONS"), *_CORS]
            )
            return
        try:
            await self._answer(scope, send)
        except (NotFoundError, InputError):
            await self._refuse(scope, send, 404, "There is no such stream.\n")
        except UpstreamError:
            await self._refuse(scope, send, 503, "The store does not answer; try again.\n")

    @staticmethod
    async def _refuse(scope: Scope, send: Send, status: int, text: str) -> None:
        headers = [_NEVER, *_CORS]
        await respond_text(send, status, text, headers, head=scope["method"] == "HEAD")

    async def _answer(self, scope: Scope, send: Send) -> None:
        match = _PATH.fullmatch(scope["path"])
        if scope["path"] == f"/media/{names.CLOCK}":
            await self._send_time(scope, send)
            return
        if match is None:
            raise NotFoundError("no such path")
        title_id, version_text, name = match.groups()
        live = await self._live_version(title_id)
        if live is None or (version_text is not None and int(version_text) > live):
            raise NotFoundError("not on the air")
        if version_text is None:
            await self._send_stable(scope, send, (title_id, live), name)
            return
        kind = content_type(name)
        if kind is None:
            raise NotFoundError("not for players")
        version = int(version_text)
        if name[name.rfind(".") :] in TEXT_TYPES:
            text = await self._documents.text((title_id, version), name, kind)
            await self._send_document(scope, send, text, _held_for(text))
            return
        opened = await self._objects.open(f"titles/{title_id}/v{version}/{name}")
        await self._send_object(scope, send, opened, kind)

    async def _send_stable(self, scope: Scope, send: Send, live: Version, name: str) -> None:
        """Answer for a manifest beside the versions' folders, whose URIs lead into one of them."""
        if name in {names.MULTIVARIANT, names.MPD}:
            text = await self._documents.manifest(live, name)
            caching = _SHORT if text.fresh is None else _held_for(text)
            await self._send_document(scope, send, text, caching)
            return
        pinned = _PINNED.fullmatch(name)
        if pinned is None or int(pinned[1]) > live[1]:
            raise NotFoundError("only manifests have no version")
        text = await self._documents.manifest((live[0], int(pinned[1])), names.MPD)
        await self._send_document(scope, send, text, _held_for(text))

    @staticmethod
    async def _send_time(scope: Scope, send: Send) -> None:
        """Tell the time of day as `xs:dateTime`, which DASH players set their clocks by."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        headers = [(b"cache-control", b"no-store"), *_CORS]
        await respond_text(send, 200, now, headers, head=scope["method"] == "HEAD")

    async def _live_version(self, title_id: str) -> int | None:
        now = self._clock()
        known = self._live.get(title_id)
        if known is not None and now - known[0] < POINTER_SECONDS:
            return known[1]
        version = await asyncio.to_thread(self._pointers.live_version, title_id)
        self._live[title_id] = (now, version)
        self._live.move_to_end(title_id)
        while len(self._live) > POINTERS:
            self._live.popitem(last=False)
        return version

    @staticmethod
    async def _send_document(
        scope: Scope, send: Send, text: Document, caching: tuple[bytes, bytes]
    ) -> None:
        zipped = accepts_gzip(scope)
        etag = coded(text.etag) if zipped else text.etag
        headers = [(b"etag", etag), caching, (b"vary", b"accept-encoding"), *_CORS]
        if matches(header(scope, b"if-none-match"), etag):
            await respond(send, 304, headers)
            return
        headers.append((b"content-type", text.kind))
        if zipped:
            headers.append((b"content-encoding", b"gzip"))
        body = text.compressed if zipped else text.body
        headers.append((b"content-length", str(len(body)).encode()))
        await respond(send, 200, headers, b"" if scope["method"] == "HEAD" else body)

    @staticmethod
    async def _send_object(scope: Scope, send: Send, opened: OpenObject, kind: bytes) -> None:
        headers = [
            (b"etag", opened.etag),
            (b"last-modified", http_date(opened.modified)),
            (b"accept-ranges", b"bytes"),
            _FOREVER,
            *_CORS,
        ]
        head = scope["method"] == "HEAD"
        # The order of RFC 9110 §13.2.2.
        if failed(scope, opened.etag, opened.modified):
            text = "The object is another than you have.\n"
            await respond_text(send, 412, text, [_NEVER, *_CORS], head=head)
            return
        if not_modified(scope, opened.etag, opened.modified):
            await respond(send, 304, headers)
            return
        # Ranges are for GET (§14.2); where the client's copy is of another object, all of it.
        ranged = not head and range_applies(scope, opened.etag, opened.modified)
        try:
            span = requested(header(scope, b"range") if ranged else None, opened.size)
        except Unsatisfiable:
            beyond = (b"content-range", f"bytes */{opened.size}".encode())
            text = "The range lies beyond the end.\n"
            await respond_text(send, 416, text, [beyond, _NEVER, *_CORS])
            return
        headers.append((b"content-type", kind))
        status = 200
        if span is not None:
            status = 206
            about = f"bytes {span.offset}-{span.last}/{opened.size}"
            headers.append((b"content-range", about.encode()))
        span = span or ByteRange(0, opened.size)
        headers.append((b"content-length", str(span.length).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if not head:
            sent = 0
            async for piece in opened.chunks(span):
                sent += len(piece)
                more = sent < span.length
                await send({"type": "http.response.body", "body": piece, "more_body": more})
            if sent == span.length and sent > 0:
                return
        await send({"type": "http.response.body", "body": b""})


def _held_for(text: Document) -> tuple[bytes, bytes]:
    """Return how long a document may be cached whose URL names a version."""
    if text.fresh is None:
        return _FOREVER
    return b"cache-control", f"public, max-age={text.fresh}".encode()


def create_origin(pointers: Pointers, store: ObjectStore) -> App:
    """Return the origin as an ASGI application."""
    return Origin(pointers, store)
