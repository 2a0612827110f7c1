"""`matinee up`: start the platform, and publish a film into it on request."""

import hashlib
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from matinee import wiring
from matinee.apps import supervisor
from matinee.apps.api.schema import TitleBody
from matinee.apps.sample import sample_film
from matinee.cli import keys
from matinee.cli.board import Board
from matinee.cli.client import Client
from matinee.cli.options import Data, Json, settings_with
from matinee.cli.output import err, facts, out, print_error, print_json
from matinee.cli.publishing import Order, follow, place
from matinee.errors import InputError, MatineeError, NotFoundError
from matinee.settings import Settings
from matinee.telemetry import logs


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """What `matinee up --json` prints once it answers, and the film is live if one was given."""

    url: str
    console: str
    key_file: str
    title: TitleBody | None = None


def up_command(
    data: Data = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port.", show_default="8080")] = None,
    publish: Annotated[
        Path | None,
        typer.Option("--publish", metavar="FILE", help="Publish this film, once."),
    ] = None,
    publish_sample: Annotated[
        bool, typer.Option("--publish-sample", help="Publish the sample film, once.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Start the platform on one port: API, origin, viewer site, console and worker.

    All data lies in one folder. Ctrl-C stops it; jobs that were running go on at the next start.

    Examples:

      matinee up

      matinee up --data /srv/matinee --host 0.0.0.0 --port 80

      matinee up --publish film.mp4
    """
    settings = settings_with(data=data, host=host, port=port)
    if publish is not None and not publish.is_file():
        raise InputError(f"There is no file {publish}.", fix="Check the path.")
    settings = quiet_on_terminals(settings)
    logs.configure(settings.log_level, settings.log_format, component="supervisor")

    def ready(url: str) -> None:
        own = msgspec.structs.replace(settings, url=url, api_key=_key(settings))
        keys.remember(settings, url)
        started = Started(
            url=url, console=f"{url}/console", key_file=str(settings.key_file.absolute())
        )
        if not as_json:
            _greet(started)
        try:
            if publish is not None or publish_sample:
                title = _published(own, publish, quiet=as_json)
                started = msgspec.structs.replace(started, title=title)
                if not as_json:
                    _invite(title)
            if as_json:
                print_json(started)
        except MatineeError as error:
            print_error(error, as_json=as_json)
            err.print("The platform goes on. Ctrl-C stops it.", style="dim")

    supervisor.run(settings, ready=ready)
    if not as_json:
        err.print("Stopped. Nothing is lost: start it again with the same command.", style="dim")


def quiet_on_terminals(settings: Settings) -> Settings:
    """Keep routine log lines out of a person's terminal, where progress is drawn."""
    if err.is_terminal and settings.log_level == "info":
        return msgspec.structs.replace(settings, log_level="warning")
    return settings


def _key(settings: Settings) -> str:
    return settings.key_file.read_text().strip()


def _greet(started: Started) -> None:
    facts(
        [
            ("Matinee", started.url),
            ("Console", f"{started.console}  (`matinee console` signs you in)"),
            ("Key", started.key_file),
        ]
    )


def _invite(title: TitleBody) -> None:
    out.print()
    facts(
        [
            ("Watch", title.links.watch),
            ("HLS", title.links.hls),
            ("DASH", title.links.dash),
        ]
    )
    err.print("Serving. Ctrl-C stops it.", style="dim")


class Publications:
    """Which films `up` has published into a data folder, so that it does so once each."""

    def __init__(self, settings: Settings) -> None:
        self._path = settings.data / "published.json"

    def read(self) -> dict[str, str]:
        """Return title ids by the fingerprint of their film."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, str])
        except (OSError, msgspec.DecodeError):
            return {}

    def add(self, fingerprint: str, title_id: str) -> None:
        """Note that a film was published."""
        known = {**self.read(), fingerprint: title_id}
        partial = self._path.with_suffix(".partial")
        partial.write_bytes(msgspec.json.encode(known))
        partial.replace(self._path)


def fingerprint(path: Path) -> str:
    """Tell films apart by size, first and last MiB; quick for any size."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        digest.update(file.read(1 << 20))
        file.seek(max(0, size - (1 << 20)))
        digest.update(file.read(1 << 20))
    return digest.hexdigest()[:32]


def _published(settings: Settings, film: Path | None, *, quiet: bool) -> TitleBody:
    """Publish *film*, or the sample, unless that was done before; follow it until it is live."""
    order = Order(source=str(film)) if film else _sample_order(settings)
    publications = Publications(settings)
    mark = fingerprint(Path(order.source))
    client = Client(settings)
    try:
        body = _known(client, publications.read().get(mark))
        with Board(quiet=quiet) as board:
            if body is None:
                body = place(client, settings, order, board)
                publications.add(mark, body.title.id)
            elif body.job is not None and body.job.state in {"failed", "cancelled"}:
                client.act(body.title.id, "retry")
            if body.title.state in {"live", "unpublished"}:
                return body
            return follow(
                client,
                body,
                board,
                lambda now: board.say(f"Watch  {now.links.watch}  (more rungs follow)"),
            )
    finally:
        client.close()


def _known(client: Client, title_id: str | None) -> TitleBody | None:
    """Return the title that an earlier start made, None where it was deleted since."""
    try:
        return client.title(title_id) if title_id else None
    except NotFoundError:
        return None


def _sample_order(settings: Settings) -> Order:
    err.print("Getting the sample film (once, about 60 MB)...", style="dim")
    film = sample_film(settings.cache, wiring.toolchain(settings))
    if film.synthetic:
        err.print(f"The sample film could not be had: {film.reason}", style="yellow")
        err.print("Publishing a synthesised clip in its place.", style="yellow")
    return Order(
        source=str(film.path),
        title=film.title,
        synopsis=f"{film.synopsis} {film.attribution}".strip(),
    )
