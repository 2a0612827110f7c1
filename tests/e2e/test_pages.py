"""The viewer site and the console in a browser: no axe violation, and they do what they are for."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.e2e.service import LADDER, Platform
from tests.media.clips import counting_srt

AXE = Path(__file__).parent / "players" / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
VIEWER = {
    "home": "/",
    "search": "/search?q=feature",
    "search that finds nothing": "/search?q=zzzz",
    "title": "/titles/{title}",
    "watch": "/watch/{title}",
    "audio only": "/watch/{sound}",
    "missing title": "/titles/nothing",
    "missing film": "/watch/nothing",
}
CONSOLE = {
    "titles": "/console/titles",
    "title": "/console/titles/{title}",
    "failed title": "/console/titles/{failed}",
    "jobs": "/console/jobs",
    "job": "/console/jobs/{job}",
    "failed job": "/console/jobs/{failed_job}",
    "publish": "/console/publish",
    "webhooks": "/console/settings/webhooks",
    "ladders": "/console/settings/ladders",
}
LOOKS = [(size, scheme) for size in SIZES for scheme in ("light", "dark")]


@pytest.fixture(scope="module")
def ids(
    platform: Platform, clip: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """A film with everything, one with sound alone, and one that failed."""
    zeilen = tmp_path_factory.mktemp("text") / "zeilen.srt"
    zeilen.write_text(counting_srt("Zeile"))
    film = platform.publish(
        clip("feature"), "--title", "The feature film", "--subtitles", f"{zeilen}:de",
        "--synopsis", "A picture that counts, for twenty seconds.",
    )  # fmt: skip
    sound = platform.publish(clip("audio-m4a"), "--title", "A song")
    platform.run("publish", clip("encrypted"), "--ladder", LADDER, "--title", "A locked film")
    failed = platform.get("/api/v1/titles?state=failed").json()["items"][0]
    return {
        "title": film["title"]["id"],
        "job": film["job"]["id"],
        "sound": sound["title"]["id"],
        "failed": failed["title"]["id"],
        "failed_job": failed["job"]["id"],
    }


@pytest.fixture
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    size, scheme = getattr(request, "param", ("desktop", "light"))
    width, height = SIZES[size]
    one = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        reduced_motion="reduce",
        bypass_csp=True,  # axe is put into the page by us
    )
    one.set_default_timeout(15_000)
    yield one
    one.close()


def sign_in(context: BrowserContext, platform: Platform) -> None:
    done = context.request.post(f"{platform.url}/api/v1/session", data={"api_key": platform.key})
    assert done.ok, done.text()


def opened(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("main h1, main h2, main video, .empty h1")
    page.wait_for_function("!document.querySelector('.loading, [class*=skeleton]')")
    return page


def violations(page: Page) -> list[str]:
    """What axe objects to: rule, number of places and the first of them."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("axe.run()")
    return [
        f"{one['id']} ({len(one['nodes'])}): {one['help']}: {one['nodes'][0]['html'][:300]}"
        f" {json.dumps(one['nodes'][0].get('failureSummary', ''))}"
        for one in found["violations"]
    ]


def too_wide(page: Page) -> list[str]:
    """What makes the page scroll sideways: the elements that end beyond its right edge."""
    found: list[str] = page.evaluate("""() => {
      const edge = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= edge) return [];
      return [...document.body.querySelectorAll("*")]
        .filter((one) => one.getBoundingClientRect().right > edge + 1 && !one.closest(".scroll *"))
        .map((one) => one.outerHTML.slice(0, 120));
    }""")
    return found


@pytest.mark.parametrize("context", LOOKS, ids="-".join, indirect=True)
@pytest.mark.parametrize("name", VIEWER)
def test_axe_finds_nothing_on_the_viewer_site(
    name: str, context: BrowserContext, platform: Platform, ids: dict[str, str]
) -> None:
    page = opened(context, platform.url + VIEWER[name].format(**ids))
    assert violations(page) == []
    assert too_wide(page) == []


@pytest.mark.parametrize("context", LOOKS, ids="-".join, indirect=True)
@pytest.mark.parametrize("name", CONSOLE)
def test_axe_finds_nothing_on_the_console(
    name: str, context: BrowserContext, platform: Platform, ids: dict[str, str]
) -> None:
    sign_in(context, platform)
    page = opened(context, platform.url + CONSOLE[name].format(**ids))
    assert violations(page) == []
    assert too_wide(page) == []


@pytest.mark.parametrize("context", LOOKS, ids="-".join, indirect=True)
def test_the_sign_in_page(context: BrowserContext, platform: Platform) -> None:
    page = opened(context, f"{platform.url}/console")
    assert violations(page) == []
    page.get_by_label("API key").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("API key").fill(platform.key)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Titles")).to_be_visible()


def test_from_the_catalogue_to_a_moving_picture(
    context: BrowserContext, platform: Platform, ids: dict[str, str]
) -> None:
    errors: list[str] = []
    page = opened(context, platform.url)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.get_by_role("link", name=re.compile("The feature film")).first.click()
    page.wait_for_url(re.compile("/(titles|watch)/"))
    if "/titles/" in page.url:
        page.get_by_role("link", name=re.compile("^(Watch|Play)")).first.click()
    page.wait_for_url(f"**/watch/{ids['title']}*")
    video = page.locator("video")
    video.wait_for()
    page.evaluate("document.querySelector('video').muted = true")
    page.evaluate("document.querySelector('video').play()")
    page.wait_for_function("document.querySelector('video').currentTime > 1")
    frames = page.evaluate("document.querySelector('video').getVideoPlaybackQuality()"
                           ".totalVideoFrames")  # fmt: skip
    assert frames > 10
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('video').currentTime > 5")
    page.keyboard.press("k")
    page.wait_for_function("document.querySelector('video').paused")
    assert errors == []


def test_the_film_goes_on_where_the_viewer_left_off(
    context: BrowserContext, platform: Platform, ids: dict[str, str]
) -> None:
    url = f"{platform.url}/watch/{ids['title']}"
    page = opened(context, url)
    page.evaluate("document.querySelector('video').muted = true")
    page.evaluate("document.querySelector('video').play()")
    page.wait_for_function("document.querySelector('video').currentTime > 0.5")
    page.evaluate("document.querySelector('video').currentTime = 11")
    page.wait_for_function("document.querySelector('video').currentTime > 12")
    page.close()
    again = opened(context, url)
    again.wait_for_function("document.querySelector('video').currentTime > 8")


def test_an_upload_from_the_console_becomes_a_title(
    context: BrowserContext, platform: Platform, clip: Callable[[str], Path]
) -> None:
    sign_in(context, platform)
    page = opened(context, f"{platform.url}/console/publish")
    page.locator("input[type=file]").first.set_input_files(clip("tiny"))
    name = page.get_by_label(re.compile("^(Title|Name)"))
    if name.count():
        name.first.fill("From the console")
    page.get_by_role("button", name=re.compile("^(Publish|Upload)")).first.click()
    page.wait_for_url(re.compile("/console/(titles|jobs)/"), timeout=60_000)
    expect(page.get_by_role("link", name="Watch", exact=True)).to_be_visible(timeout=90_000)
