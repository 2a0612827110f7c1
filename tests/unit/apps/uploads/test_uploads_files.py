import os
import subprocess
import sys

import pytest

from matinee.apps.api.problems import RequestError
from matinee.apps.uploads.files import UploadFiles


@pytest.fixture
def files(tmp_path):
    files = UploadFiles(tmp_path / "uploads")
    files.create("one")
    return files


def test_the_offset_is_what_was_written(files):
    assert files.offset("one") == 0
    with files.append("one") as appender:
        appender.write(b"abc")
        assert appender.offset == 3
    assert files.offset("one") == 3
    assert files.offset("two") is None


def test_a_second_writer_is_locked_out(files):
    with files.append("one"), pytest.raises(RequestError) as caught, files.append("one"):
        pass
    assert caught.value.code == "locked"
    with files.append("one") as appender:
        appender.write(b"free again")


def test_unproven_bytes_do_not_count_until_proven(files):
    with files.append("one") as appender:
        appender.write(b"abc")
    with files.append("one", unproven=True) as appender:
        appender.write(b"wrong")
        assert files.offset("one") == 3
    assert files.path("one").read_bytes() == b"abc"
    with files.append("one", unproven=True) as appender:
        appender.write(b"right")
        appender.prove()
    assert files.path("one").read_bytes() == b"abcright"
    assert sorted(path.name for path in files.folder.iterdir()) == ["one"]


def test_an_upload_that_lost_its_file_is_gone(files):
    files.delete("one")
    with pytest.raises(RequestError) as caught, files.append("one"):
        pass
    assert caught.value.code == "gone"


def test_a_full_disk_is_named(files, monkeypatch):
    def refuse(handle, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", refuse)
    with files.append("one") as appender, pytest.raises(RequestError) as caught:
        appender.write(b"abc")
    assert caught.value.code == "disk-full"
    assert files.offset("one") == 0


CHILD = """
import sys, time
from pathlib import Path
from matinee.apps.uploads.files import UploadFiles
files = UploadFiles(Path(sys.argv[1]))
with files.append("one", unproven=sys.argv[2] == "unproven") as appender:
    appender.write(b"0123456789")
    print("written", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize(("mode", "left"), [("plain", 13), ("unproven", 3)])
def test_a_killed_process_leaves_a_true_offset_and_no_lock(files, mode, left):
    with files.append("one") as appender:
        appender.write(b"abc")
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(files.folder), mode],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": "src"},
    )
    assert child.stdout.readline() == b"written\n"
    child.kill()
    child.wait()
    child.stdout.close()
    assert files.offset("one") == left
    with files.append("one") as appender:
        assert appender.offset == left
        appender.write(b"!")
    assert files.offset("one") == left + 1
