"""The bundled programs are there and can do what the pipeline needs."""

from pathlib import Path

import pytest

from matinee.errors import UpstreamError
from matinee.toolchain.ffmpeg import DEMUXERS
from matinee.toolchain.tools import Toolchain

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def toolchain() -> Toolchain:
    return Toolchain.find()


def test_versions_are_parsed(toolchain: Toolchain) -> None:
    versions = toolchain.versions()
    assert versions.ffmpeg.numbers >= (5, 1)
    assert versions.ffprobe.numbers >= (5, 1)


def test_abilities_are_listed(toolchain: Toolchain) -> None:
    assert {"libx264", "aac", "webvtt", "mjpeg"} <= toolchain.encoders()
    assert {"h264", "hevc", "vp9", "prores", "mov_text"} <= toolchain.decoders()
    assert set(DEMUXERS.values()) <= toolchain.demuxers()
    assert toolchain.has_filter("scale")
    assert toolchain.has_filter("bwdif")
    assert not toolchain.has_filter("no-such-filter")


def test_another_program_is_no_ffmpeg(tmp_path: Path) -> None:
    other = tmp_path / "ffmpeg"
    other.write_text("#!/bin/sh\necho hello\n")
    other.chmod(0o755)
    with pytest.raises(UpstreamError, match="does not say its version"):
        Toolchain(other, other).versions()


def test_program_that_fails_is_said_so(tmp_path: Path) -> None:
    other = tmp_path / "ffmpeg"
    other.write_text("#!/bin/sh\nexit 3\n")
    other.chmod(0o755)
    with pytest.raises(UpstreamError, match="does not run on this machine"):
        Toolchain(other, other).encoders()
