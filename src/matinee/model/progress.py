"""How far a long work has come, as values that cross rooms and reach people."""

from collections.abc import Callable
from typing import Literal

import msgspec

Stage = Literal[
    "upload", "ingest", "instant", "transcode", "text", "images", "package", "verify", "publish"
]
"""`instant` puts a film on the air before its ladder is made: as it is where players can take it,
else as a quick rung that is watched while it is made."""
STAGES: tuple[Stage, ...] = (
    "ingest", "instant", "transcode", "text", "images", "package", "verify", "publish",
)  # fmt: skip


class RungProgress(msgspec.Struct, frozen=True, kw_only=True):
    """One rung's encode: seconds of film done, and speed as a multiple of real time."""

    name: str
    done: float = 0.0
    speed: float | None = None


class ChunkProgress(msgspec.Struct, frozen=True, kw_only=True):
    """One stretch of a film that is encoded on its own. Times in seconds of film."""

    number: int
    codec: str = ""
    """Whose rungs it is of."""
    start: float
    duration: float
    state: Literal["waiting", "running", "done", "failed"] = "waiting"
    fraction: float = 0.0
    worker: str = ""
    """Who has it or made it."""
    attempts: int = 0
    """How often it was begun."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot of one stage. `fraction` runs from 0 to 1; `remaining` is seconds, a forecast."""

    stage: Stage
    fraction: float
    speed: float | None = None
    remaining: float | None = None
    rungs: tuple[RungProgress, ...] = ()
    chunks: tuple[ChunkProgress, ...] = ()
    """Of a transcode: every stretch of the film in order."""
    detail: str = ""


ReportProgress = Callable[[Progress], None]
"""Called by a stage as often as it likes; the receiver thins out."""


class Control(msgspec.Struct, frozen=True):
    """What a stage is given besides its input: whom to tell, and whether to stop.

    `cancelled` is asked at least once a second by every long-running stage, which then raises
    `matinee.errors.CancelledError`.
    """

    report: ReportProgress = lambda _: None
    cancelled: Callable[[], bool] = lambda: False
