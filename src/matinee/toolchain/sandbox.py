"""What a child program may have: its environment, its resource limits, and no life after ours.

Limits are set by util-linux's `setpriv` and `prlimit`, which exec into the program (1.5 ms), or by
a Python shim where those are missing (10 ms). Neither runs our code between fork and exec, which
is not safe in a program with threads.
"""

import os
import shutil
import sys
from functools import cache
from pathlib import Path

import msgspec

_SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# argv: parent pid, then `name=value` limits, "--", program and its arguments.
_SHIM = """
import ctypes, os, resource, signal, sys
for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # by Python, and by what it execs into
    signal.signal(ignored, signal.SIG_DFL)
kernel = ctypes.CDLL(None)
kernel.prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGKILL
kernel.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
if os.getppid() != int(sys.argv[1]):
    os._exit(125)
split = sys.argv.index("--")
for item in sys.argv[2:split]:
    name, value = item.split("=")
    soft, hard = value.split(":")
    resource.setrlimit(getattr(resource, name), (int(soft), int(hard)))
os.execv(sys.argv[split + 1], sys.argv[split + 1:])
"""


BACKGROUND = 10
"""Niceness of work that nobody is waiting for at this moment: encodes leave the processors to the
API, the origin and live channels whenever these want them."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one child program may use; None is no limit.

    Attributes:
        wall_seconds: life from start to end.
        stall_seconds: longest time without a sign of life on standard output.
        memory_bytes: address space (RLIMIT_AS), so more than is ever resident.
        resident_bytes: memory that is resident, looked at several times a second. For programs
            that reserve far more address space than they use, as GPU drivers make them.
        file_bytes: largest file it may write (RLIMIT_FSIZE).
        cpu_seconds: processor time (RLIMIT_CPU).
        niceness: 0 (ours) to 19 (only when nobody else wants the processor).
        stdout_bytes: most that is kept of standard output; more is an error. When lines are handed
            on as they come nothing is kept, and this bounds one line.
    """

    wall_seconds: float | None = None
    stall_seconds: float | None = None
    memory_bytes: int | None = None
    resident_bytes: int | None = None
    file_bytes: int | None = None
    cpu_seconds: int | None = None
    niceness: int = 0
    stdout_bytes: int = 64 * 1024 * 1024


def environment() -> dict[str, str]:
    """Return all the environment a child gets: nothing of ours but where temporary files go."""
    temporary = os.environ.get("TMPDIR", "/tmp")  # noqa: S108 - POSIX's own default
    return {"PATH": _SEARCH_PATH, "LANG": "C.UTF-8", "TMPDIR": temporary}


def confined(program: Path, limits: Limits) -> list[str]:
    """Return the argv prefix that starts *program* under *limits*, killed when our process dies.

    The kernel sends that kill when the *thread* that started the child ends, so whoever starts a
    child waits for it in the same thread.
    """
    bounds = {
        "as": limits.memory_bytes,
        "fsize": limits.file_bytes,
        "cpu": limits.cpu_seconds,
        "core": 0,
    }
    # At the soft limit of processor time comes SIGXCPU, which says why; at the hard one SIGKILL.
    given = {
        name: f"{value}:{value + (name == 'cpu')}"
        for name, value in bounds.items()
        if value is not None
    }
    nice_program = shutil.which("nice", path=_SEARCH_PATH) if limits.niceness > 0 else None
    nice = [nice_program, "-n", str(limits.niceness)] if nice_program else []
    programs = _launchers()
    if programs is None:
        shim_limits = [f"RLIMIT_{name.upper()}={value}" for name, value in given.items()]
        shim = [sys.executable, "-I", "-S", "-c", _SHIM, str(os.getpid()), *shim_limits, "--"]
        return [*shim, *nice, str(program)]
    setpriv, prlimit = programs
    return [
        str(setpriv), "--pdeathsig", "KILL", "--no-new-privs", "--",
        str(prlimit), *(f"--{name}={value}" for name, value in given.items()), "--",
        *nice, str(program),
    ]  # fmt: skip


@cache
def _launchers() -> tuple[Path, Path] | None:
    """Return util-linux's setpriv and prlimit, or None where one is missing or another's."""
    found = [shutil.which(name, path=_SEARCH_PATH) for name in ("setpriv", "prlimit")]
    setpriv, prlimit = found
    if setpriv is None or prlimit is None:
        return None
    # BusyBox has a setpriv of the same name that knows fewer options.
    if any(Path(path).resolve().name == "busybox" for path in (setpriv, prlimit)):
        return None
    return Path(setpriv), Path(prlimit)
