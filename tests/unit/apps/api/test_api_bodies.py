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
    assert body.ladder == "standard"


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
