"""Titles: made, described, put on the air and taken off it. Every change appends its event."""

from collections.abc import Collection
from datetime import timedelta

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from matinee.catalog import title_pages
from matinee.catalog.events import Events
from matinee.catalog.pages import Page
from matinee.catalog.records import Records, checked_id, checked_text, is_id, not_found
from matinee.catalog.rows import (
    insert_job,
    load_title,
    newest_job,
    queued_job,
)
from matinee.catalog.search import words
from matinee.catalog.title_changes import change_title, fail_title, record_title
from matinee.catalog.uploads import consume_within
from matinee.database.tables import idempotency_keys, titles
from matinee.errors import ConflictError, InputError, InvariantError
from matinee.model.ladder import DEFAULT_LADDER
from matinee.model.title import Job, Problem, RungSummary, Source, Title, TitleState

MAXIMUM_NAME = 500
MAXIMUM_SYNOPSIS = 20_000
MAXIMUM_LADDER = 100_000
IDEMPOTENCY_WINDOW = timedelta(days=7)
"""How long an Idempotency-Key is remembered."""


class NewTitle(msgspec.Struct, frozen=True, kw_only=True):
    """What a title is made from. `uploads` are consumed for it in the same transaction."""

    id: str | None = None
    """Chosen beforehand where files must lie below it first; None: a new one."""
    name: str
    source: Source
    ladder: str = DEFAULT_LADDER
    synopsis: str = ""
    uploads: tuple[str, ...] = ()


class Idempotency(msgspec.Struct, frozen=True, kw_only=True):
    """A client's promise that two requests are one: the same key of the same owner."""

    key: str
    owner: str
    fingerprint: str
    """Digest of the request's body, at most 128 characters."""


class Created(msgspec.Struct, frozen=True, kw_only=True):
    """A new title with its first job; `replayed` if an earlier request had made them."""

    title: Title
    job: Job
    replayed: bool = False


class LiveFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a version that goes live."""

    version: int
    duration: float
    width: int | None = None
    height: int | None = None
    poster: str | None = None
    audio_languages: tuple[str, ...] = ()
    text_languages: tuple[str, ...] = ()
    rungs: tuple[RungSummary, ...] = ()


class Titles:
    """The titles of the catalogue."""

    def __init__(self, records: Records, events: Events) -> None:
        self._records = records
        self._events = events

    def create(self, new: NewTitle, *, idempotency: Idempotency | None = None) -> Created:
        """Make a title and queue its first job.

        Raises:
            InputError: a text is too long or not text.
            ConflictError: `idempotency-key-reused` for another body, `idempotency-key-spent` if
                the title that the key had made is deleted, `upload-consumed`, `upload-incomplete`,
                `title-exists` with an id that was chosen.
            NotFoundError: an upload does not exist.
        """
        new = _checked(new, idempotency)
        with self._records.writing() as connection:
            if idempotency is not None:
                earlier = self._replay(connection, idempotency)
                if earlier is not None:
                    return earlier
            created = self._insert(connection, new)
            for upload_id in new.uploads:
                consume_within(connection, upload_id, created.title.id)
            if idempotency is not None:
                values = msgspec.structs.asdict(idempotency)
                values |= {"title_id": created.title.id, "created_at": created.title.created_at}
                connection.execute(insert(idempotency_keys).values(values))
        return created

    def _insert(self, connection: Connection, new: NewTitle) -> Created:
        now = self._records.now()
        taken = select(titles.c.number).where(titles.c.id == new.id)
        if new.id is not None and connection.execute(taken).first() is not None:
            raise ConflictError(f"There is a title {new.id} already.", code="title-exists")
        title = Title(
            id=new.id or self._records.new_id("title"),
            name=new.name,
            synopsis=new.synopsis,
            state="processing",
            source=new.source,
            ladder=new.ladder,
            created_at=now,
            updated_at=now,
        )
        row = {field: getattr(title, field) for field in Title.__struct_fields__}
        row |= {
            "name_words": words(new.name),
            "synopsis_words": words(new.synopsis),
            "next_version": 1,
        }
        connection.execute(insert(titles).values(row))
        job = queued_job(self._records.new_id("job"), title.id, 1, now)
        insert_job(connection, job)
        record_title(self._events, connection, "title.created", title, job.id)
        return Created(title=title, job=job)

    def _replay(self, connection: Connection, idempotency: Idempotency) -> Created | None:
        horizon = self._records.now() - IDEMPOTENCY_WINDOW
        table = idempotency_keys.c
        connection.execute(delete(idempotency_keys).where(table.created_at < horizon))
        row = connection.execute(
            select(table.fingerprint, table.title_id).where(
                table.owner == idempotency.owner, table.key == idempotency.key
            )
        ).one_or_none()
        if row is None:
            return None
        fingerprint, title_id = row
        if fingerprint != idempotency.fingerprint:
            raise ConflictError(
                "This Idempotency-Key was used for another request.",
                fix="Use a new key for a new request.",
                code="idempotency-key-reused",
            )
        if title_id is None:
            raise ConflictError(
                "The title that this Idempotency-Key made has been deleted.",
                fix="Use a new key to make it again.",
                code="idempotency-key-spent",
            )
        job = newest_job(connection, title_id)
        if job is None:
            raise InvariantError(f"title {title_id} has no job")
        return Created(title=load_title(connection, title_id), job=job, replayed=True)

    def get(self, title_id: str) -> Title:
        """Return one title, or raise NotFoundError."""
        with self._records.reading() as connection:
            return load_title(connection, title_id)

    def exists(self, title_id: str) -> bool:
        """Whether there is such a title."""
        if not is_id(title_id):
            return False
        statement = select(titles.c.number).where(titles.c.id == title_id)
        with self._records.reading() as connection:
            return connection.execute(statement).first() is not None

    def page(
        self,
        q: str | None = None,
        state: TitleState | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Title]:
        """Return titles, newest first; *q* narrows them to those that have all its words.

        Raises:
            InputError: `bad-cursor`, `bad-limit`.
        """
        with self._records.reading() as connection:
            return title_pages.newest_first(connection, q, state, cursor=cursor, limit=limit)

    def catalog_page(
        self, q: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> Page[Title]:
        """Return live titles: newest first, or with *q* those that match it, best first.

        Raises:
            InputError: `bad-cursor`, `bad-limit`.
        """
        with self._records.reading() as connection:
            return title_pages.live(connection, q, cursor=cursor, limit=limit)

    def names(self, title_ids: Collection[str]) -> dict[str, str]:
        """Return the names of those of *title_ids* (a page of them) that exist, by id."""
        statement = select(titles.c.id, titles.c.name).where(titles.c.id.in_(title_ids))
        with self._records.reading() as connection:
            return {row.id: row.name for row in connection.execute(statement)}

    def live_version(self, title_id: str) -> int | None:
        """Return the version that players get, None if there is none; one indexed read."""
        if not is_id(title_id):
            return None
        statement = select(titles.c.version).where(titles.c.id == title_id)
        with self._records.reading() as connection:
            return connection.execute(statement).scalar_one_or_none()

    def update(self, title_id: str, name: str | None = None, synopsis: str | None = None) -> Title:
        """Replace the name or the synopsis; None leaves it.

        Raises:
            NotFoundError, InputError: no such title; a text is too long or not text.
        """
        with self._records.writing() as connection:
            before = load_title(connection, title_id)
            after = msgspec.structs.replace(
                before,
                name=before.name if name is None else checked_name(name),
                synopsis=before.synopsis if synopsis is None else checked_synopsis(synopsis),
            )
            if after == before:
                return before
            folded = {"name_words": words(after.name), "synopsis_words": words(after.synopsis)}
            connection.execute(update(titles).where(titles.c.id == title_id).values(folded))
            return self._change(connection, before, after, "title.updated")

    def update_source(self, title_id: str, source: Source) -> Title:
        """Replace what the title is made from, such as when a pulled URL has become a file."""
        with self._records.writing() as connection:
            before = load_title(connection, title_id)
            after = msgspec.structs.replace(before, source=source)
            return self._change(connection, before, after, "title.updated")

    def next_version(self, title_id: str) -> int:
        """Give out a version number that no attempt has had before: 1, 2, 3 ..."""
        statement = (
            update(titles)
            .where(titles.c.id == checked_id("title", title_id))
            .values(next_version=titles.c.next_version + 1)
            .returning(titles.c.next_version)
        )
        with self._records.writing() as connection:
            following = connection.execute(statement).scalar_one_or_none()
        if following is None:
            raise not_found("title", title_id)
        return following - 1

    def go_live(self, title_id: str, facts: LiveFacts) -> Title:
        """Point players at a version. `published_at` is when the title first went live.

        Doing it again with the same facts changes nothing.

        Raises:
            ConflictError: `version-superseded`, a later version has gone live before.
            NotFoundError: the title was deleted.
        """
        with self._records.writing() as connection:
            before = load_title(connection, title_id)
            known = _last_version(connection, title_id)
            if known is not None and known > facts.version:
                raise ConflictError(
                    f"Version {known} of this title has gone live before version {facts.version}.",
                    code="version-superseded",
                )
            now = self._records.now()
            after = msgspec.structs.replace(
                before,
                state="live",
                problem=None,
                published_at=before.published_at or now,
                **msgspec.structs.asdict(facts),
            )
            _remember_version(connection, title_id, facts.version)
            return self._change(connection, before, after, "title.published")

    def withdraw(self, title_id: str, version: int) -> Title:
        """Take *version* off the air because it will never be whole: as if it had not been on it.

        Another version that is live stays. Doing it again changes nothing.

        Raises:
            NotFoundError: the title was deleted.
        """
        with self._records.writing() as connection:
            before = load_title(connection, title_id)
            if before.version != version:
                return before
            after = msgspec.structs.replace(
                before, state="processing", version=None, published_at=None, duration=None,
                width=None, height=None, rungs=(), audio_languages=(), text_languages=(),
            )  # fmt: skip
            _remember_version(connection, title_id, None)
            return self._change(connection, before, after, "title.unpublished")

    def unpublish(self, title_id: str) -> Title:
        """Take the title off the air; its files stay. Doing it again changes nothing.

        Raises:
            ConflictError: `not-live`, it never was on the air.
        """
        with self._records.writing() as connection:
            before = load_title(connection, title_id)
            if before.state == "unpublished":
                return before
            if before.state != "live":
                raise ConflictError(
                    f"The title is not live but {before.state}.",
                    fix="Only a live title can be unpublished.",
                    code="not-live",
                )
            after = msgspec.structs.replace(before, state="unpublished", version=None)
            return self._change(connection, before, after, "title.unpublished")

    def publish_again(self, title_id: str) -> Title:
        """Put the last live version back on the air. Doing it again changes nothing.

        Raises:
            ConflictError: `never-live`, there is no version to go back to.
        """
        with self._records.writing() as connection:
            before = load_title(connection, title_id)
            version = _last_version(connection, title_id)
            if version is None:
                raise ConflictError(
                    "The title never was live.",
                    fix="Wait for its job, or retry it.",
                    code="never-live",
                )
            after = msgspec.structs.replace(before, state="live", version=version)
            return self._change(connection, before, after, "title.published")

    def fail(self, title_id: str, problem: Problem) -> Title:
        """Note why publishing failed. A title with a live version stays on the air with it."""
        with self._records.writing() as connection:
            before = load_title(connection, title_id)
            return fail_title(self._records, self._events, connection, before, problem)

    def delete(self, title_id: str) -> None:
        """Delete the title and its jobs; its events stay. The files are the caller's to delete.

        A job that is running finds `cancel_requested` true and stops.
        """
        with self._records.writing() as connection:
            title = load_title(connection, title_id)
            connection.execute(delete(titles).where(titles.c.id == title_id))
            record_title(self._events, connection, "title.deleted", title)

    def _change(
        self, connection: Connection, before: Title, after: Title, event_type: str
    ) -> Title:
        return change_title(
            self._events, connection, before, after, (event_type, self._records.now())
        )


def checked_name(name: str) -> str:
    """Return *name* stripped, or raise InputError if it is empty, too long or not text."""
    name = checked_text("name", name.strip(), MAXIMUM_NAME)
    if not name:
        raise InputError("The name is empty.", fix="Give the title a name.", code="empty-name")
    return name


def checked_synopsis(synopsis: str) -> str:
    """Return *synopsis*, or raise InputError if it is too long or not text."""
    return checked_text("synopsis", synopsis, MAXIMUM_SYNOPSIS)


def _checked(new: NewTitle, idempotency: Idempotency | None) -> NewTitle:
    name = checked_name(new.name)
    checked_synopsis(new.synopsis)
    checked_text("ladder", new.ladder, MAXIMUM_LADDER)
    if idempotency is not None:
        checked_text("Idempotency-Key", idempotency.key, 255)
        checked_text("fingerprint", idempotency.fingerprint, 128)
    return msgspec.structs.replace(new, name=name)


def _last_version(connection: Connection, title_id: str) -> int | None:
    statement = select(titles.c.last_version).where(titles.c.id == title_id)
    return connection.execute(statement).scalar_one()


def _remember_version(connection: Connection, title_id: str, version: int | None) -> None:
    statement = update(titles).where(titles.c.id == title_id).values(last_version=version)
    connection.execute(statement)
