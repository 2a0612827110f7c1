"""How far the pieces of an order are, summed up as the progress of the whole."""

import time
from collections.abc import Callable, Sequence

from matinee.model.piece import PieceRecord, PieceSpec
from matinee.model.progress import ChunkProgress, Progress, RungProgress
from matinee.transcode.order import Piece


def spec_of(piece: Piece) -> PieceSpec:
    """Return *piece* as it is put on a queue."""
    return PieceSpec(
        number=piece.number,
        lane="sound" if piece.kind == "sound" else "pictures",
        start=piece.start,
        duration=piece.duration,
    )


class Tally:
    """Sums up what is said of an order's pieces, each time they have changed."""

    def __init__(
        self, pieces: Sequence[Piece], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._began = clock()
        self._pieces = {one.number: one for one in pieces}
        self._codecs = len({one.codec for one in pieces if one.codec}) or 1
        self._before: float | None = None
        """Seconds of film that were made before this tally began."""

    def progress(self, records: Sequence[PieceRecord]) -> Progress:
        """Return how far the order is, of which *records* are all pieces."""
        shown = [one for one in records if one.lane == "pictures"] or list(records)
        # Each codec has chunks of the whole film.
        total = max(sum(one.duration for one in shown) / self._codecs, 0.001)
        done = sum(one.fraction * one.duration for one in shown) / self._codecs
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
                    codec=self._pieces[one.number].codec,
                    start=one.start,
                    duration=one.duration,
                    state=one.state,
                    fraction=one.fraction,
                    worker=one.worker,
                    attempts=one.claim,
                )
                for one in records
                if one.number in self._pieces and self._pieces[one.number].kind == "pictures"
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
