"""Playlists and 1 MB segments from `matinee up`, against nginx with the same files.

Both run on core 0, the load comes from core 1, each in turn. Keep-alive, 32 connections.
"""

import asyncio
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.packaging import source
from benchmarks.process import machine
from benchmarks.table import Table, ratio
from tests.e2e.service import Platform
from tests.e2e.static import program, serve

CONNECTIONS = 32
ROUNDS = 3
RANGE = "bytes=1000000-2048575"
"""1 MiB in the middle of the track file, as a player asks for a segment."""


def wrk(url: str, headers: dict[str, str], seconds: int) -> float:
    """Requests a second, measured by wrk."""
    given = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    done = subprocess.run(
        [
            "taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *given, url,
        ],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    if "Non-2xx" in done.stdout:
        raise RuntimeError(f"{url}: {done.stdout}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    assert found, done.stdout
    return float(found[1])


def own_client(url: str, headers: dict[str, str], seconds: int) -> float:
    """Requests a second by a client of asyncio's, where wrk is missing: it is the slower part."""
    host, port, path = _parts(url)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n".encode()

    async def connection(until: float) -> int:
        reader, writer = await asyncio.open_connection(host, port, limit=1 << 21)
        count = 0
        while time.monotonic() < until:
            writer.write(request)
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:  # nginx ends a connection after 1,000 requests
                writer.close()
                reader, writer = await asyncio.open_connection(host, port, limit=1 << 21)
                continue
            assert head.split()[1].startswith(b"2"), head
            length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            assert length, head
            await reader.readexactly(int(length[1]))
            count += 1
        writer.close()
        return count

    async def all_connections() -> float:
        began = time.monotonic()
        counts = await asyncio.gather(*(connection(began + seconds) for _ in range(CONNECTIONS)))
        return sum(counts) / (time.monotonic() - began)

    return asyncio.run(all_connections())


def _parts(url: str) -> tuple[str, int, str]:
    found = re.fullmatch(r"http://([^:/]+):(\d+)(/.*)", url)
    assert found, url
    return found[1], int(found[2]), found[3]


def measure(*, quick: bool = False) -> list[Table]:
    """Publish one film, then ask both servers for the same playlist and the same segment."""
    client: Callable[[str, dict[str, str], int], float]
    client = wrk if shutil.which("wrk") else own_client
    seconds, rounds = (1, 1) if quick else (5, ROUNDS)
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})  # inherited by both servers
    work = Path(tempfile.mkdtemp(prefix="matinee-bench-"))
    platform = Platform(work / "data")
    try:
        platform.start()
        body = platform.publish(source(50), "--ladder", "source")
        folder = _version_folder(platform, body["title"]["id"])
        track = max(folder.glob("*.mp4"), key=lambda path: path.stat().st_size)
        playlist = folder / f"{track.stem}.m3u8"
        ours = f"{platform.url}/media/{body['title']['id']}/{folder.name}"
        with serve(folder) as theirs:
            cases: dict[str, tuple[str, dict[str, str], int]] = {
                "media playlist": (playlist.name, {}, playlist.stat().st_size),
                "1 MiB segment": (track.name, {"Range": RANGE}, 1 << 20),
            }
            rows = []
            for name, (path, headers, size) in cases.items():
                rates: dict[str, list[float]] = {ours: [], theirs: []}
                for _ in range(rounds):
                    for base, found in rates.items():
                        found.append(client(f"{base}/{path}", headers, seconds))
                mine, peer = (statistics.median(rates[base]) for base in (ours, theirs))
                gigabytes = [
                    f"{rate * size / 1e9:.2f}" if size >= 1 << 20 else "" for rate in (mine, peer)
                ]
                rows.append((name, f"{mine:,.0f}", f"{peer:,.0f}", *gigabytes, ratio(mine, peer)))
    finally:
        os.sched_setaffinity(0, before)
        if platform.process is not None:
            platform.stop()
        shutil.rmtree(work, ignore_errors=True)
    version = subprocess.run([program(), "-v"], capture_output=True, text=True, check=True)
    named = version.stderr.strip().rpartition("/")[2]
    return [
        Table(
            name="serve",
            title="Serving: `matinee up` against nginx, one core each",
            columns=("", "ours /s", "nginx /s", "ours GB/s", "nginx GB/s", "ratio"),
            rows=tuple(rows),
            note=(
                f"nginx {named}, one worker, sendfile; load by "
                f"{'wrk' if client is wrk else 'an asyncio client (install wrk for the ceiling)'}, "
                f"{CONNECTIONS} connections; median of {rounds} alternating rounds of {seconds} s; "
                f"{machine()}."
            ),
        )
    ]


def _version_folder(platform: Platform, title_id: str) -> Path:
    found = sorted((platform.data / "media" / "titles" / title_id).glob("v*"))
    if not found:
        raise RuntimeError(f"no version of {title_id}: {platform.words()}")
    return found[-1]


if __name__ == "__main__":
    for table in measure(quick="--quick" in sys.argv):
        print(table.text())
