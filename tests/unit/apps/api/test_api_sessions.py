import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from litestar.testing import TestClient

from matinee.apps.api.app import create_api
from matinee.apps.api.forwarding import networks

SESSION = "/api/v1/session"
OURS = {"Origin": "http://matinee.test"}


def test_a_browser_signs_in_with_a_key_and_out(visitor, key):
    answer = visitor.post(SESSION, json={"api_key": key}, headers=OURS)
    assert (answer.status_code, answer.json()) == (201, {"name": "tests", "role": "admin"})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("matinee_session=")
    for part in ("HttpOnly", "SameSite=strict", "Path=/"):
        assert part.lower() in cookie.lower()
    assert "secure" not in cookie.lower()
    assert visitor.get(SESSION).json()["name"] == "tests"
    assert visitor.get("/api/v1/titles").status_code == 200
    out = visitor.delete(SESSION, headers=OURS)
    assert out.status_code == 204
    assert visitor.get(SESSION).status_code == 401


def test_a_session_that_was_closed_is_over_for_every_copy(visitor, key):
    visitor.post(SESSION, json={"api_key": key})
    token = visitor.cookies["matinee_session"]
    visitor.delete(SESSION, headers=OURS)
    stolen = visitor.get(SESSION, headers={"Cookie": f"matinee_session={token}"})
    assert (stolen.status_code, stolen.json()["code"]) == (401, "no-session")


def test_a_code_signs_in_once(visitor, key):
    bearer = {"Authorization": f"Bearer {key}"}
    made = visitor.post(f"{SESSION}/codes", headers=bearer)
    assert made.status_code == 201
    code = made.json()["code"]
    assert made.json()["url"] == f"http://matinee.test/console#code={code}"
    assert visitor.post(SESSION, json={"code": code}).status_code == 201
    again = visitor.post(SESSION, json={"code": code})
    assert (again.status_code, again.json()["code"]) == (401, "bad-code")


def test_over_https_the_cookie_is_secure(services, key):
    app = create_api(replace(services, public_url="https://films.example"))
    with TestClient(app) as client:
        answer = client.post(
            SESSION, json={"api_key": key}, headers={"Origin": "https://films.example"}
        )
        assert "secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_cookie_from_another_site_writes_nothing(visitor, key, headers):
    visitor.post(SESSION, json={"api_key": key})
    answer = visitor.post(
        "/api/v1/titles", json={"url": "https://a.example/b.mp4"}, headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "cross-site")
    bearer = {"Authorization": f"Bearer {key}", **headers}
    answer = visitor.post("/api/v1/titles", json={"url": "https://a.example/b.mp4"}, headers=bearer)
    assert answer.status_code == 201


def test_another_site_cannot_sign_us_in(visitor, key):
    answer = visitor.post(SESSION, json={"api_key": key}, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403


@pytest.mark.parametrize("body", [{}, {"api_key": "a", "code": "b"}])
def test_one_proof_is_needed(visitor, body):
    assert visitor.post(SESSION, json=body).status_code == 422


def test_guessers_behind_a_trusted_proxy_are_told_apart(services, key):
    app = create_api(replace(services, trusted_proxies=networks("192.0.2.7")))

    async def sign_in(secret, address):
        transport = httpx.ASGITransport(app, client=("192.0.2.7", 1))
        headers = {"X-Forwarded-For": f"127.0.0.1, {address}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://matinee.test") as asker:
            answer = await asker.post(SESSION, json={"api_key": secret}, headers=headers)
        return answer.status_code

    async def all_of_them():
        guesses = [await sign_in("mk_" + "x" * 43, "203.0.113.1") for _ in range(10)]
        return [*guesses, await sign_in(key, "203.0.113.1"), await sign_in(key, "203.0.113.2")]

    assert asyncio.run(all_of_them()) == [401] * 10 + [429, 201]


def test_guessing_is_throttled(visitor, key, clock):
    for _ in range(10):
        wrong = visitor.post(SESSION, json={"api_key": "mk_" + "x" * 43})
        assert wrong.status_code == 401
    throttled = visitor.post(SESSION, json={"api_key": key})
    assert (throttled.status_code, throttled.json()["code"]) == (429, "throttled")
    assert 0 < int(throttled.headers["retry-after"]) <= 300
    clock.ahead = timedelta(minutes=6)
    assert visitor.post(SESSION, json={"api_key": key}).status_code == 201
