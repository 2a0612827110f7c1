"""The arrival of a film: it can be watched within seconds, before its rungs are made.

A source that players can take goes on the air as it is. Any other is encoded once more than its
ladder asks for: one small rung, from the beginning on, which can be watched while it is made.
`publish` adds the ladder as the next version, under the same URLs.
"""

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import msgspec
import structlog

from matinee.errors import CancelledError, InvariantError, MatineeError, MediaError
from matinee.model.presentation import Presentation
from matinee.model.progress import Control, Progress, Stage
from matinee.packager.growing import (
    GrowingPackage,
    GrowingRendition,
    GrowingRequest,
    growing_presentation,
)
from matinee.packager.package import PackageRequest
from matinee.storage.folder import below
from matinee.transcode import growing
from matinee.transcode import ladder as ladders
from matinee.transcode.encode import encode, settled
from matinee.transcode.plan import EncodePlan, plan
from matinee.verify import VerifyOptions
from matinee.workflows.publish import (
    Ingested,
    PublishJob,
    StageRunner,
    Studio,
    chapters,
    ingest,
    judge,
    package_all,
    presentation_at,
    workplace_at,
)

log = structlog.get_logger()

GROW_SECONDS = 0.5
"""Between two times that players are told of more, at least."""
GROWTHS_AT_ONCE = 2
"""Quick encodes of one worker beside each other: more would each be too slow to be watched."""

_growths = threading.BoundedSemaphore(GROWTHS_AT_ONCE)


class FirstLook(msgspec.Struct, frozen=True, kw_only=True):
    """The version that is on the air before the ladder, or why there is none."""

    presentation_key: str | None = None
    reason: str = ""


class Air(Protocol):
    """What an arrival does to the catalogue. Both may be done again."""

    def go_live(self, presentation: Presentation) -> object:
        """Let players have *presentation*."""
        ...

    def withdraw(self) -> object:
        """Take what went live back off the air: it will never be whole."""
        ...


def arrive(job: PublishJob, studio: Studio, runner: StageRunner, air: Air) -> Ingested:
    """Probe the source, and put it on the air as soon as anything of it can be played.

    Raises:
        MatineeError: the source cannot be published; nothing of it is on the air then.
    """
    ingested = runner.run("ingest", Ingested, lambda control: ingest(job, studio, control))
    try:
        runner.run(
            "instant", FirstLook, lambda control: first_look(job, studio, ingested, air, control)
        )
    except MatineeError:
        air.withdraw()
        raise
    return ingested


def first_look(
    job: PublishJob, studio: Studio, ingested: Ingested, air: Air, control: Control
) -> FirstLook:
    """Make the version that comes before the ladder, and put it on the air.

    Raises:
        MatineeError: the source cannot be encoded.
    """
    if ladders.load(job.ladder).copy_video:
        return _no_look("the ladder repackages anyway", control)
    look = _as_it_is(job, studio, ingested, control)
    if look is None:
        return grow(job, studio, ingested, air, control)
    air.go_live(presentation_at(studio.store, look))
    control.report(Progress(stage="instant", fraction=1.0, detail="the source plays as it is"))
    return FirstLook(presentation_key=look)


def _no_look(reason: str, control: Control) -> FirstLook:
    control.report(Progress(stage="instant", fraction=1.0, detail=reason))
    return FirstLook(reason=reason)


def _as_it_is(job: PublishJob, studio: Studio, ingested: Ingested, control: Control) -> str | None:
    """Repackage the source without encoding; None where not all of it can be played so."""
    chosen = plan(ingested.info, ladders.load("source"))
    if not _copied(chosen):
        return None
    with studio.store.local(ingested.key) as source:
        chosen, _ = settled(chosen, source, studio.toolchain, control)
    if not _copied(chosen):
        return None
    workplace = workplace_at(studio, f"{job.work}/instant")
    made = encode(chosen, ingested.key, workplace, _of_stage("instant", control))
    request = PackageRequest(
        presentation_id=job.title_id,
        version=job.version,
        title=job.name,
        renditions=made.renditions,
        chapters=chapters(ingested.info),
        folder=job.folder,
        segment_seconds=chosen.segment_seconds,
    )
    package_all(job, studio, ingested, request, _of_stage("instant", control))
    if not _passes(job, studio, control):
        studio.store.delete(job.folder)
        return None
    return below(job.folder, "presentation.json")


def _copied(chosen: EncodePlan) -> bool:
    return (chosen.video is None or chosen.video.copy) and all(one.copy for one in chosen.audio)


def _passes(job: PublishJob, studio: Studio, control: Control) -> bool:
    """Whether what lies in the version's folder keeps the rules, as far as a quick look shows."""
    return judge(job, studio, _of_stage("instant", control), VerifyOptions(quick=True)).passed


def _of_stage(stage: Stage, control: Control) -> Control:
    """Let the work of other stages report as *stage*."""
    return Control(
        report=lambda progress: control.report(
            Progress(stage=stage, fraction=min(progress.fraction, 0.95))
        ),
        cancelled=control.cancelled,
    )


def grow(
    job: PublishJob, studio: Studio, ingested: Ingested, air: Air, control: Control
) -> FirstLook:
    """Encode the film's first version, on the air from its first segments on, to its end.

    Run again after a crash, it makes the same objects, and tells players more where they know of
    no more. Where it cannot be made, what is on the air is taken off it: the ladder comes alone.

    Raises:
        CancelledError: *control* said so.
        UpstreamError: a program, the disk or the store failed.
    """
    done = growing_presentation(studio.store, job.folder)
    if done is not None and done.ended:
        air.go_live(done)
    else:
        studio.scratch.mkdir(parents=True, exist_ok=True)
        prefix = f"growing-{sha256(job.folder.encode()).hexdigest()[:12]}-"
        for left in studio.scratch.glob(f"{prefix}*"):  # by a run that was killed
            shutil.rmtree(left, ignore_errors=True)
        work = Path(tempfile.mkdtemp(prefix=prefix, dir=studio.scratch))
        try:
            with _turn(control):
                _Growth(job, studio, ingested, air, control).run(work)
        except (InvariantError, MediaError) as error:
            # The ladder needs no quick version, and its encode is the judge of the source.
            log.error("growth.given_up", title=job.title_id, error=error.message)  # noqa: TRY400  (its words suffice)
            air.withdraw()
            studio.store.delete(job.folder)
            return _no_look(f"no quick version: {error.message}", control)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    control.report(Progress(stage="instant", fraction=1.0, detail="all of it can be watched"))
    return FirstLook(presentation_key=below(job.folder, "presentation.json"))


@contextmanager
def _turn(control: Control) -> Iterator[None]:
    """Wait until no more than `GROWTHS_AT_ONCE` others are growing.

    Raises:
        CancelledError: *control* said so meanwhile.
    """
    while not _growths.acquire(timeout=0.5):
        control.report(
            Progress(
                stage="instant", fraction=0.0, detail="waiting for other films' quick versions"
            )
        )
        if control.cancelled():
            raise CancelledError("The job was cancelled.")
    try:
        yield
    finally:
        _growths.release()


def can_begin(ready: Fraction, speed: float, expected: Fraction) -> bool:
    """Whether a film of which *ready* seconds are made can be played to its end without a wait.

    It is made at *speed* times real time, and lasts *expected* seconds. A slow machine gets a head
    start, as long as it will fall behind.
    """
    return ready > 0 and (speed >= 1 or ready >= expected * (1 - Fraction(speed)))


class _Growth:
    """One run of `grow`: an encode, what is packaged of it, and whether it is on the air."""

    def __init__(
        self, job: PublishJob, studio: Studio, ingested: Ingested, air: Air, control: Control
    ) -> None:
        self.job = job
        self.studio = studio
        self.ingested = ingested
        self.air = air
        self.control = control
        self.expected = Fraction(ingested.info.duration).limit_denominator(1000)
        self.live = False
        self.begun = self.grown = time.monotonic()
        self.first: tuple[float, Fraction] | None = None
        """When the first segments were there, and how much film they were."""

    def run(self, work: Path) -> None:
        """Encode to *work*, and package what comes until the film's end.

        Raises:
            InvariantError: what came breaks a rule, or is not what it was before a crash.
            MediaError: the source cannot be encoded.
            CancelledError, UpstreamError: as the encode and the store do.
        """
        chosen = growing.growing_plan(self.ingested.info)
        package = GrowingPackage(
            self._request(chosen, work), self.studio.store, lambda: datetime.now(UTC)
        )
        try:
            self.studio.store.put(
                below(self.job.folder, "media-info.json"), msgspec.json.encode(self.ingested.info)
            )
            self._show(package)  # after a crash players are there already
            watching = growing.Watching(
                lambda: self._look(package), lambda progress: self._report(package, progress)
            )
            with self.studio.store.local(self.ingested.key) as source:
                growing.encode_growing(
                    chosen, source, work, self.studio.toolchain, watching, self.control
                )
            self._go_on_air(package.finish(), judged=False)
        finally:
            package.close()

    def _request(self, chosen: EncodePlan, work: Path) -> GrowingRequest:
        return GrowingRequest(
            presentation_id=self.job.title_id,
            version=self.job.version,
            title=self.job.name,
            renditions=tuple(
                GrowingRendition(rendition=one.rendition, path=one.path, max_rate=one.max_rate)
                for one in growing.growing_files(chosen, work)
            ),
            chapters=chapters(self.ingested.info),
            folder=self.job.folder,
            segment=growing.segment_duration(chosen),
            expected=self.expected,
        )

    def _show(self, package: GrowingPackage) -> None:
        if package.presentation is not None:
            self._go_on_air(package.presentation, judged=True)

    def _look(self, package: GrowingPackage) -> None:
        """Package what is there; let players have it once they can play on without a wait."""
        now = time.monotonic()
        if self.live and now - self.grown < GROW_SECONDS:
            return
        if not package.advance() or package.presentation is None:
            return
        self.grown = now
        if self.first is None:
            self.first = now, package.ready
        if not self.live and can_begin(package.ready, self._speed(package.ready), self.expected):
            self._go_on_air(package.presentation, judged=False)

    def _speed(self, ready: Fraction) -> float:
        """Seconds of film a second: since the start, or without what it took to begin."""
        now = time.monotonic()
        speeds = [float(ready) / max(now - self.begun, 0.001)]
        if self.first is not None and now - self.first[0] > 1:
            speeds.append(float(ready - self.first[1]) / (now - self.first[0]))
        return max(speeds)

    def _go_on_air(self, presentation: Presentation, *, judged: bool) -> None:
        quiet = Control(cancelled=self.control.cancelled)
        options = VerifyOptions(quick=True)
        if not judged and not judge(self.job, self.studio, quiet, options).passed:
            raise InvariantError("it breaks a rule of HLS, DASH or CMAF", code="verify-failed")
        self.air.go_live(presentation)
        self.live = True

    def _report(self, package: GrowingPackage, progress: Progress) -> None:
        detail = (
            f"{_clock(package.ready)} of {_clock(self.expected)} can be watched"
            if self.live
            else "encoding a quick version to watch at once"
        )
        self.control.report(
            Progress(
                stage="instant",
                fraction=progress.fraction,
                speed=progress.speed,
                remaining=progress.remaining,
                detail=detail,
            )
        )


def _clock(seconds: Fraction) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
