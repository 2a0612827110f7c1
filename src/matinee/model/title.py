"""Titles, the jobs that make them, and what happened: the catalogue's values."""

from datetime import datetime
from typing import Literal

import msgspec

from matinee.model.ladder import DEFAULT_LADDER
from matinee.model.progress import Progress, Stage

TitleState = Literal["processing", "live", "unpublished", "failed", "cancelled"]
"""`processing` until the first version is live; a republish keeps the title `live`."""
JobState = Literal["queued", "running", "succeeded", "failed", "cancelled"]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why something failed: what happened, why, and the next step."""

    code: str
    message: str
    fix: str = ""
    log: str = ""
    """The last words of the program that failed, bounded, or ""."""


class StageRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One stage of a job, as the job page tells it."""

    stage: Stage
    state: Literal["waiting", "running", "succeeded", "failed", "cancelled", "skipped"] = "waiting"
    started_at: datetime | None = None
    ended_at: datetime | None = None
    progress: Progress | None = None
    """The newest snapshot; kept after the stage has ended, for its speeds."""
    problem: Problem | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the publish workflow for one title."""

    id: str
    title_id: str
    state: JobState
    attempt: int = 1
    stages: tuple[StageRecord, ...] = ()
    problem: Problem | None = None
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None


TextPurpose = Literal["subtitle", "sdh", "forced"]
"""For everybody; for the deaf and hard of hearing; only what is said in another language."""


class SideCar(msgspec.Struct, frozen=True, kw_only=True):
    """A subtitle file given beside the film."""

    key: str
    filename: str
    language: str
    purpose: TextPurpose | None = None
    """None: what the file's name says (`.sdh.`, `.cc.`, `.hi.`, `.forced.`), else a subtitle."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What a title is made from: an uploaded file by its storage key, or a URL to pull."""

    filename: str
    key: str | None = None
    url: str | None = None
    subtitles: tuple[SideCar, ...] = ()
    most_damage: float | None = None
    """Share of it that may be missing or broken, None for the platform's own rule."""


class RungSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One rung as viewers and operators read it."""

    name: str
    codec: str
    width: int
    height: int
    frame_rate: float
    bandwidth: int
    average_bandwidth: int
    size: int


class Title(msgspec.Struct, frozen=True, kw_only=True):
    """A film in the catalogue. `version` is the one that players get, None while none is live."""

    id: str
    name: str
    synopsis: str = ""
    state: TitleState
    version: int | None = None
    source: Source
    ladder: str = DEFAULT_LADDER
    """Name of a built-in ladder, or the TOML text of one (it then holds a line break)."""
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    poster: str | None = None
    """Object key relative to the version's folder."""
    audio_languages: tuple[str, ...] = ()
    text_languages: tuple[str, ...] = ()
    rungs: tuple[RungSummary, ...] = ()
    problem: Problem | None = None
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that happened, in the order of `id`; what SSE and webhooks carry."""

    id: int
    at: datetime
    type: str
    """`title.created`, `title.published`, `title.failed`, `title.unpublished`, `title.deleted`,
    `title.updated`, `job.started`, `job.progress`, `job.stage`, `job.succeeded`, `job.failed`,
    `job.cancelled`."""
    title_id: str | None = None
    job_id: str | None = None
    data: dict[str, object] = {}
