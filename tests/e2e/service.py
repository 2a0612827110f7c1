"""The real product as a child process: started, used through its own command line, stopped."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from tests.e2e.static import free_port

ROOT = Path(__file__).parents[2]
LADDER = Path(__file__).with_name("ladder.toml")
"""Two small rungs at the quickest preset: the tests look at the house, not at the picture."""


def environment() -> dict[str, str]:
    ours = {"PYTHONPATH": str(ROOT / "src"), "NO_COLOR": "1", "COLUMNS": "200"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MATINEE_")}
    return {**kept, **ours}


@dataclass
class Ran:
    """How a command of ours ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def matinee(*arguments: object, seconds: float = 240, **settings: str) -> Ran:
    """Run `matinee` with *arguments*; `url="..."` is the setting MATINEE_URL."""
    given = {f"MATINEE_{name.upper()}": value for name, value in settings.items()}
    done = subprocess.run(
        [sys.executable, "-m", "matinee.cli.main", *map(str, arguments)],
        capture_output=True, text=True, timeout=seconds, check=False,
        env={**environment(), **given}, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)


class Platform:
    """`matinee up` on a folder; start it as often as you like."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        self.settings = {f"MATINEE_{name.upper()}": value for name, value in settings.items()}
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data.with_name(f"{data.name}.log")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Platform":
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable, "-m", "matinee.cli.main",
                    "up", "--data", str(self.data), "--port", str(self.port),
                ],
                env={
                    **environment(), **self.settings,
                    "MATINEE_CONFIG": str(self.data.with_name("config")),
                },
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + 60
        try:
            while not self.answers():
                assert self.process.poll() is None, f"it ended:\n{self.words()}"
                assert time.monotonic() < deadline, f"it does not answer:\n{self.words()}"
                time.sleep(0.1)
        except AssertionError:
            self.kill()  # no test gets it, so none would stop it
            raise
        return self

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=5, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def words(self) -> str:
        """The end of what it has logged."""
        return self.log.read_text(errors="replace")[-4000:]

    def stop(self) -> int:
        """Press Ctrl-C and wait; return the exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def kill(self) -> None:
        """Take the power away: SIGKILL to the supervisor, then to all that it had started."""
        assert self.process is not None
        below = descendants(self.process.pid)
        for pid in (self.process.pid, *below):
            end(pid)
        self.process.wait(10)
        deadline = time.monotonic() + 10
        while any(alive(pid) for pid in below):
            assert time.monotonic() < deadline, "a child outlived the platform"
            time.sleep(0.05)

    @property
    def key(self) -> str:
        return (self.data / "admin.key").read_text().strip()

    def run(self, *arguments: object, seconds: float = 240) -> Ran:
        """Run one of our commands against this platform."""
        return matinee(*arguments, seconds=seconds, url=self.url, api_key=self.key,
                       config=str(self.data.with_name("config")))  # fmt: skip

    def publish(self, film: Path, *options: object) -> Any:
        """Publish *film* and return its TitleBody once it is live."""
        done = self.run("publish", film, "--ladder", LADDER, "--json", *options)
        assert done.status == 0, f"{done.out}{done.err}\n{self.words()}"
        return done.json

    def get(self, path: str) -> httpx.Response:
        return httpx.get(
            f"{self.url}{path}", timeout=20, trust_env=False,
            headers={"Authorization": f"Bearer {self.key}"},
        )  # fmt: skip

    def title(self, title_id: str) -> Any:
        return self.get(f"/api/v1/titles/{title_id}").raise_for_status().json()

    def await_state(self, title_id: str, state: str, seconds: float = 120) -> Any:
        """Wait until the title is in *state*."""
        deadline = time.monotonic() + seconds
        while True:
            body = self.title(title_id)
            if body["title"]["state"] == state:
                return body
            assert body["title"]["state"] == "processing", body
            assert time.monotonic() < deadline, f"never {state}: {body}\n{self.words()}"
            time.sleep(0.2)


def descendants(pid: int) -> list[int]:
    """Every process below *pid*."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[int] = []
    frontier = [pid]
    while frontier:
        below = parents.get(frontier.pop(), [])
        found += below
        frontier += below
    return found


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def end(pid: int) -> None:
    """SIGKILL to *pid*, which may be gone already."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
