import pytest

from matinee.apps.api.problems import RequestError, fault_of, status_of
from matinee.errors import (
    CancelledError,
    ConflictError,
    DeniedError,
    InputError,
    InvariantError,
    MatineeError,
    MediaError,
    NotFoundError,
    UpstreamError,
)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError("x"), 404),
        (ConflictError("x"), 409),
        (DeniedError("x"), 403),
        (DeniedError("x", code="unknown-key"), 401),
        (DeniedError("x", code="no-session"), 401),
        (MediaError("x", code="truncated"), 422),
        (InputError("x"), 422),
        (UpstreamError("x"), 503),
        (CancelledError("x"), 503),
        (InvariantError("x"), 500),
        (MatineeError("x"), 500),
        (RequestError("x"), 400),
        (RequestError("x", code="throttled"), 429),
    ],
)
def test_each_error_has_its_status(error, status):
    assert status_of(error) == status


def test_a_problem_tells_what_and_what_to_do():
    error = ConflictError("The title is not live.", fix="Wait for its job.", code="not-live")
    body = fault_of(error, "/api/v1/titles/x/unpublish").body
    assert body.type == "urn:matinee:problem:not-live"
    assert (body.title, body.status, body.code) == ("Conflict", 409, "not-live")
    assert (body.detail, body.fix) == ("The title is not live.", "Wait for its job.")
    assert body.instance == "/api/v1/titles/x/unpublish"


@pytest.mark.parametrize("error", [ValueError("secret"), InvariantError("secret")])
def test_our_own_faults_are_logged_and_not_shown(error, capsys):
    fault = fault_of(error, "/x")
    assert fault.body.status == 500
    assert b"secret" not in fault.content
    occurrence = fault.body.instance.removeprefix("urn:uuid:")
    assert occurrence in fault.body.detail
    assert occurrence in capsys.readouterr().out


def test_unauthenticated_says_how_to_identify():
    fault = fault_of(DeniedError("x", code="unauthenticated"), "/x")
    assert fault.headers["WWW-Authenticate"].startswith("Bearer")
