"""Which programs are chosen."""

from pathlib import Path

import pytest

from matinee.errors import UpstreamError
from matinee.toolchain import tools
from matinee.toolchain.tools import Toolchain


def program(path: Path, text: str = "#!/bin/sh\n", mode: int = 0o755) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_paths_given_are_used(tmp_path: Path) -> None:
    ffmpeg, ffprobe = program(tmp_path / "ffmpeg"), program(tmp_path / "ffprobe")
    assert Toolchain.find(ffmpeg, ffprobe) == Toolchain(ffmpeg, ffprobe)


def test_path_given_that_is_no_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(UpstreamError, match="absent is not a program") as caught:
        Toolchain.find(ffmpeg=tmp_path / "absent")
    assert caught.value.fix


def test_the_search_path_is_the_fallback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "_first_in_package", lambda _package, _pattern: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UpstreamError, match="no ffmpeg on this machine") as caught:
        Toolchain.find()
    assert "pip install imageio-ffmpeg" in caught.value.fix
    ffmpeg, ffprobe = program(tmp_path / "ffmpeg"), program(tmp_path / "ffprobe")
    assert Toolchain.find() == Toolchain(ffmpeg, ffprobe)


def test_lost_executable_bit_of_a_bundled_program_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundled = program(tmp_path / "bundled", mode=0o644)
    monkeypatch.setattr(tools, "_first_in_package", lambda _package, _pattern: bundled)
    assert Toolchain.find().ffmpeg == bundled
    assert bundled.stat().st_mode & 0o111 == 0o111
