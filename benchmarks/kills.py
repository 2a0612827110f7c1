"""Workers are killed at random for the length of a publish, and the film comes out the same.

`python -m benchmarks.kills [--rounds N] [--workers N] [--seconds N]`

Publishes one film undisturbed, then once a round while `kill -9` ends a random worker every few
seconds, until the film is live. Each round's track files are compared with the undisturbed ones,
byte for byte. The peer is the same platform left alone: what a kill costs is what it adds.
"""

import argparse
import contextlib
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
from benchmarks.process import CACHE, cached, machine
from benchmarks.table import Table, ratio

from matinee.apps.api.schema import TitleBody
from matinee.apps.sample import sample_film
from matinee.toolchain.tools import Toolchain

ROUNDS = 20
SECONDS = 150
PAUSE = (2.0, 7.0)
"""Seconds between two kills, at random."""
LADDER = """
name = "kills"
preset = "veryfast"

[[video]]
name = "180p"
height = 180
max_rate = 500_000

[[video]]
name = "90p"
height = 90
max_rate = 200_000
"""


class Killed(msgspec.Struct, frozen=True):
    """How one round went."""

    seconds: float
    kills: int
    digests: tuple[str, ...]


def film(seconds: int) -> Path:
    """Return *seconds* of the sample film, small: many chunks in little time."""
    toolchain = Toolchain.find()
    source = sample_film(CACHE.parent, toolchain).path
    return cached(
        f"small-{seconds}-seconds.mp4",
        [
            toolchain.ffmpeg, "-v", "error", "-y", "-ss", "60", "-i", source, "-t", str(seconds),
            "-vf", "scale=320:180", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "copy",
            "-f", "mp4",
        ],
    )  # fmt: skip


@contextlib.contextmanager
def platform(data: Path, workers: int) -> Iterator[tuple[int, str]]:
    """Give the supervisor's process and the URL of a running platform."""
    import socket  # noqa: PLC0415

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = subprocess.Popen(
        [sys.executable, "-m", "matinee.cli.main", "up", "--data", str(data), "--port", str(port)],
        env={**os.environ, "MATINEE_WORKERS": str(workers), "MATINEE_CONFIG": str(data / "config"),
             "MATINEE_LOG_LEVEL": "error"},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{url}/healthz", trust_env=False).is_success:
                    break
            time.sleep(0.2)
        yield running.pid, url
    finally:
        running.send_signal(signal.SIGINT)
        try:
            running.wait(60)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def workers_of(supervisor: int) -> list[int]:
    """Return the worker processes below *supervisor*."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == supervisor and b"matinee.apps.worker" in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def publish(
    data: Path, source: Path, workers: int, chance: random.Random | None, most: int = 10_000
) -> Killed:
    """Publish *source* on a fresh platform; with *chance*, end workers until the film is live.

    At most *most* are ended, for machines so slow that a worker hardly starts between two kills.
    """
    with platform(data, workers) as (supervisor, url):
        done = threading.Event()
        kills = 0

        def killer() -> None:
            nonlocal kills
            while chance and kills < most and not done.wait(chance.uniform(*PAUSE)):
                living = workers_of(supervisor)
                if living:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(chance.choice(living), signal.SIGKILL)
                        kills += 1

        ladder = data.with_suffix(".toml")
        ladder.write_text(LADDER.strip() + "\n")
        began = time.monotonic()
        thread = threading.Thread(target=killer)
        thread.start()
        try:
            answer = subprocess.run(
                [sys.executable, "-m", "matinee.cli.main", "publish", str(source), "--json",
                 "--ladder", str(ladder), "--url", url,
                 "--api-key", (data / "admin.key").read_text().strip()],
                capture_output=True, check=True, timeout=900,
                env={**os.environ, "MATINEE_CONFIG": str(data / "config")},
            ).stdout  # fmt: skip
        finally:
            done.set()
            thread.join()
        seconds = time.monotonic() - began
        body = msgspec.json.decode(answer, type=TitleBody)
        folder = data / "media" / "titles" / body.title.id / f"v{body.title.version}"
        digests = tuple(
            f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}"
            for path in sorted(folder.glob("*.mp4"))
        )
        return Killed(seconds, kills, digests)


def rounds_of(count: int, workers: int, seconds: int, seed: int = 1) -> tuple[Killed, list[Killed]]:
    """Return the undisturbed publish, and *count* disturbed ones."""
    source = film(seconds)
    with tempfile.TemporaryDirectory(prefix="matinee-kills-") as top:
        calm = publish(Path(top, "calm"), source, workers, None)
        wild = []
        for number in range(count):
            chance = random.Random(seed + number)  # noqa: S311 - which worker, and when
            wild.append(publish(Path(top, f"round-{number}"), source, workers, chance))
            print(
                f"round {number + 1}: {wild[-1].kills} kills, {wild[-1].seconds:.0f} s, "
                f"{'identical' if wild[-1].digests == calm.digests else 'DIFFERENT'}",
                file=sys.stderr, flush=True,
            )  # fmt: skip
    return calm, wild


def table(count: int, workers: int, seconds: int) -> Table:
    calm, wild = rounds_of(count, workers, seconds)
    kills = sum(one.kills for one in wild)
    same = sum(one.digests == calm.digests for one in wild)
    times = sorted(one.seconds for one in wild)
    middle = times[len(times) // 2]
    return Table(
        name="kills",
        title="Workers killed at random for the length of a publish",
        columns=("", "publishes", "kills", "median s", "wall", "identical films"),
        rows=(
            ("undisturbed", "1", "0", f"{calm.seconds:.1f}", "1.00x", "1"),
            ("`kill -9` every 2 to 7 s", str(count), str(kills), f"{middle:.1f}",
             ratio(middle, calm.seconds), str(same)),
        ),
        note=(
            f"{seconds} s of film at 180p and 90p in chunks of about 30 s, {workers} workers; "
            f"{(middle - calm.seconds) / max(kills / count, 1):.1f} s added by a kill; {machine()}."
        ),
    )  # fmt: skip


def measure(*, quick: bool = False) -> list[Table]:
    return [table(2 if quick else ROUNDS, 2, 90 if quick else SECONDS)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    given = parser.parse_args()
    print(table(given.rounds, given.workers, given.seconds).text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
