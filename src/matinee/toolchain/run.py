"""The one place that starts child programs, and sees that they end."""

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO, Literal, Self

import msgspec

from matinee.errors import CancelledError, InvariantError, UpstreamError
from matinee.toolchain.sandbox import Limits, confined, environment

__all__ = ["Completed", "Limits", "ProcessError", "Reason", "run"]

Reason = Literal["exit", "timeout", "stall", "memory", "output", "signal"]
"""Why a program failed: its own exit status, one of our limits, or a signal from elsewhere."""

_STDERR_TAIL = 64 * 1024
_CHUNK = 64 * 1024
_TICK = 0.2  # seconds between looks at the clock, the memory and `cancelled`
_GRACE = 2.0  # seconds from SIGTERM to SIGKILL
_MEMORY_WORDS = ("Cannot allocate memory", "std::bad_alloc", "Out of memory", "MemoryError")
_REASONS: dict[Reason, str] = {
    "exit": "ended with an error",
    "timeout": "took longer than it may",
    "stall": "stopped making progress",
    "memory": "needed more memory than it may use",
    "output": "wrote more than it may",
    "signal": "was killed",
}


class Completed(msgspec.Struct, frozen=True, kw_only=True):
    """How a child program ended and what it used.

    Attributes:
        returncode: exit status, or minus the signal that killed it.
        stdout: all of standard output, or b"" where lines were handed on as they came.
        stderr: the last 64 KiB of standard error.
        cpu_seconds: user and system time of the program and the children it waited for.
        peak_memory: largest resident set in bytes.
        wall_seconds: from start to end.
    """

    returncode: int
    stdout: bytes
    stderr: str
    cpu_seconds: float
    peak_memory: int
    wall_seconds: float


class ProcessError(UpstreamError):
    """A child program failed or had to be stopped; its last words are in `completed.stderr`."""

    code = "program-failed"

    def __init__(self, program: str, reason: Reason, completed: Completed) -> None:
        status = f" (status {completed.returncode})" if reason in {"exit", "signal"} else ""
        super().__init__(f"{program} {_REASONS[reason]}{status}.")
        self.reason: Reason = reason
        self.completed = completed


def run(  # noqa: PLR0913 - keyword options of one call, each independent
    argv: Sequence[str | Path],
    *,
    limits: Limits,
    stdin: bytes | BinaryIO | None = None,
    on_line: Callable[[str], object] | None = None,
    on_error_line: Callable[[str], object] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    check: bool = True,
    cwd: Path | None = None,
) -> Completed:
    """Run a program to its end, and return how it went.

    The child has a process group of its own, a minimal environment, a closed standard input unless
    *stdin* is given, and dies with us. No shell is involved. Blocks: the calling thread waits.

    Args:
        argv: program (a path, or a name found on the system's PATH) and arguments.
        limits: what it may use.
        stdin: bytes, or a file to read them from (whose reads must not block).
        on_line: called with each line of standard output as it comes, without its line end. A line
            for which it returns False is no sign of life to `Limits.stall_seconds`.
        on_error_line: called with each line of standard error as it comes; lines beyond 64 KiB are
            cut.
        cancelled: asked several times a second.
        check: raise when the exit status is not 0.
        cwd: the folder to run in; "/" by default.

    Raises:
        ProcessError: it broke a limit, was killed or, with *check*, ended with an error.
        CancelledError: *cancelled* said so; the child is gone by then.
        UpstreamError: there is no such program.
    """
    program = _program(argv[0])
    command = [*confined(program, limits), *(str(item) for item in argv[1:])]
    started = time.monotonic()
    with _Child(command, cwd or Path("/"), limits, (on_line, on_error_line)) as child:
        stopped = child.attend(stdin, cancelled)
    completed = child.completed(time.monotonic() - started)
    if stopped == "cancelled":
        raise CancelledError(f"{program.name} was cancelled.")
    reason = stopped or _reason(completed)
    if reason is not None and (check or reason != "exit"):
        raise ProcessError(program.name, reason, completed)
    return completed


def _program(name: str | Path) -> Path:
    found = shutil.which(str(name), path=environment()["PATH"])
    if found is None:
        raise UpstreamError(
            f"There is no program {Path(name).name!r} that may be run.",
            fix="Install it; `matinee doctor` says how.",
            code="program-missing",
        )
    return Path(found)


def _start(command: list[str], cwd: Path) -> "subprocess.Popen[bytes]":
    """Start *command* with three pipes; Popen uses vfork, and no code of ours runs in the child."""
    try:
        return subprocess.Popen(
            command,
            cwd=cwd,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A group, not a session: niceness counts only among processes of one session where the
            # kernel groups them (autogroup), and ours must yield to the server's.
            process_group=0,
            bufsize=0,
        )
    except OSError as error:
        raise UpstreamError(
            f"The system could not start a program: {error.strerror or error}.",
            fix="See whether the machine has run out of memory or processes.",
        ) from error


def _pipes(process: "subprocess.Popen[bytes]") -> tuple[IO[bytes], IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise InvariantError("a child was started without its three pipes")
    return process.stdin, process.stdout, process.stderr


def _reason(completed: Completed) -> Reason | None:
    """Say why a program failed that we did not stop, None where it did not fail."""
    if completed.returncode == 0:
        return None
    if completed.returncode == -signal.SIGXFSZ or "File too large" in completed.stderr:
        return "output"
    if completed.returncode == -signal.SIGXCPU:
        return "timeout"
    if any(words in completed.stderr for words in _MEMORY_WORDS):
        return "memory"
    return "signal" if completed.returncode < 0 else "exit"


class _Child:
    """A running child program and its three pipes."""

    def __init__(
        self,
        command: list[str],
        cwd: Path,
        limits: Limits,
        listeners: tuple[Callable[[str], object] | None, Callable[[str], object] | None],
    ) -> None:
        self._limits = limits
        self._on_line, self._on_error_line = listeners
        self._error_line = bytearray()
        self._stdout = bytearray()
        self._stderr = bytearray()
        self._overflow = False
        self._peak = 0
        self._usage: tuple[float, int] = (0.0, 0)
        self._feed: BinaryIO | memoryview | None = None
        # A fork starts with its parent's high-water mark, which is then no measure of the child.
        self._our_peak = _high_water("self")
        self._process = _start(command, cwd)
        self._in, self._out, self._err = _pipes(self._process)
        self._started = self._alive = time.monotonic()
        self._pipes = selectors.DefaultSelector()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._signal(signal.SIGKILL)  # what is left of the group, before the leader's id is freed
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        resident = usage.ru_maxrss * 1024
        peak = resident if resident > self._our_peak else min(self._peak or resident, resident)
        self._usage = (usage.ru_utime + usage.ru_stime, peak)
        self._pipes.close()
        for pipe in (self._in, self._out, self._err):
            with contextlib.suppress(OSError):
                pipe.close()

    def attend(
        self, stdin: bytes | BinaryIO | None, cancelled: Callable[[], bool]
    ) -> Reason | Literal["cancelled"] | None:
        """Serve the pipes until the child has ended; say why we stopped it, if we did."""
        self._open(stdin)
        stop: Reason | Literal["cancelled"] | None = None
        deadline = None
        looked = 0.0
        while not self._ended():
            self._serve(_TICK if self._pipes.get_map() else 0.0)
            if not self._pipes.get_map():
                time.sleep(0.01)  # both ends closed: it is ending, or has daemonised its output
            now = time.monotonic()
            if now - looked < _TICK and not self._overflow:
                continue
            looked = now
            self._peak = max(self._peak, _high_water(str(self._process.pid)))
            if stop is None and (stop := self._excess(now, cancelled)) is not None:
                self._signal(signal.SIGTERM)
                deadline = now + _GRACE
            elif deadline is not None and now > deadline:
                self._signal(signal.SIGKILL)
        self._drain()
        return "output" if stop is None and self._overflow else stop

    def completed(self, wall_seconds: float) -> Completed:
        """Return how it ended; call it when the child is gone."""
        cpu_seconds, peak = self._usage
        return Completed(
            returncode=self._process.returncode,
            stdout=bytes(self._stdout),
            stderr=self._stderr.decode(errors="replace"),
            cpu_seconds=cpu_seconds,
            peak_memory=peak,
            wall_seconds=wall_seconds,
        )

    def _open(self, stdin: bytes | BinaryIO | None) -> None:
        for pipe in (self._in, self._out, self._err):
            os.set_blocking(pipe.fileno(), False)
        if stdin is None:
            self._in.close()
        else:
            self._feed = memoryview(stdin) if isinstance(stdin, bytes) else stdin
            self._pipes.register(self._in, selectors.EVENT_WRITE, self._write)
        self._pipes.register(self._out, selectors.EVENT_READ, self._read_stdout)
        self._pipes.register(self._err, selectors.EVENT_READ, self._read_stderr)

    def _ended(self) -> bool:
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._process.pid, flags) is not None

    def _excess(
        self, now: float, cancelled: Callable[[], bool]
    ) -> Reason | Literal["cancelled"] | None:
        limits = self._limits
        if cancelled():
            return "cancelled"
        if self._overflow:
            return "output"
        if limits.wall_seconds is not None and now - self._started > limits.wall_seconds:
            return "timeout"
        if limits.stall_seconds is not None and now - self._alive > limits.stall_seconds:
            return "stall"
        if limits.resident_bytes is not None and self._peak > limits.resident_bytes:
            return "memory"
        return None

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _serve(self, timeout: float) -> bool:
        """Move what the pipes hold; say whether there was anything."""
        ready = self._pipes.select(timeout)
        for key, _ in ready:
            key.data(key.fd)
        return bool(ready)

    def _drain(self) -> None:
        """Read what the child left in its pipes; a grandchild may keep them open for ever."""
        with contextlib.suppress(KeyError, ValueError):
            self._pipes.unregister(self._in)
        until = time.monotonic() + _GRACE
        while self._pipes.get_map() and self._serve(0.0) and time.monotonic() < until:
            pass
        if self._stdout and self._on_line is not None and not self._overflow:
            self._hand_on(bytes(self._stdout))
            self._stdout.clear()

    def _read(self, descriptor: int) -> bytes:
        try:
            data = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            return b""
        if not data:
            self._pipes.unregister(descriptor)
        return data

    def _read_stderr(self, descriptor: int) -> None:
        data = self._read(descriptor)
        self._stderr += data
        del self._stderr[:-_STDERR_TAIL]
        if self._on_error_line is None:
            return
        self._error_line += data
        *lines, self._error_line = self._error_line.split(b"\n")
        del self._error_line[_STDERR_TAIL:]
        if not data and self._error_line:  # the end, without a line end
            lines, self._error_line = [*lines, self._error_line], bytearray()
        for line in lines:
            self._on_error_line(line.decode(errors="replace").rstrip("\r"))

    def _read_stdout(self, descriptor: int) -> None:
        data = self._read(descriptor)
        if self._overflow or not data:
            return
        self._stdout += data
        if self._on_line is None:
            self._alive = time.monotonic()
        elif b"\n" in data:
            *lines, rest = self._stdout.split(b"\n")
            self._stdout = rest
            for line in lines:
                self._hand_on(bytes(line))
        if len(self._stdout) > self._limits.stdout_bytes:
            self._overflow = True
            del self._stdout[self._limits.stdout_bytes :]

    def _hand_on(self, line: bytes) -> None:
        listener = self._on_line or (lambda _: None)
        if listener(line.decode(errors="replace").rstrip("\r")) is not False:
            self._alive = time.monotonic()

    def _write(self, descriptor: int) -> None:
        feed = self._feed
        try:
            if isinstance(feed, memoryview):
                self._feed = feed = feed[os.write(descriptor, feed[:_CHUNK]) :]
                done = not feed
            else:
                done = not self._pump(descriptor, feed)
        except BlockingIOError:
            return
        except BrokenPipeError:  # it has read all it wants
            done = True
        if done:
            self._pipes.unregister(descriptor)
            self._in.close()

    def _pump(self, descriptor: int, feed: BinaryIO | None) -> bool:
        """Write a pipe's worth of *feed*; say whether there may be more."""
        data = feed.read(4096) if feed is not None else b""
        if data:
            # A pipe that is writable has room for PIPE_BUF (4096) bytes: the write is whole.
            os.write(descriptor, data)
        return bool(data)


def _high_water(process: str) -> int:
    """Return the peak resident set of a living process in bytes, 0 where it cannot be known."""
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0
