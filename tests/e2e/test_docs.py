"""The commands of the how-to pages, run as a reader would run them."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.e2e.service import LADDER, Platform, matinee
from tests.e2e.static import free_port, running

PAGES = Path(__file__).parents[2] / "docs" / "how-to"
_RUN = r"^<!-- run -->\n```{}\n(.*?)^```"


def blocks(page: str, language: str = "bash") -> list[str]:
    pattern = re.compile(_RUN.format(language), flags=re.MULTILINE | re.DOTALL)
    return pattern.findall((PAGES / page).read_text())


def run(script: str, folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"


def environment_of(folder: Path) -> dict[str, str]:
    """A shell with `matinee` on its path and a home of its own."""
    home = folder / "home"
    home.mkdir()
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
    }


@pytest.mark.timeout(600)
def test_publish_page(platform: Platform, clip: Callable[[str], Path], tmp_path: Path) -> None:
    environment = environment_of(tmp_path)
    environment |= {"MATINEE_URL": platform.url, "MATINEE_API_KEY": platform.key}
    shutil.copy(clip("plain"), tmp_path / "film.mp4")
    scripts = blocks("publish.md")
    assert len(scripts) == 4
    for script in scripts:
        run(script, tmp_path, environment)


@pytest.mark.timeout(600)
def test_package_and_verify_pages(clip: Callable[[str], Path], tmp_path: Path) -> None:
    environment = environment_of(tmp_path)
    shutil.copy(clip("plain"), tmp_path / "film.mp4")
    scripts = blocks("package.md") + blocks("verify.md")
    assert len(scripts) == 4
    for script in scripts:
        run(script, tmp_path, environment)


HTTP = """
daemon off; master_process off; pid {work}/pid; error_log {work}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off; client_body_temp_path {work}/b; proxy_temp_path {work}/p;
  fastcgi_temp_path {work}/f; uwsgi_temp_path {work}/u; scgi_temp_path {work}/s;
  {site}
}}
"""


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[tuple[Platform, str]]:
    """A platform, and the URL of nginx in front of it as the page says; only TLS is left out."""
    (site,) = blocks("deploy.md", "nginx")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    work = tmp_path / "nginx"
    work.mkdir()
    platform = Platform(tmp_path / "data", public_url=url, trusted_proxies="127.0.0.1")
    site = re.sub(r"^ *ssl_.*\n", "", site, flags=re.MULTILINE)
    site = site.replace("listen 443 ssl", f"listen 127.0.0.1:{port}")
    site = site.replace("/var/cache/nginx", str(work)).replace("127.0.0.1:8080", platform.url[7:])
    platform.start()
    try:
        with running(HTTP.format(work=work, site=site), work, port):
            yield platform, url
    finally:
        assert platform.stop() == 0, platform.words()


@pytest.mark.timeout(600)
def test_behind_nginx_as_the_deploy_page_says(
    proxied: tuple[Platform, str], clip: Callable[[str], Path]
) -> None:
    platform, url = proxied
    done = matinee("publish", clip("plain"), "--ladder", LADDER, "--json", url=url,
                   api_key=platform.key, config=str(platform.data.with_name("config")))  # fmt: skip
    assert done.status == 0, done.out + done.err
    links = done.json["links"]
    assert links["hls"].startswith(f"{url}/media/")

    played = httpx.get(links["hls"], trust_env=False).raise_for_status().text
    variant = next(line for line in played.splitlines() if line and not line.startswith("#"))
    folder = httpx.URL(links["hls"]).join(variant)
    lines = httpx.get(folder, trust_env=False).raise_for_status().text.splitlines()
    film = next(line for line in lines if line.endswith(".mp4"))
    span = {"Range": "bytes=100-4099"}
    parts = [httpx.get(base.join(film), headers=span, trust_env=False) for base in
             (folder, folder, folder.copy_with(port=platform.port))]  # fmt: skip
    assert [part.status_code for part in parts] == [206, 206, 206]
    assert len(parts[0].content) == 4000
    assert parts[0].content == parts[1].content == parts[2].content
    assert parts[0].headers["content-range"] == parts[2].headers["content-range"]

    assert httpx.get(f"{platform.url}/metrics", trust_env=False).status_code == 200
    for host in ("films.example", "localhost", "127.0.0.1"):
        told = httpx.get(f"{url}/metrics", headers={"Host": host}, trust_env=False)
        assert told.status_code == 401

    def sign_in(source: str, key: str, **headers: str) -> int:
        """Sign in from another address of this machine."""
        with httpx.Client(transport=httpx.HTTPTransport(local_address=source)) as client:
            answer = client.post(f"{url}/api/v1/session", json={"api_key": key}, headers=headers)
            return answer.status_code

    for number in range(10):
        claimed = {"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": "for=198.51.100.9"}
        assert sign_in("127.0.0.2", f"mk_{number:043}", **claimed) == 401
    assert sign_in("127.0.0.2", platform.key, **{"X-Forwarded-For": "127.0.0.3"}) == 429
    assert sign_in("127.0.0.3", platform.key) == 201
    assert "sign-in.refused" in platform.log.read_text()
    assert "127.0.0.2" in platform.log.read_text()
