import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from matinee.storage.local import LocalStore

_PUT = """
import sys
from pathlib import Path
from matinee.storage.local import LocalStore
LocalStore(Path(sys.argv[1])).put("titles/a/v1/film.mp4", bytes(1 << 29))
"""


def test_what_a_killed_process_left_half_written_is_no_object_and_is_swept(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    with subprocess.Popen([sys.executable, "-c", _PUT, tmp_path]) as writer:
        deadline = time.monotonic() + 30
        while not (found := list(tmp_path.rglob(".partial-*"))):
            assert writer.poll() is None, "it was too quick"
            assert time.monotonic() < deadline, "it never began"
        os.kill(writer.pid, signal.SIGKILL)
    assert [path.exists() for path in found] == [True]
    assert list(store.list("titles")) == []
    store.put("titles/a/v1/master.m3u8", b"#EXTM3U\n")
    assert store.sweep(found[0].stat().st_mtime) == 0, "it may still be written"
    assert store.sweep(time.time() + 1) == 1
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["master.m3u8"]
