"""The workers of the platform, by their heartbeats."""

from datetime import timedelta

from sqlalchemy import delete, insert, select, update

from matinee.catalog.records import Records, not_found
from matinee.database.tables import workers
from matinee.model.piece import WorkerRecord

LIFE = timedelta(seconds=15)
"""A worker that has been silent for so long is taken for dead, and its jobs are given to others.
It takes itself for dead after less, so that no job has two."""
_FORGOTTEN = timedelta(days=1)


class Workers:
    """Who is at work."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def beat(self, worker: WorkerRecord) -> WorkerRecord:
        """Note that *worker* lives; return it as it stands, with what an operator wants of it."""
        now = self._records.now()
        said = {
            "host": worker.host,
            "process": worker.process,
            "slots": worker.slots,
            "draining": worker.draining,
            "started_at": worker.started_at,
            "seen_at": now,
        }
        with self._records.writing() as connection:
            statement = update(workers).where(workers.c.id == worker.id).values(said)
            wanted = connection.execute(statement.returning(workers.c.wanted_slots)).one_or_none()
            if wanted is None:
                connection.execute(insert(workers).values(id=worker.id, **said))
            connection.execute(delete(workers).where(workers.c.seen_at < now - _FORGOTTEN))
        return WorkerRecord(
            id=worker.id,
            wanted_slots=wanted[0] if wanted else None,
            **said,  # type: ignore[arg-type]  # as given
        )

    def all(self) -> tuple[WorkerRecord, ...]:
        """Return the workers seen within a day, by their ids."""
        with self._records.reading() as connection:
            rows = connection.execute(select(workers).order_by(workers.c.id)).mappings()
            return tuple(
                WorkerRecord(**{field: row[field] for field in WorkerRecord.__struct_fields__})
                for row in rows
            )

    def alive(self) -> frozenset[str]:
        """Return the ids of those that were heard of lately."""
        since = self._records.now() - LIFE
        return frozenset(one.id for one in self.all() if one.seen_at > since)

    def want(self, worker_id: str, slots: int | None) -> WorkerRecord:
        """Ask a worker to make *slots* pieces of pictures at a time; None leaves it to itself.

        Raises:
            NotFoundError: there is no such worker.
        """
        statement = (
            update(workers)
            .where(workers.c.id == worker_id)
            .values(wanted_slots=slots)
            .returning(*workers.c)
        )
        with self._records.writing() as connection:
            row = connection.execute(statement).mappings().one_or_none()
        if row is None:
            raise not_found("worker", worker_id)
        return WorkerRecord(**{field: row[field] for field in WorkerRecord.__struct_fields__})

    def gone(self, worker_id: str) -> None:
        """Forget a worker that has ended in order."""
        with self._records.writing() as connection:
            connection.execute(delete(workers).where(workers.c.id == worker_id))
