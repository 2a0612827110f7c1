"""Options that many commands share."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from matinee.settings import Settings

Json = Annotated[
    bool, typer.Option("--json", help="Print exactly one JSON value on standard output.")
]
Url = Annotated[
    str | None,
    typer.Option("--url", help="Server to talk to.", show_default="http://127.0.0.1:8080"),
]
ApiKey = Annotated[
    str | None,
    typer.Option("--api-key", help="API key; found by itself for a server on this machine."),
]
Data = Annotated[
    Path | None,
    typer.Option("--data", help="Folder that holds everything.", show_default=False),
]
TitleId = Annotated[str, typer.Argument(metavar="TITLE", help="Id of the title.")]


def settings_with(**given: object) -> Settings:
    """Return the environment's settings, with the options that were *given* put over them."""
    chosen = {name: value for name, value in given.items() if value is not None}
    return msgspec.structs.replace(Settings.from_env(), **chosen)
