"""How long viewers wait for playlists and segments while a film is encoded on the same processors.

`python -m benchmarks.fair [--seconds N]`

Eight viewers ask for a playlist and a segment ten times a second each, first of a platform at
rest, then while it encodes a 720p film. The peer is the platform at rest.
"""

import argparse
import asyncio
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

import httpx
from benchmarks.process import machine
from benchmarks.table import Table, ratio
from benchmarks.whole_job import cut
from tests.e2e.service import Platform
from tests.media.clips import clip

VIEWERS = 8
PAUSE = 0.1
SECONDS = 20


def waits(base: str, media: str, seconds: float) -> dict[str, list[float]]:
    """Milliseconds from request to last byte, of a playlist and of a segment."""
    text = httpx.get(f"{base}/master.m3u8", trust_env=False).text
    found = re.search(r"^(?!#)(\S+\.m3u8)$", text, re.MULTILINE)
    assert found, text
    playlist = f"{base}/{found[1]}"
    taken: dict[str, list[float]] = {"playlist": [], "segment": []}

    async def viewer(client: httpx.AsyncClient, until: float) -> None:
        while time.monotonic() < until:
            for name, url, headers in (
                ("playlist", playlist, {}),
                ("segment", f"{base}/{media}", {"range": "bytes=0-65535"}),
            ):
                began = time.perf_counter()
                (await client.get(url, headers=headers)).raise_for_status()
                taken[name].append(1000 * (time.perf_counter() - began))
            await asyncio.sleep(PAUSE)

    async def crowd() -> None:
        until = time.monotonic() + seconds
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            await asyncio.gather(*(viewer(client, until) for _ in range(VIEWERS)))

    asyncio.run(crowd())
    return taken


def row(name: str, one: list[float], rest: list[float]) -> tuple[str, ...]:
    def tail(found: list[float]) -> float:
        return statistics.quantiles(found, n=100)[98]

    middle = statistics.median(one)
    return (
        name, f"{middle:.1f}", f"{tail(one):.1f}",
        ratio(middle, statistics.median(rest)), ratio(tail(one), tail(rest)),
    )  # fmt: skip


def table(seconds: float) -> Table:
    with tempfile.TemporaryDirectory(prefix="matinee-fair-") as top:
        platform = Platform(Path(top, "data")).start()
        try:
            body = platform.publish(clip("plain"))
            base = body["links"]["hls"].rpartition("/")[0]
            version = body["title"]["version"]
            media = f"v{version}/video-h264-{body['title']['rungs'][0]['name']}.mp4"
            rest = waits(base, media, seconds)
            film = cut(None, 120)
            platform.run("publish", film, "--ladder", "standard", "--no-wait", "--json")
            time.sleep(15)
            jobs = platform.get("/api/v1/jobs?state=running").json()["items"]
            assert jobs, "the film was encoded too soon"
            busy = waits(base, media, seconds)
            assert platform.get("/api/v1/jobs?state=running").json()["items"], "it ended too soon"
            platform.run("cancel", jobs[0]["title_id"])
        finally:
            platform.stop()
    rows = [row(f"{name} at rest", rest[name], rest[name]) for name in rest]
    rows += [row(f"{name} while encoding", busy[name], rest[name]) for name in rest]
    return Table(
        name="fair",
        title="What viewers wait while a film is encoded, ms",
        columns=("", "p50", "p99", "p50 ratio", "p99 ratio"),
        rows=tuple(rows),
        note=(
            f"{VIEWERS} viewers, a playlist and a 64 kB range each every {PAUSE:g} s for "
            f"{seconds:.0f} s, client on the same processors; {machine()}."
        ),
    )


def measure(*, quick: bool = False) -> list[Table]:
    return [table(5 if quick else SECONDS)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    print(table(parser.parse_args().seconds).text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
