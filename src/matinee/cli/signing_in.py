"""`matinee console`: sign a browser in."""

import webbrowser
from typing import Annotated

import typer

from matinee.cli.client import Client
from matinee.cli.options import ApiKey, Json, Url, settings_with
from matinee.cli.output import facts, print_json


def console_command(
    open_browser: Annotated[
        bool, typer.Option("--open/--print", help="Open the page, or only print its address.")
    ] = False,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Print a link that signs a browser into the console, once and for a few minutes."""
    client = Client(settings_with(url=url, api_key=api_key))
    try:
        code = client.sign_in_code()
    finally:
        client.close()
    if as_json:
        print_json(code)
    else:
        facts([("Console", code.url), ("Until", code.expires_at.strftime("%H:%M:%S UTC"))])
    if open_browser:
        webbrowser.open(code.url)
