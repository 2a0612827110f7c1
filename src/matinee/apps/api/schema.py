"""Request and response bodies of the REST API, which the CLI and the web pages read too.

Names are snake_case in JSON. Times are RFC 3339 UTC, durations are seconds, rates bits a second.
Errors are RFC 9457 problem+json with the extension members of `ProblemBody`.
"""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from matinee.model.ladder import DEFAULT_LADDER
from matinee.model.piece import MOST_SLOTS, WorkerRecord
from matinee.model.report import Report
from matinee.model.title import (
    Job,
    JobState,
    Problem,
    RungSummary,
    StageRecord,
    TextPurpose,
    Title,
    TitleState,
)
from matinee.transcode.pertitle.report import LadderReport

UploadId = Annotated[str, Meta(min_length=1, max_length=64, examples=["01k9x4f7q2ncw8h3d"])]
Name = Annotated[str, Meta(min_length=1, max_length=500, examples=["Big Buck Bunny"])]
Synopsis = Annotated[str, Meta(max_length=20_000)]
LadderText = Annotated[str, Meta(min_length=1, max_length=65_536, examples=["standard"])]
HttpUrl = Annotated[
    str,
    Meta(
        pattern="^https?://[^\\u0000-\\u0020\\u007f]+$",
        max_length=2048,
        examples=["https://films.example/a.mp4"],
    ),
]
LanguageTag = Annotated[
    str,
    Meta(pattern="^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35, examples=["en", "pt-BR"]),
]
EventType = Annotated[
    str,
    Meta(
        pattern="^[a-z][a-z0-9-]*(\\.[a-z][a-z0-9-]*)+$",
        max_length=50,
        examples=["title.published"],
    ),
]
Secret = Annotated[str, Meta(min_length=1, max_length=200)]


class ProblemBody(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9457 problem details; `code` and `fix` are our extension members."""

    type: str
    """`urn:matinee:problem:<code>`."""
    title: str
    status: int
    detail: str
    code: str
    fix: str = ""
    instance: str = ""
    errors: list[str] = []
    """For invalid bodies: each fault with its path."""


class UploadSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source that was uploaded with tus: the last path segment of the upload's Location."""

    upload_id: UploadId


class SubtitleSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A side-car subtitle file (SRT, WebVTT, TTML or SCC), uploaded with tus."""

    upload_id: UploadId
    language: LanguageTag
    """BCP 47."""
    purpose: TextPurpose | None = None
    """`subtitle`, `sdh` (for the deaf) or `forced`; null: what the file's name says."""


class CreateTitle(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/v1/titles. Exactly one of `upload_id` and `url`."""

    name: Name | None = None
    """None: taken from the file's title tag or its name."""
    synopsis: Synopsis = ""
    upload_id: UploadId | None = None
    url: HttpUrl | None = None
    ladder: LadderText = DEFAULT_LADDER
    """Name of a built-in ladder, or the TOML text of one."""
    subtitles: Annotated[list[SubtitleSource], Meta(max_length=50)] = []
    most_damage: Annotated[float, Meta(ge=0, le=1)] | None = None
    """Share of the film that may be missing or broken; 0 refuses all damage, 1 takes what there is.
    None: the platform's rule."""


class UpdateTitle(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """PATCH /api/v1/titles/{id}: the fields given are replaced."""

    name: Name | None = None
    synopsis: Synopsis | None = None


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """Absolute URLs of a title; the stream's are None while no version is live."""

    watch: str
    console: str
    hls: str | None = None
    dash: str | None = None
    poster: str | None = None
    thumbnails: str | None = None
    chapters: str | None = None


class TitleBody(msgspec.Struct, frozen=True, kw_only=True):
    """A title as the API shows it to those with a key."""

    title: Title
    links: Links
    job: Job | None = None
    """The newest job."""


class CatalogItem(msgspec.Struct, frozen=True, kw_only=True):
    """A live title as anybody may see it."""

    id: str
    version: int
    """The one on the air; a later one takes its place under the same URLs."""
    upcoming: bool
    """A later version is being made."""
    name: str
    synopsis: str
    duration: float
    width: int | None
    height: int | None
    audio_languages: tuple[str, ...]
    text_languages: tuple[str, ...]
    rungs: tuple[RungSummary, ...]
    published_at: datetime
    links: Links


class TitlePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of titles, newest first; `next_cursor` None on the last one."""

    items: list[TitleBody]
    next_cursor: str | None = None


class CatalogPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the public catalogue, newest first, or best match first with `q`."""

    items: list[CatalogItem]
    next_cursor: str | None = None


class ListedJob(Job, frozen=True, kw_only=True):
    """A job as lists show it: with its title's name."""

    title_name: str
    """What people call it; "" where the title was deleted meanwhile."""


class JobPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of jobs, newest first."""

    items: list[ListedJob]
    next_cursor: str | None = None


class WorkerBody(msgspec.Struct, frozen=True, kw_only=True):
    """A worker, and whether it was heard of lately."""

    worker: WorkerRecord
    alive: bool


class WorkerList(msgspec.Struct, frozen=True, kw_only=True):
    """All workers, by their ids."""

    items: list[WorkerBody]


class UpdateWorker(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """PATCH /api/v1/workers/{id}."""

    wanted_slots: Annotated[int, Meta(ge=0, le=MOST_SLOTS)] | None
    """Pieces of pictures to encode at a time; 0 is none, null leaves it to the worker."""


class LadderBody(msgspec.Struct, frozen=True, kw_only=True):
    """A built-in ladder."""

    name: str
    description: str
    toml: str


class LadderList(msgspec.Struct, frozen=True, kw_only=True):
    """The built-in ladders."""

    items: list[LadderBody]


class CreateWebhook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/v1/webhooks. `events` are event types; empty means all but `job.progress`."""

    url: HttpUrl
    events: Annotated[list[EventType], Meta(max_length=50)] = []


class WebhookBody(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook. `secret` is shown once, in the answer to its creation."""

    id: str
    url: str
    events: list[str]
    created_at: datetime
    secret: str | None = None
    last_status: int | None = None
    last_attempt_at: datetime | None = None


class WebhookPage(msgspec.Struct, frozen=True, kw_only=True):
    """All webhooks, oldest first."""

    items: list[WebhookBody]
    next_cursor: str | None = None


class SignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/v1/session: an API key, or the one-time code that `matinee console` prints."""

    api_key: Secret | None = None
    code: Secret | None = None


class SessionBody(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in."""

    name: str
    role: str


class SignInCode(msgspec.Struct, frozen=True, kw_only=True):
    """POST /api/v1/session/codes: a one-time code, valid for a few minutes, for a browser."""

    code: str
    url: str
    expires_at: datetime


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """GET /healthz."""

    status: str
    version: str


__all__ = [
    "CatalogItem", "CatalogPage", "CreateTitle", "CreateWebhook", "Health", "Job", "JobPage",
    "JobState", "LadderBody", "LadderList", "LadderReport", "Links", "ListedJob", "Problem",
    "ProblemBody", "Report", "RungSummary", "SessionBody", "SignIn", "SignInCode", "StageRecord",
    "SubtitleSource", "Title", "TitleBody", "TitlePage", "TitleState", "UpdateTitle",
    "UploadSource", "WebhookBody", "WebhookPage",
]  # fmt: skip
