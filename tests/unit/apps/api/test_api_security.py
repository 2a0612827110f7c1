import pytest

from matinee.apps.api.problems import RequestError
from matinee.apps.api.security import (
    base_url,
    check_host,
    check_same_origin,
    host_name,
    is_local,
    session_token,
)
from matinee.errors import DeniedError


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost:8080", "localhost"),
        ("LOCALHOST.", "localhost"),
        ("[::1]:8080", "::1"),
        ("films.example", "films.example"),
        ("user@evil.example", ""),
        ("evil.example@127.0.0.1", ""),
        ("127.0.0.1/evil", ""),
        ("localhost:8080#x", ""),
        ("a b", ""),
        ('"><b>', ""),
        ("[::1", ""),
        ("", ""),
    ],
)
def test_host_names(host, name):
    assert host_name(host) == name


def test_only_allowed_hosts_are_answered():
    allowed = frozenset({"127.0.0.1", "localhost", "::1"})
    for host in ("127.0.0.1:8080", "localhost", "[::1]:8080"):
        check_host({"host": host}, allowed)
    for host in ("evil.example", "127.0.0.1.evil.example", ""):
        with pytest.raises(RequestError) as caught:
            check_host({"host": host}, allowed)
        assert caught.value.code == "wrong-host"
    check_host({"host": "anything"}, None)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "http://matinee.test"},
        {"origin": "HTTP://MATINEE.TEST"},
    ],
)
def test_our_own_pages_may_write(headers):
    check_same_origin("POST", headers, {"http://matinee.test"})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://matinee.test"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://matinee.test.evil.example"},
    ],
)
def test_strange_pages_may_not_write(headers):
    with pytest.raises(DeniedError) as caught:
        check_same_origin("DELETE", headers, {"http://matinee.test"})
    assert caught.value.code == "cross-site"
    check_same_origin("GET", headers, {"http://matinee.test"})


def test_the_session_is_in_its_cookie():
    assert session_token({"cookie": "a=b; matinee_session=token; c=d"}) == "token"
    assert session_token({"cookie": "a=b"}) is None
    assert session_token({}) is None


@pytest.mark.parametrize(
    ("client", "headers", "here"),
    [
        (("127.0.0.1", 1), {}, True),
        (("::1", 1), {}, True),
        (("192.0.2.1", 1), {}, False),
        (("127.0.0.1", 1), {"x-forwarded-for": "127.0.0.1"}, False),
        (("127.0.0.1", 1), {"host": "films.example"}, False),
        (None, {}, False),
        (("testclient", 1), {}, False),
    ],
)
def test_who_is_on_this_machine(client, headers, here):
    assert is_local({"client": client}, {"host": "localhost:8080"} | headers) is here


def test_links_begin_with_the_host_that_was_asked(services):
    scope = {"scheme": "https", "server": ("10.0.0.1", 8080)}
    assert base_url(scope, {"host": "films.example"}, services) == "https://films.example"
    assert base_url(scope, {"host": ""}, services) == "https://10.0.0.1:8080"
    spoofed = {"host": "films.example", "x-forwarded-host": "evil.example"}
    assert base_url(scope, spoofed, services) == "https://films.example"
