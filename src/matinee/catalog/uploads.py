"""Uploads: what the tus endpoint must remember of each; the bytes lie in the store."""

from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from matinee.catalog.records import Records, checked_id, checked_text, not_found
from matinee.database.tables import uploads
from matinee.errors import ConflictError, InputError

MAXIMUM_WAITING = 1000
"""Uploads that no title has taken yet: each holds a file, and its expiry is a week away."""
_MAXIMUM_METADATA = 8192
_MAXIMUM_NAME = 255

UploadState = Literal["open", "complete", "consumed"]
"""`open` takes bytes, `complete` has them all, `consumed` belongs to a title."""
_WAITING: tuple[UploadState, ...] = ("open", "complete")


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file on its way in. Offset and length are bytes; length None until the client knows it."""

    id: str
    owner: str
    state: UploadState = "open"
    offset: int = 0
    length: int | None = None
    metadata: dict[str, str] = {}
    title_id: str | None = None
    created_at: datetime
    expires_at: datetime

    @property
    def filename(self) -> str:
        """The client's name for the file without any folders, or "" where it gave none."""
        given = self.metadata.get("filename") or self.metadata.get("name") or ""
        return given.replace("\\", "/").rsplit("/", 1)[-1].strip()[:_MAXIMUM_NAME]


class Uploads:
    """The uploads of the catalogue."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def create(
        self, length: int | None, metadata: dict[str, str], owner: str, expires_at: datetime
    ) -> Upload:
        """Begin an upload at offset 0.

        Raises:
            InputError: negative length, or metadata that is too large or not text;
                `too-many-uploads`, `MAXIMUM_WAITING` wait for a title already.
        """
        if length is not None and not 0 <= length < 2**63:
            raise InputError("The upload's length is impossible.", code="bad-upload-length")
        checked_text("upload metadata", "".join([*metadata, *metadata.values()]), _MAXIMUM_METADATA)
        upload = Upload(
            id=self._records.new_id("upload"),
            owner=owner,
            length=length,
            metadata=metadata,
            created_at=self._records.now(),
            expires_at=expires_at,
        )
        waiting = select(func.count()).where(uploads.c.state.in_(_WAITING))
        with self._records.writing() as connection:
            if connection.execute(waiting).scalar_one() >= MAXIMUM_WAITING:
                raise InputError(
                    f"{MAXIMUM_WAITING} uploads wait for a title already.",
                    fix="Make titles of some, or delete them; each expires by itself.",
                    code="too-many-uploads",
                )
            connection.execute(insert(uploads).values(msgspec.structs.asdict(upload)))
        return upload

    def get(self, upload_id: str) -> Upload:
        """Return one upload, or raise NotFoundError."""
        with self._records.reading() as connection:
            return _load(connection, upload_id)

    def advance(self, upload_id: str, offset: int, expires_at: datetime | None = None) -> Upload:
        """Note that the bytes before *offset* are safely stored, and perhaps a later expiry.

        Raises:
            ConflictError: `upload-complete`; `bad-offset`, before what was stored already or
                beyond the length.
        """
        with self._records.writing() as connection:
            before = _load(connection, upload_id)
            _refuse_complete(before)
            beyond = before.length is not None and offset > before.length
            if offset < before.offset or beyond:
                raise ConflictError(
                    f"The upload is at byte {before.offset}, so it cannot go to {offset}.",
                    fix="Ask for the offset with HEAD and continue from there.",
                    code="bad-offset",
                )
            after = msgspec.structs.replace(
                before, offset=offset, expires_at=expires_at or before.expires_at
            )
            return _save(connection, after)

    def set_length(self, upload_id: str, length: int) -> Upload:
        """Give the length of an upload that was begun without (tus creation-defer-length).

        Raises:
            ConflictError: `length-set`, it has another length; `bad-offset`, it is longer already.
        """
        with self._records.writing() as connection:
            before = _load(connection, upload_id)
            if before.length == length:
                return before
            _refuse_complete(before)
            if before.length is not None:
                raise ConflictError("The upload's length is set already.", code="length-set")
            if not before.offset <= length < 2**63:
                raise ConflictError(
                    f"The upload has {before.offset} bytes already.", code="bad-offset"
                )
            return _save(connection, msgspec.structs.replace(before, length=length))

    def complete(self, upload_id: str) -> Upload:
        """Note that all bytes are there; again, nothing changes.

        Raises:
            ConflictError: `upload-incomplete`.
        """
        with self._records.writing() as connection:
            before = _load(connection, upload_id)
            if before.state != "open":
                return before
            if before.offset != before.length:
                raise _incomplete(before)
            return _save(connection, msgspec.structs.replace(before, state="complete"))

    def consume(self, upload_id: str, title_id: str) -> Upload:
        """Give the upload to a title; again for the same title, nothing changes.

        Raises:
            ConflictError: `upload-consumed` by another title, `upload-incomplete`.
        """
        with self._records.writing() as connection:
            return consume_within(connection, upload_id, title_id)

    def promised(self, now: datetime) -> int:
        """Return how many bytes are still to come of uploads that have said their length."""
        statement = select(func.sum(uploads.c.length - uploads.c.offset)).where(
            uploads.c.state == "open", uploads.c.expires_at > now, uploads.c.length.is_not(None)
        )
        with self._records.reading() as connection:
            return int(connection.execute(statement).scalar_one() or 0)

    def delete(self, upload_id: str) -> None:
        """Forget an upload, or raise NotFoundError."""
        statement = delete(uploads).where(uploads.c.id == checked_id("upload", upload_id))
        with self._records.writing() as connection:
            if connection.execute(statement).rowcount == 0:
                raise not_found("upload", upload_id)

    def expired(self, now: datetime) -> tuple[Upload, ...]:
        """Return the uploads that no title has taken before their time was over."""
        statement = (
            select(uploads)
            .where(uploads.c.state.in_(_WAITING), uploads.c.expires_at <= now)
            .order_by(uploads.c.expires_at, uploads.c.id)
        )
        with self._records.reading() as connection:
            return tuple(_upload_of(row) for row in connection.execute(statement).mappings())


def consume_within(connection: Connection, upload_id: str, title_id: str) -> Upload:
    """Give an upload to a title in the caller's transaction; see `Uploads.consume`."""
    before = _load(connection, upload_id)
    if before.state == "consumed":
        if before.title_id == title_id:
            return before
        raise ConflictError(
            "The upload belongs to another title.",
            fix="Upload the file again.",
            code="upload-consumed",
        )
    if before.state != "complete":
        raise _incomplete(before)
    return _save(connection, msgspec.structs.replace(before, state="consumed", title_id=title_id))


def _load(connection: Connection, upload_id: str) -> Upload:
    statement = select(uploads).where(uploads.c.id == checked_id("upload", upload_id))
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        raise not_found("upload", upload_id)
    return _upload_of(row)


def _upload_of(row: RowMapping) -> Upload:
    return Upload(**{column.key: row[column] for column in uploads.c})


def _save(connection: Connection, upload: Upload) -> Upload:
    values = msgspec.structs.asdict(upload)
    connection.execute(update(uploads).where(uploads.c.id == upload.id).values(values))
    return upload


def _refuse_complete(upload: Upload) -> None:
    if upload.state != "open":
        raise ConflictError(
            "The upload is complete.", fix="Begin a new upload.", code="upload-complete"
        )


def _incomplete(upload: Upload) -> ConflictError:
    return ConflictError(
        f"The upload has {upload.offset} of {upload.length or 'an unknown number of'} bytes.",
        fix="Send the rest first.",
        code="upload-incomplete",
    )
