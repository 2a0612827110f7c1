"""The durable runner against a real catalogue, with a step that remembers like the engine."""

import itertools
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from matinee.catalog.catalog import Catalog
from matinee.catalog.titles import NewTitle
from matinee.database.engine import migrate, open_database
from matinee.errors import CancelledError, MediaError, UpstreamError
from matinee.model.progress import Control, Progress
from matinee.model.title import Job, Source
from matinee.storage.memory import MemoryStore
from matinee.toolchain.run import Completed, ProcessError
from matinee.workflows.durable import (
    ATTEMPTS,
    Drain,
    DurableRunner,
    Shift,
    StageFailed,
    problem_of,
    publish_job,
    run_job,
)
from matinee.workflows.publish import Studio, print_of


class Result(msgspec.Struct, frozen=True):
    number: int


class Steps:
    """Checkpoints as the engine does: a step that has ended is not run again."""

    def __init__(self) -> None:
        self.done: dict[str, str] = {}

    def __call__(self, name: str, work: Callable[[], str]) -> str:
        if name not in self.done:
            self.done[name] = work()
        return self.done[name]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'catalog.db'}")
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def catalog(engine: Engine) -> Catalog:
    numbers = itertools.count(1)
    return Catalog(
        engine, clock=lambda: datetime.now(UTC), new_id=lambda kind: f"{kind}{next(numbers):06}"
    )


@pytest.fixture
def job(catalog: Catalog) -> Job:
    source = Source(filename="film.mp4", key="titles/x/source/film.mp4")
    created = catalog.titles.create(
        NewTitle(name="Film", source=source, ladder="standard", synopsis="")
    )
    catalog.jobs.started(created.job.id)
    return catalog.jobs.get(created.job.id)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def _shift(catalog: Catalog, store: MemoryStore) -> Shift:
    """For jobs that end before any stage asks for a tool."""
    studio = Studio(store=store, toolchain=None, scratch=Path(), fetch_limits=None)  # type: ignore[arg-type]
    return Shift(catalog=catalog, studio=studio, step=Steps(), drain=Drain())


class Bench:
    def __init__(self, catalog: Catalog, job: Job, store: MemoryStore) -> None:
        self.catalog, self.job, self.store = catalog, job, store
        self.drain = Drain()
        self.steps = Steps()

    def runner(self) -> DurableRunner:
        work = publish_job(self.catalog.titles.get(self.job.title_id), 1)
        return DurableRunner(
            self.job, work, catalog=self.catalog, store=self.store, step=self.steps,
            drain=self.drain,
        )  # fmt: skip

    def states(self) -> dict[str, str]:
        return {one.stage: one.state for one in self.catalog.jobs.get(self.job.id).stages}


@pytest.fixture
def bench(catalog: Catalog, job: Job, store: MemoryStore) -> Bench:
    return Bench(catalog, job, store)


def test_a_stage_gives_its_result_and_tells_the_catalogue(bench: Bench) -> None:
    def work(control: Control) -> Result:
        control.report(Progress(stage="ingest", fraction=0.5))
        assert bench.states()["ingest"] == "running"
        return Result(7)

    assert bench.runner().run("ingest", Result, work) == Result(7)
    assert bench.states()["ingest"] == "succeeded"


def test_a_finished_step_is_not_run_again(bench: Bench) -> None:
    bench.runner().run("package", Result, lambda _: Result(1))
    assert bench.runner().run("package", Result, lambda _: pytest.fail("ran again")) == Result(1)


def test_a_new_attempt_reuses_the_costly_stages(bench: Bench) -> None:
    bench.runner().run("transcode", Result, lambda _: Result(1))
    bench.runner().run("package", Result, lambda _: Result(2))
    bench.steps.done.clear()  # another job for the same title
    assert bench.runner().run("transcode", Result, lambda _: pytest.fail("encoded twice")) == (
        Result(1)
    )
    assert bench.runner().run("package", Result, lambda _: Result(3)) == Result(3)


def test_another_ladder_is_another_encode(bench: Bench) -> None:
    bench.runner().run("transcode", Result, lambda _: Result(1))
    bench.steps.done.clear()
    title = bench.catalog.titles.get(bench.job.title_id)
    other = publish_job(msgspec.structs.replace(title, ladder="fast"), 1)
    runner = DurableRunner(
        bench.job, other, catalog=bench.catalog, store=bench.store, step=bench.steps,
        drain=bench.drain,
    )  # fmt: skip
    assert runner.run("transcode", Result, lambda _: Result(2)) == Result(2)


def test_another_rule_for_damage_is_another_encode_where_the_title_says_nothing(
    bench: Bench,
) -> None:
    title = bench.catalog.titles.get(bench.job.title_id)
    prints = {print_of(publish_job(title, 1, share)) for share in (None, 0.0, 0.5)}
    assert len(prints) == 3
    strict = msgspec.structs.replace(
        title, source=msgspec.structs.replace(title.source, most_damage=0.1)
    )
    assert print_of(publish_job(strict, 1)) == print_of(publish_job(strict, 1, 0.5))


def test_a_failure_carries_its_problem(bench: Bench) -> None:
    def work(_: Control) -> Result:
        raise MediaError("Half of it is missing.", code="truncated", fix="Copy it again.")

    with pytest.raises(StageFailed) as caught:
        bench.runner().run("ingest", Result, work)
    assert caught.value.problem.code == "truncated"
    assert caught.value.problem.fix == "Copy it again."
    assert bench.states()["ingest"] == "failed"
    with pytest.raises(StageFailed):  # replayed after a crash, it fails alike
        bench.runner().run("ingest", Result, lambda _: Result(1))


def test_tools_that_fail_are_tried_again_within_bounds(bench: Bench) -> None:
    runs = []

    def flaky(_: Control) -> Result:
        runs.append(1)
        if len(runs) < ATTEMPTS:
            raise UpstreamError("The disk sneezed.")
        return Result(len(runs))

    assert bench.runner().run("ingest", Result, flaky) == Result(ATTEMPTS)

    def broken(_: Control) -> Result:
        runs.append(1)
        raise UpstreamError("The disk is gone.")

    runs.clear()
    with pytest.raises(StageFailed, match="gone"):
        bench.runner().run("text", Result, broken)
    assert len(runs) == ATTEMPTS


def test_a_fault_of_ours_ends_the_job_without_its_secrets(bench: Bench) -> None:
    def work(_: Control) -> Result:
        raise ValueError("password=hunter2")

    with pytest.raises(StageFailed) as caught:
        bench.runner().run("verify", Result, work)
    assert caught.value.problem.code == "internal"
    assert "hunter2" not in caught.value.problem.message


def test_cancelling_reaches_the_stage(bench: Bench) -> None:
    bench.catalog.jobs.request_cancel(bench.job.id)

    with pytest.raises(StageFailed) as caught:
        bench.runner().run("transcode", Result, lambda _: pytest.fail("ran although cancelled"))
    assert caught.value.problem.code == CancelledError.code
    assert bench.states()["transcode"] == "cancelled"


def test_a_drained_stage_is_left_for_the_next_start(bench: Bench) -> None:
    entered = threading.Event()

    def work(control: Control) -> Result:
        entered.set()
        while not control.cancelled():
            entered.wait(0.01)
        raise CancelledError("Stopped.")

    thread = threading.Thread(
        target=lambda: bench.runner().run("transcode", Result, work), daemon=True
    )
    thread.start()
    assert entered.wait(5)
    assert bench.drain.start(5)
    assert thread.is_alive()  # held: the engine must not count the step as ended
    assert "transcode" not in bench.steps.done
    assert bench.states()["transcode"] == "running"


def test_a_job_that_is_gone_is_no_fault(catalog: Catalog, store: MemoryStore) -> None:
    state = run_job("job999999", _shift(catalog, store))
    assert state == "deleted"


def test_a_job_cancelled_in_the_queue_never_starts(
    catalog: Catalog, job: Job, store: MemoryStore
) -> None:
    catalog.jobs.request_cancel(job.id)
    state = run_job(job.id, _shift(catalog, store))
    assert state == "cancelled"
    assert catalog.jobs.get(job.id).state == "cancelled"


def test_the_programs_last_words_are_found_behind_other_errors() -> None:
    completed = Completed(
        returncode=1, stdout=b"", stderr="x264: no", cpu_seconds=0, peak_memory=0, wall_seconds=0
    )
    error = MediaError("It cannot be encoded.", code="damaged")
    error.__cause__ = ProcessError("ffmpeg", "exit", completed)
    assert problem_of(error).log == "x264: no"


def test_a_program_that_died_without_a_word_has_none() -> None:
    """Even where an error was raised from itself, as `raise error from error` does."""
    completed = Completed(
        returncode=-9, stdout=b"", stderr="", cpu_seconds=0, peak_memory=0, wall_seconds=0
    )
    error = ProcessError("ffmpeg", "exit", completed)
    error.__cause__ = error
    assert problem_of(error).log == ""
