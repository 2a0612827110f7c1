"""Making one piece of an order: one ffmpeg, and its files into the store."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec

from matinee.errors import InvariantError, MediaError, UpstreamError
from matinee.formats.isobmff import file_boxes, read_movie, read_samples
from matinee.model.progress import Control, Progress
from matinee.storage.folder import below
from matinee.storage.store import ObjectStore
from matinee.toolchain.ffmpeg import last_words
from matinee.toolchain.run import ProcessError, run
from matinee.toolchain.sandbox import BACKGROUND, Limits
from matinee.toolchain.tools import Toolchain
from matinee.transcode.assignment import HardwareError, equipment_for, kind_of
from matinee.transcode.chunks import Chunk
from matinee.transcode.command import (
    EncodeCommand,
    audio_file,
    encode_command,
    first_pass_of,
    one_pass,
)
from matinee.transcode.damage import Health, HealthReader
from matinee.transcode.files import OpenFile
from matinee.transcode.hardware import KIND_NAMES, Finding, nothing_sought
from matinee.transcode.levelling import Metered, confirmed, levelled
from matinee.transcode.meter import Meter
from matinee.transcode.order import IndexedCopy, Made, Order, Piece, sound_apart
from matinee.transcode.plan import EncodePlan
from matinee.transcode.proof import encoder_words, fault_of, names_encoder

_STALL_SECONDS = 300.0
_FIRST_PASS = 0.25
"""Share of the time that the first of two passes takes, about."""


class Workplace(msgspec.Struct, frozen=True, kw_only=True):
    """Where a stage of this room works: the store, a key prefix in it, a local folder, programs."""

    store: ObjectStore
    folder: str
    scratch: Path
    toolchain: Toolchain
    slots: int = 1
    """Pieces of pictures to make at a time."""
    hardware: Callable[[], Finding] = nothing_sought
    """What is known of this machine's hardware encoders; finding it out may take a while."""
    disk_reserve: int = 0
    """Bytes of the disk of `scratch` that are left alone by what can be done without."""


def make(order: Order, piece: Piece, source: Path, workplace: Workplace, control: Control) -> Made:
    """Make *piece* of *order* from *source*, the local file of `read_of(order, piece)`.

    Its files lie below the order's folder afterwards; making it again replaces them. Whether the
    source is whole enough is judged when all pieces are there (`finished`).

    Raises:
        MediaError: the source cannot be decoded.
        CancelledError: *control* said so.
        HardwareError: the order is for hardware that is not here, or that failed.
        UpstreamError: ffmpeg failed for another reason, or a limit was hit.
    """
    workplace.scratch.mkdir(parents=True, exist_ok=True)
    name = sha256(f"{order.folder}/{piece.number}".encode()).hexdigest()[:12]
    prefix = f"transcode-{name}-"
    for left in workplace.scratch.glob(f"{prefix}*"):  # by a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=prefix, dir=workplace.scratch))
    try:
        if piece.kind == "pictures":
            made = _chunk(order, piece, source, work, workplace.toolchain, control)
        else:
            made = _tracks(order, piece, source, work, workplace, control)
        folder = below(order.folder, piece.folder) if piece.folder else order.folder
        for path in sorted(work.iterdir()):
            workplace.store.put(below(folder, path.name), path)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return made


def _chunk(
    order: Order, piece: Piece, source: Path, work: Path, toolchain: Toolchain, control: Control
) -> Made:
    outputs = order.plan.video.outputs if order.plan.video is not None else ()
    plan = order.plan.with_outputs(one for one in outputs if one.codec == piece.codec)
    plan = msgspec.structs.replace(plan, audio=(), duration=piece.duration)
    if order.copy is not None:
        plan = read_from(plan, order.copy)
    # One thread a rung: chunks beside each other keep the processors busy.
    with _looked_over(plan, source, work, control, toolchain=toolchain, chunk=piece.chunk) as ready:
        command = encode_command(
            ready.plan, toolchain.ffmpeg, source, work, cores=1, chunk=piece.chunk
        )
        health, meter = _run(plan, command, ready.control, ready.folder)
    frames: dict[str, int] = {}
    produced = piece.duration
    for file in command.files:
        if file.video is not None and plan.video is not None:
            frames[file.video.name] = count = _pictures(work / file.file_name)
            seconds = count * file.video.frame_step / plan.video.frame_rate.value
            produced = min(produced, float(seconds)) if len(frames) > 1 else float(seconds)
    return Made(
        number=piece.number,
        health=health,
        produced=produced,
        frames=frames,
        progress=meter.latest,
    )


def read_from(plan: EncodePlan, copy: IndexedCopy) -> EncodePlan:
    """Return *plan* for pictures that are read from *copy*."""
    if plan.video is None:
        raise InvariantError("a copy is made of films with pictures")
    source = msgspec.structs.replace(plan.video.source, index=copy.video_index)
    video = msgspec.structs.replace(plan.video, source=source)
    return msgspec.structs.replace(plan, video=video, container=copy.container)


def _pictures(path: Path) -> int:
    """Return how many pictures the file of a chunk holds; none where the film ended before it."""
    if not path.is_file() or path.stat().st_size == 0:
        return 0
    with path.open("rb") as file:
        source = OpenFile.of(file)
        movie = read_movie(source)
        if not movie.tracks or all(box.type != "moof" for box in file_boxes(source)):
            return 0
        table, _ = read_samples(source, movie, movie.tracks[0])
        return len(table)


def _tracks(
    order: Order, piece: Piece, source: Path, work: Path, workplace: Workplace, control: Control
) -> Made:
    plan, toolchain = order.plan, workplace.toolchain
    if piece.kind == "sound":
        plan = msgspec.structs.replace(plan, video=None)
    elif sound_apart(plan):
        plan = msgspec.structs.replace(plan, audio=())
    equipment = equipment_for(plan, workplace.hardware()) if kind_of(plan) is not None else ()
    metered = levelled(plan, source, toolchain, control)
    with _looked_over(
        metered.plan, source, work, control, toolchain=toolchain, cores=order.cores
    ) as ready:
        command = encode_command(
            ready.plan, toolchain.ffmpeg, source, work, cores=order.cores, equipment=equipment
        )
        if equipment:
            health, meter = _run_on_hardware(metered.plan, command, work, ready.control)
        else:
            health, meter = _run(metered.plan, command, ready.control, ready.folder)
    notes = _confirmed(metered, source, work, toolchain, control)
    return Made(
        number=piece.number,
        health=health,
        produced=meter.produced,
        notes=notes,
        progress=meter.latest,
    )


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
        **_memory((6 << 30) + 300 * pixels, plan),
        file_bytes=(64 << 20) + round(3 * max(rates) * plan.duration / 8),
        niceness=BACKGROUND,
    )


class _Ready(NamedTuple):
    """What to encode after its first pass, where to run that, and whom to tell of it."""

    plan: EncodePlan
    folder: Path | None
    control: Control


@contextmanager
def _looked_over(  # noqa: PLR0913 - what an encode is run with
    plan: EncodePlan,
    source: Path,
    work: Path,
    control: Control,
    *,
    toolchain: Toolchain,
    cores: int = 1,
    chunk: Chunk | None = None,
) -> Iterator[_Ready]:
    """Run the first pass of the rungs that have two; what it finds is there within the context."""
    twice = first_pass_of(plan)
    if twice is None:
        yield _Ready(plan, None, control)
        return

    def part(begin: float, share: float, *, counted: bool) -> Control:
        def report(progress: Progress) -> None:
            rungs = progress.rungs if counted else ()
            fraction = begin + share * progress.fraction
            control.report(msgspec.structs.replace(progress, fraction=fraction, rungs=rungs))

        return msgspec.structs.replace(control, report=report)

    # Beside `work`, all of which goes to the store.
    with tempfile.TemporaryDirectory(prefix=f"{work.name}-", dir=work.parent) as folder:
        command = encode_command(twice, toolchain.ffmpeg, source, work, cores=cores, chunk=chunk)
        _, meter = _run(twice, command, part(0.0, _FIRST_PASS, counted=False), Path(folder))
        if not meter.produced:  # a chunk behind the end of a film that is shorter than it says
            plan = one_pass(plan)
        yield _Ready(plan, Path(folder), part(_FIRST_PASS, 1 - _FIRST_PASS, counted=True))


def _memory(most: int, plan: EncodePlan) -> dict[str, int]:
    """Return the limit of memory: GPU drivers reserve all the address space that they might use."""
    return {"memory_bytes" if kind_of(plan) is None else "resident_bytes": most}


def _run_on_hardware(
    plan: EncodePlan, command: EncodeCommand, work: Path, control: Control
) -> tuple[Health, Meter]:
    """Run *command* as `_run` does, and see that its pictures are what software would make.

    Raises:
        HardwareError: they are not, or it failed for no reason that lies in the source.
    """
    name = KIND_NAMES[kind_of(plan) or "nvenc"]
    try:
        health, meter = _run(plan, command, control)
    except ProcessError as error:
        words = encoder_words(error.completed.stderr) or error.message.rstrip(".")
        raise HardwareError(f"{name} failed: {words}.") from error
    except MediaError as error:
        # Decoding is done by software, so the source is at fault; but errors have few names.
        cause = error.__cause__
        if isinstance(cause, ProcessError) and names_encoder(cause.completed.stderr):
            words = encoder_words(cause.completed.stderr)
            raise HardwareError(f"{name} failed: {words or 'invalid data'}.") from error
        raise
    for file in command.files:
        if file.video is not None and plan.video is not None:
            fault = fault_of(work / file.file_name, plan.video, file.video)
            if fault:
                raise HardwareError(f"{name} made {file.video.name} wrong: {fault}.")
    return health, meter


def _run(
    plan: EncodePlan, command: EncodeCommand, control: Control, folder: Path | None = None
) -> tuple[Health, Meter]:
    """Run *command* in *folder*; return what it said of the source, and how far it came."""
    meter = Meter(plan, command.files, control.report)
    health = HealthReader(lambda: meter.produced)
    try:
        run(
            command.argv,
            limits=limits_of(plan),
            on_line=meter,
            on_error_line=health,
            cancelled=control.cancelled,
            cwd=folder,
        )
    except ProcessError as error:
        if (fault := failure(error)) is None:
            raise
        raise fault from error
    return health.health(), meter


def failure(error: ProcessError) -> MediaError | UpstreamError | None:
    """Return the fault behind *error*, None where no more is known than it says itself."""
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
    return None
