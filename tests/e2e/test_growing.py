"""A film that must be encoded is watched while its first version is made, and beyond."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page
from tests.e2e.browser import PLAYERS, PlayerPage
from tests.e2e.service import LADDER, Platform, command_line, descendants

from matinee.toolchain.tools import Toolchain

LENGTH = 150.0
PACE = 4
"""Times real time at which the quick version is made, however quick the machine is: a film that
grows has to be seen growing."""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Platform]:
    paced = tmp_path / "ffmpeg"
    paced.write_text(
        f'#!/bin/sh\ncase "$*" in *superfast*) set -- -readrate {PACE} "$@";; esac\n'
        f'exec {Toolchain.find().ffmpeg} "$@"\n'
    )
    paced.chmod(0o755)
    platform = Platform(tmp_path / "data", ffmpeg=str(paced)).start()
    yield platform
    platform.stop()


def text(url: str) -> str:
    answer = httpx.get(url, trust_env=False, timeout=20).raise_for_status()
    assert "immutable" not in answer.headers["cache-control"]
    return answer.text


def begin(platform: Platform, film: Path) -> dict[str, Any]:
    """Publish *film* and return its title as soon as it is on the air."""
    done = platform.run("publish", film, "--ladder", LADDER, "--no-wait", "--json")
    assert done.status == 0, done.out + done.err
    return dict(platform.await_state(str(done.json["title"]["id"]), "live"))


def stage(platform: Platform, title_id: str, name: str) -> dict[str, Any]:
    job = platform.title(title_id)["job"]
    return next((one for one in job["stages"] if one["stage"] == name), {})


def await_version(platform: Platform, title_id: str, version: int, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while (body := platform.title(title_id))["title"]["version"] != version:
        assert body["job"]["state"] in {"queued", "running"}, body
        assert time.monotonic() < deadline, body
        time.sleep(0.3)


def faults(report: dict[str, Any]) -> list[str]:
    """What a player complains of, but for a busy machine that shows what is loaded too slowly."""
    said = [str(error["what"]) for error in report["errors"]]
    return [one for one in said if "bufferStalledError" not in one]


def seek_on(page: PlayerPage, second: float) -> None:
    """Seek to *second*, in steps where a player has not told the browser of the whole film yet.

    Of an EVENT playlist Shaka Player lets the browser know what it has loaded, and no more.
    """
    deadline = time.monotonic() + 120
    while page.report()["time"] < second - 1:
        assert time.monotonic() < deadline, page.report()
        page.seek(min(second, page.report()["duration"] - 0.5))
        page.page.wait_for_timeout(500)


def test_players_go_on_while_a_film_grows_ends_and_gets_its_ladder(
    own: Platform, clip: Callable[[str], Path], player: Callable[[str], PlayerPage]
) -> None:
    body = begin(own, clip("reel"))
    title, links = body["title"], body["links"]
    assert title["version"] == 1
    assert title["duration"] == pytest.approx(LENGTH, abs=0.5)
    running = stage(own, title["id"], "instant")
    assert running["state"] == "running", "it ended before anybody could watch: take a longer film"
    assert "EXT-X-START:TIME-OFFSET=0" in text(links["hls"])
    assert 'type="dynamic"' in text(links["dash"])

    pages = {name: player(name) for name in PLAYERS}
    for name, page in pages.items():
        page.load(links["dash" if PLAYERS[name].endswith("mpd") else "hls"], 0)
    for page in pages.values():
        now = page.play_past(1.0)
        assert now["time"] < 60, "it began at its edge, as if it were live"
        assert [rung["height"] for rung in now["rungs"]] == [360]
    reached = {name: page.report()["buffered"] for name, page in pages.items()}
    for name, page in pages.items():  # more than there was when it began
        page.wait(lambda now, name=name: now["buffered"] > reached[name] + 4, "more of the film")

    await_version(own, title["id"], 2)
    for page in pages.values():
        now = page.report()
        page.play_past(now["time"] + 3)
    for page in pages.values():
        seek_on(page, LENGTH - 4)
        end = page.wait(lambda now: now["ended"], "the end", 40)
        assert end["time"] == pytest.approx(LENGTH, abs=0.5)
        assert end["height"] == 360
        assert not faults(end)

    for name in PLAYERS:
        page = player(name)
        page.load(links["dash" if PLAYERS[name].endswith("mpd") else "hls"])
        now = page.play_past(1.0)
        assert [rung["height"] for rung in now["rungs"]] == [180, 360]
        assert now["duration"] == pytest.approx(LENGTH, abs=0.5)
        assert not faults(now)


def test_the_viewer_site_shows_a_film_that_grows(
    own: Platform, clip: Callable[[str], Path], page: Page
) -> None:
    """From its beginning, on a bar of its whole length, with nothing that looks live."""
    body = begin(own, clip("reel"))
    page.goto(body["links"]["watch"])
    ready = page.locator(".time-ready")
    ready.wait_for(timeout=90_000)
    until(lambda: playhead(page) > 1, 90)
    assert playhead(page) < 60
    assert float(page.locator(".seek input").get_attribute("max") or 0) >= LENGTH - 1
    assert page.locator(".live-edge").count() == 0
    first = ready.inner_text()
    until(lambda: ready.inner_text() != first, 90)
    ready.wait_for(state="detached", timeout=200_000)
    assert page.locator(".fault").count() == 0
    page.evaluate("second => { document.querySelector('video').currentTime = second; }", LENGTH - 3)
    until(lambda: bool(page.evaluate("document.querySelector('video').ended")), 120)


def playhead(page: Page) -> float:
    return float(page.evaluate("document.querySelector('video').currentTime"))


def until(holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_the_encoder_is_killed_while_a_film_grows(
    own: Platform, clip: Callable[[str], Path], player: Callable[[str], PlayerPage]
) -> None:
    """A player that is in the middle of it waits, and goes on."""
    body = begin(own, clip("reel"))
    title, links = body["title"], body["links"]
    page = player("hls.js")
    page.load(links["hls"], 0)
    page.play_past(1.0)
    known = text(f"{links['hls'].rpartition('/')[0]}/v1/video-h264-360p.m3u8")
    assert own.process is not None
    worker = [
        pid for pid in descendants(own.process.pid) if "matinee.apps.worker" in command_line(pid)
    ]
    os.kill(worker[0], signal.SIGKILL)
    now = own.title(title["id"])
    assert (now["title"]["state"], now["title"]["version"]) == ("live", 1)
    again = text(f"{links['hls'].rpartition('/')[0]}/v1/video-h264-360p.m3u8")
    assert again.startswith(known), "what players were told of stands"
    page.wait(lambda now: now["buffered"] > known.count("#EXTINF") * 4 + 4, "more of the film", 90)
    await_version(own, title["id"], 2)
    assert own.title(title["id"])["job"]["attempt"] == 1
