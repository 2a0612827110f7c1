"""Runs programs and says what they cost, they and all they started."""

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "matinee" / "benchmarks"
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Cost:
    """User and system time with all reaped children, wall time, and the largest process."""

    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int


def measured(argv: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> Cost:
    """Run *argv* to its end.

    Raises:
        RuntimeError: it failed; the message holds its last words.
    """
    began = time.monotonic()
    with subprocess.Popen(
        [str(word) for word in argv],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", **(environment or {})},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    ) as child:  # fmt: skip
        assert child.stderr is not None
        words = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError(f"{argv[0]} failed: {words[-2000:].decode(errors='replace')}")
    return Cost(usage.ru_utime + usage.ru_stime, time.monotonic() - began, usage.ru_maxrss * 1024)


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(
        statistics.median(cost.cpu_seconds for cost in costs),
        statistics.median(cost.wall_seconds for cost in costs),
        int(statistics.median(cost.peak_bytes for cost in costs)),
    )


def machine() -> str:
    """This machine in a few words, for a table's note."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return f"{os.cpu_count()} cores of {model}, Python {platform.python_version()}"


def cached(name: str, argv: Sequence[str | Path]) -> Path:
    """Return the file *name* of the cache, made by *argv* followed by its path unless there."""
    path = CACHE / name
    if not path.is_file():
        CACHE.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{os.getpid()}-{name}")
        measured([*argv, partial])
        partial.replace(path)
    return path
