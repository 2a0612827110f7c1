"""Which addresses may be reached."""

import socket

import pytest

from matinee.errors import DeniedError, InputError, UpstreamError
from matinee.ingest.addresses import parsed, resolve


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
    monkeypatch.setattr(socket, "getaddrinfo", answers("8.8.8.8", "8.8.4.4", "8.8.8.8"))
    assert resolve(parsed("http://host/"), allow_private=False) == [
        ("8.8.8.8", 80),
        ("8.8.4.4", 80),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", answers("8.8.8.8", "10.0.0.1"))
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

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(UpstreamError, match="cannot be found"):
        resolve(parsed("http://nowhere.example/"), allow_private=False)
