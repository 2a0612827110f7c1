"""From the end of an upload to the first frame in a browser, over the film's length."""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
from benchmarks.process import CACHE, machine
from benchmarks.table import Table
from playwright.sync_api import Page, sync_playwright
from tests.e2e.browser import launch
from tests.e2e.service import Platform

from matinee.apps.sample import sample_film
from matinee.settings import Settings
from matinee.toolchain.tools import Toolchain

LENGTHS = {"1 minute": 60, "10 minutes": 596}
MUX = {"1 minute": "2.0", "10 minutes": "9.0"}
"""Medians that Mux published in 2023 for films of under 1 and of 5 to 20 minutes, seconds."""
TUS = {"Tus-Resumable": "1.0.0"}
_FIRST_FRAME = """
() => new Promise((resolve) => {
  const look = () => {
    const video = document.querySelector("video");
    if (video && video.getVideoPlaybackQuality().totalVideoFrames > 0) resolve(true);
    else setTimeout(look, 10);
  };
  look();
})
"""


def film(seconds: int, toolchain: Toolchain) -> Path:
    """The first *seconds* of the sample film, H.264 and AAC as a camera or editor leaves it."""
    path = CACHE / f"sample-{seconds}.mp4"
    if not path.is_file():
        CACHE.mkdir(parents=True, exist_ok=True)
        whole = sample_film(Settings().cache, toolchain).path
        subprocess.run(
            [
                toolchain.ffmpeg, "-v", "error", "-y", "-i", whole, "-t", str(seconds),
                "-c", "copy", path,
            ],
            check=True,
        )  # fmt: skip
    return path


ENCODED = {
    "MPEG-4 ASP and MP3 in AVI": (
        "avi", ("-c:v", "mpeg4", "-vtag", "XVID", "-q:v", "4", "-bf", "2", "-c:a", "libmp3lame"),
    ),
    "VP9 and Opus in WebM": (
        "webm",
        (
            "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "2M",
            "-row-mt", "1", "-c:a", "libopus",
        ),
    ),
}  # fmt: skip
"""Films that no player takes as they are, 720p like the sample film: suffix and encoders."""


def film_to_encode(kind: str, seconds: int, toolchain: Toolchain) -> Path:
    """The first *seconds* of the sample film in another coding."""
    suffix, encoders = ENCODED[kind]
    path = CACHE / f"sample-{seconds}.{suffix}"
    if not path.is_file():
        source = film(seconds, toolchain)
        partial = path.with_stem(f"{path.stem}-partial")
        subprocess.run(
            [toolchain.ffmpeg, "-v", "error", "-y", "-i", source, *encoders, partial], check=True
        )
        partial.replace(path)
    return path


def first_frame(platform: Platform, path: Path, page: Page) -> tuple[float, float]:
    """Publish *path*; return seconds from upload complete to on the air, and to the first frame."""
    with httpx.Client(
        base_url=platform.url, timeout=60, trust_env=False,
        headers={"Authorization": f"Bearer {platform.key}"},
    ) as http:  # fmt: skip
        size = path.stat().st_size
        made = http.post("/api/v1/uploads", headers={**TUS, "Upload-Length": str(size)})
        location = made.raise_for_status().headers["location"]
        http.patch(
            location,
            content=path.read_bytes(),
            headers={
                **TUS,
                "Upload-Offset": "0",
                "Content-Type": "application/offset+octet-stream",
            },
        ).raise_for_status()
        began = time.monotonic()
        upload_id = location.rstrip("/").rpartition("/")[2]
        title = http.post("/api/v1/titles", json={"upload_id": upload_id, "ladder": "standard"})
        title_id = title.raise_for_status().json()["title"]["id"]
        while http.get(f"/api/v1/catalog/{title_id}").status_code != 200:
            assert time.monotonic() - began < 120, "it never went on the air"
            time.sleep(0.02)
        live = time.monotonic() - began
        page.goto(f"{platform.url}/watch/{title_id}")
        page.evaluate(_FIRST_FRAME)
        seen = time.monotonic() - began
        http.delete(f"/api/v1/titles/{title_id}").raise_for_status()
    page.goto("about:blank")
    return live, seen


def measure(*, quick: bool = False) -> list[Table]:
    """Publish each film several times on one platform, with the browser already open."""
    toolchain = Toolchain.find()
    rounds = 2 if quick else 7
    rows = []
    with (
        tempfile.TemporaryDirectory(prefix="matinee-bench-") as work,
        sync_playwright() as playwright,
    ):
        platform = Platform(Path(work) / "data").start()
        browser = launch(playwright)
        page = browser.new_page()
        try:
            first_frame(platform, film(60, toolchain), page)  # opens what is opened once
            films = {
                f"H.264 and AAC, {name}": (film(seconds, toolchain), MUX[name])
                for name, seconds in LENGTHS.items()
            }
            for kind in ENCODED:
                length = "1 minute" if quick else "10 minutes"
                made = film_to_encode(kind, LENGTHS[length], toolchain)
                films[f"{kind}, {length}"] = made, MUX[length]
            for name, (path, peer) in films.items():
                runs = [first_frame(platform, path, page) for _ in range(rounds)]
                live = statistics.median(run[0] for run in runs)
                seen = [run[1] for run in runs]
                rows.append(
                    (
                        name, f"{live:.2f}", f"{statistics.median(seen):.2f}",
                        f"{max(seen):.2f}", peer,
                    )
                )  # fmt: skip
        finally:
            browser.close()
            platform.stop()
    return [
        Table(
            name="instant",
            title="Upload complete to first frame in Chromium, seconds",
            columns=("film", "on the air", "first frame p50", "worst", "Mux's published p50"),
            rows=tuple(rows),
            note=(
                "Cuts of the sample film (1280x720, 24 a second), `standard` ladder; the encode "
                "goes on behind it. H.264 and AAC go on the air as they are; the others as a "
                f"quick 360p that grows. {rounds} rounds; {machine()}. Mux's figures are its own, "
                "on its own machines, and include its players' start."
            ),
        )
    ]


if __name__ == "__main__":
    for table in measure(quick="--quick" in sys.argv):
        print(table.text())
