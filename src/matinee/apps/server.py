"""The server process: API, origin, uploads and pages on one port.

`python -m matinee.apps.server`, started by the supervisor.
"""

import asyncio
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import structlog
from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels

from matinee import __version__, wiring
from matinee.apps.api.app import create_api
from matinee.apps.api.forwarding import networks
from matinee.apps.api.security import LOCAL
from matinee.apps.api.services import Services
from matinee.apps.asgi import App, Receive, Scope, Send
from matinee.apps.lifetime import end_with_parent
from matinee.apps.origin.app import create_origin
from matinee.apps.pages import Pages
from matinee.errors import MatineeError
from matinee.settings import Settings
from matinee.telemetry import logs

log = structlog.get_logger()

BACKPRESSURE = 20_000
"""Requests in the making per process. Must exceed all blocked polls and event streams: at the
default of 1,024 those hang the server."""
STOP_SECONDS = 5
BLOCKING_THREADS = 32
"""For calls that wait for the database or the store; asyncio's own default is cores + 4."""


class Dispatcher:
    """Sends each request to the application that answers its path."""

    def __init__(self, *, api: App, origin: App, pages: App) -> None:
        self._api = api
        self._origin = origin
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or take part in the server's start and stop."""
        if scope["type"] != "http":  # lifespan: the API has what must be started and stopped
            asyncio.get_running_loop().set_default_executor(
                ThreadPoolExecutor(BLOCKING_THREADS, "blocking")
            )
            await self._api(scope, receive, send)
            return
        path: str = scope["path"]
        if path.startswith("/media/"):
            await self._origin(scope, receive, send)
        elif path.startswith("/api/") or path in {"/api", "/healthz", "/metrics"}:
            await self._api(scope, receive, send)
        else:
            await self._pages(scope, receive, send)


def allowed_hosts(settings: Settings) -> frozenset[str] | None:
    """Host names that requests may carry: on loopback only its own, against DNS rebinding."""
    if settings.host not in LOCAL or settings.public_url:
        return None
    return LOCAL


def create() -> App:
    """Put the server together; granian calls it in each of its processes."""
    end_with_parent(os.getppid(), signal.SIGKILL)
    settings = Settings.from_env()
    logs.configure(settings.log_level, settings.log_format, component="server")
    platform = wiring.platform(settings, "server")
    services = Services(
        catalog=platform.catalog,
        accounts=platform.accounts,
        store=platform.store,
        uploads_folder=platform.uploads,
        public_url=settings.public_url,
        allowed_hosts=allowed_hosts(settings),
        trusted_proxies=networks(settings.trusted_proxies),
        version=__version__,
        max_upload_size=settings.max_upload,
        disk_reserve=settings.disk_reserve,
        clock=wiring.now,
    )
    return Dispatcher(
        # Litestar's own ASGI types name the same protocol in other words.
        api=cast("App", create_api(services)),
        origin=create_origin(platform.catalog.titles, platform.store),
        pages=Pages(),
    )


def main() -> int:
    """Serve until SIGTERM or SIGINT."""
    if len(sys.argv) > 1:
        end_with_parent(int(sys.argv[1]))
    settings = Settings.from_env()
    logs.configure(settings.log_level, settings.log_format, component="server")
    try:
        networks(settings.trusted_proxies)  # read again by each process
        wiring.prepare(settings)
        wiring.platform(settings, "server")  # migrates once, before the processes start
    except MatineeError as error:
        log.error("server.refused", error=error.message, fix=error.fix)  # noqa: TRY400  (expected: its words suffice)
        return 1
    Granian(
        "matinee.apps.server:create",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        workers=settings.http_workers,
        websockets=False,
        backlog=4096,
        backpressure=BACKPRESSURE,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
    ).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
