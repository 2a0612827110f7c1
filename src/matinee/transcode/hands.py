"""All pieces of an order made by this process, some beside each other."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path

import msgspec

from matinee.model.piece import PieceRecord
from matinee.model.progress import Control, Progress, ReportProgress
from matinee.transcode.making import Workplace, make
from matinee.transcode.order import Made, Order, Piece, pieces_of, read_of
from matinee.transcode.tally import Tally, spec_of


def make_all(
    order: Order, source: Path, workplace: Workplace, control: Control
) -> tuple[Made, ...]:
    """Make every piece of *order*, as many at a time as `workplace.slots`, and the sound beside.

    Raises:
        MatineeError: that of the first piece that could not be made; the others are let go.
    """
    pieces = pieces_of(order)
    if len(pieces) < 2:
        return tuple(make(order, piece, source, workplace, control) for piece in pieces)
    if order.copy is not None:
        with workplace.store.local(order.copy.key) as copy:
            return _beside(
                order, {order.source_key: source, order.copy.key: copy}, workplace, control
            )
    return _beside(order, {order.source_key: source}, workplace, control)


def _beside(
    order: Order, files: Mapping[str, Path], workplace: Workplace, control: Control
) -> tuple[Made, ...]:
    """Make the pieces of *order*, at least two, from local *files* by their keys."""
    pieces = pieces_of(order)
    given_up = threading.Event()
    board = _Board(pieces, control.report)

    def hand(piece: Piece) -> Made:
        own = Control(
            report=board.reporter(piece),
            cancelled=lambda: given_up.is_set() or control.cancelled(),
        )
        made = make(order, piece, files[read_of(order, piece)], workplace, own)
        board.done(piece)
        return made

    beside = sum(piece.kind == "sound" for piece in pieces)
    with ThreadPoolExecutor(workplace.slots + beside, thread_name_prefix="piece") as pool:
        futures = [pool.submit(hand, piece) for piece in pieces]
        finished, _ = wait(futures, return_when=FIRST_EXCEPTION)
        if any(future.exception() for future in finished):
            given_up.set()
            pool.shutdown(cancel_futures=True)
    if failed := next((error for one in finished if (error := one.exception())), None):
        raise failed
    return tuple(future.result() for future in futures)


class _Board:
    """What the threads say of their pieces, passed on as the progress of the whole."""

    def __init__(self, pieces: tuple[Piece, ...], report: ReportProgress) -> None:
        self._report = report
        self._lock = threading.Lock()
        self._tally = Tally(pieces)
        self._records = {
            piece.number: PieceRecord(
                order_key="",
                title_id="",
                **msgspec.structs.asdict(spec_of(piece)),
            )
            for piece in pieces
        }

    def reporter(self, piece: Piece) -> Callable[[Progress], None]:
        """Return what takes the progress of *piece*."""
        self._set(piece, state="running", claim=1)
        return lambda progress: self._set(piece, fraction=progress.fraction, rungs=progress.rungs)

    def done(self, piece: Piece) -> None:
        """Take it that *piece* is made."""
        self._set(piece, state="done", fraction=1.0)

    def _set(self, piece: Piece, **changes: object) -> None:
        with self._lock:
            record = msgspec.structs.replace(self._records[piece.number], **changes)
            self._records[piece.number] = record
            self._report(self._tally.progress(list(self._records.values())))
