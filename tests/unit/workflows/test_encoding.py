"""The order of a film on a queue: a real catalogue, and a worker that only pretends to encode."""

import itertools
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import msgspec
import pytest

from matinee.catalog.catalog import Catalog
from matinee.catalog.titles import NewTitle
from matinee.database.engine import migrate, open_database
from matinee.errors import CancelledError, MediaError
from matinee.model.media import MediaInfo
from matinee.model.piece import PieceRecord
from matinee.model.progress import Control, Progress
from matinee.model.title import Problem, Source
from matinee.storage.memory import MemoryStore
from matinee.transcode.assignment import HardwareError
from matinee.transcode.damage import Health
from matinee.transcode.hardware import Finding, nothing_sought
from matinee.transcode.ladder import built_in
from matinee.transcode.order import Made, Order, pieces_of
from matinee.transcode.plan import plan
from matinee.workflows.encoding import (
    Commission,
    QueuedEncoding,
    Standing,
    hardware_for,
    standing_order,
)
from matinee.workflows.problems import PieceFailedError

FILM = msgspec.convert(
    {
        "container": "mp4", "duration": 100.0, "size": 1, "bit_rate": 1,
        "video": [{
            "index": 0, "codec": "h264", "width": 640, "height": 360, "duration": 100.0,
            "frame_rate": {"numerator": 25, "denominator": 1},
        }],
        "audio": [{"index": 1, "codec": "aac", "sample_rate": 48000, "channels": 2,
                   "duration": 100.0}],
    },
    MediaInfo,
)  # fmt: skip
ORDER = Order(
    plan=plan(FILM, built_in()["standard"]),
    source_key="in/film",
    folder="work/t/encode/x",
    cores=2,
    segment_seconds=4.0,
)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    engine = open_database(f"sqlite:///{tmp_path / 'catalog.db'}")
    migrate(engine)
    numbers = itertools.count(1)
    yield Catalog(engine, lambda: datetime.now(UTC), lambda kind: f"{kind}-{next(numbers)}")
    engine.dispose()


@pytest.fixture
def commission(catalog: Catalog) -> Commission:
    title = catalog.titles.create(NewTitle(name="Film", source=Source(filename="film.mp4"))).title
    return Commission(title_id=title.id, order_key="work/t/encode/x/order.json", order=ORDER)


def made(number: int) -> str:
    return msgspec.json.encode(
        Made(number=number, health=Health(), produced=1.0,
             progress=Progress(stage="transcode", fraction=1.0))
    ).decode()  # fmt: skip


class Worker:
    """Takes every piece; *act* says what becomes of it."""

    def __init__(self, catalog: Catalog, act: Callable[[PieceRecord], object]) -> None:
        self.catalog = catalog
        self.act = act
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.work)

    def work(self) -> None:
        while not self.stop.wait(0.01):
            for lane in ("sound", "pictures"):
                piece = self.catalog.pieces.claim("pretender", lane)
                if piece is not None:
                    self.act(piece)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join()


def test_an_order_is_done_when_all_its_pieces_are(catalog: Catalog, commission: Commission) -> None:
    told: list[Progress] = []
    encoding = QueuedEncoding(catalog.pieces, MemoryStore())
    with Worker(catalog, lambda piece: catalog.pieces.done(piece, made(piece.number))):
        found = encoding.run(commission, Control(report=told.append))
    assert [one.number for one in found] == [one.number for one in pieces_of(ORDER)]
    assert [one.state for one in told[-1].chunks] == ["done"] * (len(found) - 1)
    assert told[-1].fraction == 0.999, "the chunks are still to be put together"


def test_a_piece_that_fails_for_good_fails_the_order_in_its_own_words(
    catalog: Catalog, commission: Commission
) -> None:
    problem = Problem(code="damaged", message="The film cannot be decoded.", log="moov atom")

    def spoil(piece: PieceRecord) -> None:
        catalog.pieces.failed(piece, problem, for_good=piece.number == 2)

    encoding = QueuedEncoding(catalog.pieces, MemoryStore())
    with Worker(catalog, spoil), pytest.raises(PieceFailedError) as failed:
        encoding.run(commission, Control())
    assert failed.value.problem == problem


def test_a_failure_of_hardware_is_told_as_such(catalog: Catalog, commission: Commission) -> None:
    problem = Problem(code="hardware-failed", message="NVENC failed: no session.")
    encoding = QueuedEncoding(catalog.pieces, MemoryStore())
    with (
        Worker(catalog, lambda piece: catalog.pieces.failed(piece, problem, for_good=True)),
        pytest.raises(HardwareError, match="NVENC failed: no session"),
    ):
        encoding.run(commission, Control())


def test_ladders_that_were_measured_are_made_by_what_measured_them() -> None:
    def hardware() -> Finding:
        raise AssertionError

    assert hardware_for(built_in()["standard"], hardware) is hardware
    assert hardware_for(built_in()["auto"], hardware) is nothing_sought


def test_cancelling_takes_the_pieces_back_and_draining_leaves_them(
    catalog: Catalog, commission: Commission
) -> None:
    cancelled = Control(cancelled=lambda: True)
    draining = QueuedEncoding(catalog.pieces, MemoryStore(), draining=lambda: True)
    with pytest.raises(CancelledError):
        draining.run(commission, cancelled)
    assert len(catalog.pieces.of(commission.order_key)) == len(pieces_of(ORDER))
    with pytest.raises(CancelledError):
        QueuedEncoding(catalog.pieces, MemoryStore()).run(commission, cancelled)
    assert catalog.pieces.of(commission.order_key) == ()


def test_who_goes_on_with_an_order_finds_what_was_made(
    catalog: Catalog, commission: Commission
) -> None:
    draining = QueuedEncoding(catalog.pieces, MemoryStore(), draining=lambda: True)
    with pytest.raises(CancelledError):
        draining.run(commission, Control(cancelled=lambda: True))
    first = catalog.pieces.claim("before", "pictures")
    assert first is not None
    catalog.pieces.done(first, made(first.number))
    taken: list[int] = []

    def take(piece: PieceRecord) -> None:
        taken.append(piece.number)
        catalog.pieces.done(piece, made(piece.number))

    with Worker(catalog, take):
        QueuedEncoding(catalog.pieces, MemoryStore()).run(commission, Control())
    assert first.number not in taken


def test_an_order_is_drawn_up_once_for_one_encoder() -> None:
    store, drawn = MemoryStore(), []

    def draw_up() -> Standing:
        drawn.append(1)
        return Standing(order=msgspec.structs.replace(ORDER, software="a 1"), notes=("note",))

    first = standing_order(store, "k", "a 1", draw_up)
    assert standing_order(store, "k", "a 1", draw_up) == first
    assert len(drawn) == 1
    standing_order(store, "k", "a 2", draw_up)
    assert len(drawn) == 2, "another encoder's chunks might not fit"


def test_a_failure_of_the_source_is_told_as_such() -> None:
    error = PieceFailedError(Problem(code="damaged", message="Broken.", fix="Export it anew."))
    assert (error.code, error.fix) == ("damaged", "Export it anew.")
    assert not isinstance(error, MediaError)
