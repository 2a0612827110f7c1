"""Webhooks as a receiver gets them: over real sockets."""

import base64
import contextlib
import hashlib
import hmac
import itertools
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest

from matinee.catalog import deliver as deliver_module
from matinee.catalog.catalog import Catalog
from matinee.catalog.deliver import deliver_due
from matinee.catalog.retry import ATTEMPTS
from matinee.model.title import Event

KEY = b"k" * 32
SECRET = "whsec_" + base64.b64encode(KEY).decode()


class Receiver(ThreadingHTTPServer):
    """Keeps what it is sent and answers with the statuses it was given, the last one for ever."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answer([200])

    def answer(self, statuses: list[int]) -> None:
        self.statuses = itertools.chain(statuses, itertools.repeat(statuses[-1]))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.got.append((headers, body))
        self.send_response(next(self.server.statuses))
        self.send_header("location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()
        self.wfile.write(b"x" * 100_000)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def deliver(catalog: Catalog) -> int:
    return deliver_due(catalog, allow_private=True, jitter=lambda: 0.5)


def test_a_delivery_arrives_signed(catalog: Catalog, receiver: Receiver) -> None:
    hook = catalog.webhooks.create(receiver.url, [], SECRET)
    event = catalog.events.append("title.published", "t1", data={"name": "Ünicode 🎬"})
    assert deliver(catalog) == 1
    ((headers, body),) = receiver.got
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mac}"
    assert headers["content-type"] == "application/json"
    assert msgspec.json.decode(body, type=Event) == event
    assert catalog.webhooks.get(hook.id).last_status == 200
    assert deliver(catalog) == 0


def test_a_retry_is_the_same_message(catalog: Catalog, receiver: Receiver, clock) -> None:
    catalog.webhooks.create(receiver.url, [], SECRET)
    catalog.events.append("a.b")
    receiver.answer([500, 302, 204])
    for seconds in (6, 21, 0):
        assert deliver(catalog) == 1
        assert deliver(catalog) == 0
        clock.forward(seconds=seconds)
    assert deliver(catalog) == 0
    ids = {headers["webhook-id"] for headers, _ in receiver.got}
    bodies = {body for _, body in receiver.got}
    times = {headers["webhook-timestamp"] for headers, _ in receiver.got}
    assert (len(receiver.got), len(ids), len(bodies), len(times)) == (3, 1, 1, 3)


def test_a_receiver_that_is_gone_is_left_alone(catalog: Catalog, receiver: Receiver, clock) -> None:
    catalog.webhooks.create(receiver.url, [], SECRET)
    catalog.events.append("a.b")
    receiver.answer([410])
    deliver(catalog)
    clock.forward(days=9)
    assert deliver(catalog) == 0
    assert len(receiver.got) == 1


def test_after_the_last_attempt_it_is_dead(catalog: Catalog, receiver: Receiver, clock) -> None:
    catalog.webhooks.create(receiver.url, [], SECRET)
    catalog.events.append("a.b")
    receiver.answer([503])
    for _ in range(ATTEMPTS + 2):
        deliver(catalog)
        clock.forward(days=1)
    assert len(receiver.got) == ATTEMPTS


def test_one_bad_receiver_does_not_stop_the_others(catalog: Catalog, receiver: Receiver) -> None:
    closed = catalog.webhooks.create("http://127.0.0.1:1/closed", [], SECRET)
    unknown = catalog.webhooks.create("http://nowhere.invalid/", [], SECRET)
    odd = catalog.webhooks.create(receiver.url, [], "whsec_!")
    good = catalog.webhooks.create(receiver.url, [], SECRET)
    catalog.events.append("a.b")
    assert deliver(catalog) == 4
    assert len(receiver.got) == 1
    assert catalog.webhooks.get(good.id).last_status == 200
    for hook in (closed, unknown, odd):
        told = catalog.webhooks.get(hook.id)
        assert told.last_status is None
        assert told.last_attempt_at is not None


def test_private_receivers_are_refused(catalog: Catalog, receiver: Receiver) -> None:
    catalog.webhooks.create(receiver.url, [], SECRET)
    catalog.webhooks.create(receiver.url.replace("127.0.0.1", "localhost"), [], SECRET)
    catalog.events.append("a.b")
    assert deliver_due(catalog) == 2
    assert receiver.got == []


def test_a_receiver_that_drips_is_cut_off(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It sends a header byte now and then, so no single read ever times out."""
    monkeypatch.setattr(deliver_module, "DEADLINE_SECONDS", 0.5)
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nx-a: ")
            for _ in range(200):
                connection.sendall(b"a")
                time.sleep(0.05)

    thread = threading.Thread(target=drip)
    thread.start()
    hook = catalog.webhooks.create(f"http://127.0.0.1:{listener.getsockname()[1]}/", [], SECRET)
    catalog.events.append("a.b")
    started = time.monotonic()
    assert deliver(catalog) == 1
    assert time.monotonic() - started < 5
    assert catalog.webhooks.get(hook.id).last_status is None
    thread.join()
    listener.close()
