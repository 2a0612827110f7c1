"""The progress of an order from that of its pieces."""

import pytest

from matinee.model.piece import PieceRecord
from matinee.model.progress import RungProgress
from matinee.transcode.order import Piece
from matinee.transcode.tally import Tally

PIECES = [Piece(number=n, kind="pictures", start=30.0 * (n - 1), duration=30.0) for n in (1, 2)]


def record(number: int, fraction: float, done: float) -> PieceRecord:
    return PieceRecord(
        order_key="o", number=number, title_id="t", lane="pictures", start=30.0 * (number - 1),
        duration=30.0, state="running", fraction=fraction, claim=1, worker="w",
        rungs=(RungProgress(name="360p", done=done),),
    )  # fmt: skip


def test_progress_is_that_of_the_film_and_speed_that_of_this_run() -> None:
    now = 100.0
    tally = Tally(PIECES, clock=lambda: now)
    tally.progress([record(1, 0.5, 15.0), record(2, 0.0, 0.0)])
    now = 110.0
    told = tally.progress([record(1, 1.0, 30.0), record(2, 0.5, 15.0)])
    assert told.fraction == 0.75
    assert told.speed == pytest.approx(3.0)
    assert told.remaining == pytest.approx(5.0)
    assert told.rungs[0].done == 45.0
    assert [one.fraction for one in told.chunks] == [1.0, 0.5]


def test_a_film_in_two_codecs_is_made_once_it_is_made_in_both() -> None:
    pieces = [
        Piece(number=n, kind="pictures", start=30.0 * (n % 2), duration=30.0, codec=codec)
        for n, codec in enumerate(("av1", "av1", "h264", "h264"))
    ]
    now = 100.0
    tally = Tally(pieces, clock=lambda: now)
    tally.progress([record(n, 0.0, 0.0) for n in range(4)])
    now = 110.0
    told = tally.progress([record(n, float(n < 2), 0.0) for n in range(4)])
    assert told.fraction == 0.5
    assert told.speed == pytest.approx(3.0)  # 60 s of film, half of its codecs
    assert told.remaining == pytest.approx(10.0)
    assert [one.codec for one in told.chunks] == ["av1", "av1", "h264", "h264"]
