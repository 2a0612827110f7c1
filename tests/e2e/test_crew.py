"""Several workers encode one film: on one machine, and on two that share database and store."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from benchmarks import kills
from tests.e2e.service import Platform, command_line, descendants, environment
from tests.servers import BUCKET, database_on, execute, postgresql, s3

from matinee.toolchain.tools import Toolchain

LADDER = """
name = "crew"
preset = "medium"

[[video]]
name = "180p"
height = 180
max_rate = 500_000
"""


@dataclass
class Studio:
    """What two machines share, and the two data folders that they do not."""

    settings: dict[str, str]
    folder: Path

    def platform(self) -> Platform:
        return Platform(self.folder / "front", **self.settings).start()

    def worker(self, name: str) -> "subprocess.Popen[bytes]":
        data = self.folder / name
        given = {f"MATINEE_{key.upper()}": value for key, value in self.settings.items()}
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "matinee.cli.main", "worker", "--data", str(data)],
                env={**environment(), **given, "MATINEE_WORKER_ID": name},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    with postgresql() as server, s3() as endpoint:
        execute(server, "CREATE DATABASE matinee")
        yield Studio(
            settings={
                "database_url": database_on(server, "matinee"),
                "store": f"s3://{BUCKET}/platform",
                "s3_endpoint": endpoint,
                "s3_access_key_id": "test",
                "s3_secret_access_key": "test",
            },
            folder=tmp_path,
        )


def chunks_of(body: Any) -> list[Any]:
    stages = {one["stage"]: one for one in body["job"]["stages"]}
    return list((stages["transcode"]["progress"] or {}).get("chunks", []))


def begin(front: Platform, film: Path, tmp_path: Path) -> str:
    ladder = tmp_path / "crew.toml"
    ladder.write_text(LADDER.strip() + "\n")
    done = front.run("publish", film, "--ladder", ladder, "--no-wait", "--json")
    assert done.status == 0, done.out + done.err
    return str(done.json["title"]["id"])


def await_end(front: Platform, title_id: str, seconds: float = 240) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        body = front.title(title_id)
        if body["job"]["state"] not in {"queued", "running"}:
            assert body["job"]["state"] == "succeeded", body
            return body
        assert time.monotonic() < deadline, f"{body}\n{front.words()}"
        time.sleep(0.2)


@pytest.mark.timeout(600)
def test_two_machines_share_a_film_and_one_is_lost_for_good(
    studio: Studio, clip: Callable[[str], Path], tmp_path: Path
) -> None:
    front = studio.platform()
    other = studio.worker("other")
    try:
        title_id = begin(front, clip("two-minutes"), tmp_path)
        deadline = time.monotonic() + 120
        while len({one["worker"] for one in chunks_of(front.title(title_id))} - {""}) < 2:
            assert time.monotonic() < deadline, front.words()
            time.sleep(0.2)
        # The platform's own worker drops dead with all it had, and is kept from coming back by
        # the death of its supervisor; the server goes with it. The other machine has it all.
        front.kill()
        deadline = time.monotonic() + 240
        log = tmp_path / "other.log"
        while "job.ended" not in log.read_text():
            assert time.monotonic() < deadline, log.read_text()[-3000:]
            time.sleep(0.5)
        front.start()
        body = await_end(front, title_id)
        assert {one["worker"] for one in chunks_of(body)} >= {"other-1"}
        workers = front.run("workers", "--json").json["items"]
        assert {"other-1"} <= {one["worker"]["id"] for one in workers if one["alive"]}
        assert front.run("verify", body["links"]["hls"], "--json").status == 0
    finally:
        other.send_signal(signal.SIGINT)
        other.wait(60)
        front.stop()


@pytest.mark.timeout(600)
def test_workers_killed_at_random_make_the_same_film(
    clip: Callable[[str], Path], tmp_path: Path
) -> None:
    source = clip("two-minutes")
    calm = kills.publish(tmp_path / "calm", source, 2, None)
    chance = random.Random(7)  # noqa: S311 - which worker, and when
    wild = kills.publish(tmp_path / "wild", source, 2, chance, most=5)
    assert wild.kills > 0
    assert wild.digests == calm.digests
    assert any(one.startswith("video-h264-180p.mp4") for one in calm.digests)


def test_an_operator_changes_the_slots_of_a_running_worker(tmp_path: Path) -> None:
    platform = Platform(tmp_path / "data").start()
    try:
        deadline = time.monotonic() + 60
        while not (items := platform.run("workers", "--json").json["items"]):
            assert time.monotonic() < deadline
        name = items[0]["worker"]["id"]
        assert platform.run("workers", "--slots", f"{name}=3").status == 0
        while platform.run("workers", "--json").json["items"][0]["worker"]["slots"] != 3:
            assert time.monotonic() < deadline
            time.sleep(0.3)
        assert platform.run("workers", "--slots", "nobody=3").status == 2
    finally:
        platform.stop()


def test_a_chunk_whose_ffmpeg_is_killed_is_made_again(
    clip: Callable[[str], Path], tmp_path: Path
) -> None:
    platform = Platform(tmp_path / "data").start()
    try:
        title_id = begin(platform, clip("two-minutes"), tmp_path)
        assert platform.process is not None
        deadline = time.monotonic() + 120
        killed = 0
        while killed < 2:
            assert time.monotonic() < deadline
            for pid in descendants(platform.process.pid):
                words = command_line(pid)
                if "ffmpeg" in words and "frag_keyframe" in words:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                        killed += 1
                        break
            time.sleep(0.5)
        body = await_end(platform, title_id)
        assert max(one["attempts"] for one in chunks_of(body)) > 1
    finally:
        platform.stop()


def test_a_poisoned_film_fails_in_ffmpeg_s_own_words(
    clip: Callable[[str], Path], tmp_path: Path
) -> None:
    """An encoder that always dies: the job ends after a few tries, and says why."""
    crooked = tmp_path / "ffmpeg"
    real = Toolchain.find().ffmpeg
    crooked.write_text(
        f"#!/bin/sh\ncase \"$*\" in *frag_keyframe*) echo 'the dog ate it' >&2; exit 3;; esac\n"
        f'exec {real} "$@"\n'
    )
    crooked.chmod(0o755)
    platform = Platform(tmp_path / "data", ffmpeg=str(crooked)).start()
    try:
        title_id = begin(platform, clip("two-minutes"), tmp_path)
        deadline = time.monotonic() + 120
        while (job := platform.title(title_id)["job"])["state"] in {"queued", "running"}:
            assert time.monotonic() < deadline, job
            time.sleep(0.3)
        assert job["state"] == "failed"
        assert "the dog ate it" in job["problem"]["log"]
    finally:
        platform.stop()
