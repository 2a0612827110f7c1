"""How the command line speaks: data on standard output, everything else on standard error."""

import sys
from collections.abc import Iterable, Sequence
from enum import IntEnum

from rich.console import Console
from rich.table import Table
from rich.text import Text

from matinee.cli.terminal import PlainConsole, json_text, line
from matinee.errors import (
    CancelledError,
    InputError,
    InvariantError,
    MatineeError,
    MediaError,
    UpstreamError,
)

out = PlainConsole(highlight=False, soft_wrap=True, markup=False, emoji=False)
err = PlainConsole(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)


class Exit(IntEnum):
    """What exit statuses mean; docs/reference/cli.md lists them."""

    OK = 0
    FAULT = 1
    """A fault of Matinee's own, or a job that failed for such a reason."""
    USAGE = 2
    """The command or what it was given is wrong."""
    MEDIA = 3
    """The media cannot be published."""
    UNAVAILABLE = 4
    """The server, a program or a disk failed or does not answer."""
    FINDINGS = 5
    """A verification found errors."""
    INTERRUPTED = 130
    """Ctrl-C, or the job was cancelled."""


def exit_of(error: MatineeError) -> Exit:
    """Return the exit status for *error*."""
    match error:
        case MediaError():
            return Exit.MEDIA
        case InputError():
            return Exit.USAGE
        case UpstreamError():
            return Exit.UNAVAILABLE
        case CancelledError():
            return Exit.INTERRUPTED
        case InvariantError(code="verify-failed"):
            return Exit.FINDINGS
        case _:
            return Exit.FAULT


def print_json(value: object) -> None:
    """Print *value* as the one JSON value of this command."""
    sys.stdout.write(json_text(value) + "\n")
    sys.stdout.flush()


def print_error(error: MatineeError, *, as_json: bool) -> None:
    """Say what happened, why, and the next step."""
    if as_json:
        print_json({"error": {"code": error.code, "message": error.message, "fix": error.fix}})
        return
    err.print(Text.assemble(("error ", "bold red"), error.message))
    if error.fix:
        err.print(Text.assemble(("  fix ", "bold"), error.fix))


def facts(rows: Iterable[tuple[str, object]], console: Console = out) -> None:
    """Print one fact a line, aligned."""
    pairs = [(name, value) for name, value in rows if value not in (None, "")]
    width = max((len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        console.print(Text.assemble((f"{name:<{width}}  ", "dim"), line(str(value))))


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows in aligned columns; numbers to the right."""
    kept = [[line(str(cell)) for cell in row] for row in rows]
    grid = Table(box=None, pad_edge=False, header_style="dim")
    for index, heading in enumerate(headings):
        numeric = bool(kept) and all(
            row[index].rstrip("%sx").replace(".", "", 1).isdigit() for row in kept if row[index]
        )
        grid.add_column(
            heading, justify="right" if numeric else "left", no_wrap=True, overflow="fold"
        )
    for row in kept:
        grid.add_row(*(Text(cell) for cell in row))
    out.print(grid)


def clock(seconds: float | None) -> str:
    """Return *seconds* as `1:02:03` or `2:03`, "" for None."""
    if seconds is None:
        return ""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def rate(bits: float) -> str:
    """Return *bits* a second in Mb/s or kb/s."""
    return f"{bits / 1e6:.2f} Mb/s" if bits >= 1e6 else f"{bits / 1e3:.0f} kb/s"


def size(count: float) -> str:
    """Return *count* bytes in the unit people read."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
