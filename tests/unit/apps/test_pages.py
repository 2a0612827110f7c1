import asyncio
import gzip

import pytest

from matinee.apps.pages import Pages, load, route
from matinee.errors import UpstreamError

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    built = tmp_path_factory.mktemp("web_dist")
    (built / "assets").mkdir()
    (built / "index.html").write_text("<!doctype html><title>Viewers</title>" + "a" * 500)
    (built / "console.html").write_text("<!doctype html><title>Operators</title>")
    (built / "favicon.svg").write_text("<svg/>")
    (built / "assets" / "index-1a2b.js").write_text("play()")
    (built / "assets" / "inter-3c4d.woff2").write_bytes(b"wOF2")
    return built


@pytest.fixture(scope="module")
def pages(folder):
    return Pages(folder)


@pytest.fixture
def get(pages):
    def got(path, method="GET", **asked):
        """Status, headers and body; `if_none_match="x"` is that request header."""
        sent = []

        async def send(message):
            sent.append(message)

        given = [(name.replace("_", "-").encode(), value.encode()) for name, value in asked.items()]
        scope = {"type": "http", "method": method, "path": path, "headers": given}
        asyncio.run(pages(scope, None, send))
        start, body = sent
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        assert len(headers) == len(start["headers"])
        return start["status"], headers, body["body"]

    return got


@pytest.mark.parametrize("path", ["/", "/search", "/titles/x", "/watch/x", "/index.html"])
def test_the_viewer_site(get, path):
    status, headers, body = get(path, accept=BROWSER)
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"Viewers" in body
    assert headers["cache-control"] == "no-cache"
    assert "default-src 'self'" in headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/console", "/console/", "/console/titles/x", "/console/what"])
def test_the_console(get, path):
    assert b"Operators" in get(path)[2]


def test_hashed_files_are_kept_for_ever(get):
    _, headers, body = get("/assets/index-1a2b.js")
    assert body == b"play()"
    assert "immutable" in headers["cache-control"]
    assert get("/assets/inter-3c4d.woff2")[1]["content-type"] == "font/woff2"


def test_a_page_is_sent_compressed_whole_or_not_at_all(get):
    _, headers, body = get("/", accept_encoding="br, gzip")
    assert headers["content-encoding"] == "gzip"
    assert headers["vary"] == "accept-encoding"
    assert int(headers["content-length"]) == len(body)
    assert gzip.decompress(body) == get("/")[2]
    assert get("/", accept_encoding="gzip", if_none_match=headers["etag"])[0] == 304
    status, whole, nothing = get("/", "HEAD")
    assert (status, nothing) == (200, b"")
    assert int(whole["content-length"]) > 500


@pytest.mark.parametrize("path", ["/nowhere", "/titles", "/consoles", "/assets/gone.js", "/..%2f"])
def test_a_browser_that_is_lost_gets_a_page_that_leads_back(get, path):
    status, headers, body = get(path, accept=BROWSER)
    assert (status, headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert b"Viewers" in body
    assert headers["cache-control"] == "no-store"
    assert "etag" not in headers
    assert "accept" in headers["vary"].split(", ")
    assert "default-src 'self'" in headers["content-security-policy"]
    assert get(path, "HEAD", accept=BROWSER)[::2] == (404, b"")


@pytest.mark.parametrize("asked", [{}, {"accept": "*/*"}, {"accept": "image/webp,*/*"}])
def test_programs_that_are_lost_get_a_line(get, asked):
    status, headers, body = get("/assets/gone.js", **asked)
    assert (status, headers["content-type"]) == (404, "text/plain; charset=utf-8")
    assert body == b"There is no such page.\n"


def test_only_reading(get):
    status, headers, _ = get("/", "POST")
    assert (status, headers["allow"]) == (405, "GET, HEAD")


def test_without_a_build_the_fix_is_told(tmp_path):
    with pytest.raises(UpstreamError, match="not built") as caught:
        Pages(tmp_path)
    assert "make web" in caught.value.fix


def test_routes_know_files_first(folder):
    files = load(folder)
    assert route("/favicon.svg", files) == "favicon.svg"
    assert route("/console.html", files) == "console.html"
