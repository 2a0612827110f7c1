"""`matinee publish`: upload, create, follow."""

import hashlib
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NamedTuple, get_args

import msgspec
import typer

from matinee.apps.api.schema import CreateTitle, SubtitleSource, TitleBody
from matinee.cli.board import Board, upload_progress
from matinee.cli.client import Client
from matinee.cli.options import ApiKey, Json, Url, settings_with
from matinee.cli.output import err, facts, print_json
from matinee.cli.uploading import upload
from matinee.errors import (
    CancelledError,
    InputError,
    InvariantError,
    MatineeError,
    MediaError,
    UpstreamError,
)
from matinee.model.ladder import DEFAULT_LADDER
from matinee.model.progress import Progress
from matinee.model.title import Job, Problem, TextPurpose
from matinee.settings import Settings

POLL_SECONDS = 0.4
OUTAGE_SECONDS = 60.0
"""How long following a job outlasts a server that does not answer, such as one that restarts."""

_UPSTREAM_CODES = {"upstream", "program-missing", "program-failed", "disk-full"}


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a person wants published."""

    source: str
    title: str | None = None
    synopsis: str = ""
    ladder: str = DEFAULT_LADDER
    subtitles: tuple[str, ...] = ()
    damage: str | None = None


Damage = Annotated[
    str | None,
    typer.Option(
        metavar="refuse|repair|SHARE",
        help="How much of the film may be missing or broken: nothing, anything, or such as 20%.",
    ),
]


def publish_command(
    source: Annotated[str, typer.Argument(metavar="FILE|URL", help="The film.")],
    title: Annotated[str | None, typer.Option(help="Name in the catalogue.")] = None,
    synopsis: Annotated[str, typer.Option(help="What it is about.")] = "",
    ladder: Annotated[
        str, typer.Option(metavar="NAME|FILE.toml", help="Rungs to encode.")
    ] = DEFAULT_LADDER,
    subtitles: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE:lang[:sdh|:forced]", help="Side-car subtitles; often."),
    ] = None,
    damage: Damage = None,
    wait: Annotated[bool, typer.Option(help="Follow until the film is live.")] = True,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Publish a film and print where to watch it.

    Examples:

      matinee publish film.mp4

      matinee publish film.mkv --title "The film" --subtitles film.de.srt:de

      matinee publish https://example.com/film.mov --ladder high --no-wait
    """
    settings = settings_with(url=url, api_key=api_key)
    order = Order(
        source=source,
        title=title,
        synopsis=synopsis,
        ladder=ladder,
        subtitles=tuple(subtitles or ()),
        damage=damage,
    )
    client = Client(settings)
    try:
        with Board(quiet=as_json) as board:
            created = place(client, settings, order, board)
            followed = (
                follow(
                    client,
                    created,
                    board,
                    lambda body: board.say(f"On the air: {body.links.watch}  (more rungs follow)"),
                )
                if wait
                else created
            )
    except KeyboardInterrupt:
        raise CancelledError(
            "Stopped following.", fix="The server goes on; `matinee titles` shows how far it is."
        ) from None
    finally:
        client.close()
    if as_json:
        print_json(followed)
    else:
        tell(followed, waited=wait)


def place(client: Client, settings: Settings, order: Order, board: Board) -> TitleBody:
    """Upload what *order* names and create the title."""
    side_cars = [side_car(text) for text in order.subtitles]
    most_damage = damage_share(order.damage)
    remote = order.source.startswith(("http://", "https://"))
    film = None
    if not remote:
        film = Path(order.source)
        if not film.is_file():
            raise InputError(f"There is no file {order.source}.", fix="Check the path.")
        if film.stat().st_size == 0:
            raise MediaError(
                f"{film.name} is empty.", code="empty-file", fix="Give a file with media in it."
            )
    ladder = ladder_text(order.ladder)
    sources = [
        SubtitleSource(
            upload_id=_uploaded(client, settings, one.path, board),
            language=one.language,
            purpose=one.purpose,
        )
        for one in side_cars
    ]
    upload_id = _uploaded(client, settings, film, board) if film else None
    wanted = CreateTitle(
        name=order.title,
        synopsis=order.synopsis,
        upload_id=upload_id,
        url=order.source if remote else None,
        ladder=ladder,
        subtitles=sources,
        most_damage=most_damage,
    )
    key = hashlib.sha256(upload_id.encode()).hexdigest()[:32] if upload_id else uuid.uuid4().hex
    return client.create_title(wanted, key)


def _uploaded(client: Client, settings: Settings, path: Path, board: Board) -> str:
    began = time.monotonic()
    first: int | None = None

    def advanced(sent: int, total: int) -> None:
        nonlocal first
        first = sent if first is None else first
        seconds = time.monotonic() - began
        speed = (sent - first) / seconds if seconds > 0 and sent > first else None
        board.show(upload_progress(sent, total, speed))

    return upload(client, settings, path, advanced)


class GivenText(NamedTuple):
    """A side-car as it was named on the command line."""

    path: Path
    language: str
    purpose: TextPurpose | None = None


def side_car(text: str) -> GivenText:
    """Split `FILE:lang` or `FILE:lang:purpose`.

    Raises:
        InputError: there is no language, or no such file.
    """
    name, separator, language = text.rpartition(":")
    purpose: TextPurpose | None = None
    if language in get_args(TextPurpose) and ":" in name:
        purpose = msgspec.convert(language, TextPurpose)
        name, separator, language = name.rpartition(":")
    if not separator or not name or not language:
        raise InputError(
            f"{text!r} names no language.",
            fix="Write FILE:lang, such as film.de.srt:de, or FILE:lang:sdh, FILE:lang:forced.",
        )
    path = Path(name)
    if not path.is_file():
        raise InputError(f"There is no file {name}.", fix="Check the path.")
    return GivenText(path, language, purpose)


def damage_share(text: str | None) -> float | None:
    """Return the share that `refuse`, `repair` or a share stand for, None for None.

    Raises:
        InputError: *text* is nothing of that.
    """
    if text is None:
        return None
    if text in {"refuse", "repair"}:
        return float(text == "repair")
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise InputError(
            f"{text!r} is no share of a film.", fix="Write refuse, repair, or such as 20%."
        )
    return share


def ladder_text(given: str) -> str:
    """Return the name of a built-in ladder as it is, a TOML file as its text."""
    if not given.endswith(".toml"):
        return given
    try:
        return Path(given).read_text(encoding="utf-8").rstrip("\n") + "\n"
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"Cannot read the ladder {given}.", fix="Check the path.") from error


def follow(
    client: Client,
    created: TitleBody,
    board: Board,
    on_air: Callable[[TitleBody], None] | None = None,
) -> TitleBody:
    """Show the newest job of a title until it ends; return the live title.

    *on_air* is called once if the title can be watched before its job has ended.

    Raises:
        MatineeError: the job failed or was cancelled; the error carries its problem.
        UpstreamError: the server does not answer for a minute.
    """
    lost_since: float | None = None
    while True:
        try:
            now = client.title(created.title.id)
            lost_since = None
        except UpstreamError:
            lost_since = lost_since or time.monotonic()
            if time.monotonic() - lost_since > OUTAGE_SECONDS:
                raise
            time.sleep(1)
            continue
        if now.job is not None:
            _show(now.job, board)
            if now.job.state == "succeeded":
                return now
            if on_air is not None and now.title.state == "live":
                on_air(now)
                on_air = None
            if now.job.state in {"failed", "cancelled"}:
                raise failure(now.job, created.title.id)
        time.sleep(POLL_SECONDS)


def _show(job: Job, board: Board) -> None:
    for record in job.stages:
        if record.state == "waiting":
            continue
        progress = record.progress or Progress(stage=record.stage, fraction=0.0)
        if record.state == "succeeded":
            progress = msgspec.structs.replace(progress, fraction=1.0, remaining=None)
        board.show(progress)


def failure(job: Job, title_id: str) -> MatineeError:
    """Return the error that a job's end means for the command line."""
    problem = job.problem or Problem(code="cancelled", message="The job was cancelled.")
    fix = problem.fix
    if job.state == "cancelled":
        return CancelledError(
            "The job was cancelled.", fix=f"`matinee retry {title_id}` starts it again."
        )
    if problem.log:
        err.print(problem.log.strip(), style="dim", markup=False)
    if problem.code in {"internal", "verify-failed"}:
        return InvariantError(problem.message, fix=fix, code=problem.code)
    if problem.code in _UPSTREAM_CODES:
        return UpstreamError(problem.message, fix=fix, code=problem.code)
    return MediaError(problem.message, fix=fix, code=problem.code)


def tell(body: TitleBody, *, waited: bool) -> None:
    """Print where a title can be watched, or how to follow it."""
    if waited:
        facts(
            [
                ("Watch", body.links.watch),
                ("HLS", body.links.hls),
                ("DASH", body.links.dash),
                ("Title", body.title.id),
            ]
        )
    else:
        facts([("Title", body.title.id), ("Job", body.job.id if body.job else "")])
        err.print(f"Next: matinee show {body.title.id}", style="dim")
