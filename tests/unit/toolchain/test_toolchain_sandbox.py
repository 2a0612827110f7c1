"""What a child is given, as values."""

import sys
from pathlib import Path

import pytest

from matinee.toolchain import sandbox
from matinee.toolchain.sandbox import Limits, confined, environment


def test_environment_is_minimal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    monkeypatch.setenv("TMPDIR", "/scratch")
    assert set(environment()) == {"PATH", "LANG", "TMPDIR"}
    assert environment()["TMPDIR"] == "/scratch"
    assert environment()["LANG"] == "C.UTF-8"


def test_limits_become_util_linux_options(monkeypatch: pytest.MonkeyPatch) -> None:
    programs = (Path("/usr/bin/setpriv"), Path("/usr/bin/prlimit"))
    monkeypatch.setattr(sandbox, "_launchers", lambda: programs)
    limits = Limits(memory_bytes=1000, file_bytes=20, cpu_seconds=3)
    assert confined(Path("/bin/x"), limits) == [
        "/usr/bin/setpriv", "--pdeathsig", "KILL", "--no-new-privs", "--",
        "/usr/bin/prlimit", "--as=1000:1000", "--fsize=20:20", "--cpu=3:4", "--core=0:0", "--",
        "/bin/x",
    ]  # fmt: skip


def test_limits_become_shim_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_launchers", lambda: None)
    command = confined(Path("/bin/x"), Limits(cpu_seconds=3))
    assert command[:4] == [sys.executable, "-I", "-S", "-c"]
    assert command[6:] == ["RLIMIT_CPU=3:4", "RLIMIT_CORE=0:0", "--", "/bin/x"]


def test_busybox_is_no_util_linux(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    busybox = tmp_path / "busybox"
    busybox.touch(mode=0o755)
    for name in ("setpriv", "prlimit"):
        (tmp_path / name).symlink_to(busybox)
    monkeypatch.setattr(sandbox, "_SEARCH_PATH", str(tmp_path))
    sandbox._launchers.cache_clear()
    try:
        assert sandbox._launchers() is None
    finally:
        sandbox._launchers.cache_clear()
