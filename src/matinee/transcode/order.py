"""An encode as values: the order, its pieces that any worker may make, and what was made of each.

A piece is made from the order, itself and the source alone. So pieces may be made in any order, in
any process, and again after a loss, and what comes out is the same.
"""

from itertools import product
from typing import Literal

import msgspec

from matinee.model.progress import Progress
from matinee.transcode.assignment import by_software, kind_of
from matinee.transcode.chunks import Chunk, chunk_seconds, chunks_of, start_seconds
from matinee.transcode.codecs import CODECS
from matinee.transcode.command import files_of
from matinee.transcode.damage import Health
from matinee.transcode.plan import EncodePlan, VideoPlan

CHUNKS = "chunks"
"""Folder below an order's, which is of no use once the chunks are put together."""


class IndexedCopy(msgspec.Struct, frozen=True, kw_only=True):
    """A source's tracks as they are, in a container that leads to any picture of them."""

    key: str
    container: str
    video_index: int
    """Of the stream that is the plan's video."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """All that is to be made of one source."""

    plan: EncodePlan
    """Settled: nothing about it is found out later but levels of sound."""
    source_key: str
    folder: str
    """Key prefix of what is made."""
    cores: int
    """Processors that an encode in one piece is laid out for: they change its bytes, so whoever
    makes it goes by this number and not by its own."""
    segment_seconds: float
    notes: tuple[str, ...] = ()
    divided: bool = True
    """Whether pictures may be made in chunks."""
    copy: IndexedCopy | None = None
    """What chunks are made of where the source's own container has no index."""
    software: str = ""
    """What it was laid out for: another encoder's chunks might not fit."""


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """One part of an order: a chunk of a codec's pictures, the sound, or all that is left."""

    number: int
    kind: Literal["whole", "sound", "pictures"]
    start: float
    duration: float
    """Seconds of film, as far as is known beforehand."""
    chunk: Chunk | None = None
    codec: str = ""
    """Of a chunk: whose rungs it is of. They share a decode; each codec has chunks of its own."""

    @property
    def folder(self) -> str:
        """Where its files go, below the order's folder; "" for that folder itself."""
        return f"{CHUNKS}/{self.number:05}" if self.kind == "pictures" else ""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one piece."""

    number: int
    health: Health
    produced: float
    """Seconds of film in the shortest of its tracks."""
    frames: dict[str, int] = {}
    """Of a chunk: pictures in each of its rungs."""
    notes: tuple[str, ...] = ()
    progress: Progress
    """The last snapshot: how fast each rung was."""


def read_of(order: Order, piece: Piece) -> str:
    """Return the storage key of the file that *piece* is made of."""
    return order.copy.key if order.copy and piece.kind == "pictures" else order.source_key


def pieces_of(order: Order) -> tuple[Piece, ...]:
    """Return the pieces of *order*, in the order in which they are best begun."""
    plan = order.plan
    files = files_of(plan)
    if not files:
        return ()
    chunks: tuple[Chunk, ...] = ()
    # Hardware has few sessions, its bytes differ from run to run, its headers from card to card:
    # what it makes is made in one piece.
    apart = order.divided and kind_of(plan) is None
    if apart and plan.video is not None and (plan.video.indexed or order.copy):
        chunks = chunks_of(plan.video, plan.duration, order.segment_seconds)
    sound = Piece(number=0, kind="sound", start=0.0, duration=plan.duration)
    if plan.video is None or not chunks:
        whole = Piece(number=0, kind="whole", start=0.0, duration=plan.duration)
        return (sound, msgspec.structs.replace(whole, number=1)) if sound_apart(plan) else (whole,)
    pieces = [
        Piece(
            number=number,
            kind="pictures",
            start=float(start_seconds(plan.video, chunk)),
            duration=chunk_seconds(plan.video, chunk, plan.duration),
            chunk=chunk,
            codec=codec,
        )
        for number, (codec, chunk) in enumerate(product(codecs_of(plan.video), chunks), start=1)
    ]
    if any(file.video is None for file in files):
        pieces.insert(0, sound)
    return tuple(pieces)


def sound_apart(plan: EncodePlan) -> bool:
    """Whether sound is made apart from pictures, even of a film that is made in one piece.

    Where ffmpeg decodes what it has just encoded (`evening.py`) beside encoders that look ahead,
    it may wait for itself for ever.
    """
    evened = any(output.evened for output in plan.audio)
    return evened and any(file.audio is None for file in files_of(plan))


def codecs_of(video: VideoPlan) -> tuple[str, ...]:
    """Return the codecs of *video*'s rungs, the dearest first: its chunks take longest."""
    used = {output.codec for output in video.outputs}
    return tuple(codec for codec in reversed(list(CODECS)) if codec in used)


def undivided(order: Order, why: str) -> Order:
    """Return *order* for a film whose chunks do not fit together: all in one piece."""
    note = f"The film is encoded in one piece: it cannot be entered in its middle. {why}"
    return msgspec.structs.replace(order, divided=False, notes=(*order.notes, note))


def in_software(order: Order, why: str) -> Order:
    """Return *order*, which hardware could not make, for the software encoders."""
    note = f"The pictures are encoded by software after all: {why}"
    return msgspec.structs.replace(order, plan=by_software(order.plan), notes=(*order.notes, note))
