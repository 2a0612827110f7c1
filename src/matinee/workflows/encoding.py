"""The transcode stage: one order for a film, its pieces made here or by the whole crew.

The order is written to the store once, before anything of it is made. A stage that is run again,
by this worker or another, goes on with that order: so nothing is chosen or measured twice, and the
pieces that were made before count.
"""

import threading
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Protocol

import msgspec
import structlog

from matinee.catalog.pieces import Pieces
from matinee.errors import CancelledError, InvariantError, NotFoundError
from matinee.model.piece import PieceRecord, PieceSpec
from matinee.model.progress import ChunkProgress, Control, Progress, RungProgress
from matinee.model.title import Problem
from matinee.storage.store import ObjectStore
from matinee.toolchain.tools import Toolchain
from matinee.transcode.encode import Encoded, UnevenChunksError, at_its_end, finished
from matinee.transcode.making import Workplace
from matinee.transcode.order import Made, Order, Piece, pieces_of
from matinee.workflows.problems import PieceFailedError

log = structlog.get_logger()

LOOK_SECONDS = 0.5


class Commission(msgspec.Struct, frozen=True, kw_only=True):
    """An order with the title that it is for, and where it is written down."""

    title_id: str
    order_key: str
    order: Order


class Encoding(Protocol):
    """Gets orders made."""

    def run(self, commission: Commission, control: Control) -> tuple[Made, ...]:
        """Return what was made of each piece of the order, once all are there.

        Raises:
            MatineeError: a piece cannot be made.
        """
        ...


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """An order that is written down, and what was said when it was made."""

    order: Order
    notes: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()


def standing_order(
    store: ObjectStore, key: str, software: str, draw_up: Callable[[], Standing]
) -> Standing:
    """Return the order at *key* if it is for *software*, or draw one up and write it there."""
    try:
        found = msgspec.json.decode(store.get(key), type=Standing)
        if found.order.software == software:
            return found
    except (NotFoundError, msgspec.DecodeError):
        pass
    made = draw_up()
    store.put(key, msgspec.json.encode(made))
    return made


@lru_cache(maxsize=4)
def software_of(toolchain: Toolchain) -> str:
    """Name what encodes: our way of cutting a film, and ffmpeg with its version."""
    return f"pieces-1 {toolchain.versions().ffmpeg.text}"


def encoded(
    commission: Commission, encoding: Encoding, workplace: Workplace, control: Control
) -> Encoded:
    """Get an order made and put together; in one piece where its chunks do not fit together."""
    latest = Progress(stage="transcode", fraction=0.0)

    def report(progress: Progress) -> None:
        nonlocal latest
        latest = progress
        control.report(progress)

    heard = msgspec.structs.replace(control, report=report)
    try:
        done = finished(commission.order, encoding.run(commission, heard), workplace)
    except UnevenChunksError as error:
        log.warning("encode.undivided", order=commission.order_key, reason=error.message)
        commission = _undivided(commission)
        done = finished(commission.order, encoding.run(commission, heard), workplace)
    control.report(at_its_end(latest, done))
    return done


def _undivided(commission: Commission) -> Commission:
    note = "The film is encoded in one piece: it cannot be entered in its middle."
    return Commission(
        title_id=commission.title_id,
        order_key=f"{commission.order_key}.undivided",
        order=msgspec.structs.replace(
            commission.order, divided=False, notes=(*commission.order.notes, note)
        ),
    )


class QueuedEncoding:
    """An `Encoding` by whoever takes pieces from the queue, this process perhaps among them."""

    def __init__(
        self,
        pieces: Pieces,
        store: ObjectStore,
        *,
        draining: Callable[[], bool] = lambda: False,
        posted: Callable[[], object] = lambda: None,
    ) -> None:
        """Queue on *pieces*; *posted* is called when there is something to take."""
        self._pieces = pieces
        self._store = store
        self._draining = draining
        self._posted = posted

    def run(self, commission: Commission, control: Control) -> tuple[Made, ...]:
        """See `Encoding.run`. Asked to drain, it leaves the pieces where they are.

        Raises:
            CancelledError: *control* said so; where that is no drain, the pieces are withdrawn.
            PieceFailedError: one could not be made.
        """
        pieces, order_key = pieces_of(commission.order), commission.order_key
        if not pieces:
            return ()
        self._store.put(order_key, msgspec.json.encode(commission.order))
        self._pieces.post(commission.title_id, order_key, [_spec(one) for one in pieces])
        self._posted()
        watch = Watch(pieces)
        pause = threading.Event()
        while True:
            records = self._pieces.of(order_key)
            if failed := next((one for one in records if one.state == "failed"), None):
                raise PieceFailedError(
                    failed.problem or Problem(code="error", message="It failed.")
                )
            if len(records) < len(pieces):
                raise InvariantError("pieces of an order have gone from the queue")
            control.report(watch.progress(records))
            if all(one.state == "done" for one in records):
                return tuple(
                    msgspec.json.decode(one.result or "null", type=Made) for one in records
                )
            if control.cancelled():
                if not self._draining():
                    self._pieces.withdraw(order_key)
                raise CancelledError("The encode was cancelled.")
            pause.wait(LOOK_SECONDS)


def _spec(piece: Piece) -> PieceSpec:
    return PieceSpec(
        number=piece.number,
        lane="sound" if piece.kind == "sound" else "pictures",
        start=piece.start,
        duration=piece.duration,
    )


class Watch:
    """Sums up what the queue says of an order's pieces."""

    def __init__(
        self, pieces: Sequence[Piece], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._began = clock()
        self._kinds = {one.number: one.kind for one in pieces}
        self._before: float | None = None
        """Seconds of film that were made before this watch began."""

    def progress(self, records: Sequence[PieceRecord]) -> Progress:
        """Return how far the order is, of which *records* are all pieces."""
        shown = [one for one in records if one.lane == "pictures"] or list(records)
        total = max(sum(one.duration for one in shown), 0.001)
        done = sum(one.fraction * one.duration for one in shown)
        if self._before is None:
            self._before = done
        elapsed = max(self._clock() - self._began, 0.001)
        speed = (done - self._before) / elapsed
        return Progress(
            stage="transcode",
            # Putting together comes after the last piece.
            fraction=min(done / total, 0.999),
            speed=speed if speed > 0 else None,
            remaining=(total - done) / speed if speed > 0 else None,
            rungs=self._rungs(shown, elapsed),
            chunks=tuple(
                ChunkProgress(
                    number=one.number,
                    start=one.start,
                    duration=one.duration,
                    state=one.state,
                    fraction=one.fraction,
                    worker=one.worker,
                    attempts=one.claim,
                )
                for one in records
                if self._kinds.get(one.number) == "pictures"
            ),
        )

    def _rungs(self, shown: Sequence[PieceRecord], elapsed: float) -> tuple[RungProgress, ...]:
        seconds: dict[str, float] = {}
        for one in shown:
            for rung in one.rungs:
                seconds[rung.name] = seconds.get(rung.name, 0.0) + rung.done
        return tuple(
            RungProgress(name=name, done=done, speed=done / elapsed if done else None)
            for name, done in seconds.items()
        )
