from dataclasses import replace

import pytest
from litestar.testing import TestClient

from matinee.apps.api.app import create_api


def test_health_needs_no_key(visitor):
    answer = visitor.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "version": "1.2.3"}
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not-found"),
        ("GET", "/api", 404, "not-found"),
        ("PUT", "/api/v1/titles", 405, "no-such-method"),
        ("GET", "/api/v1/titles/none", 404, "title-not-found"),
        ("GET", "/api/v1/titles/none/report", 404, "title-not-found"),
        ("GET", "/api/v1/jobs/none", 404, "job-not-found"),
        ("GET", "/api/v1/catalog/none", 404, "title-not-found"),
        ("DELETE", "/api/v1/webhooks/none", 404, "webhook-not-found"),
        ("GET", "/api/v1/titles?limit=0", 400, "invalid-request"),
        ("GET", "/api/v1/titles?limit=201", 400, "invalid-request"),
        ("GET", "/api/v1/titles?limit=ten", 400, "invalid-request"),
        ("GET", "/api/v1/titles?state=null", 400, "invalid-request"),
        ("GET", "/api/v1/titles?cursor=x", 422, "bad-cursor"),
        ("GET", "/api/v1/events?after=-1", 400, "invalid-request"),
        ("POST", "/api/v1/titles", 415, "unsupported-media-type"),
    ],
)
def test_every_error_is_a_problem_document(client, method, path, status, code):
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["type"] == f"urn:matinee:problem:{code}"
    assert body["detail"]
    assert body["fix"] or code == "title-not-found" or code.endswith("-not-found")


def test_a_query_is_told_all_its_faults(client):
    answer = client.get("/api/v1/titles?limit=0&sate=live&q=a&q=b")
    assert answer.json()["errors"] == [
        "query q: is given twice",
        "query sate: unknown parameter",
        "query limit: expected `int` >= 1",
    ]


def test_methods_are_named_whole(client):
    title = "/api/v1/titles/x"
    assert client.options(title).headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH"
    refused = client.put(title).headers["allow"]
    assert {one.strip() for one in refused.split(",")} == {"DELETE", "GET", "OPTIONS", "PATCH"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/titles"),
        ("POST", "/api/v1/titles"),
        ("DELETE", "/api/v1/titles/x"),
        ("GET", "/api/v1/jobs"),
        ("GET", "/api/v1/events"),
        ("GET", "/api/v1/ladders"),
        ("GET", "/api/v1/webhooks"),
        ("GET", "/api/v1/session"),
        ("POST", "/api/v1/session/codes"),
        ("POST", "/api/v1/uploads"),
    ],
)
def test_all_but_viewing_needs_a_key(visitor, services, method, path):
    answer = visitor.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    wrong = visitor.request(method, path, headers={"Authorization": "Bearer mk_" + "x" * 43})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "unknown-key")
    basic = visitor.request(method, path, headers={"Authorization": "Basic YTpi"})
    assert basic.status_code == 401
    viewer = services.accounts.create_key("viewer", "viewer").secret
    low = visitor.request(method, path, headers={"Authorization": f"Bearer {viewer}"})
    assert low.status_code == 403


def test_viewing_needs_none(visitor):
    assert visitor.get("/api/v1/catalog").status_code == 200
    assert visitor.get("/api/v1/openapi.json").status_code == 200


def test_a_strange_host_is_refused_everywhere(services):
    app = create_api(replace(services, allowed_hosts=frozenset({"films.local"})))
    with TestClient(app, base_url="http://evil.example") as client:
        for path in ("/healthz", "/api/v1/catalog", "/api/v1/nothing", "/api/v1/uploads"):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (421, "wrong-host")
    with TestClient(app, base_url="http://films.local:8080") as client:
        assert client.get("/healthz").status_code == 200


def test_head_has_the_headers_of_get_and_no_body(client):
    for path in ("/healthz", "/api/v1/catalog", "/api/v1/openapi.json", "/api/v1/titles/none"):
        head, whole = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (whole.status_code, b"")
        assert head.headers["content-length"] == whole.headers["content-length"]
    assert "HEAD" in client.options("/api/v1/catalog").headers["allow"]
    assert client.head("/api/v1/events").status_code == 405
    assert client.head("/api/v1/webhooks/some-id/ping").status_code == 405


def test_metrics_count_by_template(client):
    client.get("/api/v1/titles/some-id")
    client.get("/api/v1/whatever/a/stranger/writes")
    client.head("/api/v1/uploads/some-id", headers={"Tus-Resumable": "1.0.0"})
    text = client.get("/metrics").text
    counted = (
        'matinee_api_requests_total{method="GET",route="/api/v1/titles/{title_id}",status="404"}'
    )
    assert f"{counted} 1.0" in text
    assert 'route="unmatched",status="404"' in text
    assert 'route="/api/v1/uploads/{upload_id}"' in text
    assert "matinee_api_request_seconds_bucket" in text
    assert "some-id" not in text
    assert "stranger" not in text


def test_metrics_are_not_for_strangers(client):
    refused = client.get("/metrics", headers={"Authorization": ""})
    assert refused.status_code == 401
    assert client.get("/metrics").headers["content-type"].startswith("text/plain; version=")


def test_a_broken_database_is_said_to_be_ours(visitor, services, monkeypatch):
    def broken():
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(services.catalog.events, "last_id", broken)
    answer = visitor.get("/healthz")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert answer.json()["instance"].startswith("urn:uuid:")


def test_bodies_are_bounded(client):
    headers = {"Content-Type": "application/json"}
    answer = client.post("/api/v1/titles", content=b" " * (2 << 20), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
