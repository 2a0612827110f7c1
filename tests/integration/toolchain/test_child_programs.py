"""`run` with real programs: limits, signals, cancelling, and death with the parent."""

import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from matinee.errors import CancelledError, UpstreamError
from matinee.toolchain import sandbox
from matinee.toolchain.run import Limits, ProcessError, run

pytestmark = pytest.mark.integration

PYTHON = Path(sys.executable)


@pytest.fixture(params=["util-linux", "shim"], autouse=True)
def launcher(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "shim":
        monkeypatch.setattr(sandbox, "_launchers", lambda: None)
    elif sandbox._launchers() is None:
        pytest.skip("no util-linux here")
    return str(request.param)


def python(code: str, **options: object) -> object:
    options.setdefault("limits", Limits(wall_seconds=20))
    return run([PYTHON, "-c", textwrap.dedent(code)], **options)  # type: ignore[arg-type]


def test_output_and_cost_are_returned() -> None:
    done = run(
        [PYTHON, "-c", "import sys; print('out'); print('err', file=sys.stderr); 'x' * 40_000_000"],
        limits=Limits(wall_seconds=20),
    )
    assert done.stdout == b"out\n"
    assert done.stderr == "err\n"
    assert done.returncode == 0
    assert 0 < done.cpu_seconds < 5
    assert done.peak_memory > 5_000_000
    assert done.wall_seconds < 10


def test_peak_memory_is_the_childs_own_not_ours() -> None:
    ballast = bytearray(os.urandom(1) * 300_000_000)
    small = run(["sleep", "0.5"], limits=Limits(wall_seconds=20))
    assert small.peak_memory < 50_000_000
    large = run(
        [PYTHON, "-c", "import time; b = bytearray(b'x' * 150_000_000); time.sleep(0.6)"],
        limits=Limits(wall_seconds=20),
    )
    assert 150_000_000 < large.peak_memory < 400_000_000
    assert ballast


def test_environment_holds_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    done = run(["env"], limits=Limits(wall_seconds=20))
    names = {line.split("=")[0] for line in done.stdout.decode().splitlines()}
    assert names == {"PATH", "LANG", "TMPDIR"}


def test_stdin_is_closed_by_default() -> None:
    assert run(["cat"], limits=Limits(wall_seconds=5)).stdout == b""


@pytest.mark.parametrize("kind", ["bytes", "file"])
def test_stdin_is_fed_whole(kind: str) -> None:
    data = os.urandom(3_000_000)
    stdin = data if kind == "bytes" else io.BytesIO(data)
    assert run(["cat"], limits=Limits(wall_seconds=20), stdin=stdin).stdout == data


def test_program_that_reads_no_stdin_is_no_error() -> None:
    done = run(["true"], limits=Limits(wall_seconds=20), stdin=b"x" * 1_000_000)
    assert done.returncode == 0


def test_lines_come_as_they_are_written() -> None:
    seen: list[tuple[float, str]] = []
    done = run(
        [PYTHON, "-u", "-c", "import time; print('one'); time.sleep(0.7); print('two', end='')"],
        limits=Limits(wall_seconds=20),
        on_line=lambda line: seen.append((time.monotonic(), line)),
    )
    assert [line for _, line in seen] == ["one", "two"]
    assert seen[1][0] - seen[0][0] > 0.4
    assert done.stdout == b""


def test_error_status_raises_with_last_words() -> None:
    with pytest.raises(ProcessError) as caught:
        python("import sys; sys.exit('it broke')")
    assert caught.value.reason == "exit"
    assert caught.value.completed.returncode == 1
    assert "it broke" in caught.value.completed.stderr


def test_error_status_is_returned_without_check() -> None:
    assert run(["false"], limits=Limits(wall_seconds=9), check=False).returncode == 1


def test_wall_time_is_bounded_even_for_who_ignores_sigterm() -> None:
    started = time.monotonic()
    with pytest.raises(ProcessError) as caught:
        python(
            "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
            limits=Limits(wall_seconds=0.5),
        )
    assert caught.value.reason == "timeout"
    assert time.monotonic() - started < 6


def test_stall_is_told_from_slow_work() -> None:
    talking = "import time\nfor i in range(8): print(i, flush=True); time.sleep(0.2)"
    lines: list[str] = []
    python(talking, limits=Limits(stall_seconds=1.0), on_line=lines.append)
    assert len(lines) == 8
    with pytest.raises(ProcessError) as caught:
        python(talking, limits=Limits(stall_seconds=0.6), on_line=lambda _: False)
    assert caught.value.reason == "stall"


def test_memory_is_bounded() -> None:
    with pytest.raises(ProcessError) as caught:
        python("b = bytearray(2_000_000_000)", limits=Limits(memory_bytes=500_000_000))
    assert caught.value.reason == "memory"


def test_resident_memory_is_bounded_where_address_space_is_not() -> None:
    python(
        """
        import mmap, time
        no_reserve = 0x4000
        kept = mmap.mmap(-1, 1 << 36, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | no_reserve)
        time.sleep(0.5)
        """,
        limits=Limits(resident_bytes=200_000_000),
    )
    with pytest.raises(ProcessError) as caught:
        python(
            "import time\nb = bytearray(b'x') * 400_000_000\ntime.sleep(30)",
            limits=Limits(resident_bytes=200_000_000),
        )
    assert caught.value.reason == "memory"


def test_file_size_is_bounded(tmp_path: Path) -> None:
    with pytest.raises(ProcessError) as caught:
        run(
            ["dd", "if=/dev/zero", f"of={tmp_path / 'f'}", "bs=1000", "count=3000"],
            limits=Limits(wall_seconds=20, file_bytes=1_000_000),
        )
    assert caught.value.reason == "output"
    assert (tmp_path / "f").stat().st_size <= 1_000_000


@pytest.mark.parametrize("handed_on", [False, True])
def test_standard_output_is_bounded(handed_on: bool) -> None:
    with pytest.raises(ProcessError) as caught:
        run(
            ["cat", "/dev/zero"],
            limits=Limits(wall_seconds=20, stdout_bytes=100_000),
            on_line=(lambda _: None) if handed_on else None,
        )
    assert caught.value.reason == "output"
    assert len(caught.value.completed.stdout) <= 100_000


def test_standard_error_keeps_its_tail() -> None:
    done = run(
        [PYTHON, "-c", "import sys; sys.stderr.write('x' * 5_000_000 + 'end')"],
        limits=Limits(wall_seconds=20),
    )
    assert len(done.stderr) == 65536
    assert done.stderr.endswith("end")


def test_processor_time_is_bounded() -> None:
    with pytest.raises(ProcessError) as caught:
        python("while True: pass", limits=Limits(cpu_seconds=1, wall_seconds=30))
    assert caught.value.reason == "timeout"


def test_cancel_stops_the_whole_group(tmp_path: Path) -> None:
    started = time.monotonic()
    marker = tmp_path / "pid"
    with pytest.raises(CancelledError):
        run(
            ["sh", "-c", f"sleep 77 & echo $! > {marker}; wait"],
            limits=Limits(),
            cancelled=lambda: time.monotonic() - started > 0.5,
        )
    assert time.monotonic() - started < 4
    assert gone(int(marker.read_text()))


def test_error_in_the_callback_stops_the_child() -> None:
    started = time.monotonic()

    def fail(line: str) -> None:
        raise ValueError(line)

    with pytest.raises(ValueError, match="now"):
        python("import time; print('now', flush=True); time.sleep(60)", on_line=fail)
    assert time.monotonic() - started < 5


def test_grandchild_that_keeps_the_pipe_open_does_not_hold_us(tmp_path: Path) -> None:
    started = time.monotonic()
    done = run(["sh", "-c", "sleep 66 & echo done"], limits=Limits(wall_seconds=30))
    assert done.stdout == b"done\n"
    assert time.monotonic() - started < 3


def test_child_killed_from_outside_is_said_so() -> None:
    with pytest.raises(ProcessError) as caught:
        python("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert caught.value.reason == "signal"


def test_niceness_is_given() -> None:
    done = run(["nice"], limits=Limits(wall_seconds=9, niceness=7))
    assert int(done.stdout) == min(19, os.nice(0) + 7)


def test_missing_program_is_named() -> None:
    with pytest.raises(UpstreamError, match="no-such-program"):
        run(["no-such-program"], limits=Limits())


def test_many_threads_run_children_at_once() -> None:
    results: list[bytes] = []

    def one(number: int) -> None:
        results.append(run(["echo", str(number)], limits=Limits(wall_seconds=20)).stdout)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [f"{number}\n".encode() for number in range(8)]


@pytest.mark.parametrize("in_thread", [False, True])
def test_child_dies_when_we_are_killed(launcher: str, in_thread: bool) -> None:
    """SIGKILL gives us no chance to clean up: the kernel must do it."""
    code = f"""
        import sys, threading
        from matinee.toolchain import sandbox
        from matinee.toolchain.run import Limits, run
        if {launcher == "shim"}:
            sandbox._launchers = lambda: None
        def work():
            run(["sh", "-c", "echo $$; exec sleep 88"], limits=Limits(),
                on_line=lambda line: print(line, flush=True))
        if {in_thread}:
            thread = threading.Thread(target=work); thread.start(); thread.join()
        else:
            work()
        """
    parent = subprocess.Popen(
        [PYTHON, "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert not gone(child)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert gone(child)


def test_ffmpeg_dies_when_we_are_killed(launcher: str) -> None:
    """The real one, in the middle of an encode, with our process gone by SIGKILL."""
    code = f"""
        from matinee.toolchain import Limits, Toolchain, run, sandbox
        if {launcher == "shim"}:
            sandbox._launchers = lambda: None
        graph = "testsrc2=size=320x180:rate=25"
        run([Toolchain.find().ffmpeg, "-nostdin", "-v", "error", "-progress", "pipe:1",
             "-re", "-f", "lavfi", "-i", graph, "-c:v", "libx264", "-f", "null", "-"],
            limits=Limits(), on_line=lambda line: print(line, flush=True))
        """
    parent = subprocess.Popen(
        [PYTHON, "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert parent.stdout is not None
    while not parent.stdout.readline().startswith(b"progress="):
        pass
    tasks = Path(f"/proc/{parent.pid}/task").glob("*/children")
    children = [int(child) for task in tasks for child in task.read_text().split()]
    names = [Path(f"/proc/{child}/exe").resolve().name for child in children]
    assert [name.startswith("ffmpeg") for name in names] == [True]
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert gone(children[0])


def gone(pid: int) -> bool:
    """Say whether a process has ended, or does so within two seconds."""
    for _ in range(40):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state in "ZX":
            return True
        time.sleep(0.05)
    return False
