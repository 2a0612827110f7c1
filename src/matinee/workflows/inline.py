"""Run the stages in this process, one after the other: `matinee package`."""

from collections.abc import Callable
from typing import TypeVar

from matinee.model.progress import Control, Progress, Stage

Result = TypeVar("Result")


class InlineRunner:
    """A `StageRunner` without memory: every stage runs once, its errors pass through."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def run(self, stage: Stage, kind: type[Result], work: Callable[[Control], Result]) -> Result:  # noqa: ARG002  (kind is for runners that keep checkpoints)
        """See `StageRunner.run`."""
        self._control.report(Progress(stage=stage, fraction=0.0))
        result = work(self._control)
        self._control.report(Progress(stage=stage, fraction=1.0))
        return result
