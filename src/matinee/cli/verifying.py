"""`matinee verify`: the rule checker, on anybody's stream."""

from typing import Annotated

import typer
from rich.text import Text

from matinee import wiring
from matinee.cli.board import Board
from matinee.cli.options import Json, settings_with
from matinee.cli.output import Exit, err, out, print_json
from matinee.model.progress import Control
from matinee.model.report import Report
from matinee.verify import VerifyOptions, verify

_COLOURS = {"error": "red", "warning": "yellow", "info": "dim"}


def verify_command(
    target: Annotated[
        str, typer.Argument(metavar="URL|FOLDER", help="A stream: URL, folder or manifest file.")
    ],
    quick: Annotated[
        bool, typer.Option("--quick", help="Look at the first and last segments only.")
    ] = False,
    decode: Annotated[bool, typer.Option(help="Decode first and last segments.")] = True,
    as_json: Json = False,
) -> None:
    """Check a stream against the HLS, DASH and CMAF rules; exit status 5 if it breaks one.

    Examples:

      matinee verify out

      matinee verify https://example.com/master.m3u8 --quick
    """
    settings = settings_with()
    tools = wiring.toolchain(settings) if decode else None
    with Board(quiet=as_json) as board:
        report = verify(
            target,
            options=VerifyOptions(quick=quick),
            toolchain=tools,
            control=Control(report=board.show),
        )
    if as_json:
        print_json(report)
    else:
        tell(report)
    if not report.passed:
        raise typer.Exit(Exit.FINDINGS)


def tell(report: Report) -> None:
    """Print the findings, one a line, and what was looked at."""
    for finding in report.findings:
        out.print(
            Text.assemble(
                (f"{finding.severity:<8}", _COLOURS[finding.severity]),
                (f"{finding.rule:<28} ", "bold"),
                f"{finding.place}: {finding.message} ",
                (f"[{finding.section}]", "dim"),
            )
        )
    looked = ", ".join(f"{count} {name}" for name, count in report.checked.items())
    verdict = "passed" if report.passed else "failed"
    counted = sum(finding.severity == "error" for finding in report.findings)
    err.print(
        Text.assemble(
            (verdict, "bold green" if report.passed else "bold red"),
            f"  {counted} errors, {len(report.findings) - counted} remarks"
            f"; looked at {looked or 'nothing'} in {report.seconds:.1f} s",
        )
    )
