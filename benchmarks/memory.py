"""Peak resident memory of every process while a film is published, over the film's length."""

import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.process import cached, machine
from benchmarks.table import Table, ratio
from tests.e2e.service import Platform, command_line, descendants
from tests.media.clips import clip

from matinee.toolchain.tools import Toolchain

LENGTHS = (30, 120, 480)
ROLES = {"matinee.apps.server": "server", "matinee.apps.worker": "worker", "ffmpeg": "ffmpeg",
         "ffprobe": "ffprobe", "matinee.cli.main up": "supervisor"}  # fmt: skip
TICK = 0.05


def film(seconds: int) -> Path:
    """A small film of that length: the 20 s clip, repeated without encoding."""
    return cached(
        f"{seconds}-seconds.mp4",
        [
            Toolchain.find().ffmpeg, "-v", "error", "-y", "-stream_loop", "-1", "-i", clip("long"),
            "-t", str(seconds), "-c", "copy", "-f", "mp4",
        ],
    )  # fmt: skip


def peaks(seconds: int) -> dict[str, int]:
    """Publish a film of *seconds*; return the peak of each kind of process in bytes."""
    work = Path(tempfile.mkdtemp(prefix="matinee-bench-"))
    platform = Platform(work / "data")
    found: dict[str, int] = {}
    done = threading.Event()
    try:
        platform.start()
        assert platform.process is not None
        watcher = threading.Thread(target=_watch, args=(platform.process.pid, found, done))
        watcher.start()
        platform.publish(film(seconds), "--ladder", "standard")
        done.set()
        watcher.join()
    finally:
        done.set()
        platform.stop()
        shutil.rmtree(work, ignore_errors=True)
    return found


def _watch(top: int, found: dict[str, int], done: threading.Event) -> None:
    while not done.wait(TICK):
        for pid in (top, *descendants(top)):
            line = command_line(pid)
            role = next((role for word, role in ROLES.items() if word in line), None)
            if role is not None:
                found[role] = max(found.get(role, 0), _peak(pid))


def _peak(pid: int) -> int:
    """The kernel's own high-water mark, so that a short peak between two looks counts."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


def measure(*, quick: bool = False) -> list[Table]:
    """Fresh platform for each length, so that no peak is inherited."""
    lengths = LENGTHS[:2] if quick else LENGTHS
    began = time.monotonic()
    by_length = {seconds: peaks(seconds) for seconds in lengths}
    roles = [role for role in ROLES.values() if any(role in found for found in by_length.values())]
    rows = tuple(
        (
            role,
            *(f"{by_length[seconds].get(role, 0) / 1e6:.0f}" for seconds in lengths),
            ratio(by_length[lengths[-1]].get(role, 0), by_length[lengths[0]].get(role, 0)),
        )
        for role in roles
    )
    return [
        Table(
            name="memory",
            title="Peak memory of each process while a film is published, MB",
            columns=("", *(f"{seconds} s" for seconds in lengths), "longest to shortest"),
            rows=rows,
            note=(
                "Resident high-water marks, 320x180 source, `standard` ladder, fresh platform for "
                f"each length; {time.monotonic() - began:.0f} s in all; {machine()}."
            ),
        )
    ]


if __name__ == "__main__":
    for table in measure(quick="--quick" in sys.argv):
        print(table.text())
