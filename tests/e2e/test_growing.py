"""A film that must be encoded is watched while its first version is made, and beyond."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page
from tests.e2e.browser import PLAYERS, PlayerPage
from tests.e2e.service import LADDER, Platform, command_line, descendants

from matinee.toolchain.tools import Toolchain

LENGTH = 60.0
PACE = 2.5
"""Times real time at which the quick version is made, however quick the machine is: a film that
grows has to be seen growing."""
PACED_LADDER = "veryfast"
"""The preset of ladders that are made no faster than `PACE`."""
TALL = Path(__file__).with_name("growing.toml")
"""A ladder that is taller than the quick version."""

ATTEMPTS = 3
"""So often our player asks for a manifest before it gives up for the time being."""

RECORDER = """() => {
  const video = document.querySelector("video");
  const still = document.querySelector(".still");
  const bar = document.querySelector(".seek input");
  const seen = window.seen = { frames: [], bar: [], bare: [] };
  const frame = (at, { mediaTime }) => {
    seen.frames.push([at / 1000, mediaTime, video.videoHeight]);
    video.requestVideoFrameCallback(frame);
  };
  video.requestVideoFrameCallback(frame);
  const look = (at) => {
    seen.bar.push([at / 1000, Number(bar.value)]);
    if (video.readyState < 2 && still.hidden) seen.bare.push(at / 1000);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
"""Notes every frame that is shown, where the seek bar stands, and when nothing is to be seen.
Times are seconds: on the wall's clock, then in the film."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("growing")
    paced = folder / "ffmpeg"
    paced.write_text(
        f'#!/bin/sh\ncase "$*" in *superfast*|*{PACED_LADDER}*) '
        f'set -- -readrate {PACE} "$@";; esac\n'
        f'exec {Toolchain.find().ffmpeg} "$@"\n'
    )
    paced.chmod(0o755)
    platform = Platform(folder / "data", ffmpeg=str(paced)).start()
    yield platform
    platform.stop()


def text(url: str) -> str:
    answer = httpx.get(url, trust_env=False, timeout=20).raise_for_status()
    assert "immutable" not in answer.headers["cache-control"]
    return answer.text


def begin(platform: Platform, film: Path, ladder: Path = TALL) -> dict[str, Any]:
    """Publish *film* and return its title as soon as it is on the air."""
    done = platform.run("publish", film, "--ladder", ladder, "--no-wait", "--json")
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
        assert now["time"] < LENGTH / 2, "it began at its edge, as if it were live"
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
    for page in pages.values():
        end = page.wait(lambda now: now["ended"], "the end", 40)
        assert end["time"] == pytest.approx(LENGTH, abs=0.5)
        assert end["height"] == 360
        assert not faults(end)

    for name in PLAYERS:
        page = player(name)
        page.load(links["dash" if PLAYERS[name].endswith("mpd") else "hls"])
        now = page.play_past(1.0)
        assert [rung["height"] for rung in now["rungs"]] == [180, 480]
        assert now["duration"] == pytest.approx(LENGTH, abs=0.5)
        assert not faults(now)


def test_a_viewer_sees_a_film_grow_and_moves_on_to_its_ladder(
    own: Platform, clip: Callable[[str], Path], page: Page
) -> None:
    """From its beginning, on a bar of its whole length, and without a break to the taller rung.

    At first the ladder cannot be reached: what plays goes on.
    """
    body = begin(own, clip("reel"))
    prefer(page, own, captions="en", audio="de", volume=0.4)
    page.goto(body["links"]["watch"])
    ready = page.locator(".time-ready")
    ready.wait_for(timeout=90_000)
    until(lambda: playhead(page) > 1, 90)
    assert playhead(page) < LENGTH / 2
    assert float(page.locator(".seek input").get_attribute("max") or 0) >= LENGTH - 1
    assert page.locator(".live-edge").count() == 0
    assert chosen(page) == {"audio": "de", "captions": "", "volume": 0.4, "paused": False}
    first = ready.inner_text()
    until(lambda: ready.inner_text() != first, 90)
    page.evaluate(RECORDER)

    page.route("**/v2/manifest.mpd", lambda route: route.abort())
    page.keyboard.press("k")  # a slow machine has its ladder late: the film is to be far from over
    for _ in range(ATTEMPTS):
        page.wait_for_event("requestfailed", lambda request: "/v2/" in request.url, timeout=120_000)
    page.keyboard.press("k")
    before = playhead(page)
    until(lambda: playhead(page) > before + 1, 20)
    page.unroute_all()
    until(lambda: height(page) > 360, 120)
    assert page.url == body["links"]["watch"]
    assert ready.count() == 0
    assert chosen(page) == {"audio": "de", "captions": "en", "volume": 0.4, "paused": False}
    moved_on_unnoticed(page)
    until(lambda: caption(page) == f"Line {int(playhead(page)) // 2}", 20)
    page.locator(".for-settings").click()
    assert rungs(page) == ["Auto", "480p", "180p"]
    assert page.locator(".fault").count() == 0
    page.evaluate("second => { document.querySelector('video').currentTime = second; }", LENGTH - 3)
    until(lambda: bool(page.evaluate("document.querySelector('video').ended")), 60)


def test_a_viewer_who_paused_moves_on_from_the_film_as_it_is(
    own: Platform, clip: Callable[[str], Path], page: Page, tmp_path: Path
) -> None:
    """To the same picture, with what was chosen by hand; an open menu keeps the focus.

    Subtitles come with the ladder only: who reads them elsewhere reads them from then on.
    """
    ladder = tmp_path / "ladder.toml"
    ladder.write_text(LADDER.read_text().replace("ultrafast", PACED_LADDER))
    body = begin(own, clip("feature"), ladder)
    prefer(page, own, captions="en")
    page.goto(body["links"]["watch"])
    page.locator("video").wait_for()
    until(lambda: playhead(page) > 1, 60)
    page.keyboard.press("k")
    for menu, choice in (("audio", "German"), ("settings", "1.5")):
        page.locator(f".for-{menu}").click()
        page.get_by_role("radio", name=choice).check(force=True)
    page.locator(".volume-range").fill("0.3")
    page.locator(".menu input[name=quality]:checked").focus()
    wishes = {"audio": "de", "captions": "", "volume": 0.3, "paused": True}
    assert chosen(page) == wishes
    assert rungs(page) == ["Auto", "360p"]
    assert own.title(body["title"]["id"])["title"]["version"] == 1, "the ladder came too early"
    place = playhead(page)
    page.evaluate(RECORDER)

    until(lambda: rungs(page) == ["Auto", "360p", "180p"], 60)
    page.wait_for_timeout(1_000)
    assert playhead(page) == pytest.approx(place, abs=0.04)
    assert page.evaluate("window.seen.bare") == []
    assert chosen(page) == {**wishes, "captions": "en"}
    assert caption(page) == f"Line {int(place) // 2}"
    assert page.evaluate("document.querySelector('video').playbackRate") == 1.5
    assert page.evaluate("document.activeElement.name") == "quality"
    assert page.locator(".still").is_hidden()
    page.locator("body").press("Escape")
    page.keyboard.press("k")
    until(lambda: playhead(page) > place + 1, 20)
    page.locator(".seek").hover()
    page.locator(".preview img").wait_for()


def rungs(page: Page) -> list[str]:
    return page.locator(".menu label:has([name=quality]) .choice-name").all_inner_texts()


def prefer(page: Page, platform: Platform, **wishes: object) -> None:
    """Leave *wishes* in the browser, as of a viewer who was there before."""
    page.goto(f"{platform.url}/nowhere")
    page.evaluate("text => localStorage.setItem('matinee.preferences', text)", json.dumps(wishes))


def chosen(page: Page) -> dict[str, Any]:
    return dict(
        page.evaluate("""() => {
      const video = document.querySelector("video");
      const active = (tracks) => tracks.find((one) => one.active)?.language ?? "";
      return {
        audio: active(matineePlayer.getAudioTracks()),
        captions: active(matineePlayer.getTextTracks()),
        volume: video.volume,
        paused: video.paused,
      };
    }""")
    )


def height(page: Page) -> int:
    return int(page.evaluate("document.querySelector('video').videoHeight"))


def caption(page: Page) -> str:
    return page.locator(".captions").inner_text().strip()


def moved_on_unnoticed(page: Page) -> None:
    """Whether the picture never was gone, and went on from where it was when it became taller."""
    # The element tells its new height a moment before its first picture of that is seen.
    until(lambda: bool(page.evaluate("window.seen.frames.some((one) => one[2] > 360)")), 10)
    seen = page.evaluate("window.seen")
    assert seen["bare"] == []
    frames = seen["frames"]
    taller = next(place for place, frame in enumerate(frames) if frame[2] > 360)
    (left, last, _), (came, first, _) = frames[taller - 1], frames[taller]
    assert -0.5 < first - last < 0.5 + (came - left)
    for (earlier, before), (later, after) in pairwise(seen["bar"]):  # told four times a second
        assert -0.5 < after - before < 1 + (later - earlier)


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
    assert stage(own, title["id"], "instant")["state"] == "running"
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
