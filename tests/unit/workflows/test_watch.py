"""A worker's heart; taking over jobs needs the real engine and is tested end to end."""

import threading
import time
from datetime import UTC, datetime

import pytest

from matinee.errors import UpstreamError
from matinee.model.piece import WorkerRecord
from matinee.workflows import watch
from matinee.workflows.watch import Heart

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ME = WorkerRecord(id="one", host="h", process=1, slots=2, started_at=NOW, seen_at=NOW)


class Register:
    """Hears beats; `wanted` is what an operator asks for."""

    def __init__(self) -> None:
        self.beats: list[WorkerRecord] = []
        self.wanted: int | None = None
        self.away = False
        self.left: list[str] = []

    def beat(self, worker: WorkerRecord) -> WorkerRecord:
        if self.away:
            raise UpstreamError("The database failed.")
        self.beats.append(worker)
        return WorkerRecord(
            id=worker.id, host="h", process=1, slots=worker.slots, wanted_slots=self.wanted,
            draining=worker.draining, started_at=NOW, seen_at=NOW,
        )  # fmt: skip

    def gone(self, worker_id: str) -> None:
        self.left.append(worker_id)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(watch, "_OWN_LIFE", 0.2)


def eventually(true: object) -> None:
    deadline = time.monotonic() + 10
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_heart_beats_and_follows_the_operator() -> None:
    register = Register()
    heart = Heart(register, ME, lambda wanted: 2 if wanted is None else wanted, lambda: None)
    heart.start()
    assert register.beats[0].slots == 2
    register.wanted = 5
    eventually(lambda: register.beats[-1].slots == 5)
    register.wanted = None
    eventually(lambda: register.beats[-1].slots == 2)
    heart.drain()
    eventually(lambda: register.beats[-1].draining)
    heart.stop()
    assert register.left == ["one"]


def test_a_heart_that_cannot_beat_ends_its_worker_before_others_take_its_jobs() -> None:
    register, died = Register(), threading.Event()
    heart = Heart(register, ME, lambda _: 2, died.set)
    heart.start()
    register.away = True
    assert died.wait(10)
    heart.stop()


def test_a_database_that_is_away_for_a_moment_ends_nobody() -> None:
    register, died = Register(), threading.Event()
    heart = Heart(register, ME, lambda _: 2, died.set)
    heart.start()
    register.away = True
    time.sleep(0.05)
    register.away = False
    count = len(register.beats)
    eventually(lambda: len(register.beats) > count + 30)
    assert not died.is_set()
    heart.stop()
