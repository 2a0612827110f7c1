"""tus 1.0.0 over raw ASGI: bytes go from the socket to the disk, in bounded memory.

The state of an upload is its file (`files.py`); the catalogue keeps who owns it, how long it will
be and when it expires. Sections named § are those of the tus resumable upload protocol 1.0.0.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from litestar.types import HTTPScope, Message, Receive, Send

from matinee.accounts.principals import Principal
from matinee.apps.api.problems import RequestError, fault_of, send_fault
from matinee.apps.api.security import admin_of, check_host, headers_of
from matinee.apps.api.services import Services
from matinee.apps.uploads import protocol
from matinee.apps.uploads.files import UploadFiles, disk_full
from matinee.apps.uploads.records import record, settle
from matinee.apps.uploads.transfer import Incoming, SenderGoneError, Transfers
from matinee.catalog.uploads import Upload
from matinee.errors import NotFoundError

PREFIX = "/api/v1/uploads"
_COMMON = {"Tus-Resumable": protocol.VERSION, "Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class _Call:
    """One request, as handlers need it."""

    headers: Mapping[str, str]
    receive: Receive
    send: Send
    principal: Principal


class TusApp:
    """ASGI app for `/api/v1/uploads` and what is below it."""

    def __init__(
        self, services: Services, uploaded: Callable[[int], None] = lambda _: None
    ) -> None:
        """Serve uploads into `services.uploads_folder`; *uploaded* is told of bytes that came."""
        self._services = services
        self._uploads = services.catalog.uploads
        self.files = UploadFiles(services.uploads_folder)
        self._transfers = Transfers(self.files, uploaded)
        self._admitting = threading.Lock()

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request; every error becomes a problem document."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._dispatch(scope, receive, watched)
        except Exception as error:
            if started:
                raise
            await send_fault(watched, fault_of(_said(error), scope["path"]), _COMMON)

    async def _dispatch(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        check_host(headers, self._services.allowed_hosts)
        method = str(scope["method"])
        if method == "POST":
            # § X-HTTP-Method-Override: for clients that cannot send PATCH or DELETE.
            method = headers.get("x-http-method-override", method).upper()
        upload_id = scope["path"].removeprefix(PREFIX).strip("/")
        if method == "OPTIONS":
            await _respond(send, 204, self._abilities(upload_id))
            return
        handler = self._handler(method, upload_id)
        principal = await admin_of(scope, self._services)
        protocol.check_version(headers)
        call = _Call(headers, receive, send, principal)
        await handler(call, upload_id)

    def _handler(self, method: str, upload_id: str) -> Callable[[_Call, str], Awaitable[None]]:
        own = {"HEAD": self._head, "PATCH": self._patch, "DELETE": self._delete}
        methods = own if upload_id else {"POST": self._create}
        if method not in methods:
            raise RequestError(
                "An upload has no such method." if upload_id else "Uploads have no such method.",
                fix=f"Use {', '.join(methods)}.",
                code="no-such-method",
                headers={"Allow": ", ".join([*methods, "OPTIONS"])},
            )
        return methods[method]

    def _abilities(self, upload_id: str) -> dict[str, str]:
        """§ OPTIONS: what this server can do."""
        return {
            "Allow": "HEAD, PATCH, DELETE, OPTIONS" if upload_id else "POST, OPTIONS",
            "Tus-Version": protocol.VERSION,
            "Tus-Extension": protocol.EXTENSIONS,
            "Tus-Max-Size": str(self._services.max_upload_size),
            "Tus-Checksum-Algorithm": ",".join(protocol.CHECKSUMS),
        }

    async def _create(self, call: _Call, _: str) -> None:
        """§ POST: make an upload, and with creation-with-upload take its first bytes."""
        length = protocol.length(call.headers, self._services.max_upload_size)
        metadata = protocol.metadata(call.headers)
        with_bytes = protocol.brings_bytes(call.headers)
        checksum = protocol.checksum(call.headers)
        upload = await asyncio.to_thread(self._new, call.principal, length, metadata)
        offset = 0
        if with_bytes:
            await asyncio.to_thread(self._check_room, upload, call.headers)
            with suppress(SenderGoneError):  # resumable: what came is kept, and HEAD tells it
                offset = await self._take(upload, 0, checksum, call)
        elif length == 0:
            await asyncio.to_thread(self._record, upload, 0)
        headers = {"Location": f"{PREFIX}/{upload.id}", "Upload-Offset": str(offset)}
        await _respond(call.send, 201, headers | _expires(upload))

    def _new(self, principal: Principal, length: int | None, metadata: dict[str, str]) -> Upload:
        with self._admitting:
            self._admit(length or 0)
            upload = self._uploads.create(
                length=length,
                metadata=metadata,
                owner=principal.id,
                expires_at=self._expiry(),
            )
        self.files.create(upload.id)
        return upload

    def _admit(self, needed: int) -> None:
        """Refuse bytes that there is no room for beside the reserve and what others may send."""
        promised = self._uploads.promised(self._services.clock())
        room = self.files.free() - self._services.disk_reserve - promised
        if needed > max(0, room):
            raise disk_full(needed, max(0, room))

    async def _head(self, call: _Call, upload_id: str) -> None:
        """§ HEAD: how far the upload has come."""
        upload, offset = await asyncio.to_thread(self._find, upload_id)
        headers = {"Upload-Offset": str(offset)} | _expires(upload)
        if upload.length is None:
            headers["Upload-Defer-Length"] = "1"
        else:
            headers["Upload-Length"] = str(upload.length)
        if upload.metadata:
            headers["Upload-Metadata"] = protocol.render_metadata(upload.metadata)
        await _respond(call.send, 200, headers)

    def _find(self, upload_id: str) -> tuple[Upload, int]:
        """Return the upload and its offset; the file is the truth, and the catalogue is told.

        Raises:
            NotFoundError: there is no such upload.
            RequestError: it has expired, or a title has taken it (410).
        """
        upload = self._uploads.get(upload_id)
        if upload.state == "consumed":
            raise _gone("A title has taken this upload.")
        offset = self.files.offset(upload.id)
        if offset is None or upload.expires_at <= self._services.clock():
            raise _gone("This upload has expired.")
        return settle(self._uploads, upload, offset, self._expiry()), offset

    def _expiry(self) -> datetime:
        return self._services.clock() + self._services.upload_lifetime

    async def _patch(self, call: _Call, upload_id: str) -> None:
        """§ PATCH: append bytes from the offset that client and server agree on."""
        if not protocol.brings_bytes(call.headers):
            raise RequestError(
                f"The body is not {protocol.CONTENT_TYPE}.",
                fix=f"Send Content-Type: {protocol.CONTENT_TYPE}.",
                code="unsupported-media-type",
            )
        offset = protocol.count(call.headers, "Upload-Offset")
        if offset is None:
            raise RequestError("Upload-Offset is missing.", fix="Ask for it with HEAD first.")
        checksum = protocol.checksum(call.headers)
        upload = await asyncio.to_thread(self._ready, upload_id, call.headers)
        await asyncio.to_thread(self._check_room, upload, call.headers)
        reached = await self._take(upload, offset, checksum, call)
        await _respond(call.send, 204, {"Upload-Offset": str(reached)} | _expires(upload))

    def _ready(self, upload_id: str, headers: Mapping[str, str]) -> Upload:
        """Return the upload, with the length that the client may know only now."""
        upload, _ = self._find(upload_id)
        length = protocol.count(headers, "Upload-Length")
        if length is None:
            return upload
        protocol.check_size(length, self._services.max_upload_size)
        with self._admitting:
            if upload.length is None:
                self._admit(length - upload.offset)
            return self._uploads.set_length(upload_id, length)

    def _check_room(self, upload: Upload, headers: Mapping[str, str]) -> None:
        """Refuse early what would be refused late: no limit is first met by the last byte."""
        coming = protocol.count(headers, "Content-Length") or 0
        if upload.length is None:
            self._admit(coming)
        elif coming > (free := self.files.free()):  # something else has taken what was promised
            raise disk_full(coming, free)
        if upload.length is not None and coming > upload.length:
            raise RequestError(
                f"The body goes beyond the upload's {upload.length} bytes.",
                fix="Send no more than Upload-Length bytes.",
                code="too-large",
            )

    async def _take(
        self, upload: Upload, offset: int, checksum: protocol.Checksum | None, call: _Call
    ) -> int:
        incoming = Incoming(
            upload_id=upload.id,
            offset=offset,
            limit=self._services.max_upload_size if upload.length is None else upload.length,
            checksum=checksum,
            record=lambda reached: self._record(upload, reached),
        )
        return await self._transfers.take(incoming, call.receive)

    def _record(self, upload: Upload, offset: int) -> Upload:
        return record(self._uploads, upload, offset, self._expiry())

    async def _delete(self, call: _Call, upload_id: str) -> None:
        """§ DELETE: end the upload and free its room."""
        upload = await asyncio.to_thread(self._uploads.get, upload_id)
        if upload.state == "consumed":
            raise _gone("A title has taken this upload.")
        await self._transfers.interrupt(upload.id)
        await asyncio.to_thread(self._forget, upload)
        await _respond(call.send, 204, {})

    def _forget(self, upload: Upload) -> None:
        with suppress(NotFoundError):  # deleted twice at once
            self._uploads.delete(upload.id)
        self.files.delete(upload.id)


def _expires(upload: Upload) -> dict[str, str]:
    return {"Upload-Expires": protocol.http_date(upload.expires_at)}


def _gone(message: str) -> RequestError:
    return RequestError(message, fix="Start a new upload.", code="gone")


def _said(error: Exception) -> Exception:
    """Return *error* as something that can be said to the client."""
    if isinstance(error, SenderGoneError):
        return RequestError(
            "The body did not come whole; what came is kept.",
            fix="Ask for the offset with HEAD, and go on from there.",
            code="timeout",
        )
    return error


async def _respond(send: Send, status: int, headers: Mapping[str, str]) -> None:
    everything = _COMMON | {"X-Content-Type-Options": "nosniff"} | dict(headers)
    encoded = [
        (name.lower().encode(), value.encode("latin-1")) for name, value in everything.items()
    ]
    if status != 204:
        encoded.append((b"content-length", b"0"))
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
