"""What one API process keeps beside its services, and how its handlers reach it."""

import hashlib
from typing import Any, TypeAlias
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response

from matinee.apps.api.links import TitleLinks
from matinee.apps.api.metrics import Metrics
from matinee.apps.api.security import base_url, headers_of
from matinee.apps.api.services import Services
from matinee.apps.api.tailer import Tailer
from matinee.apps.api.throttle import Throttle
from matinee.apps.uploads.files import UploadFiles

ApiRequest: TypeAlias = Request[Any, Any, Any]
JSON = "application/json"


class Desk:
    """The services with the caches, limits and tasks of one process."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.links = TitleLinks(services.store)
        self.throttle = Throttle()
        self.files = UploadFiles(services.uploads_folder)
        events = services.catalog.events
        self.tailer = Tailer(
            lambda after, title_id, types, limit: events.after(
                after, title_id=title_id, types=types or (), limit=limit
            ),
            events.last_id,
        )
        self.metrics = Metrics(services.registry, lambda: self.tailer.clients)


def desk_of(request: ApiRequest) -> Desk:
    """Return the desk of the app that got *request*."""
    desk: Desk = request.app.state["desk"]
    return desk


def base_of(request: ApiRequest) -> str:
    """Return scheme and host that links in the answer begin with."""
    return base_url(request.scope, headers_of(request.scope), desk_of(request).services)


def json_response(
    body: object, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response[bytes]:
    """Return *body* as JSON; it is the asker's own, so nobody may keep it."""
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        media_type=JSON,
        headers={"Cache-Control": "no-store"} | (headers or {}),
    )


def page_headers(request: ApiRequest, next_cursor: str | None) -> dict[str, str]:
    """Return the `Link` to the next page (RFC 8288), if there is one."""
    if next_cursor is None:
        return {}
    query = dict(request.query_params.items()) | {"cursor": next_cursor}
    return {"Link": f'<{request.scope["path"]}?{urlencode(query)}>; rel="next"'}


def conditional(request: ApiRequest, body: object) -> Response[bytes]:
    """Return *body* as JSON with an ETag, or 304 to one who has it (RFC 9110 §13.1.2)."""
    content = msgspec.json.encode(body)
    etag = f'W/"{hashlib.sha256(content).hexdigest()[:24]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
    asked = {one.strip() for one in request.headers.get("if-none-match", "").split(",")}
    if etag in asked or "*" in asked:
        return Response(b"", status_code=304, headers=headers, media_type=JSON)
    return Response(content, status_code=200, headers=headers, media_type=JSON)
