import asyncio
import contextlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.errors import InputError, MatineeError, UpstreamError
from matinee.network.guard import (
    check_public,
    guarded_client,
    is_public,
)

CERTIFICATE = Path(__file__).with_name("hooks.example.test.pem")
TIMEOUT = httpx.Timeout(5.0)

PRIVATE = [
    "0.0.0.0", "10.0.0.1", "127.0.0.1", "127.255.1.1", "100.64.0.1", "169.254.169.254",
    "172.16.0.1", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
    "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::",
    "2002:c0a8:101::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101", "2002:101:101::1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_address_in_disguise_is_judged_as_itself(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    for disguise in (0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80):
        assert is_public(ipaddress.IPv6Address(disguise)) == is_public(address)


def test_one_private_address_among_public_ones_is_enough() -> None:
    def resolve(_host: str, _port: int) -> tuple[str, ...]:
        return ("1.1.1.1", "10.0.0.1")

    with pytest.raises(InputError) as raised:
        check_public("mixed.example", resolve=resolve)
    assert raised.value.code == "private-address"
    assert len(check_public("mixed.example", resolve=resolve, allow_private=True)) == 2


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "localhost"])
def test_spellings_of_home(host: str) -> None:
    """The system's resolver reads all of these as 127.0.0.1, so what it says is what counts."""
    with pytest.raises(InputError) as raised:
        check_public(host)
    assert raised.value.code == "private-address"


@pytest.mark.parametrize("host", ["a" * 64 + ".example", ".", "a\0b", "\ud800"])
def test_names_that_are_none(host: str) -> None:
    with pytest.raises(MatineeError):
        check_public(host)


def test_names_that_do_not_resolve() -> None:
    def resolve(_host: str, _port: int) -> tuple[str, ...]:
        raise socket.gaierror

    with pytest.raises(UpstreamError) as raised:
        check_public("nowhere.invalid", resolve=resolve)
    assert raised.value.code == "unknown-host"


class Answer(BaseHTTPRequestHandler):
    """Says what host was asked for; /away redirects."""

    def do_GET(self) -> None:
        body = self.headers["Host"].encode()
        self.send_response(302 if self.path == "/away" else 200)
        if self.path == "/away":
            self.send_header("Location", "http://127.0.0.1/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def tls_port() -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with serving(context) as port:
        yield port


def at_home(_host: str, _port: int) -> tuple[str, ...]:
    return ("127.0.0.1",)


def get(url: str, **options: object) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with guarded_client(TIMEOUT, **options) as client:  # type: ignore[arg-type]
            return await client.get(url)

    return asyncio.run(ask())


def test_it_connects_to_the_address_and_asks_for_the_name() -> None:
    # Nobody listens on 127.0.0.2: the second address is tried after the first refuses.
    def resolve(_host: str, _port: int) -> tuple[str, ...]:
        return ("127.0.0.2", "127.0.0.1")

    with serving() as port:
        answer = get(f"http://films.example.test:{port}/", allow_private=True, resolve=resolve)
    assert answer.text == f"films.example.test:{port}"


def test_it_refuses_before_it_connects() -> None:
    with serving() as port:
        with pytest.raises(InputError):
            get(f"http://films.example.test:{port}/", resolve=at_home)
        with pytest.raises(InputError):
            get(f"http://127.0.0.1:{port}/")
    with pytest.raises(InputError):
        get("http://[::1]:9/")


def test_a_name_is_resolved_once() -> None:
    """Rebinding: a second answer that is private is never asked for."""
    answers = iter([("127.0.0.1",), ("10.0.0.1",)])
    asked = []

    def resolve(host: str, _port: int) -> tuple[str, ...]:
        asked.append(host)
        return next(answers)

    with serving() as port:
        url = f"http://films.example.test:{port}/"
        assert get(url, allow_private=True, resolve=resolve).status_code == 200
    assert asked == ["films.example.test"]


def test_redirects_are_not_followed() -> None:
    with serving() as port:
        assert get(f"http://127.0.0.1:{port}/away", allow_private=True).status_code == 302


def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as port:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        with pytest.raises(InputError):
            get("http://127.0.0.1:9/")


def test_the_certificate_is_that_of_the_name(tls_port: int) -> None:
    options = {
        "allow_private": True,
        "resolve": at_home,
        "verify": ssl.create_default_context(cafile=str(CERTIFICATE)),
    }
    assert get(f"https://hooks.example.test:{tls_port}/", **options).status_code == 200
    with pytest.raises(httpx.ConnectError, match=r"[Hh]ostname"):
        get(f"https://other.example.test:{tls_port}/", **options)


def test_unknown_certificates_are_refused(tls_port: int) -> None:
    with pytest.raises(httpx.ConnectError, match="certificate"):
        get(f"https://hooks.example.test:{tls_port}/", allow_private=True, resolve=at_home)
