"""`matinee doctor`: what is missing on this machine, and how to get it."""

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import httpx
import msgspec
import typer
from rich.text import Text

from matinee import __version__, wiring
from matinee.apps import pages
from matinee.cli import keys
from matinee.cli.options import Data, Json, settings_with
from matinee.cli.output import Exit, out, print_json, size
from matinee.errors import MatineeError
from matinee.settings import Settings
from matinee.toolchain.tools import Toolchain
from matinee.transcode.hardware import KIND_NAMES, Finding, Form, Kind

Verdict = Literal["ok", "missing", "optional"]
_MARKS = {
    "ok": ("ok", "green"),
    "missing": ("missing", "bold red"),
    "optional": ("option", "yellow"),
}

_NEEDED_ENCODERS = ("libx264", "aac", "mjpeg")
_NEEDED_FILTERS = ("scale", "split", "bwdif", "zscale", "tonemap", "aresample", "thumbnail", "tile")
_WANTED_ENCODERS = {
    "libx265": "HEVC rungs",
    "libsvtav1": "AV1 rungs",
    "libopus": "Opus audio",
}
_FREE_SPACE = 5_000_000_000


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at."""

    name: str
    verdict: Verdict
    detail: str
    fix: str = ""


def doctor_command(data: Data = None, as_json: Json = False) -> None:
    """Say what is missing on this machine and how to get it; exit status 4 if it matters."""
    settings = settings_with(data=data)
    checks = list(examine(settings))
    if as_json:
        print_json(checks)
    else:
        width = max(len(check.name) for check in checks)
        for check in checks:
            mark, colour = _MARKS[check.verdict]
            out.print(
                Text.assemble((f"{mark:<8}", colour), f"{check.name:<{width}}  {check.detail}")
            )
            if check.fix:
                out.print(Text.assemble(" " * 8, (f"fix  {check.fix}", "bold")))
    if any(check.verdict == "missing" for check in checks):
        raise typer.Exit(Exit.UNAVAILABLE)


def examine(settings: Settings) -> Iterator[Check]:
    """Look at everything, the base first."""
    yield Check(
        name="Matinee", verdict="ok", detail=f"{__version__} on Python {platform.python_version()}"
    )
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield Check(name="Cores", verdict="ok", detail=str(cores))
    try:
        tools = wiring.toolchain(settings)
        versions = tools.versions()
    except MatineeError as error:
        yield Check(
            name="Media programs",
            verdict="missing",
            detail=error.message,
            fix=error.fix or f"{sys.executable} -m pip install --force-reinstall matinee",
        )
    else:
        yield Check(name="ffmpeg", verdict="ok", detail=f"{versions.ffmpeg.text} ({tools.ffmpeg})")
        yield Check(
            name="ffprobe", verdict="ok", detail=f"{versions.ffprobe.text} ({tools.ffprobe})"
        )
        yield from _abilities(tools)
        with tempfile.TemporaryDirectory(prefix="matinee-doctor-") as scratch:
            finding = wiring.hardware(settings, tools, Path(scratch))()
        yield from hardware_checks(finding, sought=settings.hardware != "never")
    yield _pages()
    yield _space(settings)
    yield from _programs()
    yield _server(settings)


def _abilities(tools: Toolchain) -> Iterator[Check]:
    encoders = tools.encoders()
    missing = [name for name in _NEEDED_ENCODERS if name not in encoders]
    missing += [name for name in _NEEDED_FILTERS if not tools.has_filter(name)]
    yield Check(
        name="Encoders and filters",
        verdict="missing" if missing else "ok",
        detail=f"lacks {', '.join(missing)}" if missing else "all that the built-in ladders need",
        fix="Unset MATINEE_FFMPEG to use the ffmpeg that comes with Matinee." if missing else "",
    )
    for name, purpose in _WANTED_ENCODERS.items():
        here = name in encoders
        yield Check(
            name=name, verdict="ok" if here else "optional",
            detail=purpose if here else f"not here: no {purpose}",
        )  # fmt: skip


def hardware_checks(finding: Finding, *, sought: bool) -> Iterator[Check]:
    """Say of each hardware encoder whether it is used, or why not."""
    if finding.nothing:
        yield Check(
            name="Hardware encoders",
            verdict="optional",
            detail=f"none: {finding.nothing}" if sought else "not looked for",
            fix="" if sought else "Unset MATINEE_HARDWARE to use what there is.",
        )
    for one in finding.encoders:
        yield Check(
            name=KIND_NAMES[one.kind],
            verdict="ok",
            detail=f"{_form(one.form)}, proved itself on {one.device}",
        )
    alike: dict[tuple[Kind, str, str], list[str]] = {}
    for refusal in finding.refusals:
        one = refusal.encoder
        alike.setdefault((one.kind, one.device, refusal.fault), []).append(_form(one.form))
    for (kind, device, fault), forms in alike.items():
        yield Check(
            name=KIND_NAMES[kind],
            verdict="optional",
            detail=f"no {', '.join(forms)} on {device}: {fault}",
        )


def _form(form: Form) -> str:
    name = {"h264": "H.264", "hevc": "HEVC", "av1": "AV1"}[form.codec]
    return name if form.bit_depth == 8 else f"{name} {form.bit_depth}-bit"


def _pages() -> Check:
    if (pages.FOLDER / "index.html").is_file():
        return Check(name="Web pages", verdict="ok", detail="viewer site and console are built")
    return Check(name="Web pages", verdict="missing", detail="are not built", fix="Run `make web`.")


def _space(settings: Settings) -> Check:
    folder = settings.data.absolute()
    while not folder.exists():
        folder = folder.parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Check(name="Data folder", verdict="missing", detail=f"{folder}: {error.strerror}")
    if not os.access(folder, os.W_OK):
        return Check(
            name="Data folder", verdict="missing", detail=f"{folder} cannot be written",
            fix="Choose another with --data.",
        )  # fmt: skip
    return Check(
        name="Data folder",
        verdict="ok" if free > _FREE_SPACE else "missing",
        detail=f"{settings.data}, {size(free)} free",
        fix="" if free > _FREE_SPACE else "Free some space, or choose another folder with --data.",
    )


def _programs() -> Iterator[Check]:
    wanted: list[tuple[str, Callable[[], bool], str]] = [
        ("psycopg", lambda: find_spec("psycopg") is not None, "PostgreSQL as the database"),
        ("prlimit", lambda: shutil.which("prlimit") is not None, "quick limits for child programs"),
    ]
    for name, present, purpose in wanted:
        here = present()
        yield Check(
            name=name, verdict="ok" if here else "optional",
            detail=purpose if here else f"not here: no {purpose}",
        )  # fmt: skip


def _server(settings: Settings) -> Check:
    url = keys.server_url(settings)
    try:
        answer = httpx.get(f"{url}/healthz", timeout=2, trust_env=False)
    except httpx.HTTPError:
        return Check(
            name="Server", verdict="optional", detail=f"none answers at {url}", fix="matinee up"
        )
    good = answer.is_success
    return Check(
        name="Server",
        verdict="ok" if good else "missing",
        detail=f"{url} answers {answer.status_code}",
    )
