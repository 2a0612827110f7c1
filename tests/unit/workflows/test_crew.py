"""A crew on a real queue; what it makes is replaced, how it holds its leases is not."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from tests.unit.workflows.test_encoding import ORDER, made

from matinee.catalog.catalog import Catalog
from matinee.catalog.titles import NewTitle
from matinee.database.engine import migrate, open_database
from matinee.errors import CancelledError, MediaError, UpstreamError
from matinee.model.piece import PieceSpec
from matinee.model.progress import Control, Progress
from matinee.model.title import Source
from matinee.storage.memory import MemoryStore
from matinee.toolchain.tools import Toolchain
from matinee.transcode.damage import Health
from matinee.transcode.order import Made, Piece, pieces_of
from matinee.workflows import crew as crews
from matinee.workflows.crew import Crew, Sources

KEY = "work/t/order.json"


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    engine = open_database(f"sqlite:///{tmp_path / 'catalog.db'}")
    migrate(engine)
    numbers = itertools.count(1)
    yield Catalog(engine, lambda: datetime.now(UTC), lambda kind: f"{kind}-{next(numbers)}")
    engine.dispose()


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.put(KEY, msgspec.json.encode(msgspec.structs.replace(ORDER, software="here")))
    store.put(ORDER.source_key, b"film")
    return store


@pytest.fixture
def crew(
    catalog: Catalog, store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Crew]:
    monkeypatch.setattr(crews, "software_of", lambda _: "here")
    monkeypatch.setattr(crews, "RENEW_SECONDS", 0.02)
    crew = Crew("one", catalog.pieces, store, tmp_path, Toolchain(Path("a"), Path("b")))
    yield crew
    assert crew.stop(5)


@pytest.fixture
def post(catalog: Catalog) -> Callable[[], None]:
    title = catalog.titles.create(NewTitle(name="Film", source=Source(filename="f"))).title

    def go() -> None:
        specs = [
            PieceSpec(number=one.number, lane="sound" if one.kind == "sound" else "pictures",
                      start=one.start, duration=one.duration)
            for one in pieces_of(ORDER)
        ]  # fmt: skip
        catalog.pieces.post(title.id, KEY, specs)

    return go


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def states(catalog: Catalog) -> set[str]:
    return {one.state for one in catalog.pieces.of(KEY)}


def result(piece: Piece) -> Made:
    return msgspec.json.decode(made(piece.number), type=Made)


def test_a_crew_makes_all_there_is(
    crew: Crew, catalog: Catalog, post: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crews, "make", lambda _, piece, *__: result(piece))
    post()
    crew.start()
    eventually(lambda: states(catalog) == {"done"})
    assert {one.worker for one in catalog.pieces.of(KEY)} == {"one"}


def test_no_more_pictures_at_a_time_than_slots_and_sound_beside(
    crew: Crew, catalog: Catalog, post: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once: list[int] = []
    pictures = itertools.count()
    lock, running = threading.Lock(), [0]

    def slowly(_: object, piece: Piece, *__: object) -> Made:
        if piece.kind == "pictures":
            with lock:
                running[0] += 1
                at_once.append(running[0])
            time.sleep(0.05)
            with lock:
                running[0] -= 1
            next(pictures)
        return result(piece)

    monkeypatch.setattr(crews, "make", slowly)
    crew.slots = 2
    post()
    crew.start()
    eventually(lambda: states(catalog) == {"done"})
    assert max(at_once) <= 2


def test_what_a_broken_source_says_is_final_and_a_broken_tool_is_tried_again(
    crew: Crew, catalog: Catalog, post: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: dict[int, int] = {}

    def break_some(_: object, piece: Piece, *__: object) -> Made:
        tries[piece.number] = tries.get(piece.number, 0) + 1
        if piece.number == 1:
            raise MediaError("Broken.", code="damaged")
        if piece.number == 2 and tries[2] < 3:
            raise UpstreamError("ffmpeg was killed.")
        return result(piece)

    monkeypatch.setattr(crews, "make", break_some)
    post()
    crew.start()
    eventually(lambda: states(catalog) == {"done", "failed"})
    assert tries[1] == 1
    assert tries[2] == 3
    failed = next(one for one in catalog.pieces.of(KEY) if one.state == "failed")
    assert failed.problem is not None
    assert failed.problem.code == "damaged"


def wait_until_told(control: Control) -> None:
    while not control.cancelled():
        control.report(Progress(stage="transcode", fraction=0.25))
        time.sleep(0.01)
    raise CancelledError("told to stop")


def test_a_lease_lost_is_a_piece_let_go(
    crew: Crew, catalog: Catalog, post: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    def hang(_: object, piece: Piece, *rest: object) -> Made:
        begun.set()
        control = rest[-1]
        assert isinstance(control, Control)
        wait_until_told(control)
        return result(piece)

    monkeypatch.setattr(crews, "make", hang)
    post()
    crew.start()
    assert begun.wait(10)
    eventually(lambda: any(one.fraction == 0.25 for one in catalog.pieces.of(KEY)))
    catalog.pieces.withdraw(KEY)
    eventually(lambda: crew.busy == 0)


def test_a_crew_that_stops_gives_back_what_it_had(
    crew: Crew, catalog: Catalog, post: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(_: object, __: Piece, *rest: object) -> Made:
        control = rest[-1]
        assert isinstance(control, Control)
        wait_until_told(control)
        return Made(number=0, health=Health(), produced=0.0,
                    progress=Progress(stage="transcode", fraction=0.0))  # fmt: skip

    monkeypatch.setattr(crews, "make", hang)
    post()
    crew.start()
    eventually(lambda: crew.busy == 2)
    assert crew.stop(5)
    assert states(catalog) == {"waiting"}
    assert {one.failures + one.losses for one in catalog.pieces.of(KEY)} == {0}


def test_another_encoder_s_film_is_left_alone(
    crew: Crew, catalog: Catalog, post: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crews, "software_of", lambda _: "elsewhere")
    monkeypatch.setattr(crews, "make", lambda *_: pytest.fail("it was made"))
    post()
    crew.start()
    eventually(lambda: states(catalog) == {"failed"})
    problem = catalog.pieces.of(KEY)[0].problem
    assert problem is not None
    assert problem.code == "software-differs"


def test_a_source_is_fetched_once_for_all_who_use_it(store: MemoryStore) -> None:
    sources = Sources(store)
    with sources.hold(ORDER.source_key) as one, sources.hold(ORDER.source_key) as two:
        assert one == two
    with sources.hold(ORDER.source_key) as again:
        assert again == one
    sources.rest()
    assert not one.exists()
