"""`matinee worker` runs a worker on a machine of its own; `matinee workers` shows all of them."""

from typing import Annotated

import typer

from matinee import wiring
from matinee.apps import worker
from matinee.cli.client import Client
from matinee.cli.options import ApiKey, Data, Json, Url, settings_with
from matinee.cli.output import err, print_json, table
from matinee.cli.up import quiet_on_terminals
from matinee.errors import InputError


def worker_command(
    data: Data = None,
    number: Annotated[
        int, typer.Option(min=1, max=1000, help="Which worker of this data folder it is.")
    ] = 1,
) -> None:
    """Run one worker, for a platform whose database and store are shared.

    The worker takes jobs and pieces of encodes from the database. Ctrl-C stops it; what it had in
    hand goes to the others at once.

    Examples:

      export MATINEE_DATABASE_URL=postgresql://matinee@db/matinee MATINEE_STORE=s3://films

      matinee worker --data /srv/worker
    """
    settings = quiet_on_terminals(settings_with(data=data))
    err.print(f"Working as {settings.worker_name(number)}. Ctrl-C stops it.", style="dim")
    wiring.prepare(settings)
    raise typer.Exit(worker.run(settings, number))


def workers_command(
    slots: Annotated[
        str | None,
        typer.Option(
            metavar="WORKER=N",
            help="Let a worker encode N pieces of pictures at a time; `WORKER=auto` as it likes.",
        ),
    ] = None,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Show the workers, or change how much one encodes at a time, while it runs.

    Examples:

      matinee workers

      matinee workers --slots studio-1=4
    """
    client = Client(settings_with(url=url, api_key=api_key))
    try:
        if slots is not None:
            client.want_slots(*_wish(slots))
        found = client.workers()
    finally:
        client.close()
    if as_json:
        print_json(found)
        return
    table(
        ("worker", "host", "slots", "wanted", "state"),
        (
            (
                one.worker.id,
                one.worker.host,
                one.worker.slots,
                "" if one.worker.wanted_slots is None else one.worker.wanted_slots,
                "stopping" if one.worker.draining else "at work" if one.alive else "not heard of",
            )
            for one in found.items
        ),
    )


def _wish(text: str) -> tuple[str, int | None]:
    worker_id, _, number = text.rpartition("=")
    if worker_id and number == "auto":
        return worker_id, None
    if not worker_id or not number.isdecimal() or len(number) > 3:
        raise InputError(
            f"--slots {text!r} names no worker and number.", fix="Write it as WORKER=4."
        )
    return worker_id, int(number)
