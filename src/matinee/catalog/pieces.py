"""Pieces of encodes: a queue with leases, from which every worker of the platform takes.

Whoever claims a piece holds it as long as it renews its lease. A piece whose lease has run out is
given to the next worker that asks; a claim number tells the old holder, should it come back, that
the piece is no longer its own. So each piece is made at least once, by one worker at a time, and
the death of a worker costs the piece in hand.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from matinee.catalog.records import Records
from matinee.catalog.rows import load_title
from matinee.database.tables import pieces
from matinee.model.piece import Lane, PieceRecord, PieceSpec
from matinee.model.progress import RungProgress
from matinee.model.title import Problem

LEASE = timedelta(seconds=15)
"""How long a worker may be silent before its pieces are given to others."""
MOST_FAILURES = 3
"""Failures of one piece after which it fails for good: its data, not bad luck."""
MOST_LOSSES = 12
"""Workers that one piece may take down with it. More than the failures: machines that are taken
away by their owner are no fault of the piece."""


class Pieces:
    """The queue of pieces."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def post(self, title_id: str, order_key: str, specs: Sequence[PieceSpec]) -> None:
        """Queue those of *specs* that are not there yet; those that failed get another chance.

        Raises:
            NotFoundError: the title is gone.
        """
        with self._records.writing() as connection:
            load_title(connection, title_id)
            known = {
                row.number: row.state
                for row in connection.execute(
                    select(pieces.c.number, pieces.c.state).where(pieces.c.order_key == order_key)
                )
            }
            now = self._records.now()
            connection.execute(
                update(pieces)
                .where(pieces.c.order_key == order_key, pieces.c.state == "failed")
                .values(state="waiting", failures=0, losses=0, problem=None, queued_at=now)
            )
            fresh = [
                _row(title_id, order_key, one, now) for one in specs if one.number not in known
            ]
            if fresh:
                connection.execute(insert(pieces), fresh)

    def claim(self, worker: str, lane: Lane) -> PieceRecord | None:
        """Give *worker* the next piece of *lane*, None where there is none.

        The order with the fewest pieces in hand comes first, so that a short film need not wait
        for a long one; of one order, the pieces come in their order.
        """
        with self._records.reading() as connection:
            if connection.execute(_free(lane, self._records.now()).limit(1)).first() is None:
                return None  # the usual case: no write lock taken for nothing
        with self._records.writing() as connection:
            now = self._records.now()
            while (row := _next(connection, lane, now)) is not None:
                lost = row["state"] == "running"
                losses = row["losses"] + lost
                place = _place(row["order_key"], row["number"])
                if losses > MOST_LOSSES:
                    connection.execute(
                        update(pieces)
                        .where(place)
                        .values(state="failed", losses=losses, problem=_lost(losses))
                    )
                    continue
                kept = {
                    "state": "running",
                    "worker": worker,
                    "claim": row["claim"] + 1,
                    "losses": losses,
                    "fraction": 0.0,
                    "rungs": (),
                }
                connection.execute(
                    update(pieces).where(place).values({**kept, "leased_until": now + LEASE})
                )
                return msgspec.structs.replace(_record(row), **kept)
        return None

    def renew(self, piece: PieceRecord, fraction: float, rungs: tuple[RungProgress, ...]) -> bool:
        """Hold *piece* on, and tell how far it is; False where it is no longer the holder's."""
        return self._change(
            piece,
            leased_until=self._records.now() + LEASE,
            fraction=fraction,
            rungs=rungs,
        )

    def done(self, piece: PieceRecord, result: str) -> bool:
        """Note what was made of *piece*; False where it is no longer the holder's."""
        return self._change(
            piece, state="done", leased_until=None, fraction=1.0, result=result, problem=None
        )

    def release(self, piece: PieceRecord) -> bool:
        """Give *piece* back unmade and unharmed, as a worker that is asked to stop does."""
        return self._change(piece, state="waiting", leased_until=None, fraction=0.0, rungs=())

    def failed(self, piece: PieceRecord, problem: Problem, *, for_good: bool) -> bool:
        """Note why making *piece* failed: once too often, or *for_good* at once."""
        failures = piece.failures + 1
        over = for_good or failures >= MOST_FAILURES
        return self._change(
            piece,
            state="failed" if over else "waiting",
            leased_until=None,
            failures=failures,
            problem=problem,
        )

    def lost(self, worker: str) -> int:
        """Take from *worker*, which has just started, what an earlier life of it had; say how much.

        Nobody need wait for those leases to run out.
        """
        with self._records.writing() as connection:
            held = and_(pieces.c.worker == worker, pieces.c.state == "running")
            now = self._records.now()
            return connection.execute(update(pieces).where(held).values(leased_until=now)).rowcount

    def of(self, order_key: str) -> tuple[PieceRecord, ...]:
        """Return all pieces of an order, by their numbers."""
        statement = select(pieces).where(pieces.c.order_key == order_key).order_by(pieces.c.number)
        with self._records.reading() as connection:
            return tuple(_record(row) for row in connection.execute(statement).mappings())

    def withdraw(self, order_key: str) -> None:
        """Forget the pieces of an order; whoever is at one learns it at its next renewal."""
        with self._records.writing() as connection:
            connection.execute(delete(pieces).where(pieces.c.order_key == order_key))

    def halt(self, title_id: str) -> None:
        """Let nobody make more of a title's pieces; those that are done stay for a retry."""
        open_ones = and_(pieces.c.title_id == title_id, pieces.c.state.in_(("waiting", "running")))
        with self._records.writing() as connection:
            connection.execute(delete(pieces).where(open_ones))

    def forget(self, title_id: str) -> None:
        """Forget all pieces of a title that is done."""
        with self._records.writing() as connection:
            connection.execute(delete(pieces).where(pieces.c.title_id == title_id))

    def _change(self, piece: PieceRecord, **values: object) -> bool:
        mine = and_(
            _place(piece.order_key, piece.number),
            pieces.c.claim == piece.claim,
            pieces.c.worker == piece.worker,
            pieces.c.state == "running",
        )
        with self._records.writing() as connection:
            return connection.execute(update(pieces).where(mine).values(values)).rowcount == 1


def _row(title_id: str, order_key: str, spec: PieceSpec, now: datetime) -> dict[str, object]:
    return {
        "order_key": order_key,
        "number": spec.number,
        "title_id": title_id,
        "lane": spec.lane,
        "start": spec.start,
        "duration": spec.duration,
        "state": "waiting",
        "worker": "",
        "claim": 0,
        "failures": 0,
        "losses": 0,
        "fraction": 0.0,
        "rungs": (),
        "queued_at": now,
    }


def _place(order_key: str, number: int) -> ColumnElement[bool]:
    return and_(pieces.c.order_key == order_key, pieces.c.number == number)


def _claimable(lane: Lane, now: datetime) -> ColumnElement[bool]:
    lapsed = and_(pieces.c.state == "running", pieces.c.leased_until <= now)
    return and_(pieces.c.lane == lane, or_(pieces.c.state == "waiting", lapsed))


def _free(lane: Lane, now: datetime) -> Select[str, int]:
    return select(pieces.c.order_key, pieces.c.number).where(_claimable(lane, now))


def _next(connection: Connection, lane: Lane, now: datetime) -> RowMapping | None:
    """Return the row to be taken next."""
    counted = connection.execute(
        select(pieces.c.order_key, func.count().label("held"))
        .where(pieces.c.lane == lane, pieces.c.state == "running", pieces.c.leased_until > now)
        .group_by(pieces.c.order_key)
    )
    held = {row.order_key: row.held for row in counted}
    first = (
        select(pieces.c.order_key, pieces.c.queued_at, func.min(pieces.c.number).label("number"))
        .where(_claimable(lane, now))
        .group_by(pieces.c.order_key, pieces.c.queued_at)
    )
    waiting = connection.execute(first).all()
    if not waiting:
        return None
    chosen = min(waiting, key=lambda one: (held.get(one.order_key, 0), one.queued_at, one.number))
    statement = select(pieces).where(_place(chosen.order_key, chosen.number))
    return connection.execute(statement).mappings().one()


def _record(row: RowMapping) -> PieceRecord:
    return PieceRecord(**{field: row[field] for field in PieceRecord.__struct_fields__})


def _lost(losses: int) -> Problem:
    return Problem(
        code="workers-lost",
        message=f"{losses} workers were lost while they encoded the same part of the film.",
        fix="See whether they run out of memory; then retry.",
    )
