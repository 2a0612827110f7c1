"""Drives the three players in a real browser, and tells what a viewer would see."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Playwright

PLAYERS = {"hls.js": "master.m3u8", "shaka-hls": "master.m3u8", "shaka-dash": "manifest.mpd",
           "dash.js": "manifest.mpd"}  # fmt: skip
"""Each player under test and the manifest it is given; Shaka Player reads both."""

ARGUMENTS = [
    "--no-sandbox",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
]


def launch(playwright: Playwright) -> Browser:
    """Start Chromium: the one that CHROMIUM names, or the system's."""
    return playwright.chromium.launch(executable_path=program(), args=ARGUMENTS)


def open_window(playwright: Playwright, profile: Path) -> BrowserContext:
    """Start Chromium with an ordinary window, whose cache is on disk, in the folder *profile*.

    The contexts of `launch` are private windows. Their cache, in memory, cuts a range of a file
    short when a neighbouring one is fetched at the same time (Chromium 156): a player that switches
    rungs back and forth then appends half a segment. No server and no playlist can help that.
    """
    return playwright.chromium.launch_persistent_context(
        profile, executable_path=program(), args=ARGUMENTS
    )


def program() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    assert found, "no browser: scripts/test-packages.sh gets one"
    return found


class PlayerPage:
    """One of PLAYERS on a page of its own, playing one URL."""

    def __init__(self, page: Page, harness: str, name: str) -> None:
        self.page = page
        self.name = name
        self._harness = harness

    def load(self, url: str, start: float | None = None) -> None:
        """Open *url* and play it from *start*; raises with the player's own words if it cannot."""
        self.page.goto(f"{self._harness}/player.html")
        self.page.evaluate(
            "([name, url, from]) => window.start(name, url, from)",
            [self.name.split("-")[0], url, start],
        )

    def report(self) -> dict[str, Any]:
        return self.page.evaluate("window.report()")

    def wait(
        self, until: Callable[[dict[str, Any]], bool], what: str, seconds: float = 20
    ) -> dict[str, Any]:
        """Return the first report of which *until* holds; a fatal error ends the wait."""
        deadline = time.monotonic() + seconds
        while True:
            now = self.report()
            fatal = [error["what"] for error in now["errors"] if error["fatal"]]
            assert not fatal, f"{self.name}: {fatal}"
            if until(now):
                return now
            assert time.monotonic() < deadline, f"{self.name} never came to {what}: {now}"
            time.sleep(0.05)

    def play_past(self, second: float) -> dict[str, Any]:
        """Wait until *second* of the film was shown, with pictures and sound decoded."""
        return self.wait(lambda now: now["time"] > second or now["ended"], f"{second} s")

    def seek(self, second: float) -> None:
        self.page.evaluate("second => window.seek(second)", second)

    def act(self, what: str, *given: object) -> None:
        """Call one of the player's functions: pick, pickAudio, pickText."""
        self.page.evaluate("([what, ...given]) => window.act(what, ...given)", [what, *given])

    def pick_rung(self, place: int) -> dict[str, Any]:
        """Switch to the rung at *place*, 0 being the smallest, and wait until it plays on.

        Its first picture is not enough: a player that shows this rung already empties its buffers
        all the same, and Shaka Player never comes back from a second pick within that moment.
        """
        now = self.report()
        wanted = now["rungs"][place]["height"]
        if now["time"] > now["duration"] / 2:
            self.seek(0.5)  # a short film must not end before the switch is on the screen
            self.wait(lambda now: 0.6 < now["time"] < now["duration"] / 2, "the film's beginning")
        self.act("pick", place)
        picked = self.report()["time"]
        return self.wait(
            lambda now: (
                now["rungs"][place]["active"]
                and now["height"] == wanted
                and now["time"] > picked + 0.2
            ),
            f"a picture {wanted} lines high that moves on",
        )

    def captions(self, language: str) -> dict[str, Any]:
        """Turn captions on, and wait until one is shown."""
        self.act("pickText", language)
        return self.wait(lambda now: bool(now["cues"]), f"captions in {language}")
