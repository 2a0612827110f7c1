"""`matinee package`: the pipeline without a server."""

import os
import shutil
import signal
import tempfile
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated, Self

import msgspec
import typer

from matinee import wiring
from matinee.cli.board import Board
from matinee.cli.options import Json, settings_with
from matinee.cli.output import facts, print_json
from matinee.cli.publishing import Damage, damage_share, ladder_text, side_car
from matinee.errors import CancelledError, InputError, InvariantError
from matinee.model.ladder import DEFAULT_LADDER
from matinee.model.progress import Control
from matinee.model.title import SideCar, Source
from matinee.storage.local import LocalStore
from matinee.workflows.inline import InlineRunner
from matinee.workflows.publish import Published, PublishJob, publish


class PackageResult(msgspec.Struct, frozen=True, kw_only=True):
    """What `matinee package --json` prints."""

    folder: str
    hls: str
    dash: str
    duration: float
    rungs: list[str]
    notes: list[str]
    warnings: int


def package_command(
    film: Annotated[Path, typer.Argument(metavar="FILE", help="The film.")],
    folder: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to make.")],
    ladder: Annotated[
        str,
        typer.Option(metavar="NAME|FILE.toml", help="Rungs; `source` repackages only."),
    ] = DEFAULT_LADDER,
    subtitles: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE:lang[:sdh|:forced]", help="Side-car subtitles; often."),
    ] = None,
    title: Annotated[str | None, typer.Option(help="Name of the film.")] = None,
    damage: Damage = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is in OUT.")] = False,
    as_json: Json = False,
) -> None:
    """Make a folder that any static web server can serve, with HLS and DASH at its top.

    Examples:

      matinee package film.mp4 out

      matinee package film.mp4 out --ladder source
    """
    check_folder(film, folder, force=force)
    side_cars = [side_car(text) for text in subtitles or ()]
    most_damage = damage_share(damage)
    settings = settings_with()
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Made beside OUT and moved when it is complete: OUT is never half a title.
    making = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.absolute().parent))
    try:
        making.chmod(0o755)
        store = LocalStore(making)
        studio = wiring.studio(settings, store, making / ".scratch")
        studio.scratch.mkdir()
        job = PublishJob(
            title_id="film",
            version=1,
            name=title or film.stem,
            source=Source(
                filename=film.name,
                key=_linked(film, making, "source"),
                subtitles=tuple(
                    SideCar(
                        key=_linked(one.path, making, f"side-car-{number}"),
                        filename=one.path.name,
                        language=one.language,
                        purpose=one.purpose,
                    )
                    for number, one in enumerate(side_cars)
                ),
                most_damage=settings.most_damage if most_damage is None else most_damage,
            ),
            ladder=ladder_text(ladder),
            folder="",
            work=".work",
        )
        with Board(quiet=as_json) as board, _Interrupt() as interrupt:
            control = Control(report=board.show, cancelled=lambda: interrupt.seen)
            published = publish(job, studio, InlineRunner(control))
        shutil.rmtree(making / ".work", ignore_errors=True)
        shutil.rmtree(making / ".scratch", ignore_errors=True)
        replace_folder(making, folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    _tell(published, folder, as_json=as_json)


def check_folder(film: Path, folder: Path, *, force: bool) -> None:
    """See that *film* can be read and *folder* may be made.

    Raises:
        InputError: there is no such film, or the folder holds something.
    """
    if not film.is_file():
        raise InputError(f"There is no file {film}.", fix="Check the path.")
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file.", fix="Name a folder.")
    if folder.is_dir() and any(folder.iterdir()):
        if not force:
            raise InputError(f"{folder} is not empty.", fix="Name a new folder, or add --force.")
        if film.resolve().is_relative_to(folder.resolve()):
            raise InputError(f"{film} lies in {folder}, which --force would replace.")
        if not (folder / "presentation.json").is_file():
            raise InputError(
                f"{folder} holds something that Matinee did not make.",
                fix="Name a new folder.",
            )


def _linked(path: Path, making: Path, name: str) -> str:
    """Give *path* a key in the store without copying it."""
    key = f".work/{name}/{path.name}"
    target = making / key
    target.parent.mkdir(parents=True)
    os.symlink(path.absolute(), target)  # noqa: PTH211  (as the name says)
    return key


def replace_folder(making: Path, folder: Path) -> None:
    """Move *making* to *folder*, and what was there away."""
    old = making.with_name(f"{making.name}.old")
    if folder.exists():
        folder.rename(old)
    making.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


class _Interrupt:
    """Ctrl-C and SIGTERM as a flag, so that ffmpeg is stopped and the temporary folder removed."""

    def __init__(self) -> None:
        self._event = threading.Event()

    @property
    def seen(self) -> bool:
        return self._event.is_set()

    def __enter__(self) -> Self:
        numbers = (signal.SIGINT, signal.SIGTERM)
        self._before = {number: signal.signal(number, self._on_signal) for number in numbers}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self._event.is_set():
            raise CancelledError("Stopped.")
        self._event.set()


def _tell(published: Published, folder: Path, *, as_json: bool) -> None:
    duration = published.presentation.duration
    if duration is None:
        raise InvariantError("a packaged film has no end")
    video = published.presentation.periods[0].of_kind("video")
    result = PackageResult(
        folder=str(folder),
        hls=str(folder / "master.m3u8"),
        dash=str(folder / "manifest.mpd"),
        duration=round(float(duration.seconds), 3),
        rungs=[track.id for one in video for track in one.tracks],
        notes=list(published.notes),
        warnings=len(published.report.findings),
    )
    if as_json:
        print_json(result)
        return
    facts(
        [
            ("HLS", result.hls),
            ("DASH", result.dash),
            ("Rungs", ", ".join(result.rungs)),
            ("Note", "; ".join(result.notes)),
            (
                "Next",
                f"matinee verify {folder}, then copy it to a web server that answers byte ranges",
            ),
        ]
    )
