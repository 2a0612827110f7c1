import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from matinee.catalog.catalog import Catalog
from matinee.catalog.titles import Created
from matinee.errors import InputError
from matinee.model.title import Event

Make = Callable[..., Created]


def test_what_is_appended_can_be_read(catalog: Catalog) -> None:
    assert catalog.events.last_id() == 0
    data: dict[str, object] = {"a": [1, 2.5, None, "ü\0"], "b": {"c": True}}
    event = catalog.events.append("thing.happened", "t1", "j1", data)
    assert isinstance(event, Event)
    assert catalog.events.after(0) == (event,)
    assert catalog.events.last_id() == event.id
    assert catalog.events.after(event.id) == ()


def test_reading_on_by_title_and_type(catalog: Catalog) -> None:
    one = catalog.events.append("a.b", "t1")
    two = catalog.events.append("a.c", "t1")
    three = catalog.events.append("a.b", "t2")
    assert catalog.events.after(one.id) == (two, three)
    assert catalog.events.after(0, title_id="t1") == (one, two)
    assert catalog.events.after(0, types=("a.b",)) == (one, three)
    assert catalog.events.after(0, title_id="t1", types=("a.c", "x.y")) == (two,)
    assert catalog.events.after(0, limit=2) == (one, two)


@pytest.mark.parametrize("start", [-(2**70), -1, 2**31, 2**63, 2**200])
def test_any_number_may_be_asked_from(catalog: Catalog, start: int) -> None:
    event = catalog.events.append("a.b")
    assert catalog.events.after(start) == ((event,) if start < 0 else ())


def test_a_type_that_is_too_long(catalog: Catalog) -> None:
    with pytest.raises(InputError):
        catalog.events.append("x" * 65)


def test_pruning_spares_the_newest_and_the_young(catalog: Catalog, clock) -> None:
    old = [catalog.events.append("a.b").id for _ in range(5)]
    clock.forward(days=2)
    young = [catalog.events.append("a.b").id for _ in range(2)]
    horizon = clock() - timedelta(days=1)
    assert catalog.events.prune(horizon, keep=4) == 3
    assert [event.id for event in catalog.events.after(0)] == old[3:] + young
    assert catalog.events.prune(horizon, keep=0) == 2
    assert [event.id for event in catalog.events.after(0)] == young
    assert catalog.events.prune() == 0


def test_ids_do_not_come_back(catalog: Catalog, clock) -> None:
    last = catalog.events.append("a.b").id
    clock.forward(days=1)
    assert catalog.events.prune(clock(), keep=0) == 1
    assert catalog.events.append("a.b").id > last


def test_who_follows_the_log_misses_nothing(catalog: Catalog) -> None:
    """Ids appear in the order of commits, although many write at once."""
    writers, each = 6, 15
    seen: list[int] = []
    done = threading.Event()

    def follow() -> None:
        while True:
            last = done.is_set()
            seen.extend(event.id for event in catalog.events.after(seen[-1] if seen else 0))
            if last and not catalog.events.after(seen[-1] if seen else 0):
                return

    def write(_: int) -> None:
        for _ in range(each):
            catalog.events.append("a.b")

    follower = threading.Thread(target=follow)
    follower.start()
    with ThreadPoolExecutor(writers) as threads:
        list(threads.map(write, range(writers)))
    done.set()
    follower.join(30)
    assert len(seen) == writers * each
    assert seen == sorted(seen)


def test_a_change_that_fails_leaves_no_event(
    catalog: Catalog, make: Make, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = make().title
    before = catalog.events.last_id()

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(catalog.deliveries, "enqueue_within", fail)
    with pytest.raises(RuntimeError):
        catalog.titles.update(title.id, name="New")
    assert catalog.titles.get(title.id) == title
    assert catalog.events.last_id() == before
