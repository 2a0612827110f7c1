"""nginx as the plain static web server on which a packaged folder must play."""

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

CONFIGURATION = """
daemon off; master_process off; worker_processes 1; pid {work}/pid; error_log {work}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off; sendfile on;
  client_body_temp_path {work}/b; proxy_temp_path {work}/p; fastcgi_temp_path {work}/f;
  uwsgi_temp_path {work}/u; scgi_temp_path {work}/s;
  types {{
    text/html html; text/javascript js; application/vnd.apple.mpegurl m3u8;
    application/dash+xml mpd; video/mp4 mp4 m4s; text/vtt vtt; image/jpeg jpg;
    application/json json map;
  }}
  server {{
    listen 127.0.0.1:{port}; root "{root}";
    add_header Access-Control-Allow-Origin *;
    add_header Access-Control-Expose-Headers "Content-Range, Content-Length";
  }}
}}
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def program() -> str:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    assert found, "no nginx: scripts/test-packages.sh gets it"
    return found


@contextlib.contextmanager
def serve(root: Path) -> Iterator[str]:
    """Serve *root* on a free port of this machine; give the URL of its top."""
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as work,
        running(CONFIGURATION.format(work=work, root=root.resolve(), port=port), Path(work), port),
    ):
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def running(text: str, work: Path, port: int) -> Iterator[None]:
    """Run nginx by the configuration *text*, which listens on *port*; *work* is a folder for it."""
    configuration = work / "nginx.conf"
    configuration.write_text(text)
    with subprocess.Popen([program(), "-e", f"{work}/error.log", "-c", configuration]) as nginx:
        try:
            _wait(port, nginx)
            yield
        finally:
            nginx.terminate()


def _wait(port: int, nginx: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 10
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert nginx.poll() is None, "nginx did not start"
        assert time.monotonic() < deadline, "nginx does not answer"
        time.sleep(0.02)
