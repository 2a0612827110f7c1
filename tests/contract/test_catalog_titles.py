from collections.abc import Callable

import pytest

from matinee.catalog.catalog import Catalog
from matinee.catalog.titles import (
    MAXIMUM_NAME,
    Created,
    Idempotency,
    LiveFacts,
    NewTitle,
)
from matinee.errors import ConflictError, InputError, NotFoundError
from matinee.model.progress import STAGES
from matinee.model.title import Problem, RungSummary, SideCar, Source

SOURCE = Source(
    filename="film.mkv",
    url="https://example.com/film.mkv",
    subtitles=(SideCar(key="k/s.srt", filename="s.srt", language="fr"),),
)
RUNG = RungSummary(
    name="720p",
    codec="avc1.64001f",
    width=1280,
    height=720,
    frame_rate=23.976,
    bandwidth=3_000_000,
    average_bandwidth=2_000_000,
    size=123_456_789_012,
)
Make = Callable[..., Created]
OnAir = Callable[..., str]


def types(catalog: Catalog) -> list[str]:
    return [event.type for event in catalog.events.after(0)]


def test_a_new_title_is_processing_with_a_queued_job(catalog: Catalog) -> None:
    new = NewTitle(name=" Sintel ", source=SOURCE, ladder="a\nb", synopsis="A girl.\n")
    created = catalog.titles.create(new)
    assert created.title.name == "Sintel"
    assert created.title.state == "processing"
    assert created.title.version is None
    assert created.title.source == SOURCE
    assert (created.job.state, created.job.attempt) == ("queued", 1)
    assert [record.stage for record in created.job.stages] == list(STAGES)
    assert not created.replayed
    assert catalog.titles.get(created.title.id) == created.title
    assert catalog.jobs.newest(created.title.id) == created.job
    event = catalog.events.after(0)[0]
    assert (event.type, event.title_id, event.job_id) == (
        "title.created", created.title.id, created.job.id,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["", "  ", "x" * (MAXIMUM_NAME + 1), "a\0b", "\ud800"])
def test_names_that_are_none_are_refused(catalog: Catalog, name: str) -> None:
    with pytest.raises(InputError):
        catalog.titles.create(NewTitle(name=name, source=SOURCE))
    assert types(catalog) == []


def test_the_same_key_answers_the_same(catalog: Catalog) -> None:
    idempotency = Idempotency(key="k1", owner="o1", fingerprint="f1")
    first = catalog.titles.create(NewTitle(name="A", source=SOURCE), idempotency=idempotency)
    again = catalog.titles.create(NewTitle(name="A", source=SOURCE), idempotency=idempotency)
    assert again.replayed
    assert (again.title, again.job) == (first.title, first.job)
    assert types(catalog) == ["title.created"]


def test_a_key_belongs_to_its_owner_and_body(catalog: Catalog) -> None:
    new = NewTitle(name="A", source=SOURCE)
    catalog.titles.create(new, idempotency=Idempotency(key="k", owner="o1", fingerprint="f1"))
    other = catalog.titles.create(
        new, idempotency=Idempotency(key="k", owner="o2", fingerprint="f1")
    )
    assert not other.replayed
    with pytest.raises(ConflictError) as raised:
        catalog.titles.create(new, idempotency=Idempotency(key="k", owner="o1", fingerprint="f2"))
    assert raised.value.code == "idempotency-key-reused"


def test_a_key_does_not_bring_a_deleted_title_back(catalog: Catalog) -> None:
    new = NewTitle(name="A", source=SOURCE)
    idempotency = Idempotency(key="k", owner="o", fingerprint="f")
    catalog.titles.delete(catalog.titles.create(new, idempotency=idempotency).title.id)
    with pytest.raises(ConflictError) as raised:
        catalog.titles.create(new, idempotency=idempotency)
    assert raised.value.code == "idempotency-key-spent"


def test_a_key_is_forgotten_after_a_week(catalog: Catalog, clock) -> None:
    idempotency = Idempotency(key="k", owner="o", fingerprint="f")
    catalog.titles.create(NewTitle(name="A", source=SOURCE), idempotency=idempotency)
    clock.forward(days=8)
    again = catalog.titles.create(NewTitle(name="B", source=SOURCE), idempotency=idempotency)
    assert not again.replayed


def test_uploads_are_taken_with_the_title_or_not_at_all(catalog: Catalog, clock) -> None:
    upload = catalog.uploads.create(0, {}, "o", clock())
    new = NewTitle(name="A", source=SOURCE, uploads=(upload.id,))
    with pytest.raises(ConflictError) as raised:
        catalog.titles.create(new)
    assert raised.value.code == "upload-incomplete"
    assert catalog.titles.page().items == ()
    catalog.uploads.complete(upload.id)
    title = catalog.titles.create(new).title
    assert catalog.uploads.get(upload.id).title_id == title.id
    with pytest.raises(ConflictError) as raised:
        catalog.titles.create(new)
    assert raised.value.code == "upload-consumed"
    assert len(catalog.titles.page().items) == 1


@pytest.mark.parametrize("title_id", ["nothing", "", "a\0b", "\ud800", "x" * 1000, "'; --", "ö"])
def test_a_title_that_is_not_there(catalog: Catalog, title_id: str) -> None:
    for ask in (
        lambda: catalog.titles.get(title_id),
        lambda: catalog.titles.update(title_id, name="x"),
        lambda: catalog.titles.update_source(title_id, SOURCE),
        lambda: catalog.titles.next_version(title_id),
        lambda: catalog.titles.go_live(title_id, LiveFacts(version=1, duration=1.0)),
        lambda: catalog.titles.unpublish(title_id),
        lambda: catalog.titles.withdraw(title_id, 1),
        lambda: catalog.titles.publish_again(title_id),
        lambda: catalog.titles.fail(title_id, Problem(code="x", message="y")),
        lambda: catalog.titles.delete(title_id),
        lambda: catalog.jobs.create_retry(title_id),
    ):
        with pytest.raises(NotFoundError):
            ask()
    assert catalog.titles.live_version(title_id) is None
    assert not catalog.titles.exists(title_id)
    assert types(catalog) == []


def test_updating_tells_only_what_changed(catalog: Catalog, make: Make) -> None:
    title = make("Old", "old").title
    renamed = catalog.titles.update(title.id, name="New")
    assert (renamed.name, renamed.synopsis) == ("New", "old")
    assert renamed.updated_at > title.updated_at
    assert catalog.titles.update(title.id, synopsis="old") == renamed
    assert catalog.titles.get(title.id) == renamed
    assert types(catalog) == ["title.created", "title.updated"]
    with pytest.raises(InputError):
        catalog.titles.update(title.id, name=" ")


def test_the_source_may_change(catalog: Catalog, make: Make) -> None:
    title = make().title
    catalog.titles.update_source(title.id, SOURCE)
    assert catalog.titles.get(title.id).source == SOURCE


def test_versions_are_never_given_twice(catalog: Catalog, make: Make) -> None:
    title = make().title
    other = make().title
    assert [catalog.titles.next_version(title.id) for _ in range(3)] == [1, 2, 3]
    assert catalog.titles.next_version(other.id) == 1


def test_going_live_moves_the_pointer(catalog: Catalog, make: Make, clock) -> None:
    title = make().title
    assert catalog.titles.live_version(title.id) is None
    facts = LiveFacts(
        version=1,
        duration=596.46,
        width=1920,
        height=1080,
        poster="poster.jpg",
        audio_languages=("en", "fr"),
        text_languages=("de",),
        rungs=(RUNG,),
    )
    live = catalog.titles.go_live(title.id, facts)
    assert live.state == "live"
    assert live == catalog.titles.get(title.id)
    assert (live.duration, live.rungs, live.audio_languages) == (596.46, (RUNG,), ("en", "fr"))
    assert catalog.titles.live_version(title.id) == 1
    clock.forward(hours=1)
    assert catalog.titles.go_live(title.id, facts) == live
    assert types(catalog) == ["title.created", "title.published"]
    second = catalog.titles.go_live(title.id, LiveFacts(version=2, duration=1.0))
    assert second.published_at == live.published_at
    assert second.rungs == ()
    assert catalog.titles.live_version(title.id) == 2


def test_an_older_version_does_not_come_after_a_newer(catalog: Catalog, make: Make) -> None:
    title = make().title
    catalog.titles.go_live(title.id, LiveFacts(version=2, duration=1.0))
    catalog.titles.unpublish(title.id)
    with pytest.raises(ConflictError) as raised:
        catalog.titles.go_live(title.id, LiveFacts(version=1, duration=1.0))
    assert raised.value.code == "version-superseded"


def test_off_the_air_and_on_again(catalog: Catalog, put_on_air: OnAir) -> None:
    title_id = put_on_air()
    off = catalog.titles.unpublish(title_id)
    assert (off.state, off.version) == ("unpublished", None)
    assert catalog.titles.live_version(title_id) is None
    assert catalog.titles.unpublish(title_id) == off
    on = catalog.titles.publish_again(title_id)
    assert (on.state, on.version) == ("live", 1)
    assert catalog.titles.publish_again(title_id) == on
    assert catalog.titles.live_version(title_id) == 1
    assert types(catalog)[-2:] == ["title.unpublished", "title.published"]


def test_a_version_that_will_never_be_whole_is_withdrawn(
    catalog: Catalog, put_on_air: OnAir
) -> None:
    title_id = put_on_air()
    assert catalog.titles.withdraw(title_id, 7).version == 1, "another version stays"
    gone = catalog.titles.withdraw(title_id, 1)
    assert (gone.state, gone.version, gone.published_at) == ("processing", None, None)
    assert (gone.rungs, gone.duration) == ((), None)
    assert types(catalog)[-1] == "title.unpublished"
    assert catalog.titles.withdraw(title_id, 1) == gone
    assert catalog.titles.catalog_page().items == ()
    with pytest.raises(ConflictError):
        catalog.titles.publish_again(title_id)
    assert catalog.titles.fail(title_id, Problem(code="x", message="no")).state == "failed"


def test_what_never_was_live_cannot_come_or_go(catalog: Catalog, make: Make) -> None:
    title = make().title
    for ask, code in (
        (catalog.titles.publish_again, "never-live"),
        (catalog.titles.unpublish, "not-live"),
    ):
        with pytest.raises(ConflictError) as raised:
            ask(title.id)
        assert raised.value.code == code


def test_failing(catalog: Catalog, make: Make, put_on_air: OnAir) -> None:
    problem = Problem(code="damaged", message="No.", fix="Yes.", log="x")
    title = make().title
    failed = catalog.titles.fail(title.id, problem)
    assert (failed.state, failed.problem) == ("failed", problem)
    assert catalog.titles.fail(title.id, problem) == failed
    assert types(catalog) == ["title.created", "title.failed"]
    live = put_on_air()
    still = catalog.titles.fail(live, problem)
    assert (still.state, still.version, still.problem) == ("live", 1, problem)


def test_deleting(catalog: Catalog, put_on_air: OnAir) -> None:
    title_id = put_on_air("Bunny")
    job = catalog.jobs.newest(title_id)
    assert job is not None
    catalog.titles.delete(title_id)
    assert not catalog.titles.exists(title_id)
    assert catalog.jobs.newest(title_id) is None
    assert catalog.titles.catalog_page("bunny").items == ()
    assert catalog.jobs.cancel_requested(job.id)
    assert types(catalog)[-1] == "title.deleted"
    with pytest.raises(NotFoundError):
        catalog.jobs.get(job.id)


def test_names_of_those_that_exist(catalog: Catalog, make: Make) -> None:
    first, second = make(name="First").title, make(name="Second").title
    wanted = {first.id, second.id, "nothing"}
    assert catalog.titles.names(wanted) == {first.id: "First", second.id: "Second"}
    assert catalog.titles.names(set()) == {}


def test_pages_hold_every_title_once_newest_first(catalog: Catalog, make: Make, clock) -> None:
    clock.time = clock.time.replace(microsecond=0)
    made = [make(f"Film {number}").title.id for number in range(7)]
    found, cursor = [], None
    while True:
        page = catalog.titles.page(cursor=cursor, limit=3)
        found += [title.id for title in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == made[::-1]
    assert len(page.items) == 1


def test_pages_of_titles_made_in_the_same_moment(catalog: Catalog, make: Make, clock) -> None:
    moment = clock.time
    made = set()
    for _ in range(5):
        clock.time = moment
        made.add(make().title.id)
    first = catalog.titles.page(limit=2)
    second = catalog.titles.page(limit=2, cursor=first.next_cursor)
    third = catalog.titles.page(limit=2, cursor=second.next_cursor)
    found = [title.id for page in (first, second, third) for title in page.items]
    assert set(found) == made
    assert found == sorted(found, reverse=True)


def test_pages_by_state(catalog: Catalog, make: Make, put_on_air: OnAir) -> None:
    waiting = make().title.id
    live = put_on_air()
    assert [one.id for one in catalog.titles.page(state="live").items] == [live]
    assert [one.id for one in catalog.titles.page(state="processing").items] == [waiting]
    assert [one.id for one in catalog.titles.catalog_page().items] == [live]


def test_a_last_page_that_is_just_full_has_no_next(catalog: Catalog, make: Make) -> None:
    make()
    make()
    assert catalog.titles.page(limit=2).next_cursor is None


@pytest.mark.parametrize("limit", [0, -1, 201, 10**9])
def test_impossible_limits(catalog: Catalog, limit: int) -> None:
    for ask in (catalog.titles.page, catalog.titles.catalog_page, catalog.jobs.page):
        with pytest.raises(InputError) as raised:
            ask(limit=limit)
        assert raised.value.code == "bad-limit"


def test_a_cursor_serves_its_own_listing_only(catalog: Catalog, put_on_air: OnAir) -> None:
    put_on_air("Bunny one")
    put_on_air("Bunny two")
    cursor = catalog.titles.page(limit=1).next_cursor
    assert cursor
    for ask in (
        lambda: catalog.titles.page(state="live", cursor=cursor),
        lambda: catalog.titles.page("bunny", cursor=cursor),
        lambda: catalog.titles.catalog_page(cursor=cursor),
        lambda: catalog.titles.catalog_page("bunny", cursor=cursor),
        lambda: catalog.jobs.page(cursor=cursor),
    ):
        with pytest.raises(InputError) as raised:
            ask()
        assert raised.value.code == "bad-cursor"
