"""Pieces of an encode on a queue, and the workers that take them."""

from datetime import datetime
from typing import Literal

import msgspec

from matinee.model.progress import RungProgress
from matinee.model.title import Problem

Lane = Literal["pictures", "sound"]
"""What a piece asks of a worker: most of its processors, or little more than one."""
MOST_SLOTS = 256
"""Pieces that one worker may be asked to make at a time."""
PieceState = Literal["waiting", "running", "done", "failed"]


class PieceSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A piece to be made. Times in seconds of film."""

    number: int
    lane: Lane
    start: float
    duration: float


class PieceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A piece on the queue, as it stands."""

    order_key: str
    """Storage key of the order that it is a piece of."""
    number: int
    title_id: str
    lane: Lane
    start: float
    duration: float
    state: PieceState = "waiting"
    worker: str = ""
    """Who has it, or had it last."""
    claim: int = 0
    """Raised each time it is taken: whoever holds an older number has lost it."""
    failures: int = 0
    """How often making it failed."""
    losses: int = 0
    """How often whoever had it was not heard of again."""
    fraction: float = 0.0
    rungs: tuple[RungProgress, ...] = ()
    result: str | None = None
    """JSON of what was made; only for who gave the order."""
    problem: Problem | None = None
    """Why it failed last."""


class WorkerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A process that runs jobs and makes pieces, by what it last said of itself."""

    id: str
    """Stable over its restarts."""
    host: str
    process: int
    slots: int
    """Pieces of pictures that it makes at a time."""
    wanted_slots: int | None = None
    """What an operator asks it to change `slots` to; None leaves it to the worker."""
    draining: bool = False
    started_at: datetime
    seen_at: datetime
