"""`matinee up`: keeps a server and a worker alive, and stops them in order."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType

import httpx
import structlog

from matinee import wiring
from matinee.apps.lifetime import lock_folder
from matinee.errors import ConflictError, UpstreamError
from matinee.settings import Settings

log = structlog.get_logger()

START_SECONDS = 60.0
STOP_SECONDS = 20.0
RESTART_SECONDS = 1.0
TICK = 0.1


class Child:
    """One process of the platform, started again when it ends by itself."""

    def __init__(
        self, name: str, module: str, environment: Mapping[str, str], *arguments: str
    ) -> None:
        self.name = name
        self._argv = [sys.executable, "-m", module, str(os.getpid()), *arguments]
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    def start(self) -> None:
        """Start the process in a session of its own: Ctrl-C reaches only the supervisor."""
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            self._argv, env=dict(self._environment), stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip

    @property
    def pid(self) -> int:
        """The process's id, 0 before the start."""
        return self._process.pid if self._process else 0

    @property
    def exit_status(self) -> int | None:
        """How the process ended, None while it runs."""
        return self._process.poll() if self._process else None

    def revive(self) -> None:
        """Start the process again if it ended, at most once a second."""
        status = self.exit_status
        if status is not None and time.monotonic() - self._started > RESTART_SECONDS:
            log.warning("process.restarted", name=self.name, status=status)
            self.start()

    def ask_to_end(self) -> None:
        """Ask the process to end, and do not wait for it."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def stop(self, seconds: float) -> None:
        """Ask the process to end, and end it after *seconds*."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            log.warning("process.killed", name=self.name)
            self._process.kill()
            self._process.wait()


def run(
    settings: Settings, *, ready: Callable[[str], None], stop: threading.Event | None = None
) -> None:
    """Run the platform until SIGINT, SIGTERM or *stop*.

    Args:
        settings: where to listen and where the data lies.
        ready: called once in a thread of its own, with the base URL, when the server answers.
        stop: ends the platform when it is set.

    Raises:
        ConflictError: the port is taken, or another platform uses the data folder.
        UpstreamError: the server did not start.
    """
    stop = stop or threading.Event()
    wiring.prepare(settings)
    held = lock_folder(settings.data, "platform")
    check_port(settings.host, settings.port)
    environment = {**os.environ, **settings.to_env()}
    server = Child("server", "matinee.apps.server", environment)
    workers = worker_children(settings, environment)
    interrupts = [signal.SIGINT, signal.SIGTERM]

    def on_signal(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in interrupts}
    try:
        server.start()
        url = base_url(settings)
        if await_server(url, server, stop):
            for worker in workers:
                worker.start()
            threading.Thread(target=ready, args=(url,), name="ready", daemon=True).start()
            while not stop.wait(TICK):
                for child in (server, *workers):
                    child.revive()
    finally:
        stop_all(workers)  # jobs stop first, while people can still look
        server.stop(STOP_SECONDS)
        for number, handler in before.items():
            signal.signal(number, handler)
        held.close()


def worker_children(settings: Settings, environment: Mapping[str, str]) -> list[Child]:
    """Return the worker processes of this machine, not started yet."""
    return [
        Child(f"worker-{number}", "matinee.apps.worker", environment, str(number))
        for number in range(1, settings.workers + 1)
    ]


def stop_all(children: Sequence[Child]) -> None:
    """Ask all of *children* to end, then wait for each."""
    for child in children:
        child.ask_to_end()
    for child in children:
        child.stop(STOP_SECONDS)


def base_url(settings: Settings) -> str:
    """URL at which this machine reaches the server."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104  (read, not bound)
    return f"http://{host}:{settings.port}"


def check_port(host: str, port: int) -> None:
    """See that nobody listens at *port* yet.

    Raises:
        ConflictError: somebody does, or we may not.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConflictError(
                f"Cannot listen on {host}:{port}: {error.strerror}.",
                fix="Stop what uses the port, or choose another with --port.",
                code="port-in-use",
            ) from error


def await_server(url: str, server: Child, stop: threading.Event) -> bool:
    """Wait until the server answers; False when asked to stop before.

    Raises:
        UpstreamError: it ended, or did not answer in time.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.exit_status is not None:
            raise UpstreamError("The server did not start.", fix="Its log above says why.")
        try:
            if httpx.get(f"{url}/healthz", timeout=2, trust_env=False).is_success:
                return True
        except httpx.HTTPError:
            pass
        if stop.wait(TICK):
            return False
    raise UpstreamError(f"The server did not answer within {START_SECONDS:.0f} s.")
