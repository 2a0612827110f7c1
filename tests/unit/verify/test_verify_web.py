import gzip
import tracemalloc

import httpx
import pytest

from matinee.errors import InputError, UpstreamError
from matinee.verify import VerifyOptions
from matinee.verify.web import HttpReader

PUBLIC, PRIVATE = "93.184.215.14", "10.0.0.7"
NAMES = {"cdn.example": PUBLIC, "other.example": PUBLIC, "inside.example": PRIVATE}
TARGET = "https://cdn.example/master.m3u8"


def resolve(host: str, _: int) -> tuple[str, ...]:
    return (NAMES.get(host, host),)


class Server(httpx.BaseTransport):
    """Answers from a table, and remembers what was asked for."""

    def __init__(self, answers: dict[str, httpx.Response]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        answer = self.answers[str(request.url)]  # asked again, it answers again
        return httpx.Response(answer.status_code, headers=answer.headers, stream=answer.stream)


def reader(answers: dict[str, httpx.Response], target: str = TARGET) -> tuple[HttpReader, Server]:
    found, server = HttpReader(VerifyOptions(), target, resolve=resolve), Server(answers)
    found._client = httpx.Client(transport=server)
    return found, server


def raw(content: bytes, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(200, headers=named, stream=httpx.ByteStream(content))


def redirect(to: str) -> httpx.Response:
    return httpx.Response(302, headers={"location": to})


@pytest.mark.parametrize(
    "inside",
    [
        "http://127.0.0.1:8080/api",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:10.0.0.7]/",
        "http://inside.example/",
        "http://0.0.0.0/",
    ],
)
def test_a_public_stream_does_not_lead_into_our_network(inside: str) -> None:
    found, server = reader({TARGET: redirect(inside), inside: raw(b"secret")})
    for address in (TARGET, inside):
        with pytest.raises(InputError, match="leads into a private network"):
            found.read(address, None, 99)
    assert server.asked == [TARGET]


def test_a_public_stream_may_use_other_public_hosts() -> None:
    other = "https://other.example/1.m4s"
    found, _ = reader({TARGET: redirect(other), other: raw(b"media")})
    assert found.read(TARGET, None, 99).data == b"media"


def test_a_private_stream_may_lead_anywhere() -> None:
    target, other = "http://127.0.0.1:8080/a.mpd", "http://10.0.0.7/1.m4s"
    found, _ = reader({target: redirect(other), other: raw(b"media")}, target)
    assert found.read(target, None, 99).data == b"media"


def test_gzip_is_undone() -> None:
    found, _ = reader({TARGET: raw(gzip.compress(b"#EXTM3U\n"), content_encoding="gzip")})
    assert found.read(TARGET, None, 99).data == b"#EXTM3U\n"


def test_a_gzip_bomb_costs_no_more_than_the_limit() -> None:
    bomb = gzip.compress(bytes(64 << 20), 9)
    found, _ = reader({TARGET: raw(bomb, content_encoding="gzip")})
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="larger than 1000 bytes"):
            found.read(TARGET, None, 1000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 << 20


@pytest.mark.parametrize("coding", ["gzip, gzip", "br", "zstd", "deflate", "gzip,identity"])
def test_codings_that_were_not_asked_for_are_refused(coding: str) -> None:
    found, _ = reader({TARGET: raw(b"x", content_encoding=coding)})
    with pytest.raises(InputError, match="not asked for"):
        found.read(TARGET, None, 99)


def test_broken_gzip_is_told() -> None:
    found, _ = reader({TARGET: raw(b"#EXTM3U", content_encoding="gzip")})
    with pytest.raises(InputError, match="not the gzip"):
        found.read(TARGET, None, 99)
    found, _ = reader({TARGET: raw(gzip.compress(b"#EXTM3U")[:-9], content_encoding="gzip")})
    with pytest.raises(UpstreamError, match="cut short"):
        found.read(TARGET, None, 99)
