"""The `matinee` command: puts the commands together, and turns errors into words and statuses."""

import sys
from typing import Annotated

import typer

from matinee import __version__
from matinee.cli.doctor import doctor_command
from matinee.cli.output import Exit, err, exit_of, print_error
from matinee.cli.packaging import package_command
from matinee.cli.publishing import publish_command
from matinee.cli.signing_in import console_command
from matinee.cli.titles import (
    cancel_command,
    delete_command,
    republish_command,
    retry_command,
    show_command,
    titles_command,
    unpublish_command,
)
from matinee.cli.up import up_command
from matinee.cli.verifying import verify_command
from matinee.cli.working import worker_command, workers_command
from matinee.errors import MatineeError

app = typer.Typer(
    name="matinee",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="The streaming platform of a media company in one program.",
    epilog="Start with `matinee up`, then `matinee publish film.mp4`.",
)

_FILMS, _CATALOGUE, _PLATFORM = "Films", "Catalogue", "Platform"
app.command("up", rich_help_panel=_PLATFORM)(up_command)
app.command("publish", rich_help_panel=_FILMS)(publish_command)
app.command("package", rich_help_panel=_FILMS)(package_command)
app.command("verify", rich_help_panel=_FILMS)(verify_command)
app.command("titles", rich_help_panel=_CATALOGUE)(titles_command)
app.command("show", rich_help_panel=_CATALOGUE)(show_command)
app.command("retry", rich_help_panel=_CATALOGUE)(retry_command)
app.command("cancel", rich_help_panel=_CATALOGUE)(cancel_command)
app.command("unpublish", rich_help_panel=_CATALOGUE)(unpublish_command)
app.command("republish", rich_help_panel=_CATALOGUE)(republish_command)
app.command("delete", rich_help_panel=_CATALOGUE)(delete_command)
app.command("console", rich_help_panel=_PLATFORM)(console_command)
app.command("worker", rich_help_panel=_PLATFORM)(worker_command)
app.command("workers", rich_help_panel=_PLATFORM)(workers_command)
app.command("doctor", rich_help_panel=_PLATFORM)(doctor_command)


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"matinee {__version__}\n")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    del version


def main() -> None:
    """Run the command line; the process ends with one of `cli.output.Exit`."""
    try:
        app(standalone_mode=True)
    except MatineeError as error:
        print_error(error, as_json="--json" in sys.argv)
        sys.exit(exit_of(error))
    except KeyboardInterrupt:
        err.print("Interrupted.", style="dim")
        sys.exit(Exit.INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(Exit.OK)


if __name__ == "__main__":
    main()
