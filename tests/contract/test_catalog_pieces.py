"""The queue of pieces and the register of workers, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from matinee.catalog.catalog import Catalog
from matinee.catalog.pieces import LEASE, MOST_FAILURES, MOST_LOSSES
from matinee.catalog.titles import Created
from matinee.catalog.workers import LIFE
from matinee.errors import NotFoundError
from matinee.model.piece import PieceSpec, WorkerRecord
from matinee.model.progress import RungProgress
from matinee.model.title import Problem

PROBLEM = Problem(code="program-failed", message="ffmpeg ended with an error.", log="boom")


def specs(count: int = 3) -> list[PieceSpec]:
    sound = PieceSpec(number=0, lane="sound", start=0.0, duration=90.0)
    return [sound] + [
        PieceSpec(number=n, lane="pictures", start=30.0 * (n - 1), duration=30.0)
        for n in range(1, count + 1)
    ]


@pytest.fixture
def title(make: Callable[..., Created]) -> str:
    return make("Film").title.id


def test_pieces_are_given_out_in_order_and_once(catalog: Catalog, title: str) -> None:
    catalog.pieces.post(title, "work/a/order.json", specs())
    taken = [catalog.pieces.claim("one", "pictures") for _ in range(4)]
    assert [one and one.number for one in taken] == [1, 2, 3, None]
    assert taken[0] is not None
    assert (taken[0].state, taken[0].worker, taken[0].title_id) == ("running", "one", title)
    sound = catalog.pieces.claim("two", "sound")
    assert sound is not None
    assert sound.number == 0
    assert [one.worker for one in catalog.pieces.of("work/a/order.json")] == [
        "two", "one", "one", "one",
    ]  # fmt: skip


def test_posting_again_keeps_what_is_there(catalog: Catalog, title: str) -> None:
    catalog.pieces.post(title, "o", specs(1))
    piece = catalog.pieces.claim("one", "pictures")
    assert piece is not None
    assert catalog.pieces.done(piece, "made")
    catalog.pieces.post(title, "o", specs(2))
    assert [(one.number, one.state) for one in catalog.pieces.of("o")] == [
        (0, "waiting"), (1, "done"), (2, "waiting"),
    ]  # fmt: skip
    assert catalog.pieces.of("o")[1].result == "made"


def test_a_lease_holds_as_long_as_it_is_renewed(
    catalog: Catalog, title: str, clock: Callable[[], datetime]
) -> None:
    catalog.pieces.post(title, "o", specs(1))
    piece = catalog.pieces.claim("one", "pictures")
    assert piece is not None
    rungs = (RungProgress(name="720p", done=3.0, speed=1.5),)
    for _ in range(3):
        clock.forward(seconds=LEASE.total_seconds() * 0.9)
        assert catalog.pieces.claim("two", "pictures") is None
        assert catalog.pieces.renew(piece, 0.5, rungs)
    assert catalog.pieces.of("o")[1].fraction == 0.5
    assert catalog.pieces.of("o")[1].rungs == rungs


def test_a_lost_piece_goes_to_another_and_its_old_holder_has_no_say(
    catalog: Catalog, title: str, clock: Callable[[], datetime]
) -> None:
    catalog.pieces.post(title, "o", specs(1))
    lost = catalog.pieces.claim("one", "pictures")
    assert lost is not None
    clock.forward(seconds=LEASE.total_seconds() + 1)
    taken = catalog.pieces.claim("two", "pictures")
    assert taken is not None
    assert (taken.number, taken.losses, taken.failures) == (1, 1, 0)
    assert not catalog.pieces.renew(lost, 0.9, ())
    assert not catalog.pieces.done(lost, "late")
    assert not catalog.pieces.failed(lost, PROBLEM, for_good=True)
    assert catalog.pieces.done(taken, "made")
    assert catalog.pieces.of("o")[1].result == "made"


def test_the_same_worker_after_a_restart_has_lost_it_too(
    catalog: Catalog, title: str, clock: Callable[[], datetime]
) -> None:
    catalog.pieces.post(title, "o", specs(1))
    before = catalog.pieces.claim("one", "pictures")
    clock.forward(seconds=LEASE.total_seconds() + 1)
    after = catalog.pieces.claim("one", "pictures")
    assert before is not None
    assert after is not None
    assert not catalog.pieces.done(before, "late")


def test_a_worker_that_starts_again_has_lost_what_it_had(catalog: Catalog, title: str) -> None:
    catalog.pieces.post(title, "o", specs(2))
    before = catalog.pieces.claim("one", "pictures")
    other = catalog.pieces.claim("two", "pictures")
    assert before is not None
    assert other is not None
    assert catalog.pieces.lost("one") == 1
    again = catalog.pieces.claim("two", "pictures")
    assert again is not None
    assert (again.number, again.losses) == (1, 1)
    assert not catalog.pieces.done(before, "late")
    assert catalog.pieces.done(other, "made")


def test_a_piece_that_always_fails_fails_for_good(catalog: Catalog, title: str) -> None:
    catalog.pieces.post(title, "o", specs(1))
    for attempt in range(1, MOST_FAILURES + 1):
        piece = catalog.pieces.claim("one", "pictures")
        assert piece is not None
        assert catalog.pieces.failed(piece, PROBLEM, for_good=False)
        state = catalog.pieces.of("o")[1]
        assert (state.failures, state.problem) == (attempt, PROBLEM)
    assert catalog.pieces.of("o")[1].state == "failed"
    assert catalog.pieces.claim("one", "pictures") is None
    catalog.pieces.post(title, "o", specs(1))  # a retry of the job
    again = catalog.pieces.claim("one", "pictures")
    assert again is not None
    assert (again.failures, again.problem) == (0, None)


def test_a_piece_that_takes_its_workers_with_it_fails_in_the_end(
    catalog: Catalog, title: str, clock: Callable[[], datetime]
) -> None:
    catalog.pieces.post(title, "o", specs(1))
    for _ in range(MOST_LOSSES + 1):
        assert catalog.pieces.claim("one", "pictures") is not None
        clock.forward(seconds=LEASE.total_seconds() + 1)
    assert catalog.pieces.claim("one", "pictures") is None
    failed = catalog.pieces.of("o")[1]
    assert failed.state == "failed"
    assert failed.problem is not None
    assert failed.problem.code == "workers-lost"


def test_a_released_piece_is_unharmed(catalog: Catalog, title: str) -> None:
    catalog.pieces.post(title, "o", specs(1))
    piece = catalog.pieces.claim("one", "pictures")
    assert piece is not None
    assert catalog.pieces.release(piece)
    again = catalog.pieces.claim("two", "pictures")
    assert again is not None
    assert (again.losses, again.failures) == (0, 0)


def test_a_short_film_need_not_wait_for_a_long_one(
    catalog: Catalog, make: Callable[..., Created]
) -> None:
    catalog.pieces.post(make("Long").title.id, "long", specs(10))
    assert (taken := catalog.pieces.claim("one", "pictures"))
    assert taken.order_key == "long"
    catalog.pieces.post(make("Short").title.id, "short", specs(1))
    assert (taken := catalog.pieces.claim("one", "pictures"))
    assert taken.order_key == "short"


def test_withdrawn_pieces_are_nobodys(catalog: Catalog, title: str) -> None:
    catalog.pieces.post(title, "o", specs(1))
    piece = catalog.pieces.claim("one", "pictures")
    assert piece is not None
    catalog.pieces.withdraw("o")
    assert not catalog.pieces.renew(piece, 0.1, ())
    assert catalog.pieces.of("o") == ()


def test_a_halted_film_keeps_what_is_done(catalog: Catalog, title: str) -> None:
    catalog.pieces.post(title, "o", specs(2))
    piece = catalog.pieces.claim("one", "pictures")
    running = catalog.pieces.claim("one", "pictures")
    assert piece is not None
    assert running is not None
    assert catalog.pieces.done(piece, "made")
    catalog.pieces.halt(title)
    assert not catalog.pieces.renew(running, 0.5, ())
    assert [one.number for one in catalog.pieces.of("o")] == [1]
    catalog.pieces.post(title, "o", specs(2))
    assert [one.state for one in catalog.pieces.of("o")] == ["waiting", "done", "waiting"]
    catalog.pieces.forget(title)
    assert catalog.pieces.of("o") == ()


def test_pieces_go_with_their_title(catalog: Catalog, title: str) -> None:
    catalog.pieces.post(title, "o", specs(1))
    catalog.titles.delete(title)
    assert catalog.pieces.of("o") == ()
    with pytest.raises(NotFoundError):
        catalog.pieces.post(title, "o", specs(1))


def test_many_workers_take_each_piece_once(catalog: Catalog, title: str) -> None:
    catalog.pieces.post(title, "o", specs(40))

    def work(name: str) -> list[int]:
        mine = []
        while (piece := catalog.pieces.claim(name, "pictures")) is not None:
            mine.append(piece.number)
            assert catalog.pieces.done(piece, name)
        return mine

    with ThreadPoolExecutor(6) as threads:
        taken = list(threads.map(work, [f"worker-{n}" for n in range(6)]))
    assert sorted(number for mine in taken for number in mine) == list(range(1, 41))


def worker(clock: Callable[[], datetime], name: str = "one", slots: int = 2) -> WorkerRecord:
    now = clock()
    return WorkerRecord(
        id=name, host="studio", process=42, slots=slots, started_at=now, seen_at=now
    )


def test_workers_live_by_their_heartbeats(catalog: Catalog, clock: Callable[[], datetime]) -> None:
    catalog.workers.beat(worker(clock))
    catalog.workers.beat(worker(clock, "two"))
    assert catalog.workers.alive() == {"one", "two"}
    clock.forward(seconds=LIFE.total_seconds() - 1)
    catalog.workers.beat(worker(clock, "two"))
    clock.forward(seconds=2)
    assert catalog.workers.alive() == {"two"}
    assert [one.id for one in catalog.workers.all()] == ["one", "two"]
    catalog.workers.gone("two")
    assert catalog.workers.alive() == frozenset()


def test_an_operator_s_wish_reaches_the_worker_at_its_next_beat(
    catalog: Catalog, clock: Callable[[], datetime]
) -> None:
    assert catalog.workers.beat(worker(clock)).wanted_slots is None
    assert catalog.workers.want("one", 5).wanted_slots == 5
    told = catalog.workers.beat(worker(clock))
    assert (told.slots, told.wanted_slots) == (2, 5)
    catalog.workers.want("one", None)
    assert catalog.workers.beat(worker(clock)).wanted_slots is None
    with pytest.raises(NotFoundError):
        catalog.workers.want("nobody", 1)


def test_workers_long_gone_are_forgotten(catalog: Catalog, clock: Callable[[], datetime]) -> None:
    catalog.workers.beat(worker(clock))
    clock.forward(days=2)
    catalog.workers.beat(worker(clock, "two"))
    assert [one.id for one in catalog.workers.all()] == ["two"]
