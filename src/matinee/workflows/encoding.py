"""The transcode stage: one order for a film, its pieces made here or by the whole crew.

The order is written to the store once, before anything of it is made. A stage that is run again,
by this worker or another, goes on with that order: so nothing is chosen or measured twice, and the
pieces that were made before count.
"""

import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

import msgspec
import structlog

from matinee.catalog.pieces import Pieces
from matinee.errors import CancelledError, InvariantError, MatineeError, NotFoundError
from matinee.model.ladder import Ladder
from matinee.model.progress import Control
from matinee.model.title import Problem
from matinee.storage.store import ObjectStore
from matinee.toolchain.tools import Toolchain
from matinee.transcode.assignment import HardwareError, by_software, kind_of
from matinee.transcode.encode import Encoded, carried_out
from matinee.transcode.hardware import Finding, nothing_sought
from matinee.transcode.making import Workplace
from matinee.transcode.order import Made, Order, pieces_of
from matinee.transcode.tally import Tally, spec_of
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
    return f"pieces-3 {toolchain.versions().ffmpeg.text}"


def hardware_for(ladder: Ladder, hardware: Callable[[], Finding]) -> Callable[[], Finding]:
    """Return what finds the hardware that films on *ladder* are encoded by.

    Where the rungs are chosen by measured quality, software makes them: it is what was measured.
    """
    return nothing_sought if ladder.per_title else hardware


def encoded(
    commission: Commission, encoding: Encoding, workplace: Workplace, control: Control
) -> Encoded:
    """Get an order made and put together, by software where hardware fails at it."""

    def make(order: Order, heard: Control) -> tuple[Made, ...]:
        if order == commission.order:
            return encoding.run(commission, heard)
        again = Commission(
            title_id=commission.title_id,
            order_key=_key_of_another(commission, order),
            order=order,
        )
        return encoding.run(again, heard)

    return carried_out(_standing_for(commission, workplace.store), make, workplace, control)


def _standing_for(commission: Commission, store: ObjectStore) -> Order:
    """Return the order to go on with: for software, where hardware has failed at it before."""
    order = commission.order
    again = msgspec.structs.replace(order, plan=by_software(order.plan))
    if kind_of(order.plan) is None:
        return order
    try:
        found = msgspec.json.decode(store.get(_key_of_another(commission, again)), type=Order)
    except (NotFoundError, msgspec.DecodeError):
        return order
    return found if (found.plan, found.software) == (again.plan, again.software) else order


def _key_of_another(commission: Commission, order: Order) -> str:
    """Return where *order* is written down, which came of that of *commission*."""
    key = commission.order_key
    if kind_of(order.plan) != kind_of(commission.order.plan):
        key += ".software"
    return key if order.divided else f"{key}.undivided"


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
            HardwareError: hardware failed at one.
            PieceFailedError: one could not be made.
        """
        pieces, order_key = pieces_of(commission.order), commission.order_key
        if not pieces:
            return ()
        self._store.put(order_key, msgspec.json.encode(commission.order))
        self._pieces.post(commission.title_id, order_key, [spec_of(one) for one in pieces])
        self._posted()
        tally = Tally(pieces)
        pause = threading.Event()
        while True:
            records = self._pieces.of(order_key)
            if failed := next((one for one in records if one.state == "failed"), None):
                raise _failure(failed.problem or Problem(code="error", message="It failed."))
            if len(records) < len(pieces):
                raise InvariantError("pieces of an order have gone from the queue")
            control.report(tally.progress(records))
            if all(one.state == "done" for one in records):
                return tuple(
                    msgspec.json.decode(one.result or "null", type=Made) for one in records
                )
            if control.cancelled():
                if not self._draining():
                    self._pieces.withdraw(order_key)
                raise CancelledError("The encode was cancelled.")
            pause.wait(LOOK_SECONDS)


def _failure(problem: Problem) -> MatineeError:
    if problem.code == HardwareError.code:
        return HardwareError(problem.message)
    return PieceFailedError(problem)
