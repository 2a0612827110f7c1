"""Live progress of stages and rungs on a terminal, and plain lines elsewhere."""

from collections.abc import Iterable
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from matinee.cli.output import clock, err, size
from matinee.model.progress import STAGES, Progress, Stage

LABELS: dict[Stage, str] = {
    "upload": "Upload",
    "ingest": "Ingest",
    "instant": "On air",
    "transcode": "Transcode",
    "text": "Subtitles",
    "images": "Images",
    "package": "Package",
    "verify": "Verify",
    "publish": "Publish",
}
_BAR = 28


class Board:
    """Shows each stage as it comes: one line, and a bar for each rung while it encodes.

    On a terminal the lines are redrawn in place; elsewhere one line is printed when a stage ends.
    """

    def __init__(self, *, quiet: bool = False, console: Console = err) -> None:
        self._console = console
        self._quiet = quiet
        self._stages: dict[Stage, Progress] = {}
        self._ended: set[Stage] = set()
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal and not self._quiet:
            self._live = Live(console=self._console, refresh_per_second=8, transient=False)
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.update(self._drawn())
            self._live.stop()

    def show(self, progress: Progress) -> None:
        """Take in the newest snapshot of a stage."""
        before = self._stages.get(progress.stage)
        if before is not None and not progress.rungs and before.rungs:
            progress = Progress(
                stage=progress.stage,
                fraction=progress.fraction,
                speed=progress.speed or before.speed,
                remaining=progress.remaining,
                rungs=before.rungs,
                detail=progress.detail or before.detail,
            )
        self._stages[progress.stage] = progress
        if self._live is not None:
            self._live.update(self._drawn())
        elif progress.fraction >= 1 and progress.stage not in self._ended and not self._quiet:
            self._ended.add(progress.stage)
            self._console.print(_line(progress))

    def say(self, words: str) -> None:
        """Print a line above the stages."""
        if not self._quiet:
            self._console.print(words)

    def _drawn(self) -> Group:
        grid = Table.grid(padding=(0, 2))
        for stage in ("upload", *STAGES):
            progress = self._stages.get(stage)
            if progress is None:
                continue
            grid.add_row(
                Text(LABELS[stage], style="bold" if progress.fraction < 1 else ""),
                ProgressBar(total=1.0, completed=progress.fraction, width=_BAR),
                Text(f"{progress.fraction:4.0%}"),
                Text("  ".join(_facts(progress)), style="dim"),
            )
            if stage == "transcode" and progress.fraction < 1:
                for row in _rungs(progress):
                    grid.add_row(*row)
        return Group(grid)


def _rungs(progress: Progress) -> Iterable[tuple[Text, Text, Text, Text]]:
    for rung in progress.rungs:
        speed = f"{rung.speed:.2f}x" if rung.speed else ""
        yield (Text(f"  {rung.name}"), Text(clock(rung.done)), Text(speed), Text(""))


def _facts(progress: Progress) -> list[str]:
    found = []
    if progress.detail:
        found.append(progress.detail)
    if progress.speed:
        found.append(f"{progress.speed:.2f}x real time")
    if progress.remaining and progress.fraction < 1:
        found.append(f"{clock(progress.remaining)} left")
    return found


def _line(progress: Progress) -> Text:
    facts = "  ".join(_facts(progress))
    return Text(f"{LABELS[progress.stage]:<10} done  {facts}".rstrip())


def upload_progress(sent: int, total: int, speed: float | None) -> Progress:
    """Return the progress of an upload of *total* bytes; *speed* is bytes a second."""
    remaining = (total - sent) / speed if speed else None
    detail = f"{size(sent)} of {size(total)}"
    if speed:
        detail = f"{detail}  {size(speed)}/s"
    return Progress(
        stage="upload", fraction=sent / total if total else 1.0, remaining=remaining, detail=detail
    )
