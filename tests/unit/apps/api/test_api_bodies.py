import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.apps.api.bodies import decode
from matinee.apps.api.problems import RequestError
from matinee.apps.api.schema import CreateTitle, SignIn

TAG = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"


def test_a_body_that_fits_is_decoded():
    body = decode(b'{"url": "https://films.example/a.mp4", "subtitles": []}', CreateTitle)
    assert body.url == "https://films.example/a.mp4"
    assert body.ladder == "auto"


def test_every_fault_is_named_with_its_path():
    content = b"""{"name": 7, "colour": "red", "subtitles": [
        {"upload_id": "a", "language": "?"}, {"language": "en"}, 3]}"""
    with pytest.raises(RequestError) as caught:
        decode(content, CreateTitle)
    assert caught.value.faults == (
        "$: unknown field 'colour'",
        "$.name: expected `str | null`, got `int`",
        f"$.subtitles[0].language: expected `str` matching regex '{TAG}'",
        "$.subtitles[1].upload_id: is missing",
        "$.subtitles[2]: expected an object",
    )
    assert "$: unknown field 'colour'" in caught.value.message


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b'{"code": "\xff"}', b"[" * 100_000, b'{"code": 1e999}', b"[]", b"3"],
)
def test_what_is_no_json_object_is_refused(content):
    with pytest.raises(RequestError) as caught:
        decode(content, SignIn)
    assert caught.value.code == "invalid-request"
    assert caught.value.faults


@given(st.binary(max_size=200))
def test_hostile_bytes_raise_only_request_errors(content):
    try:
        decode(content, CreateTitle)
    except RequestError as error:
        assert error.fix  # noqa: PT017  (either outcome is right)


def test_no_more_faults_are_looked_for_than_are_told():
    many = json.dumps({f"k{index}": 1 for index in range(5000)} | {"subtitles": [{}] * 5000})
    with pytest.raises(RequestError) as caught:
        decode(many.encode(), CreateTitle)
    assert len(caught.value.faults) == 50
    assert len(caught.value.message) < 500


async def _sign_in(app, receive):
    """Return the status and headers of a sign-in whose body comes from *receive*."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/session",
        "query_string": b"",
        "scheme": "http",
        "client": ("127.0.0.1", 1),
        "headers": [(b"host", b"matinee.test"), (b"content-type", b"application/json")],
        "http_version": "1.1",
        "server": ("matinee.test", 80),
        "root_path": "",
    }
    async with asyncio.timeout(20):
        await app(scope, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"])


def test_a_body_that_drips_is_not_waited_for(app, monkeypatch):
    monkeypatch.setattr("matinee.apps.api.bodies.RECEIVE_SECONDS", 0.05)

    async def receive():
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b" ", "more_body": True}

    status, headers = asyncio.run(_sign_in(app, receive))
    assert (status, headers[b"connection"]) == (408, b"close")


def test_a_client_that_goes_is_no_fault_of_ours(app, capsys):
    async def receive():
        return {"type": "http.disconnect"}

    status, _ = asyncio.run(_sign_in(app, receive))
    said = capsys.readouterr()
    assert status == 408
    assert "api.failed" not in said.out + said.err
