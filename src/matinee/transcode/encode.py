"""An encode from its plan to renditions: order, pieces, and putting together what was made."""

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import msgspec

from matinee.errors import InvariantError
from matinee.model.media import Ratio
from matinee.model.progress import Control, Progress
from matinee.model.rendition import Rendition
from matinee.storage.folder import below
from matinee.toolchain.tools import Toolchain
from matinee.transcode.assignment import HardwareError, assigned, kind_of
from matinee.transcode.audio_plan import AudioOutput, moved_by
from matinee.transcode.command import COPIED_VIDEO_FILE, audio_file, video_file
from matinee.transcode.damage import SLACK_SECONDS, Expectation, Health, judge, together
from matinee.transcode.hands import make_all
from matinee.transcode.indexing import with_index
from matinee.transcode.join import Part, join
from matinee.transcode.keyframes import MOST_SECONDS_BETWEEN, longest_gap
from matinee.transcode.making import Workplace
from matinee.transcode.order import (
    CHUNKS,
    Made,
    Order,
    Piece,
    codecs_of,
    in_software,
    pieces_of,
    undivided,
)
from matinee.transcode.plan import EncodePlan, VideoOutput, VideoPlan


class Encoded(msgspec.Struct, frozen=True, kw_only=True):
    """What an encode made, and what the operator should know of the source."""

    renditions: tuple[Rendition, ...]
    notes: tuple[str, ...] = ()


def encode(plan: EncodePlan, source_key: str, workplace: Workplace, control: Control) -> Encoded:
    """Make every rendition of *plan*, video largest first, then audio in the source's order.

    Files go to `<folder>/<name>.mp4`; running again replaces them. Tracks copied from an MP4 stay
    where they are: their rendition points to *source_key*.

    Raises:
        MediaError: the source is too damaged (`damaged`) or cannot be decoded.
        CancelledError: *control* said so.
        UpstreamError: ffmpeg failed for another reason, or a limit was hit.
    """
    with workplace.store.local(source_key) as source:
        order = order_of(plan, source_key, workplace, control, source=source)
        done = carried_out(
            order,
            lambda some, heard: make_all(some, source, workplace, heard),
            workplace,
            control,
        )
    workplace.store.delete(below(order.folder, CHUNKS))
    return done


def carried_out(
    order: Order,
    make: Callable[[Order, Control], Sequence[Made]],
    workplace: Workplace,
    control: Control,
) -> Encoded:
    """Have *make* make the pieces of *order*, and put them together.

    Where hardware fails at it, *make* is asked for the same by software; where its chunks do not
    fit together, in one piece.
    """
    latest = Progress(stage="transcode", fraction=0.0)

    def report(progress: Progress) -> None:
        nonlocal latest
        latest = progress
        control.report(progress)

    heard = msgspec.structs.replace(control, report=report)
    done: Encoded | None = None
    while done is None:
        try:
            done = finished(order, make(order, heard), workplace)
        except HardwareError as error:
            if kind_of(order.plan) is None:
                raise
            order = _drawn_up_again(order, error.message, workplace, control)
        except UnevenChunksError as error:
            if not order.divided:
                raise
            order = undivided(order, error.message)
    control.report(_at_its_end(latest, done))
    return done


def _drawn_up_again(order: Order, why: str, workplace: Workplace, control: Control) -> Order:
    """Return *order* as software makes it: in chunks where it can be."""
    order = in_software(order, why)
    with workplace.store.local(order.source_key) as source:
        return with_index(order, source, workplace, control)


def _at_its_end(latest: Progress, done: Encoded) -> Progress:
    """Return the last word on an encode: *latest* still tells how fast each rung was."""
    return msgspec.structs.replace(latest, fraction=1.0, remaining=0.0, detail=" ".join(done.notes))


def order_of(
    plan: EncodePlan, source_key: str, workplace: Workplace, control: Control, *, source: Path
) -> Order:
    """Return the order to make *plan* from *source*, the local file at *source_key*."""
    plan, notes = settled(plan, source, workplace.toolchain, control)
    if plan.video is not None and not plan.video.copy:
        plan, said = assigned(plan, workplace.hardware())
        notes += said
    order = Order(
        plan=plan,
        source_key=source_key,
        folder=workplace.folder,
        cores=len(os.sched_getaffinity(0)),
        segment_seconds=plan.segment_seconds,
        notes=notes,
    )
    return with_index(order, source, workplace, control)


class UnevenChunksError(InvariantError):
    """Chunks do not hold the frames they should: the film must be encoded in one piece."""

    code = "uneven-chunks"


def finished(order: Order, made: Sequence[Made], workplace: Workplace) -> Encoded:
    """Judge the source by all that was said of it, and put chunks together; all pieces are there.

    Raises:
        MediaError: the source is too damaged (`damaged`).
        UnevenChunksError: seeking in the source did not lead where it should.
    """
    notes = [*order.notes]
    if made:
        health, produced = combined(order, made)
        notes += [*judged(order.plan, health, produced), *(n for one in made for n in one.notes)]
    _join_all(order, made, workplace)
    return Encoded(
        renditions=renditions(order.plan, order.source_key, order.folder), notes=tuple(notes)
    )


def combined(order: Order, made: Sequence[Made]) -> tuple[Health, float]:
    """Return what all pieces say of the source together, and the seconds of film they made."""
    pieces = {piece.number: piece for piece in pieces_of(order)}
    # Each codec's chunks decode the same film: what one of them says of it counts.
    codec = next((one.codec for one in pieces.values() if one.codec), "")
    made = [one for one in made if pieces[one.number].codec in {"", codec}]
    shown = [one for one in made if pieces[one.number].kind != "sound"] or made
    health = Health(
        # Frames of pictures where there are any, of all tracks the rest.
        decoded=sum(one.health.decoded for one in shown),
        concealed=sum(one.health.concealed for one in shown),
        duplicated=sum(one.health.duplicated for one in shown),
        undecodable=sum(one.health.undecodable for one in made),
        tried=sum(one.health.tried for one in made),
        complaints=sum(one.health.complaints for one in made),
        places=together((pieces[one.number].start, one.health.places) for one in made),
        sound_changed=next((found for one in made if (found := one.health.sound_changed)), ""),
    )
    return health, sum(one.produced for one in shown)


def _join_all(order: Order, made: Sequence[Made], workplace: Workplace) -> None:
    """Put the chunks of each rung together."""
    video = order.plan.video
    pieces = [piece for piece in pieces_of(order) if piece.kind == "pictures"]
    if video is None or not pieces:
        return
    by_number = {one.number: one for one in made}
    filled = {
        codec: _filled(video, [one for one in pieces if one.codec == codec], by_number)
        for codec in codecs_of(video)
    }
    workplace.scratch.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="join-", dir=workplace.scratch))
    try:
        for output in video.outputs:
            name = video_file(output)
            own = filled[output.codec]
            keys = [below(below(order.folder, piece.folder), name) for piece in own]
            starts = [_ticks(video, piece) for piece in own]
            with ExitStack() as stack:
                paths = [stack.enter_context(workplace.store.local(key)) for key in keys]
                join([Part(*one) for one in zip(paths, starts, strict=True)], work / name)
            workplace.store.put(below(order.folder, name), work / name)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _filled(video: VideoPlan, pieces: Sequence[Piece], made: dict[int, Made]) -> list[Piece]:
    """Return those of one codec's pieces with pictures: all, or those before a film's early end.

    Raises:
        UnevenChunksError: one has fewer pictures than it should, and more come after it.
    """
    filled: list[Piece] = []
    short = False
    for piece in pieces:
        frames = made[piece.number].frames
        wanted = piece.chunk.frames if piece.chunk is not None else None
        if not any(frames.values()):
            short = True
            continue
        whole = wanted is None or all(
            frames[output.name] == -(-wanted // output.frame_step)
            for output in video.outputs
            if output.codec == piece.codec
        )
        if short:
            raise UnevenChunksError(
                f"Chunk {piece.number} has pictures, those before it lack some."
            )
        short = not whole
        filled.append(piece)
    if not filled:
        raise UnevenChunksError("No chunk has a picture.")
    return filled


def _ticks(video: VideoPlan, piece: Piece) -> int:
    """Return when *piece* begins in ticks, which are whole for every frame."""
    first = piece.chunk.first if piece.chunk is not None else 0
    ticks = Fraction(first) * video.timescale / video.frame_rate.value
    if ticks.denominator != 1:
        raise InvariantError(f"a frame is not a whole number of ticks of {video.timescale}")
    return ticks.numerator


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


def judged(plan: EncodePlan, health: Health, produced: float) -> tuple[str, ...]:
    """Return what is to be said of a source that was decoded to *produced* seconds.

    Raises:
        MediaError: it is too damaged (`damaged`).
    """
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
    return judge(health, msgspec.structs.replace(expectation, most_missing=plan.most_damage))


def renditions(plan: EncodePlan, source_key: str, folder: str) -> tuple[Rendition, ...]:
    """Return the renditions of *plan* whose files lie in *folder*."""
    in_place = plan.container == "mp4"
    made: list[Rendition] = []
    video = plan.video
    if video is not None and video.copy:
        key = source_key if in_place else f"{folder}/{COPIED_VIDEO_FILE}"
        copied = _copied_video(video, key, video.track_index if in_place else 0)
        offset = video.source.start - (video.late - video.moved) if in_place else 0.0
        made.append(msgspec.structs.replace(copied, film_offset=round(offset, 6)))
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
        film_offset=video.moved,
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
