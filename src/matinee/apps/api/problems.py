"""Errors as RFC 9457 problem documents: the one place that knows an error's status code."""

import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import Send

from matinee.apps.api.schema import ProblemBody
from matinee.errors import (
    CancelledError,
    ConflictError,
    DeniedError,
    InputError,
    MatineeError,
    NotFoundError,
    UpstreamError,
)

MEDIA_TYPE = "application/problem+json"

_log = structlog.get_logger(__name__)

_STATUS_OF_CODE = {
    "invalid-request": 400,
    "unauthenticated": 401,
    "unknown-key": 401,
    "no-session": 401,
    "bad-code": 401,
    "no-such-method": 405,
    "timeout": 408,
    "gone": 410,
    "unsupported-tus-version": 412,
    "too-large": 413,
    "unsupported-media-type": 415,
    "wrong-host": 421,
    "locked": 423,
    "throttled": 429,
    "too-many-uploads": 429,
    "checksum-mismatch": 460,
    "disk-full": 507,
}
_STATUS_OF_CLASS: tuple[tuple[type[MatineeError], int], ...] = (
    (NotFoundError, 404),
    (ConflictError, 409),
    (DeniedError, 403),
    (InputError, 422),
    (UpstreamError, 503),
    (CancelledError, 503),
)
_TITLES = {460: "Checksum Mismatch"}
_CODES = {
    400: "invalid-request",
    401: "unauthenticated",
    403: "denied",
    404: "not-found",
    405: "no-such-method",
    413: "too-large",
    415: "unsupported-media-type",
    429: "throttled",
    503: "upstream",
}
_FIXES = {
    404: "Check the address; /api/v1/openapi.json lists all there are.",
    405: "Use one of the methods that the Allow header names.",
    413: "Send less in one request; films go to /api/v1/uploads.",
}


class RequestError(InputError):
    """A request that HTTP, rather than the catalogue, forbids.

    Attributes:
        headers: what the answer must carry besides, such as `Retry-After`.
        faults: each fault of the request with its place, for `errors`.
    """

    code = "invalid-request"

    def __init__(
        self,
        message: str,
        *,
        fix: str = "",
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        faults: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, fix=fix, code=code)
        self.headers = dict(headers or {})
        self.faults = faults


class Fault(msgspec.Struct, frozen=True):
    """A problem document and the headers that go with it."""

    body: ProblemBody
    headers: dict[str, str]

    @property
    def content(self) -> bytes:
        """The document as JSON."""
        return msgspec.json.encode(self.body)


def status_of(error: MatineeError) -> int:
    """Return the HTTP status of *error*: by its code where that has one, else by its class."""
    if error.code in _STATUS_OF_CODE:
        return _STATUS_OF_CODE[error.code]
    return next((status for cls, status in _STATUS_OF_CLASS if isinstance(error, cls)), 500)


def fault_of(error: Exception, path: str) -> Fault:
    """Return what to answer for *error* at *path*; what is our fault is logged and not shown."""
    if isinstance(error, HTTPException) and error.status_code < 500:
        return _of_framework(error, path)
    status = status_of(error) if isinstance(error, MatineeError) else 500
    if not isinstance(error, MatineeError) or status == 500:
        return _internal(error, path)
    headers = dict(error.headers) if isinstance(error, RequestError) else {}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="matinee"'
    if status == 503:
        headers.setdefault("Retry-After", "5")
        _log.warning("api.upstream", path=path, code=error.code, message=error.message)
    body = ProblemBody(
        type=f"urn:matinee:problem:{error.code}",
        title=_title(status),
        status=status,
        detail=error.message,
        code=error.code,
        fix=error.fix,
        instance=path,
        errors=list(error.faults) if isinstance(error, RequestError) else [],
    )
    return Fault(body, headers)


def _title(status: int) -> str:
    return _TITLES.get(status) or HTTPStatus(status).phrase


def _of_framework(error: HTTPException, path: str) -> Fault:
    """Return the problem of an error that Litestar raised itself, such as an unknown route."""
    status = error.status_code
    code = _CODES.get(status, "invalid-request")
    faults = [_framework_fault(one) for one in error.extra or () if isinstance(one, dict)]
    details = {404: "There is nothing at this address.", 405: "This address has no such method."}
    if faults:
        detail = "The request does not fit: " + "; ".join(faults[:3]) + "."
    else:
        detail = details.get(status) or error.detail or _title(status)
    body = ProblemBody(
        type=f"urn:matinee:problem:{code}",
        title=_title(status),
        status=status,
        detail=detail,
        code=code,
        fix=_FIXES.get(status, "Correct the request as `errors` says." if faults else ""),
        instance=path,
        errors=faults,
    )
    return Fault(body, dict(error.headers or {}))


def _framework_fault(extra: Mapping[str, Any]) -> str:
    place = " ".join(str(extra[key]) for key in ("source", "key") if extra.get(key))
    return f"{place}: {extra.get('message', 'invalid')}" if place else str(extra.get("message"))


def _internal(error: Exception, path: str) -> Fault:
    occurrence = uuid.uuid4()
    _log.error("api.failed", path=path, occurrence=str(occurrence), exc_info=error)
    body = ProblemBody(
        type="urn:matinee:problem:internal",
        title=_title(500),
        status=500,
        detail=f"Something broke in Matinee itself; the log names it {occurrence}.",
        code="internal",
        fix="Try again; if it stays, report it with this number and the log's lines of it.",
        instance=f"urn:uuid:{occurrence}",
    )
    return Fault(body, {})


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Litestar exception handler: *error* as a problem document."""
    fault = fault_of(error, request.scope["path"])
    return Response(
        fault.content,
        status_code=fault.body.status,
        headers=fault.headers | {"Cache-Control": "no-store"},
        media_type=MEDIA_TYPE,
    )


async def send_fault(send: Send, fault: Fault, headers: Mapping[str, str] | None = None) -> None:
    """Answer *fault* over raw ASGI, with *headers* besides its own."""
    content = fault.content
    own = {
        "Content-Type": MEDIA_TYPE,
        "Content-Length": str(len(content)),
        "Cache-Control": "no-store",
    }
    everything = own | dict(headers or {}) | fault.headers
    encoded = [(name.lower().encode(), value.encode()) for name, value in everything.items()]
    await send({"type": "http.response.start", "status": fault.body.status, "headers": encoded})
    await send({"type": "http.response.body", "body": content, "more_body": False})
