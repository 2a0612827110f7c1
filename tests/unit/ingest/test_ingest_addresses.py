"""Which addresses may be reached."""

import socket

import pytest

from matinee.errors import DeniedError, InputError, UpstreamError
from matinee.ingest import addresses
from matinee.ingest.addresses import is_public, parsed, resolve


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1",
        "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1",
        "::127.0.0.1", "rubbish",
    ],
)  # fmt: skip
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8"]
)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    ["", "film.mp4", "file:///etc/passwd", "ftp://host/x", "gopher://x/", "//host/x", "http://",
     "http:///x", "http://host:0/x", "http://host:99999/x", "http://host:x/", "http://[::1/",
     "http://user:pw@host/x", "http://user@host/", "http://ho st/", "http://host/a\nb",
     "http://host/" + "a" * 5000, "javascript:alert(1)", "http://" + "ü" * 80 + ".de/"],
)  # fmt: skip
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(InputError):
        parsed(url)


def test_urls_become_ascii() -> None:
    parts = parsed("https://Bücher.example:8443/größe%20x?a=ü#part")
    assert parts.geturl() == "https://xn--bcher-kva.example:8443/gr%C3%B6%C3%9Fe%20x?a=%C3%BC"
    assert parsed("http://[2606:4700::1]:80/").netloc == "[2606:4700::1]:80"
    assert parsed("http://host").path == "/"


def answers(*found: str) -> object:
    def getaddrinfo(_host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    return getaddrinfo


def test_names_are_resolved_and_every_address_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses.socket, "getaddrinfo", answers("8.8.8.8", "8.8.4.4", "8.8.8.8"))
    assert resolve(parsed("http://host/"), allow_private=False) == [
        ("8.8.8.8", 80),
        ("8.8.4.4", 80),
    ]
    monkeypatch.setattr(addresses.socket, "getaddrinfo", answers("8.8.8.8", "10.0.0.1"))
    with pytest.raises(DeniedError, match="private network"):
        resolve(parsed("https://host/"), allow_private=False)
    assert len(resolve(parsed("https://host/"), allow_private=True)) == 2


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "2130706433", "0x7f.1", "127.1", "localhost"]
)
def test_spellings_of_loopback_are_refused(host: str) -> None:
    with pytest.raises((DeniedError, UpstreamError)):
        resolve(parsed(f"http://{host}/"), allow_private=False)


def test_unknown_names_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "unknown")

    monkeypatch.setattr(addresses.socket, "getaddrinfo", fail)
    with pytest.raises(UpstreamError, match="no address"):
        resolve(parsed("http://nowhere.example/"), allow_private=False)
