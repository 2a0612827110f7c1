"""Examples of bodies, as values of their types: they cannot be wrong without a test failing."""

from datetime import UTC, datetime, timedelta
from typing import Any

from matinee.apps.api.schema import (
    CatalogItem,
    CreateTitle,
    CreateWebhook,
    Health,
    LadderReport,
    Links,
    SessionBody,
    SignIn,
    SignInCode,
    SubtitleSource,
    TitleBody,
    UpdateTitle,
    UpdateWorker,
    WebhookBody,
    WorkerBody,
)
from matinee.model.ladder import Ladder, Rung
from matinee.model.piece import WorkerRecord
from matinee.model.progress import STAGES, Progress, RungProgress
from matinee.model.title import Job, RungSummary, Source, StageRecord, Title
from matinee.transcode.pertitle.points import Chosen, Point, RungPoint, Window

_NOW = datetime(2026, 11, 22, 20, 15, tzinfo=UTC)
_BASE = "https://films.example"
_ID = "01k9x4f7q2ncw8h3d"
_RUNG = RungSummary(
    name="720p", codec="avc1.64001f", width=1280, height=720, frame_rate=24.0,
    bandwidth=2_910_000, average_bandwidth=1_740_000, size=130_000_000,
)  # fmt: skip
_LINKS = Links(
    watch=f"{_BASE}/watch/{_ID}",
    console=f"{_BASE}/console/titles/{_ID}",
    hls=f"{_BASE}/media/{_ID}/master.m3u8",
    dash=f"{_BASE}/media/{_ID}/manifest.mpd",
    poster=f"{_BASE}/media/{_ID}/v1/poster.jpg",
    thumbnails=f"{_BASE}/media/{_ID}/v1/thumbnails.vtt",
)
_TITLE = Title(
    id=_ID, name="Big Buck Bunny", synopsis="A rabbit has had enough.", state="live", version=1,
    source=Source(
        filename="big_buck_bunny.mp4", key=f"titles/{_ID}/source/big_buck_bunny.mp4"
    ),
    duration=596.5, width=1280, height=720, poster="poster.jpg", audio_languages=("en",),
    rungs=(_RUNG,), created_at=_NOW, updated_at=_NOW, published_at=_NOW,
)  # fmt: skip
_PROGRESS = Progress(
    stage="transcode", fraction=0.42, speed=3.1, remaining=112.0,
    rungs=(RungProgress(name="720p", done=250.5, speed=3.1),),
)  # fmt: skip
_JOB = Job(
    id="01k9x4f7q9w2kzv5m", title_id=_ID, state="running",
    stages=(
        StageRecord(stage="ingest", state="succeeded", started_at=_NOW, ended_at=_NOW),
        StageRecord(stage="transcode", state="running", started_at=_NOW, progress=_PROGRESS),
        *(StageRecord(stage=one) for one in STAGES[2:]),
    ),
    created_at=_NOW, started_at=_NOW,
)  # fmt: skip
_WORKER = WorkerRecord(
    id="studio-3f9c1a20-1", host="studio", process=4711, slots=2, started_at=_NOW, seen_at=_NOW
)
_LADDER = LadderReport(
    search_share=0.2,
    chosen=Chosen(
        ladder=Ladder(
            name="auto", video=(Rung(name="720p", height=720, max_rate=1_900_000, crf=24.5),)
        ),
        rungs=(
            RungPoint(
                name="720p", height=720, crf=24.5, max_rate=1_900_000, rate=944_000.0, vmaf=95.1
            ),
        ),
        hull=(Point(height=720, crf=21.0, rate=1_402_000.0, vmaf=97.0, on_hull=True),),
        fixed=(
            RungPoint(
                name="720p", height=720, crf=23.0, max_rate=3_000_000, rate=1_130_000.0, vmaf=96.0
            ),
        ),
        samples=(Window(start=64.0, seconds=4.0, bits=3_100_000),),
        reference=(1280, 720),
        search_cpu_seconds=42.0,
        encode_cpu_seconds=210.0,
        saving=-17.0,
    ),
)
_WEBHOOK = WebhookBody(
    id="01k9x4g2m0d6h7tqb",
    url="https://example.com/hooks/matinee",
    events=["title.published", "title.failed"],
    created_at=_NOW,
)

EXAMPLES: dict[type, dict[str, Any]] = {
    CreateTitle: {
        "upload": CreateTitle(
            name="Big Buck Bunny",
            upload_id="01k9x4f7q2ncw8h3d",
            subtitles=[SubtitleSource(upload_id="01k9x4f9zr3vm0a1c", language="en")],
        ),
        "url": CreateTitle(url="https://films.example/big_buck_bunny.mp4", ladder="fast"),
    },
    UpdateTitle: {"rename": UpdateTitle(name="Big Buck Bunny (2008)")},
    TitleBody: {"live": TitleBody(title=_TITLE, links=_LINKS)},
    Job: {"running": _JOB},
    WorkerBody: {"at-work": WorkerBody(worker=_WORKER, alive=True)},
    UpdateWorker: {
        "more": UpdateWorker(wanted_slots=4),
        "as-it-likes": UpdateWorker(wanted_slots=None),
    },
    LadderReport: {"chosen": _LADDER},
    CatalogItem: {
        "film": CatalogItem(
            id=_ID,
            version=1,
            upcoming=False,
            name=_TITLE.name,
            synopsis=_TITLE.synopsis,
            duration=596.5,
            width=1280,
            height=720,
            audio_languages=("en",),
            text_languages=(),
            rungs=(_RUNG,),
            published_at=_NOW,
            links=_LINKS,
        )
    },
    CreateWebhook: {
        "outcomes": CreateWebhook(
            url="https://example.com/hooks/matinee", events=["title.published", "title.failed"]
        )
    },
    WebhookBody: {"webhook": _WEBHOOK},
    SignIn: {"code": SignIn(code="u3Jq8mVZ6YkR0tW1bXcN5aPdF7hGsL2oQeKi9xTzB4M")},
    SessionBody: {"admin": SessionBody(name="admin", role="admin")},
    SignInCode: {
        "link": SignInCode(
            code="u3Jq8mVZ6YkR0tW1bXcN5aPdF7hGsL2oQeKi9xTzB4M",
            url=f"{_BASE}/console#code=u3Jq8mVZ6YkR0tW1bXcN5aPdF7hGsL2oQeKi9xTzB4M",
            expires_at=_NOW + timedelta(minutes=5),
        )
    },
    Health: {"well": Health(status="ok", version="0.1.0")},
}
