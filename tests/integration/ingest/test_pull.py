"""`fetch` against a server that drops, redirects, lies and stalls."""

import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from matinee.errors import (
    CancelledError,
    DeniedError,
    InputError,
    MatineeError,
    MediaError,
    NotFoundError,
    UpstreamError,
)
from matinee.ingest.fetch import FetchLimits, fetch

pytestmark = pytest.mark.integration

BODY = bytes(range(256)) * 4000
LOCAL = FetchLimits(allow_private=True, attempts=3, stall_seconds=2.0, seconds=30)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str | None]]
    drops: int

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers.get("Range")))
        getattr(self, "get_" + self.path.strip("/").split("/")[0].split("?")[0].replace("-", "_"))()

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def get_film(self) -> None:
        self.reply(200, BODY, ETag='"1"', Content_Disposition='attachment; filename="f.mp4"')

    def get_dropping(self) -> None:
        """Send a third each time; go on where the range begins."""
        start = 0
        if asked := self.headers.get("Range"):
            assert self.headers["If-Range"] == '"1"'
            start = int(asked.removeprefix("bytes=").rstrip("-"))
        part = BODY[start : start + len(BODY) // 3 + 1]
        self.send_response(206 if start else 200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", str(len(BODY) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(BODY) - 1}/{len(BODY)}")
        self.end_headers()
        self.wfile.write(part)
        self.close_connection = True

    def get_changing(self) -> None:
        """The file is another one at the second try: the whole of it comes again."""
        first = len(self.seen) == 1
        body = b"old" * 1000 if first else b"new" * 2000
        self.send_response(200)
        self.send_header("ETag", '"1"' if first else '"2"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:1500] if first else body)
        self.close_connection = True

    def get_always_dropping(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"x" * 10)
        self.close_connection = True

    def get_busy(self) -> None:
        if len(self.seen) < 3:
            self.reply(503)
        else:
            self.reply(200, BODY)

    def get_lying(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b"x" * 100_000)

    def get_stalling(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"x" * 10)
        time.sleep(6)

    def get_hop(self) -> None:
        count = int(self.path.rsplit("/", 1)[1])
        self.reply(302, Location=f"/hop/{count - 1}" if count else "/film")

    def get_elsewhere(self) -> None:
        self.reply(302, Location=self.path.split("?", 1)[1])

    def get_empty(self) -> None:
        self.reply(200)

    def get_missing(self) -> None:
        self.reply(404)

    def get_secret(self) -> None:
        self.reply(403)

    def get_teapot(self) -> None:
        self.reply(418)


Server = tuple[str, list[tuple[str, str | None]]]


@pytest.fixture
def server() -> Iterator[Server]:
    handler = type("Fresh", (Handler,), {"seen": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}", handler.seen
        running.shutdown()
        thread.join()


def test_a_file_is_pulled(server: Server, tmp_path: Path) -> None:
    base, seen = server
    told: list[tuple[int, int | None]] = []
    found = fetch(f"{base}/film?sig=x", tmp_path / "f", limits=LOCAL,
                  received=lambda done, total: told.append((done, total)))  # fmt: skip
    assert (tmp_path / "f").read_bytes() == BODY
    assert (found.size, found.filename) == (len(BODY), "f.mp4")
    assert told[-1] == (len(BODY), len(BODY))
    assert seen == [("/film?sig=x", None)]


def test_a_dropped_connection_is_taken_up_again(server: Server, tmp_path: Path) -> None:
    base, seen = server
    fetch(f"{base}/dropping", tmp_path / "f", limits=LOCAL)
    assert (tmp_path / "f").read_bytes() == BODY
    assert len(seen) == 3
    assert seen[1][1] == f"bytes={len(BODY) // 3 + 1}-"


def test_a_file_that_changes_is_pulled_anew(server: Server, tmp_path: Path) -> None:
    fetch(f"{server[0]}/changing", tmp_path / "f", limits=LOCAL)
    assert (tmp_path / "f").read_bytes() == b"new" * 2000


def test_a_busy_server_is_asked_again(server: Server, tmp_path: Path) -> None:
    assert fetch(f"{server[0]}/busy", tmp_path / "f", limits=LOCAL).size == len(BODY)


def test_redirects_are_followed_up_to_the_limit(server: Server, tmp_path: Path) -> None:
    assert fetch(f"{server[0]}/hop/4", tmp_path / "f", limits=LOCAL).size == len(BODY)
    with pytest.raises(InputError, match="redirects more than 5 times"):
        fetch(f"{server[0]}/hop/5", tmp_path / "f", limits=LOCAL)


@pytest.mark.parametrize(
    ("path", "error", "code"),
    [
        ("empty", MediaError, "empty-file"),
        ("missing", NotFoundError, "not-found"),
        ("secret", DeniedError, "denied"),
        ("teapot", InputError, "invalid-input"),
        ("always-dropping", UpstreamError, "upstream"),
        ("elsewhere?file:///etc/passwd", InputError, "invalid-input"),
        ("elsewhere?ftp://host/x", InputError, "invalid-input"),
    ],
)
def test_refusals(
    server: Server, tmp_path: Path, path: str, error: type[MatineeError], code: str
) -> None:
    with pytest.raises(error) as caught:
        fetch(f"{server[0]}/{path}", tmp_path / "f", limits=LOCAL)
    assert caught.value.code == code
    assert not (tmp_path / "f").exists()


@pytest.mark.parametrize("path", ["film", "lying"])
def test_size_is_bounded_whatever_the_server_says(
    server: Server, tmp_path: Path, path: str
) -> None:
    limits = FetchLimits(allow_private=True, size=500_000)
    with pytest.raises(MediaError) as caught:
        fetch(f"{server[0]}/{path}", tmp_path / "f", limits=limits)
    assert caught.value.code == "too-large"


def test_a_stall_ends(server: Server, tmp_path: Path) -> None:
    limits = FetchLimits(allow_private=True, stall_seconds=0.5, attempts=1)
    started = time.monotonic()
    with pytest.raises(UpstreamError):
        fetch(f"{server[0]}/stalling", tmp_path / "f", limits=limits)
    assert time.monotonic() - started < 4


def test_time_is_bounded_also_while_nothing_comes(server: Server, tmp_path: Path) -> None:
    limits = FetchLimits(allow_private=True, seconds=1.0)
    started = time.monotonic()
    with pytest.raises(UpstreamError, match="longer than 1 s"):
        fetch(f"{server[0]}/stalling", tmp_path / "f", limits=limits)
    assert time.monotonic() - started < 4


def test_cancelling_while_nothing_comes(server: Server, tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(CancelledError):
        fetch(f"{server[0]}/stalling", tmp_path / "f", limits=LOCAL,
              cancelled=lambda: time.monotonic() - started > 0.7)  # fmt: skip
    assert time.monotonic() - started < 4
    assert not (tmp_path / "f").exists()


def test_private_addresses_are_never_reached(server: Server, tmp_path: Path) -> None:
    base, seen = server
    with pytest.raises(DeniedError):
        fetch(f"{base}/film", tmp_path / "f")
    assert seen == []


@contextmanager
def names(monkeypatch: pytest.MonkeyPatch, answer: Callable[[str], str]) -> Iterator[None]:
    """Let names resolve to what *answer* says."""

    def getaddrinfo(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answer(host), port))]

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield


def test_a_name_that_changes_its_answer_gains_nothing(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: public when asked, private a moment later. We ask once and connect to that."""
    base, seen = server
    port = base.rsplit(":", 1)[1]
    replies = iter(["203.0.114.7"])
    reached: list[object] = []

    def connect(address: tuple[str, int], **_: object) -> socket.socket:
        reached.append(address)
        raise OSError

    monkeypatch.setattr("matinee.ingest.fetch.socket.create_connection", connect)
    limits = FetchLimits(attempts=1)
    with (
        names(monkeypatch, lambda _host: next(replies, "127.0.0.1")),
        pytest.raises(UpstreamError),
    ):
        fetch(f"http://rebind.example:{port}/film", tmp_path / "f", limits=limits)
    assert reached == [("203.0.114.7", int(port))]
    assert seen == []


def test_a_redirect_into_the_private_network_is_refused(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, seen = server
    port = int(base.rsplit(":", 1)[1])
    real = socket.create_connection

    def connect(address: tuple[str, int], **options: float) -> socket.socket:
        # The test's public host is our server; any other address would be the guard's failure.
        assert address[0] == "203.0.114.7"
        return real(("127.0.0.1", address[1]), **options)

    monkeypatch.setattr("matinee.ingest.fetch.socket.create_connection", connect)
    public = {"public.example": "203.0.114.7"}
    target = f"http://169.254.169.254:{port}/film"
    with (
        names(monkeypatch, lambda host: public.get(host, host)),
        pytest.raises(DeniedError),
    ):
        fetch(f"http://public.example:{port}/elsewhere?{target}", tmp_path / "f")
    assert [path for path, _ in seen] == [f"/elsewhere?{target}"]


def test_a_handshake_that_drips_is_not_waited_for(tmp_path: Path) -> None:
    """A TLS record may come byte by byte, each well within the time for one read."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def drip() -> None:
            wire, _ = server.accept()
            with wire:
                wire.sendall(b"\x16\x03\x03\x3f\xff")  # a handshake record of 16 kB
                while not over.wait(0.1):
                    try:
                        wire.sendall(b"\x02")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        limits = FetchLimits(allow_private=True, seconds=1.0)
        started = time.monotonic()
        with pytest.raises(UpstreamError, match="longer than 1 s"):
            fetch(f"https://127.0.0.1:{server.getsockname()[1]}/f", tmp_path / "f", limits=limits)
        over.set()
        thread.join()
    assert time.monotonic() - started < 5


@pytest.fixture
def no_room() -> Iterator[None]:
    """Let no file of this process grow beyond 100 kB, as on a full disk (EFBIG for ENOSPC)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("no_room")
def test_a_full_disk_is_not_the_servers_fault(server: Server, tmp_path: Path) -> None:
    base, seen = server
    with pytest.raises(UpstreamError) as caught:
        fetch(f"{base}/film", tmp_path / "f", limits=LOCAL)
    assert caught.value.code == "disk-full"
    assert len(seen) == 1
    assert not (tmp_path / "f").exists()
