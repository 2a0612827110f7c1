"""The API as one ASGI app: `/api/v1`, `/healthz` and `/metrics`, uploads included."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from litestar import Litestar, Response, Router, get
from litestar.enums import HttpMethod, ScopeType
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import (
    HTTPResponseStartEvent,
    HTTPScope,
    LifeSpanReceive,
    LifeSpanScope,
    LifeSpanSend,
    Message,
    Receive,
    Scope,
    Send,
)

from matinee.apps.api import openapi, problems
from matinee.apps.api.bodies import MAX_BODY
from matinee.apps.api.desk import JSON, ApiRequest, Desk
from matinee.apps.api.draining import on_stop_signal
from matinee.apps.api.events import stream_events
from matinee.apps.api.jobs import Jobs
from matinee.apps.api.operations import Answer, Operation
from matinee.apps.api.security import check_host, guard, headers_of
from matinee.apps.api.services import Services
from matinee.apps.api.sessions import Sessions
from matinee.apps.api.titles import Titles
from matinee.apps.api.viewing import Catalogue, health, list_ladders, metrics
from matinee.apps.api.webhooks import Webhooks
from matinee.apps.api.workers import Workers
from matinee.apps.uploads.tus import PREFIX as UPLOADS
from matinee.apps.uploads.tus import TusApp
from matinee.errors import MatineeError

PREFIX = "/api/v1"
EVENTS = f"{PREFIX}/events"
"""Has no end, so it has no headers of a whole answer either."""


class Api(Litestar):
    """Litestar with what must happen before routing: hosts, uploads and counting."""

    desk: Desk
    tus: TusApp
    methods: dict[str, bytes]
    """Path template to the value of `Allow`."""

    async def __call__(
        self,
        scope: Scope | LifeSpanScope,
        receive: Receive | LifeSpanReceive,
        send: Send | LifeSpanSend,
    ) -> None:
        """Answer one request, or start and stop."""
        if scope["type"] == ScopeType.HTTP:
            await self._answer(scope, receive, send)  # type: ignore[arg-type]  # told by the type
        else:
            await super().__call__(scope, receive, send)

    async def _answer(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        method, path = str(scope["method"]), scope["path"]
        uploads = path == UPLOADS or path.startswith(f"{UPLOADS}/")
        head = method == "HEAD" and not uploads and path != EVENTS
        if head:  # RFC 9110 §9.3.2: as GET, without the body
            scope["method"] = HttpMethod.GET

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = _route(scope, path, uploads=uploads)
                seconds = time.perf_counter() - started
                self.desk.metrics.observe(method, route, message["status"], seconds)
                message = self._hardened(scope, message)
            elif head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            check_host(headers_of(scope), self.desk.services.allowed_hosts)
        except MatineeError as error:
            await problems.send_fault(watched, problems.fault_of(error, path))
            return
        if uploads:
            await self.tus(scope, receive, watched)
        else:
            await super().__call__(scope, receive, watched)

    def _hardened(
        self, scope: HTTPScope, message: HTTPResponseStartEvent
    ) -> HTTPResponseStartEvent:
        headers = [*message["headers"], (b"x-content-type-options", b"nosniff")]
        methods = self.methods.get(scope.get("path_template", ""))
        if scope["method"] == "OPTIONS" and methods:
            # Litestar's own answer knows only the methods of one handler of the path.
            headers = [(name, value) for name, value in headers if name.lower() != b"allow"]
            headers.append((b"allow", methods))
        return {**message, "headers": headers}


def _allowed(route: HTTPRoute) -> set[str]:
    """Return the methods that *route* answers, with those that all routes do."""
    own = {str(method) for method in route.methods}
    return own | {"OPTIONS"} | ({"HEAD"} if "GET" in own and route.path_format != EVENTS else set())


def _route(scope: HTTPScope, path: str, *, uploads: bool) -> str:
    """Return the route's template: a label must not be what a stranger wrote."""
    if uploads:
        return UPLOADS if path == UPLOADS else f"{UPLOADS}/{{upload_id}}"
    return scope.get("path_template") or "unmatched"


def create_api(services: Services) -> Api:
    """Return the app for everything below /api, and for /healthz and /metrics."""
    desk = Desk(services)
    v1 = Router(
        PREFIX,
        route_handlers=[
            Titles, Jobs, Workers, Catalogue, Webhooks, Sessions, list_ladders, stream_events,
            _openapi_handler(services.version),
        ],
    )  # fmt: skip

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        with on_stop_signal(desk.tailer.end):
            yield
        await desk.tailer.close()

    api = Api(
        route_handlers=[v1, health, metrics],
        guards=[guard],
        exception_handlers={
            HTTPException: problems.answer,
            MatineeError: problems.answer,
            Exception: problems.answer,
        },
        request_max_body_size=MAX_BODY,
        openapi_config=None,
        logging_config=None,
        lifespan=[lifespan],
    )
    api.state["desk"] = desk
    api.desk = desk
    api.methods = {
        route.path_format: ", ".join(sorted(_allowed(route))).encode()
        for route in api.routes
        if isinstance(route, HTTPRoute)
    }
    api.tus = TusApp(services, desk.metrics.uploaded.inc)
    return api


def _openapi_handler(version: str) -> HTTPRouteHandler:
    """Return the handler of the OpenAPI document, which is made once, when first asked for."""
    made: list[bytes] = []

    @get(
        "/openapi.json",
        operation=Operation(
            id="getOpenApi",
            tag="Operation",
            summary="Get this document",
            public=True,
            answers={200: Answer(description="OpenAPI 3.1.", media_type="application/json")},
        ),
    )
    async def openapi_document(request: ApiRequest) -> Response[bytes]:
        """Return the description of this API."""
        if not made:
            made.append(msgspec.json.encode(openapi.document(request.app, version)))
        headers = {"Cache-Control": "public, max-age=300"}
        return Response(made[0], media_type=JSON, headers=headers)

    return openapi_document
