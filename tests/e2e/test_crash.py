"""The power goes in the middle of a publish, and the film still becomes live."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.e2e.service import LADDER, Platform, command_line, descendants

SLOW = """
name = "slow"
preset = "slower"

[[video]]
name = "360p"
height = 360
max_rate = 900_000
"""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Platform]:
    platform = Platform(tmp_path / "data").start()
    yield platform
    platform.stop()


def begin(platform: Platform, film: Path, tmp_path: Path) -> str:
    """Start a publish that takes a while, and return the title's id once it is encoding."""
    ladder = tmp_path / "slow.toml"
    ladder.write_text(SLOW.strip() + "\n")
    done = platform.run("publish", film, "--ladder", ladder, "--no-wait", "--json")
    assert done.status == 0, done.out + done.err
    title_id = str(done.json["title"]["id"])
    await_stage(platform, title_id, "transcode")
    return title_id


def await_stage(platform: Platform, title_id: str, stage: str) -> Any:
    deadline = time.monotonic() + 60
    while True:
        job = platform.title(title_id)["job"]
        states = {record["stage"]: record["state"] for record in job["stages"]}
        if states.get(stage) == "running" and transcoding(platform):
            return job
        assert job["state"] in {"queued", "running"}, job
        assert time.monotonic() < deadline, job
        time.sleep(0.05)


def transcoding(platform: Platform) -> bool:
    assert platform.process is not None
    below = descendants(platform.process.pid)
    return any("ffmpeg" in command_line(pid) for pid in below)


def plays(platform: Platform, body: dict[str, Any]) -> bool:
    master = httpx.get(body["links"]["hls"], trust_env=False)
    return master.is_success and master.text.startswith("#EXTM3U")


def test_the_service_is_killed_and_started_again(
    own: Platform, clip: Callable[[str], Path], tmp_path: Path
) -> None:
    title_id = begin(own, clip("long"), tmp_path)
    own.kill()
    assert not own.answers()
    own.start()
    body = own.await_state(title_id, "live", 180)
    assert body["job"]["attempt"] == 1, "it went on, it did not begin again"
    assert plays(own, body)
    deadline = time.monotonic() + 90  # a first version may be live long before the job ends
    while own.title(title_id)["job"]["state"] != "succeeded":
        assert time.monotonic() < deadline, own.title(title_id)["job"]
        time.sleep(0.1)
    assert left_over(own) == []


def left_over(platform: Platform) -> list[str]:
    """Files in the data folder that belong to nothing once all is done."""
    found = [*(platform.data / "scratch").rglob("*"), *(platform.data / "uploads").rglob("*")]
    found += (platform.data / "media").rglob(".partial-*")
    found += (platform.data / "media" / "work").rglob("*")
    return [str(path.relative_to(platform.data)) for path in found if path.is_file()]


def test_the_worker_alone_is_killed(
    own: Platform, clip: Callable[[str], Path], tmp_path: Path
) -> None:
    title_id = begin(own, clip("long"), tmp_path)
    assert own.process is not None
    worker = [
        pid for pid in descendants(own.process.pid) if "matinee.apps.worker" in command_line(pid)
    ]
    assert worker
    os.kill(worker[0], signal.SIGKILL)
    assert own.answers(), "viewers must not notice"
    assert plays(own, own.await_state(title_id, "live", 180))


def test_ctrl_c_stops_cleanly_and_loses_nothing(
    own: Platform, clip: Callable[[str], Path], tmp_path: Path
) -> None:
    title_id = begin(own, clip("long"), tmp_path)
    assert own.process is not None
    below = descendants(own.process.pid)
    assert own.stop() == 0, own.words()
    assert not [pid for pid in below if "ffmpeg" in command_line(pid)]
    own.start()
    assert plays(own, own.await_state(title_id, "live", 180))


def test_an_upload_goes_on_where_it_was(
    own: Platform, clip: Callable[[str], Path], tmp_path: Path
) -> None:
    """The same film given again after a crash is not sent twice."""
    film = clip("hd").read_bytes()
    headers = {"Authorization": f"Bearer {own.key}", "Tus-Resumable": "1.0.0"}
    created = httpx.post(
        f"{own.url}/api/v1/uploads", trust_env=False,
        headers={
            **headers, "Upload-Length": str(len(film)), "Upload-Metadata": "filename aGQubXA0",
        },
    )  # fmt: skip
    assert created.status_code == 201, created.text
    place = httpx.URL(own.url).join(created.headers["Location"])
    half = len(film) // 2
    patch = {**headers, "Content-Type": "application/offset+octet-stream"}
    sent = httpx.patch(
        place, content=film[:half], headers={**patch, "Upload-Offset": "0"}, trust_env=False
    )
    assert sent.status_code == 204, sent.text
    own.kill()
    own.start()
    head = httpx.head(place, headers=headers, trust_env=False)
    assert int(head.headers["Upload-Offset"]) == half
    rest = httpx.patch(
        place, content=film[half:], headers={**patch, "Upload-Offset": str(half)}, trust_env=False
    )
    assert rest.status_code == 204
    title = httpx.post(
        f"{own.url}/api/v1/titles", trust_env=False,
        headers={"Authorization": f"Bearer {own.key}", "Idempotency-Key": "after-the-crash"},
        json={"upload_id": str(place).rpartition("/")[2], "ladder": LADDER.read_text()},
    )  # fmt: skip
    assert title.is_success, title.text
    own.await_state(title.json()["title"]["id"], "live")
