"""Publish a film: every stage in order, each a checkpointed step.

This is the slow path of the house in one page. A stage gets storage keys and values, and gives
values back; what it makes lies below `job.work` until packaging, and below `job.folder` after. How
a step is run (durably, or inline for `matinee package`) is the `StageRunner`'s business.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from matinee.errors import InvariantError, MediaError
from matinee.ingest.fetch import FetchLimits, fetch
from matinee.ingest.probe import probe
from matinee.ingest.text import extract_text
from matinee.model.ladder import Ladder
from matinee.model.media import Chapter, MediaInfo
from matinee.model.presentation import Presentation
from matinee.model.progress import Control, Progress, Stage
from matinee.model.rendition import Rendition, TileSheet
from matinee.model.report import Report
from matinee.model.title import Source
from matinee.packager.package import PackageRequest, package
from matinee.storage.folder import below, local_folder
from matinee.storage.store import ObjectStore
from matinee.toolchain.tools import Toolchain
from matinee.transcode import ladder as ladders
from matinee.transcode.encode import encode, order_of
from matinee.transcode.hardware import Finding, nothing_sought
from matinee.transcode.images import make_images
from matinee.transcode.making import Workplace
from matinee.transcode.order import CHUNKS
from matinee.transcode.pertitle.choose import choose_ladder
from matinee.transcode.pertitle.report import report_json, report_svg
from matinee.transcode.plan import EncodePlan, plan
from matinee.transcode.room import check_room
from matinee.verify import VerifyOptions, verify
from matinee.workflows.encoding import (
    Commission,
    Encoding,
    Standing,
    encoded,
    hardware_for,
    software_of,
    standing_order,
)

Result = TypeVar("Result")


class PublishJob(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be published, and where its parts go."""

    title_id: str
    version: int
    name: str
    source: Source
    ladder: str
    folder: str
    """Key prefix of the published version; "" for the store's root."""
    work: str
    """Key prefix of what is needed only until the title is live."""


class Studio(msgspec.Struct, frozen=True, kw_only=True):
    """What the stages work with."""

    store: ObjectStore
    toolchain: Toolchain
    scratch: Path
    fetch_limits: FetchLimits
    disk_reserve: int = 0
    """Bytes of the disk that encodes leave free."""
    encoding: Encoding | None = None
    """The crew that encodes; None: this process alone."""
    slots: int = 1
    """Pieces of pictures that this process alone makes at a time."""
    most_damage: float | None = None
    """Share of a source that may be missing or broken, where its title does not say."""
    hardware: Callable[[], Finding] = nothing_sought
    """Finds out what hardware encoders this machine has, once; the first time may take a while."""


class StageRunner(Protocol):
    """Runs one stage, or gives the result that an earlier run of it left."""

    def run(self, stage: Stage, kind: type[Result], work: Callable[[Control], Result]) -> Result:
        """Return what *work* returns; *kind* is its type, for reading a checkpoint."""
        ...


class Ingested(msgspec.Struct, frozen=True, kw_only=True):
    """The source in the store, and what it is."""

    key: str
    info: MediaInfo


class Encoded(msgspec.Struct, frozen=True, kw_only=True):
    """Encoded tracks of one stage, and what was noted on the way."""

    renditions: tuple[Rendition, ...]
    notes: tuple[str, ...] = ()
    segment_seconds: float = 4.0
    reports: tuple[str, ...] = ()
    """Keys of files that tell why the rungs are what they are; kept beside the version."""
    chunks: str = ""
    """Key prefix of what the renditions were put together from."""


class Pictures(msgspec.Struct, frozen=True, kw_only=True):
    """Poster and seek-bar thumbnails."""

    tiles: TileSheet | None
    poster: str | None


class Packaged(msgspec.Struct, frozen=True, kw_only=True):
    """Where the presentation's JSON lies."""

    presentation_key: str


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of a title once it has passed verification."""

    info: MediaInfo
    presentation: Presentation
    report: Report
    notes: tuple[str, ...] = ()


def publish(job: PublishJob, studio: Studio, runner: StageRunner) -> Published:
    """Take *job* from its source to a verified presentation in the store.

    Raises:
        MatineeError: a stage failed; the error is the stage's own.
    """
    ingested = runner.run("ingest", Ingested, lambda control: ingest(job, studio, control))
    renditions = runner.run(
        "transcode", Encoded, lambda control: transcode(job, studio, ingested, control)
    )
    if renditions.chunks:
        studio.store.delete(renditions.chunks)
    texts = runner.run("text", Encoded, lambda control: text(job, studio, ingested, control))
    pictures = runner.run(
        "images", Pictures, lambda control: images(job, studio, ingested, renditions, control)
    )
    packaged = runner.run(
        "package",
        Packaged,
        lambda control: package_all(
            job,
            studio,
            ingested,
            PackageRequest(
                presentation_id=job.title_id,
                version=job.version,
                title=job.name,
                renditions=renditions.renditions + texts.renditions,
                tiles=pictures.tiles,
                poster=pictures.poster,
                chapters=chapters(ingested.info),
                folder=job.folder,
                segment_seconds=renditions.segment_seconds,
                dash_text=ladders.load(job.ladder).dash_text,
            ),
            control,
        ),
    )
    for key in renditions.reports:
        studio.store.put(below(job.folder, key.rpartition("/")[2]), studio.store.get(key))
    report = runner.run("verify", Report, lambda control: check(job, studio, control))
    return Published(
        info=ingested.info,
        presentation=presentation_at(studio.store, packaged.presentation_key),
        report=report,
        notes=renditions.notes + texts.notes,
    )


def ingest(job: PublishJob, studio: Studio, control: Control) -> Ingested:
    """Bring the source into the store if it is a URL, and probe it."""
    key = job.source.key or pull(job, studio, control)
    control.report(Progress(stage="ingest", fraction=0.5, detail="reading the source"))
    with studio.store.local(key) as path:
        info = probe(path, studio.toolchain, job.source.most_damage)
    return Ingested(key=key, info=info)


def pull(job: PublishJob, studio: Studio, control: Control) -> str:
    """Pull the source's URL into the store and return its key."""
    if job.source.url is None:
        raise InvariantError(f"title {job.title_id} has neither an upload nor a URL")
    studio.scratch.mkdir(parents=True, exist_ok=True)
    target = studio.scratch / f"{job.title_id}-source"
    fetched = fetch(
        job.source.url,
        target,
        limits=studio.fetch_limits,
        received=lambda done, total: control.report(
            Progress(
                stage="ingest",
                fraction=0.5 * done / total if total else 0.0,
                detail=f"pulled {done / 1e6:.1f} MB",
            )
        ),
        cancelled=control.cancelled,
    )
    key = f"titles/{job.title_id}/source/{fetched.filename}"
    studio.store.put(key, target)
    return key


def transcode(job: PublishJob, studio: Studio, ingested: Ingested, control: Control) -> Encoded:
    """Encode every rung of the ladder that fits the source.

    Where there is a crew, the order for it is drawn up once, and stands however often this is
    run again; else all is done here.
    """
    hardware = hardware_for(ladders.load(job.ladder), studio.hardware)
    if studio.encoding is None:
        chosen, notes, reports = chosen_plan(job, studio, ingested, control)
        workplace = workplace_at(studio, f"{job.work}/renditions", hardware)
        made = encode(chosen, ingested.key, workplace, control)
        return Encoded(
            renditions=made.renditions,
            notes=notes + made.notes,
            segment_seconds=chosen.segment_seconds,
            reports=reports,
        )
    folder = f"{job.work}/encode/{print_of(job)}"
    workplace = workplace_at(studio, folder, hardware)
    software = software_of(studio.toolchain)

    def draw_up() -> Standing:
        chosen, notes, reports = chosen_plan(job, studio, ingested, control)
        with studio.store.local(ingested.key) as source:
            order = order_of(chosen, ingested.key, workplace, control, source=source)
        order = msgspec.structs.replace(order, software=software)
        return Standing(order=order, notes=notes, reports=reports)

    standing = standing_order(studio.store, f"{folder}/standing.json", software, draw_up)
    commission = Commission(
        title_id=job.title_id, order_key=f"{folder}/order.json", order=standing.order
    )
    made = encoded(commission, studio.encoding, workplace, control)
    return Encoded(
        renditions=made.renditions,
        notes=standing.notes + made.notes,
        segment_seconds=standing.order.segment_seconds,
        reports=standing.reports,
        chunks=below(folder, CHUNKS),
    )


def workplace_at(
    studio: Studio, folder: str, hardware: Callable[[], Finding] = nothing_sought
) -> Workplace:
    """Return where encodes into *folder* work, by software unless *hardware* finds something."""
    return Workplace(
        store=studio.store,
        folder=folder,
        scratch=studio.scratch,
        toolchain=studio.toolchain,
        slots=studio.slots,
        hardware=hardware,
        disk_reserve=studio.disk_reserve,
    )


def print_of(job: PublishJob) -> str:
    """Return a short name for all that decides what is made of the source."""
    return hashlib.sha256(msgspec.json.encode([job.source, job.ladder])).hexdigest()[:16]


def chosen_plan(
    job: PublishJob, studio: Studio, ingested: Ingested, control: Control
) -> tuple[EncodePlan, tuple[str, ...], tuple[str, ...]]:
    """Return what to encode, what to say about it, and the keys of reports on it."""
    ladder = ladders.load(job.ladder)
    reasons: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    if ladder.per_title:
        ladder, reasons, reports = ladder_for(job, studio, ingested, ladder, control)
    chosen = plan(ingested.info, ladder, job.source.most_damage)
    check_room(chosen, studio.scratch, studio.disk_reserve)
    return chosen, reasons + chosen.notes, reports


def ladder_for(
    job: PublishJob, studio: Studio, ingested: Ingested, base: Ladder, control: Control
) -> tuple[Ladder, tuple[str, ...], tuple[str, ...]]:
    """Choose this film's own ladder by measured quality; return it, notes, and report keys."""
    chosen = choose_ladder(
        ingested.info,
        ingested.key,
        base,
        store=studio.store,
        scratch=studio.scratch,
        toolchain=studio.toolchain,
        control=control,
    )
    reports = (below(job.work, "ladder.json"), below(job.work, "ladder.svg"))
    for key, body in zip(reports, (report_json(chosen), report_svg(chosen)), strict=True):
        studio.store.put(key, body)
    return chosen.ladder, chosen.notes, reports


def text(job: PublishJob, studio: Studio, ingested: Ingested, control: Control) -> Encoded:
    """Bring the source's subtitles and those given beside it to WebVTT."""
    renditions = extract_text(
        ingested.info,
        ingested.key,
        job.source.subtitles,
        store=studio.store,
        folder=f"{job.work}/text",
        scratch=studio.scratch,
        toolchain=studio.toolchain,
        control=control,
    )
    return Encoded(renditions=renditions)


def images(
    job: PublishJob, studio: Studio, ingested: Ingested, encoded: Encoded, control: Control
) -> Pictures:
    """Make the poster and the thumbnails of the seek bar."""
    made = make_images(
        ingested.info,
        ingested.key,
        tuple(one for one in encoded.renditions if one.kind == "video"),
        store=studio.store,
        folder=f"{job.work}/images",
        scratch=studio.scratch,
        toolchain=studio.toolchain,
        control=control,
    )
    return Pictures(tiles=made.tiles, poster=made.poster)


def package_all(
    job: PublishJob,
    studio: Studio,
    ingested: Ingested,
    request: PackageRequest,
    control: Control,
) -> Packaged:
    """Write the CMAF tracks, the manifests, the presentation, and what the source was."""
    if not request.renditions:
        raise MediaError(
            "Nothing in this file can be played.",
            code="nothing-to-play",
            fix="Give a file with video or audio.",
        )
    package(request, studio.store, studio.scratch, control)
    studio.store.put(below(job.folder, "media-info.json"), msgspec.json.encode(ingested.info))
    return Packaged(presentation_key=below(job.folder, "presentation.json"))


def check(job: PublishJob, studio: Studio, control: Control) -> Report:
    """Verify the packaged version by our own rules, and keep the report beside it.

    Raises:
        InvariantError: a rule is broken; the message names rule, place and section.
    """
    report = judge(job, studio, control, VerifyOptions())
    for finding in report.findings:
        if finding.severity == "error":
            raise InvariantError(
                f"The stream breaks {finding.rule} at {finding.place}: {finding.message} "
                f"({finding.section}).",
                fix="Read the verify report of the title; this is a fault of ours to mend.",
                code="verify-failed",
            )
    return report


def judge(job: PublishJob, studio: Studio, control: Control, options: VerifyOptions) -> Report:
    """Verify the version in `job.folder` and leave the report there."""
    with local_folder(studio.store, job.folder, studio.scratch) as folder:
        report = verify(str(folder), options=options, toolchain=studio.toolchain, control=control)
    report = msgspec.structs.replace(report, target=job.folder or job.name)  # no local path
    studio.store.put(below(job.folder, "report.json"), msgspec.json.encode(report))
    return report


def presentation_at(store: ObjectStore, key: str) -> Presentation:
    """Read the presentation whose JSON is at *key*."""
    return msgspec.json.decode(store.get(key), type=Presentation)


def chapters(info: MediaInfo) -> tuple[Chapter, ...]:
    """The chapters worth showing: at least two."""
    return info.chapters if len(info.chapters) > 1 else ()
