"""Run an `EncodePlan`: one ffmpeg, its files into the store, and a judgement on the source."""

import os
import shutil
import tempfile
from hashlib import sha256
from pathlib import Path

import msgspec

from matinee.errors import MediaError, UpstreamError
from matinee.model.media import Ratio
from matinee.model.progress import Control, Progress
from matinee.model.rendition import Rendition
from matinee.storage.store import ObjectStore
from matinee.toolchain.ffmpeg import last_words
from matinee.toolchain.run import ProcessError, run
from matinee.toolchain.sandbox import Limits
from matinee.toolchain.tools import Toolchain
from matinee.transcode.audio_plan import AudioOutput, moved_by
from matinee.transcode.command import (
    COPIED_VIDEO_FILE,
    EncodeCommand,
    audio_file,
    encode_command,
    files_of,
    video_file,
)
from matinee.transcode.damage import SLACK_SECONDS, Expectation, Health, HealthReader, judge
from matinee.transcode.keyframes import MOST_SECONDS_BETWEEN, longest_gap
from matinee.transcode.levelling import Metered, confirmed, levelled
from matinee.transcode.meter import Meter
from matinee.transcode.plan import EncodePlan, VideoOutput, VideoPlan

_STALL_SECONDS = 300.0


class Encoded(msgspec.Struct, frozen=True, kw_only=True):
    """What an encode made, and what the operator should know of the source."""

    renditions: tuple[Rendition, ...]
    notes: tuple[str, ...] = ()


class Workplace(msgspec.Struct, frozen=True, kw_only=True):
    """Where a stage of this room works: the store, a key prefix in it, a local folder, programs."""

    store: ObjectStore
    folder: str
    scratch: Path
    toolchain: Toolchain


def encode(  # noqa: PLR0913 - the contract of every stage: input, then where and how to work
    plan: EncodePlan,
    source_key: str,
    *,
    store: ObjectStore,
    folder: str,
    scratch: Path,
    toolchain: Toolchain,
    control: Control,
) -> tuple[Rendition, ...]:
    """Make every rendition of *plan*, video largest first, then audio in the source's order.

    Files go to `<folder>/<name>.mp4`; running again replaces them. Tracks copied from an MP4 stay
    where they are: their rendition points to *source_key*.

    Raises:
        MediaError: the source is too damaged (`damaged`) or cannot be decoded.
        CancelledError: *control* said so.
        UpstreamError: ffmpeg failed for another reason, or a limit was hit.
    """
    workplace = Workplace(store=store, folder=folder, scratch=scratch, toolchain=toolchain)
    return encode_with_notes(plan, source_key, workplace, control).renditions


def encode_with_notes(
    plan: EncodePlan, source_key: str, workplace: Workplace, control: Control
) -> Encoded:
    """Do what `encode` does, and return what was noted of the source as well."""
    store = workplace.store
    workplace.scratch.mkdir(parents=True, exist_ok=True)
    prefix = f"transcode-{sha256(workplace.folder.encode()).hexdigest()[:12]}-"
    for left in workplace.scratch.glob(f"{prefix}*"):  # by a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=prefix, dir=workplace.scratch))
    try:
        with store.local(source_key) as source:
            plan, notes = settled(plan, source, workplace.toolchain, control)
            metered = levelled(plan, source, workplace.toolchain, control)
            plan = metered.plan
            files = files_of(plan)
            progress = Progress(stage="transcode", fraction=0.0)
            if files:
                command = encode_command(
                    plan,
                    workplace.toolchain.ffmpeg,
                    source,
                    work,
                    cores=len(os.sched_getaffinity(0)),
                )
                warnings, progress = _run(plan, command, control)
                notes += warnings
                notes += _confirmed(metered, source, work, workplace.toolchain, control)
        for file in files:
            store.put(f"{workplace.folder}/{file.file_name}", work / file.file_name)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    # The last snapshot is kept with the job: it still tells how fast each rung was.
    ended = {"fraction": 1.0, "remaining": 0.0, "detail": " ".join(notes)}
    control.report(msgspec.structs.replace(progress, **ended))
    return Encoded(renditions=renditions(plan, source_key, workplace.folder), notes=notes)


def _confirmed(
    metered: Metered, source: Path, work: Path, toolchain: Toolchain, control: Control
) -> tuple[str, ...]:
    """Return what is to be said of the loudness of the files in *work*, some made once more."""
    plan = metered.plan
    silent = Control(cancelled=control.cancelled)

    def encode_again(some: EncodePlan) -> None:
        _run(some, encode_command(some, toolchain.ffmpeg, source, work), silent)

    files = {
        place: work / audio_file(output)
        for place, output in enumerate(plan.audio)
        if not output.copy
    }
    return confirmed(metered, files, encode_again, toolchain, control)


def settled(
    plan: EncodePlan, source: Path, toolchain: Toolchain, control: Control
) -> tuple[EncodePlan, tuple[str, ...]]:
    """Return *plan* with the copying of video called off where its IDRs are too far apart."""
    video = plan.video
    if video is None or not video.copy:
        return plan, ()
    gap = longest_gap(source, plan.container, video, toolchain=toolchain, control=control)
    if gap is not None and gap <= MOST_SECONDS_BETWEEN:
        return plan, ()
    words = "it does not start with one" if gap is None else f"{gap:.1f} s apart"
    note = f"The video is encoded, not copied: its key frames are irregular ({words})."
    video = msgspec.structs.replace(video, copy=False)
    # Beside a copied picture the sound stood still.
    audio = moved_by(plan.audio, video.moved)
    return msgspec.structs.replace(plan, video=video, audio=audio), (note,)


def limits_of(plan: EncodePlan) -> Limits:
    """Return what ffmpeg may use for *plan*: generous for any honest film, and finite."""
    video = plan.video
    rates = [output.rate for output in plan.audio] + [512_000]
    pixels = 0
    if video is not None:
        source = video.source
        rates += [output.max_rate for output in video.outputs]
        rates += [source.bit_rate or 100_000_000] if video.copy else []
        pixels = source.width * source.height + sum(
            output.width * output.height for output in video.outputs
        )
    return Limits(
        # The slowest preset on one slow core, 4K: hundreds of seconds for a second of film.
        wall_seconds=900 + 300 * plan.duration,
        stall_seconds=_STALL_SECONDS,
        # Address space: programs and stacks take 1.5 GB and 8 MB a thread; some 150 pictures
        # are in flight in lookaheads, threads and queues.
        memory_bytes=(6 << 30) + 300 * pixels,
        file_bytes=(64 << 20) + round(3 * max(rates) * plan.duration / 8),
        niceness=5,
    )


def _run(
    plan: EncodePlan, command: EncodeCommand, control: Control
) -> tuple[tuple[str, ...], Progress]:
    """Run *command*; return warnings about the source, and the last progress."""
    meter = Meter(plan, command.files, control.report)
    health = HealthReader()
    try:
        run(
            command.argv,
            limits=limits_of(plan),
            on_line=meter,
            on_error_line=health,
            cancelled=control.cancelled,
        )
    except ProcessError as error:
        raise failure(error) from error
    return _judged(plan, health.health(), meter.produced), meter.latest


def failure(error: ProcessError) -> MediaError | UpstreamError:
    """Return *error* as the fault that it is."""
    said = error.completed.stderr
    if "No space left on device" in said:
        return UpstreamError(
            "There is no space left for the encoded film.",
            fix="Free some space on the disk that holds the data folder, then retry.",
            code="disk-full",
        )
    words = last_words(said)
    if "Decoding requested, but no decoder found" in said or "Decoder not found" in said:
        return MediaError(
            f"The film's codec cannot be decoded here: {words}",
            fix="Export it as H.264 or another common codec.",
            code="unsupported-codec",
        )
    if error.reason == "exit" and "Invalid data found when processing input" in said:
        return MediaError(
            f"The film cannot be decoded: {words}",
            fix="Copy it again from where it came from, or export it anew.",
            code="damaged",
        )
    return error


def _judged(plan: EncodePlan, health: Health, produced: float) -> tuple[str, ...]:
    video = plan.video
    if video is None or video.copy:
        expected = max((output.source.duration or 0 for output in plan.audio), default=0.0)
        added = [output.silence for output in plan.audio if not output.copy]
        expectation = Expectation(
            expected=expected or plan.duration,
            produced=produced - min(added) if added else expected,
            constant_rate=False,
        )
    else:
        rate = video.frame_rate.value
        own = video.source.frame_rate.value
        expectation = Expectation(
            expected=(video.source.duration or plan.duration) + video.late,
            produced=produced - video.held,
            constant_rate=not video.source.variable_frame_rate and rate <= own,
            slack=max(SLACK_SECONDS, float(2 / rate)),
            late_frames=round(video.late * rate),
        )
    return judge(health, expectation)


def renditions(plan: EncodePlan, source_key: str, folder: str) -> tuple[Rendition, ...]:
    """Return the renditions of *plan* whose files lie in *folder*."""
    in_place = plan.container == "mp4"
    made: list[Rendition] = []
    video = plan.video
    if video is not None and video.copy:
        key = source_key if in_place else f"{folder}/{COPIED_VIDEO_FILE}"
        made.append(_copied_video(video, key, video.track_index if in_place else 0))
    elif video is not None:
        made += [
            _video(video, output, f"{folder}/{video_file(output)}") for output in video.outputs
        ]
    for output in plan.audio:
        if output.copy and in_place:
            made.append(_audio(output, source_key, output.track_index))
        else:
            made.append(_audio(output, f"{folder}/{audio_file(output)}", 0))
    return tuple(made)


def _video(video: VideoPlan, output: VideoOutput, key: str) -> Rendition:
    rate = video.frame_rate.value / output.frame_step
    return Rendition(
        key=key,
        kind="video",
        name=output.name,
        roles=("main",),
        default=True,
        frame_rate=Ratio(rate.numerator, rate.denominator),
        codec=output.codec,
        colour=output.colour,
        source_index=video.source.index,
    )


def _copied_video(video: VideoPlan, key: str, track_index: int) -> Rendition:
    return Rendition(
        key=key,
        kind="video",
        name=f"{min(video.source.display_size)}p",
        track_index=track_index,
        roles=("main",),
        default=True,
        frame_rate=video.source.frame_rate,
        colour=video.source.colour,
        source_index=video.source.index,
    )


def _audio(output: AudioOutput, key: str, track_index: int) -> Rendition:
    return Rendition(
        key=key,
        kind="audio",
        name=output.name,
        track_index=track_index,
        language=output.language,
        label=output.label,
        roles=output.roles,
        default=output.default,
        channels=output.channels,
        source_index=output.source.index,
    )
