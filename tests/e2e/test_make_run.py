"""`make run` as a newcomer types it: from a clean clone to a film that plays, and a second time."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.e2e.service import ROOT
from tests.e2e.static import free_port

from matinee.apps.sample import sample_film
from matinee.toolchain.tools import Toolchain

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@contextmanager
def making(clone: Path, log: Path, **variables: object) -> Iterator["subprocess.Popen[bytes]"]:
    """`make run NAME=value...` in *clone*, ended by Ctrl-C."""
    given = [f"{name}={value}" for name, value in variables.items()]
    ours = {"MATINEE_CONFIG": str(log.with_name("config")), "NO_COLOR": "1", "COLUMNS": "200"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    with log.open("wb") as file:
        process = subprocess.Popen(
            ["make", "run", *given], cwd=clone, env={**kept, **ours}, stdin=subprocess.DEVNULL,
            stdout=file, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            # A terminal's Ctrl-C reaches make and what it runs.
            os.killpg(process.pid, signal.SIGINT)
            process.wait(60)


def watch_url(log: Path, process: "subprocess.Popen[bytes]", seconds: float) -> str:
    deadline = time.monotonic() + seconds
    while True:
        text = log.read_text(errors="replace")
        found = re.search(r"Watch\s+(http://\S+)", text)
        if found:
            return found[1]
        assert process.poll() is None, text[-4000:]
        assert time.monotonic() < deadline, text[-4000:]
        time.sleep(0.2)


def test_a_clean_clone_runs(tmp_path: Path, clip: Callable[[str], Path]) -> None:
    clone, log, port = tmp_path / "a clone", tmp_path / "make.log", free_port()
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    film = tmp_path / "it's a film.mp4"
    film.write_bytes(clip("tiny").read_bytes())
    data = tmp_path / "kept data"
    with making(clone, log, FILM=film, DATA=data, PORT=port) as process:
        url = watch_url(log, process, 400)
        page = httpx.get(url, trust_env=False)
        assert page.is_success
        assert "<!doctype html>" in page.text.lower()
        title = url.rpartition("/")[2]
        master = httpx.get(f"http://127.0.0.1:{port}/media/{title}/master.m3u8", trust_env=False)
        assert master.text.startswith("#EXTM3U")
    assert "Nothing is lost" in log.read_text()
    assert not subprocess.run(
        ["git", "status", "--porcelain"], cwd=clone, check=True, capture_output=True
    ).stdout, "an install must leave the checkout clean"

    began = time.monotonic()
    with making(clone, log, FILM=film, DATA=data, PORT=port) as process:
        assert watch_url(log, process, 60) == url
        assert time.monotonic() - began < 20, "the second time is quick"
        catalog = httpx.get(f"http://127.0.0.1:{port}/api/v1/catalog", trust_env=False).json()
        assert [item["id"] for item in catalog["items"]] == [title]


def test_the_sample_film_is_the_real_one_or_says_why_not(
    tmp_path: Path, toolchain: Toolchain
) -> None:
    film = sample_film(tmp_path, toolchain)
    if film.synthetic:
        pytest.skip(f"the film cannot be had on this machine: {film.reason}")
    assert film.title == "Big Buck Bunny"
    assert "CC BY" in film.attribution
    assert film.path.stat().st_size == 50_195_281
    assert [path.name for path in film.path.parent.iterdir()] == [film.path.name]
