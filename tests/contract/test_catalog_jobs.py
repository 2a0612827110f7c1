from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from matinee.catalog.catalog import Catalog
from matinee.catalog.jobs import KEPT_PROGRESS
from matinee.catalog.titles import Created
from matinee.errors import ConflictError, NotFoundError
from matinee.model.progress import STAGES, Progress, RungProgress, Stage
from matinee.model.title import Job, JobState, Problem, StageRecord

Make = Callable[..., Created]
OnAir = Callable[..., str]
PROBLEM = Problem(code="damaged", message="The film is damaged.", fix="Export it again.")


@pytest.fixture
def job(make: Make) -> Job:
    return make().job


def run(catalog: Catalog, job: Job) -> Job:
    """Start the job's transcode stage."""
    catalog.jobs.started(job.id)
    return catalog.jobs.stage(job.id, StageRecord(stage="transcode", state="running"))


def stage(catalog: Catalog, job: Job, name: str) -> StageRecord:
    return next(one for one in catalog.jobs.get(job.id).stages if one.stage == name)


def types(catalog: Catalog) -> list[str]:
    return [event.type for event in catalog.events.after(0)]


def half(fraction: float = 0.5) -> Progress:
    rung = RungProgress(name="720p", done=12.5, speed=3.5)
    return Progress(stage="transcode", fraction=fraction, rungs=(rung,), remaining=9.0)


def pause(catalog: Catalog, clock, seconds: float = 1) -> None:
    """Let time pass, for the clock and for the thinning that stands before the database."""
    clock.forward(seconds=seconds)
    catalog.jobs._told.clear()


def test_starting_twice_is_starting_once(catalog: Catalog, job: Job) -> None:
    started = catalog.jobs.started(job.id)
    assert started.state == "running"
    assert started.started_at is not None
    assert catalog.jobs.started(job.id) == started == catalog.jobs.get(job.id)
    assert types(catalog) == ["title.created", "job.started"]


def test_titles_are_busy_while_a_job_is_queued_or_running(catalog: Catalog, make: Make) -> None:
    first, second = make(), make()
    both = [first.title.id, second.title.id, "none", "no \0 id"]
    assert catalog.jobs.busy(both) == {first.title.id, second.title.id}
    catalog.jobs.started(first.job.id)
    assert catalog.jobs.busy([first.title.id]) == {first.title.id}
    catalog.jobs.ended(first.job.id, "succeeded")
    assert catalog.jobs.busy(both) == {second.title.id}
    assert catalog.jobs.busy([]) == frozenset()


def test_stages_keep_their_order_and_what_a_new_record_leaves_out(
    catalog: Catalog, job: Job, clock
) -> None:
    begun = clock()
    catalog.jobs.started(job.id)
    catalog.jobs.stage(job.id, StageRecord(stage="transcode", state="running", started_at=begun))
    catalog.jobs.progress(job.id, half())
    done = StageRecord(stage="transcode", state="succeeded", ended_at=clock())
    after = catalog.jobs.stage(job.id, done)
    record = stage(catalog, job, "transcode")
    assert (record.state, record.started_at, record.progress) == ("succeeded", begun, half())
    assert [one.stage for one in after.stages] == [one.stage for one in job.stages]
    assert catalog.jobs.stage(job.id, done).stages == after.stages
    assert types(catalog).count("job.stage") == 2
    event = next(e for e in catalog.events.after(0) if e.type == "job.stage")
    assert event.job_id == job.id
    assert event.data["stage"]["stage"] == "transcode"  # type: ignore[index]


def test_the_upload_stage_comes_first(catalog: Catalog, job: Job) -> None:
    after = catalog.jobs.stage(job.id, StageRecord(stage="upload", state="succeeded"))
    assert after.stages[0].stage == "upload"


def test_progress_is_told_at_most_twice_a_second(catalog: Catalog, job: Job, clock) -> None:
    run(catalog, job)
    catalog.jobs.progress(job.id, half(0.1))
    catalog.jobs.progress(job.id, half(0.2))
    assert stage(catalog, job, "transcode").progress == half(0.1)
    catalog.jobs._told.clear()  # as another process would, that has told nothing yet
    clock.forward(seconds=0.3)
    catalog.jobs.progress(job.id, half(0.3))
    assert types(catalog).count("job.progress") == 1
    pause(catalog, clock)
    catalog.jobs.progress(job.id, half(0.4))
    assert types(catalog).count("job.progress") == 2
    assert stage(catalog, job, "transcode").progress == half(0.4)
    catalog.jobs.progress(job.id, half(1.0))
    assert stage(catalog, job, "transcode").progress == half(1.0)
    assert types(catalog).count("job.progress") == 2


def test_old_progress_is_forgotten(catalog: Catalog, job: Job, clock) -> None:
    run(catalog, job)
    for number in range(KEPT_PROGRESS + 5):
        pause(catalog, clock)
        catalog.jobs.progress(job.id, half(number / 100))
    told = [event for event in catalog.events.after(0) if event.type == "job.progress"]
    assert len(told) == KEPT_PROGRESS
    assert told[-1].data["progress"]["fraction"] == pytest.approx(0.12)  # type: ignore[index]
    catalog.jobs.ended(job.id, "succeeded")
    assert "job.progress" not in types(catalog)


def test_progress_of_what_does_not_run_is_dropped(catalog: Catalog, job: Job, clock) -> None:
    catalog.jobs.progress("nothing", half())
    catalog.jobs.progress(job.id, half())
    run(catalog, job)
    pause(catalog, clock)
    catalog.jobs.progress(job.id, Progress(stage="verify", fraction=0.5))
    catalog.jobs.ended(job.id, "succeeded")
    pause(catalog, clock)
    catalog.jobs.progress(job.id, half())
    assert "job.progress" not in types(catalog)
    assert stage(catalog, job, "transcode").progress is None


def test_success(catalog: Catalog, job: Job) -> None:
    run(catalog, job)
    ended = catalog.jobs.ended(job.id, "succeeded")
    assert ended.state == "succeeded"
    assert ended.ended_at is not None
    assert types(catalog)[-1] == "job.succeeded"


def test_a_failed_job_fails_its_title_and_its_stage(catalog: Catalog, job: Job) -> None:
    run(catalog, job)
    ended = catalog.jobs.ended(job.id, "failed", PROBLEM)
    assert ended.problem == PROBLEM
    record = stage(catalog, job, "transcode")
    assert (record.state, record.problem) == ("failed", PROBLEM)
    title = catalog.titles.get(job.title_id)
    assert (title.state, title.problem) == ("failed", PROBLEM)
    assert types(catalog)[-2:] == ["job.failed", "title.failed"]
    catalog.titles.fail(title.id, PROBLEM)
    assert types(catalog).count("title.failed") == 1


def test_a_cancelled_job_cancels_its_title(catalog: Catalog, job: Job) -> None:
    run(catalog, job)
    assert not catalog.jobs.cancel_requested(job.id)
    assert catalog.jobs.request_cancel(job.id).state == "running"
    assert catalog.jobs.request_cancel(job.id).state == "running"
    assert catalog.jobs.cancel_requested(job.id)
    catalog.jobs.ended(job.id, "cancelled")
    assert catalog.titles.get(job.title_id).state == "cancelled"
    assert types(catalog)[-2:] == ["job.cancelled", "title.updated"]


def test_a_queued_job_is_cancelled_at_once(catalog: Catalog, job: Job) -> None:
    assert catalog.jobs.request_cancel(job.id).state == "cancelled"
    assert catalog.titles.get(job.title_id).state == "cancelled"
    with pytest.raises(ConflictError) as raised:
        catalog.jobs.started(job.id)
    assert raised.value.code == "job-ended"


@pytest.mark.parametrize("state", ["succeeded", "failed", "cancelled"])
def test_the_first_end_stands(catalog: Catalog, job: Job, state: JobState) -> None:
    run(catalog, job)
    ended = catalog.jobs.ended(job.id, state, PROBLEM)
    for other in ("succeeded", "failed", "cancelled"):
        assert catalog.jobs.ended(job.id, other) == ended
    assert catalog.jobs.stage(job.id, StageRecord(stage="verify", state="running")) == ended
    assert catalog.jobs.cancel_requested(job.id)
    with pytest.raises(ConflictError):
        catalog.jobs.request_cancel(job.id)


def test_a_failed_republish_leaves_the_title_on_the_air(
    catalog: Catalog, put_on_air: OnAir
) -> None:
    title_id = put_on_air()
    for state in ("failed", "cancelled"):
        again = catalog.jobs.create_retry(title_id)
        catalog.jobs.started(again.id)
        catalog.jobs.ended(again.id, state, PROBLEM if state == "failed" else None)
        assert catalog.titles.get(title_id).state == "live"
    assert catalog.titles.live_version(title_id) == 1


def test_retrying(catalog: Catalog, job: Job) -> None:
    with pytest.raises(ConflictError) as raised:
        catalog.jobs.create_retry(job.title_id)
    assert raised.value.code == "job-active"
    catalog.jobs.started(job.id)
    with pytest.raises(ConflictError):
        catalog.jobs.create_retry(job.title_id)
    catalog.jobs.ended(job.id, "failed", PROBLEM)
    again = catalog.jobs.create_retry(job.title_id)
    assert (again.attempt, again.state) == (2, "queued")
    title = catalog.titles.get(job.title_id)
    assert (title.state, title.problem) == ("processing", None)
    assert catalog.jobs.newest(job.title_id) == again
    assert catalog.jobs.get(job.id).state == "failed"


def test_unfinished_jobs_oldest_first(catalog: Catalog, make: Make) -> None:
    first, second, third = (make().job for _ in range(3))
    catalog.jobs.started(second.id)
    catalog.jobs.started(third.id)
    catalog.jobs.ended(third.id, "succeeded")
    assert [job.id for job in catalog.jobs.unfinished()] == [first.id, second.id]


def test_pages(catalog: Catalog, make: Make) -> None:
    made = [make().job for _ in range(5)]
    catalog.jobs.started(made[0].id)
    first = catalog.jobs.page(limit=3)
    second = catalog.jobs.page(limit=3, cursor=first.next_cursor)
    assert [job.id for job in (*first.items, *second.items)] == [job.id for job in made[::-1]]
    assert second.next_cursor is None
    assert [job.id for job in catalog.jobs.page(state="running").items] == [made[0].id]
    assert [job.id for job in catalog.jobs.page(made[1].title_id).items] == [made[1].id]


def test_a_job_that_is_not_there(catalog: Catalog) -> None:
    for ask in (
        lambda: catalog.jobs.get("nothing"),
        lambda: catalog.jobs.started("nothing"),
        lambda: catalog.jobs.ended("nothing", "failed"),
        lambda: catalog.jobs.request_cancel("a\0b"),
        lambda: catalog.jobs.stage("", StageRecord(stage="verify")),
    ):
        with pytest.raises(NotFoundError):
            ask()
    assert catalog.jobs.cancel_requested("nothing")
    assert catalog.jobs.newest("nothing") is None


def test_two_who_retry_at_once_make_one_job(catalog: Catalog, job: Job) -> None:
    catalog.jobs.ended(job.id, "failed", PROBLEM)

    def retry(_: int) -> bool:
        try:
            catalog.jobs.create_retry(job.title_id)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(retry, range(12))) == 1


def test_stages_noted_at_once_are_all_kept(catalog: Catalog, job: Job) -> None:
    catalog.jobs.started(job.id)

    def note(name: Stage) -> None:
        catalog.jobs.stage(job.id, StageRecord(stage=name, state="running"))
        catalog.jobs.stage(job.id, StageRecord(stage=name, state="succeeded"))

    with ThreadPoolExecutor(len(STAGES)) as threads:
        list(threads.map(note, STAGES))
    assert {one.state for one in catalog.jobs.get(job.id).stages} == {"succeeded"}
    assert types(catalog).count("job.stage") == 2 * len(STAGES)
