"""A stream on a web server: ranges, media types, redirects, bounds."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.unit.verify import streams

from matinee.errors import CancelledError, InputError, NotFoundError, UpstreamError
from matinee.model.presentation import ByteRange
from matinee.model.progress import Control
from matinee.verify import VerifyOptions, verify
from matinee.verify.web import HttpReader

TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mpd": "application/dash+xml",
    ".mp4": "video/mp4",
}


class Handler(BaseHTTPRequestHandler):
    root: Path
    types = TYPES
    ranges = True
    failures: dict[str, int]
    requests: list[str]

    def do_GET(self):
        path = self.path.lstrip("/").partition("?")[0]
        type(self).requests.append(path)
        if path.startswith("redirect/"):
            self.send_response(302)
            self.send_header("Location", self.headers.get("x-to", "/" + path[9:]))
            self.end_headers()
            return
        if path == "loop":
            self.send_response(302)
            self.send_header("Location", "/loop")
            self.end_headers()
            return
        if path == "to-file":
            self.send_response(302)
            self.send_header("Location", "file:///etc/hosts")
            self.end_headers()
            return
        if self.failures.get(path, 0):
            self.failures[path] -= 1
            self.send_error(503)
            return
        file = self.root / path
        if not file.is_file():
            self.send_error(404)
            return
        data, status = file.read_bytes(), 200
        headers = {"Content-Type": self.types.get(file.suffix, "text/vtt")}
        wanted = self.headers.get("Range")
        if wanted and self.ranges:
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            total = len(data)
            if int(first) >= total:
                self.send_error(416)
                return
            data, status = data[int(first) : int(last) + 1], 206
            headers["Content-Range"] = f"bytes {first}-{int(first) + len(data) - 1}/{total}"
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(tmp_path):
    streams.build(tmp_path)
    handler = type("Mine", (Handler,), {"root": tmp_path, "failures": {}, "requests": []})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    handler.url = f"http://127.0.0.1:{http.server_port}"
    yield handler
    http.shutdown()
    http.server_close()


def check(url, **options):
    return verify(url, options=VerifyOptions(**options), toolchain=None, control=Control())


def rules(report):
    return {one.rule for one in report.findings}


@pytest.mark.parametrize("name", ["master.m3u8", "manifest.mpd"])
def test_a_good_stream_passes_over_http(server, name):
    report = check(f"{server.url}/{name}")
    assert report.findings == ()
    assert report.checked["segments"] > 10


def test_a_single_media_playlist_passes(server):
    assert check(f"{server.url}/video-h264-90p.m3u8").findings == ()


def test_a_server_without_ranges_is_told(server):
    server.ranges = False
    report = check(f"{server.url}/master.m3u8")
    assert rules(report) == {"http.ranges"}
    assert not report.passed


def test_media_types_are_looked_at(server):
    server.types = {}
    assert rules(check(f"{server.url}/master.m3u8")) == {"http.media-type"}
    assert rules(check(f"{server.url}/manifest.mpd")) == {"http.media-type"}


def test_quick_reads_the_ends_only(server):
    check(f"{server.url}/video-h264-90p.m3u8", quick=True)
    assert server.requests.count("video-h264-90p.mp4") == 3  # header, first and last segment
    server.requests.clear()
    check(f"{server.url}/video-h264-90p.m3u8", remote_segments=2)
    assert server.requests.count("video-h264-90p.mp4") == 3


def test_one_failure_is_forgiven(server):
    server.failures.update({"master.m3u8": 1, "text-en/00001.vtt": 1})
    assert check(f"{server.url}/master.m3u8").findings == ()


def test_a_lasting_failure_is_a_finding_but_at_the_start(server):
    server.failures["text-en/00001.vtt"] = 9
    assert rules(check(f"{server.url}/master.m3u8")) == {"hls.resolves"}
    server.failures["master.m3u8"] = 9
    with pytest.raises(UpstreamError):
        check(f"{server.url}/master.m3u8")


def test_redirects_are_followed_and_bounded(server):
    reader = HttpReader(VerifyOptions())
    assert reader.read(f"{server.url}/redirect/text-en.vtt", None, 99).data == b"WEBVTT\n"
    with pytest.raises(InputError, match="redirects more than"):
        reader.read(f"{server.url}/loop", None, 99)
    with pytest.raises(InputError, match="neither http nor https"):
        reader.read(f"{server.url}/to-file", None, 99)


def test_sizes_and_addresses_are_bounded(server):
    reader = HttpReader(VerifyOptions())
    with pytest.raises(InputError, match="larger than 5"):
        reader.read(f"{server.url}/text-en.vtt", None, 5)
    with pytest.raises(InputError, match="no such byte range"):
        reader.read(f"{server.url}/text-en.vtt", ByteRange(100, 5), 99)
    with pytest.raises(NotFoundError):
        reader.read(f"{server.url}/nothing", None, 99)
    with pytest.raises(InputError):
        reader.resolve(f"{server.url}/a", "file:///etc/hosts")
    with pytest.raises(UpstreamError):
        HttpReader(VerifyOptions(timeout_seconds=0.2)).read("http://127.0.0.1:1/x", None, 9)


def test_cancelling_stops(server):
    with pytest.raises(CancelledError):
        verify(
            f"{server.url}/master.m3u8",
            options=VerifyOptions(),
            toolchain=None,
            control=Control(cancelled=lambda: True),
        )


def test_signatures_stay_out_of_findings(server):
    server.failures["video-h264-90p.m3u8"] = 9
    report = check(f"{server.url}/master.m3u8?token=secret")
    assert report.findings
    assert not any("secret" in one.place + one.message for one in report.findings)
