"""The viewer site and the console in a browser: no axe violation, and they do what they are for."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from tests.e2e.service import LADDER, Platform
from tests.media.clips import counting_srt

from matinee.toolchain.tools import Toolchain

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
    "missing page": "/nowhere/at/all",
}
CONSOLE = {
    "titles": "/console/titles",
    "title": "/console/titles/{title}",
    "title with a ladder of its own": "/console/titles/{own}",
    "failed title": "/console/titles/{failed}",
    "missing title": "/console/titles/nothing",
    "jobs": "/console/jobs",
    "job": "/console/jobs/{job}",
    "failed job": "/console/jobs/{failed_job}",
    "missing job": "/console/jobs/nothing",
    "publish": "/console/publish",
    "webhooks": "/console/settings/webhooks",
    "ladders": "/console/settings/ladders",
    "missing page": "/console/nowhere",
}
PER_TITLE = Path(__file__).with_name("pertitle.toml")
LOOKS = [(size, scheme) for size in SIZES for scheme in ("light", "dark")]


@pytest.fixture(scope="module")
def ids(
    platform: Platform, clip: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """A film with everything, one with its own ladder, one of sound alone, one that failed."""
    zeilen = tmp_path_factory.mktemp("text") / "zeilen.srt"
    zeilen.write_text(counting_srt("Zeile"))
    film = platform.publish(
        clip("feature"), "--title", "The feature film", "--subtitles", f"{zeilen}:de",
        "--synopsis", "A picture that counts, for twenty seconds.",
    )  # fmt: skip
    own = platform.publish(
        clip("feature"), "--title", "A film searched", "--ladder", PER_TITLE
    )  # the later --ladder counts
    sound = platform.publish(clip("audio-m4a"), "--title", "A song")
    platform.run("publish", clip("encrypted"), "--ladder", LADDER, "--title", "A locked film")
    failed = platform.get("/api/v1/titles?state=failed").json()["items"][0]
    return {
        "title": film["title"]["id"],
        "job": film["job"]["id"],
        "own": own["title"]["id"],
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


def test_the_lost_are_led_back(
    context: BrowserContext, platform: Platform, ids: dict[str, str]
) -> None:
    page = context.new_page()
    answer = page.goto(f"{platform.url}/nowhere/at/all")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("The feature film"))).to_be_visible()
    page.get_by_role("link", name="See what is on").click()
    page.wait_for_url(f"{platform.url}/")
    script = context.request.get(f"{platform.url}/assets/gone.js", headers={"Accept": "*/*"})
    assert (script.status, script.text()) == (404, "There is no such page.\n")
    api = context.request.get(f"{platform.url}/api/v1/gone", headers={"Accept": "text/html"})
    assert (api.status, api.headers["content-type"]) == (404, "application/problem+json")


def test_jobs_are_listed_by_the_names_of_their_films(
    context: BrowserContext, platform: Platform, ids: dict[str, str]
) -> None:
    sign_in(context, platform)
    page = opened(context, f"{platform.url}/console/jobs")
    row = page.get_by_role("link", name=re.compile("The feature film"))
    expect(row).to_have_attribute("href", f"/console/jobs/{ids['job']}")


def test_a_ladder_is_explained_by_plot_and_numbers(
    context: BrowserContext, platform: Platform, ids: dict[str, str]
) -> None:
    report = platform.get(f"/api/v1/titles/{ids['own']}/ladder").raise_for_status().json()
    picture = platform.get(f"/api/v1/titles/{ids['own']}/ladder.svg").raise_for_status()
    assert picture.headers["content-type"].startswith("image/svg+xml")
    chosen = report["chosen"]
    assert chosen["hull"], chosen["notes"]
    sign_in(context, platform)
    page = opened(context, f"{platform.url}/console/titles/{ids['own']}")
    section = page.get_by_role("region", name="Why this ladder")
    expect(section).to_contain_text("at equal quality")
    plot = section.get_by_role("group", name=re.compile("^VMAF over bit rate"))
    marks = plot.get_by_role("img")
    assert marks.count() >= len(chosen["hull"]) + len(chosen["rungs"])
    read_out = section.locator(".read-out")
    marks.first.focus()
    lowest = marks.first.get_attribute("aria-label")
    expect(read_out).to_have_text(str(lowest))
    page.keyboard.press("ArrowRight")
    expect(read_out).not_to_have_text(str(lowest))
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == (
        read_out.text_content()
    )
    page.get_by_role("heading", name="Why this ladder").hover()
    page.keyboard.press("Tab")  # one stop for the whole plot
    expect(read_out).to_contain_text("Point at a mark")
    top = plot.get_by_role("img", name=re.compile("^Chosen rung: 360p,"))
    top.hover(force=True)  # another mark may lie upon it
    expect(read_out).to_contain_text("VMAF")
    for rung in chosen["rungs"]:
        row = section.get_by_role("row", name=re.compile(f"^{rung['name']} "))
        expect(row.first).to_contain_text(f"{rung['vmaf']:.1f}")
    section.get_by_text("Every number").click()
    rows = section.get_by_role("table", name="Measured points").get_by_role("row")
    assert rows.count() == 1 + len(chosen["hull"])
    assert violations(page) == []


def test_a_title_without_a_ladder_of_its_own_has_no_such_section(
    context: BrowserContext, platform: Platform, ids: dict[str, str]
) -> None:
    missing = platform.get(f"/api/v1/titles/{ids['title']}/ladder")
    assert (missing.status_code, missing.json()["code"]) == (404, "no-own-ladder")
    sign_in(context, platform)
    page = opened(context, f"{platform.url}/console/titles/{ids['title']}")
    expect(page.get_by_role("heading", name="Verify report")).to_be_visible()
    expect(page.get_by_role("heading", name="Why this ladder")).to_have_count(0)


def chunked(count: int) -> list[dict[str, Any]]:
    """A film in *count* chunks under way: done, one failed, one begun again, running, waiting."""
    done = count // 2
    chunks: list[dict[str, Any]] = []
    for number in range(1, count + 1):
        state = "done" if number <= done else "running" if number <= done + 2 else "waiting"
        state = "failed" if number == 3 else state
        chunks.append({
            "number": number, "start": 6.0 * (number - 1), "duration": 6.0, "state": state,
            "fraction": {"done": 1.0, "running": 0.25}.get(state, 0.0),
            "worker": "" if state == "waiting" else f"encoder-{number % 2}",
            "attempts": 0 if state == "waiting" else 2 if number == 4 else 1,
        })  # fmt: skip
    return chunks


def with_chunks(page: Page, count: int) -> None:
    """Let the job that *page* asks for be one that is in the middle of its chunks."""

    def answer(route: Route) -> None:
        whole = route.fetch()
        job = whole.json()
        for stage in job["stages"]:
            if stage["stage"] == "transcode":
                stage["progress"]["chunks"] = chunked(count)
        route.fulfill(response=whole, json=job)

    page.route("**/api/v1/jobs/*", answer)


@pytest.mark.parametrize("context", LOOKS, ids="-".join, indirect=True)
@pytest.mark.parametrize("count", [9, 240])
def test_chunks_are_a_strip_of_the_film(
    count: int, context: BrowserContext, platform: Platform, ids: dict[str, str]
) -> None:
    sign_in(context, platform)
    page = context.new_page()
    with_chunks(page, count)
    page.goto(f"{platform.url}/console/jobs/{ids['job']}")
    strip = page.get_by_role("group", name=f"The film in {count} chunks")
    cells = strip.get_by_role("img")
    expect(cells).to_have_count(count)
    read_out = page.locator(".chunks .read-out")
    cells.first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(read_out).to_have_text("Chunk 4 · 0:18 to 0:24 · done · by encoder-0 · attempt 2")
    page.keyboard.press("ArrowLeft")
    expect(read_out).to_have_text("Chunk 3 · 0:12 to 0:18 · failed · on encoder-1")
    page.keyboard.press("End")
    expect(read_out).to_contain_text(f"Chunk {count} ")
    page.keyboard.press("Tab")
    cells.nth(1).hover()
    expect(read_out).to_contain_text("Chunk 2 ")
    widths: list[float] = cells.evaluate_all(
        "all => all.map((one) => one.querySelector('.cell').getBoundingClientRect().width)"
    )
    assert min(widths) >= 8
    expect(page.locator(".chunk-legend")).to_contain_text("1 failed")
    expect(page.locator(".chunk-legend")).to_contain_text("1 begun again")
    expect(page.get_by_role("list", name="Workers")).to_contain_text("encoder-0")
    page.get_by_text("Every chunk as a table").click()
    expect(page.get_by_role("group", name="Chunks").get_by_role("row")).to_have_count(count + 1)
    assert violations(page) == []
    assert too_wide(page) == []


def test_a_film_of_a_minute_shows_the_chunks_it_was_made_in(
    context: BrowserContext, platform: Platform, clip: Callable[[str], Path], tmp_path: Path
) -> None:
    film = tmp_path / "looped.mp4"
    subprocess.run(
        [Toolchain.find().ffmpeg, "-v", "error", "-stream_loop", "34", "-i", clip("tiny"),
         "-c", "copy", film],
        check=True, timeout=60,
    )  # fmt: skip
    job = platform.publish(film, "--title", "A minute and more")["job"]
    (chunks,) = (
        stage["progress"]["chunks"] for stage in job["stages"] if stage["stage"] == "transcode"
    )
    assert len(chunks) > 1
    sign_in(context, platform)
    page = opened(context, f"{platform.url}/console/jobs/{job['id']}")
    strip = page.get_by_role("group", name=f"The film in {len(chunks)} chunks")
    expect(strip.get_by_role("img", name=re.compile("done · by "))).to_have_count(len(chunks))
    expect(page.get_by_role("list", name="Workers")).to_contain_text(chunks[0]["worker"])


def test_a_job_without_chunks_has_no_strip(
    context: BrowserContext, platform: Platform, ids: dict[str, str]
) -> None:
    sign_in(context, platform)
    page = opened(context, f"{platform.url}/console/jobs/{ids['failed_job']}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".chunks")).to_have_count(0)


def test_without_media_source_the_browser_plays_hls_itself(
    context: BrowserContext, platform: Platform, ids: dict[str, str]
) -> None:
    """The path of iPhones before iOS 17.1: here Chromium's own HLS stands in for Safari's."""
    page = context.new_page()
    page.add_init_script("delete window.MediaSource; delete window.ManagedMediaSource;")
    page.goto(f"{platform.url}/")
    if not page.evaluate("document.createElement('video').canPlayType('application/x-mpegurl')"):
        pytest.skip("this browser has no HLS of its own")
    page.goto(f"{platform.url}/watch/{ids['title']}")
    page.wait_for_selector("video")
    page.evaluate("document.querySelector('video').muted = true")
    page.evaluate("document.querySelector('video').play()")
    page.wait_for_function("document.querySelector('video').currentTime > 1")
    assert page.evaluate("document.querySelector('video').src").endswith("/master.m3u8")
    assert page.evaluate("document.querySelector('video').duration") == pytest.approx(20, abs=0.2)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('video').currentTime > 5")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_stream_without_an_end_is_shown_as_one(
    context: BrowserContext, platform: Platform, ids: dict[str, str]
) -> None:
    def endless(route: Route) -> None:
        whole = route.fetch()
        kept = [
            line
            for line in whole.text().splitlines()
            if not line.startswith(("#EXT-X-ENDLIST", "#EXT-X-PLAYLIST-TYPE"))
        ]
        route.fulfill(response=whole, body="\n".join(kept))

    page = context.new_page()
    page.route("**/*.m3u8", endless)
    page.goto(f"{platform.url}/watch/{ids['title']}?protocol=hls")
    page.wait_for_selector("video")
    page.evaluate("document.querySelector('video').muted = true")
    page.wait_for_function("window.matineePlayer && window.matineePlayer.isLive()")
    page.mouse.move(300, 300)
    growing = page.get_by_text(re.compile("^ready up to"))
    expect(page.get_by_role("button", name="Live").or_(growing)).to_be_visible()
    assert violations(page) == []
