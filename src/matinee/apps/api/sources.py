"""From a request for a title to a title whose source lies in the store. Everything here blocks.

The worker begins a job as soon as its row is there, so the files must be in the store before. They
lie below the title's folder, so the title's id must be known before its row is: it is the id of
the upload it is made from. A crash at any point leaves either the upload untouched, or its file
at a key that the next try of the same request computes again.
"""

import hashlib
import re
from contextlib import suppress
from urllib.parse import unquote, urlsplit

import msgspec

from matinee.apps.api.problems import RequestError
from matinee.apps.api.schema import CreateTitle, SubtitleSource
from matinee.apps.api.services import Services
from matinee.apps.uploads import protocol
from matinee.apps.uploads.files import UploadFiles
from matinee.apps.uploads.records import settle
from matinee.catalog.names import default_name
from matinee.catalog.titles import Created, Idempotency, NewTitle
from matinee.catalog.uploads import Upload
from matinee.errors import ConflictError, InputError, NotFoundError
from matinee.model.title import SideCar, Source
from matinee.transcode import ladder

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,255}")


def create_title(
    services: Services, files: UploadFiles, wanted: CreateTitle, key: Idempotency | None
) -> Created:
    """Make the title that *wanted* asks for, and hand its job over.

    Raises:
        InputError: a value is unusable; its message lists every fault.
        NotFoundError: there is no such upload.
        ConflictError: an upload is not complete or was taken by another title, or the key was
            used for something else.
    """
    _check(wanted)
    uploads = {
        upload_id: services.catalog.uploads.get(upload_id) for upload_id in _upload_ids(wanted)
    }
    # A consumed upload's id is taken: the catalogue will find the earlier title, or refuse.
    fresh = all(upload.state != "consumed" for upload in uploads.values())
    title_id = next(iter(uploads), None) if fresh else None
    taking = _Taking(services, files, title_id or "", uploads)
    source = taking.source(wanted)
    created = services.catalog.titles.create(
        NewTitle(
            id=title_id,
            name=wanted.name or default_name(source.filename),
            synopsis=wanted.synopsis,
            source=source,
            ladder=wanted.ladder,
            uploads=tuple(uploads),
        ),
        idempotency=key,
    )
    taking.done()
    return created


def idempotency(key: str | None, owner: str, wanted: CreateTitle) -> Idempotency | None:
    """Return the promise of an Idempotency-Key header, None without one.

    Raises:
        RequestError: the key is not 1 to 255 visible ASCII characters (400).
    """
    if key is None:
        return None
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise RequestError(
            "The Idempotency-Key is not 1 to 255 visible ASCII characters.",
            fix="Use a fresh UUID for each title.",
        )
    fingerprint = hashlib.sha256(msgspec.json.encode(wanted)).hexdigest()
    return Idempotency(key=key, owner=owner, fingerprint=fingerprint)


def _upload_ids(wanted: CreateTitle) -> list[str]:
    """Return each upload once, the film's first."""
    ids = [wanted.upload_id] if wanted.upload_id else []
    return list(dict.fromkeys([*ids, *(one.upload_id for one in wanted.subtitles)]))


def _check(wanted: CreateTitle) -> None:
    """Find every fault that JSON Schema cannot express, before anything is touched."""
    faults = []
    if (wanted.upload_id is None) == (wanted.url is None):
        faults.append("$: exactly one of upload_id and url must be given")
    if wanted.name is not None and not wanted.name.strip():
        faults.append("$.name: is empty")
    if wanted.url is not None and not _is_url(wanted.url):
        faults.append("$.url: is not an http or https URL")
    if "\0" in f"{wanted.name}{wanted.synopsis}":
        faults.append("$.name, $.synopsis: hold a zero byte")
    faults += [
        f"$.subtitles[{index}].language: {one.language!r} is not a BCP 47 tag"
        for index, one in enumerate(wanted.subtitles)
        if not _LANGUAGE.fullmatch(one.language)
    ]
    ids = [one.upload_id for one in wanted.subtitles] + [wanted.upload_id]
    if len(set(ids)) < len(ids):
        faults.append("$.subtitles: an upload is named twice")
    try:
        ladder.load(wanted.ladder)
    except InputError as error:
        faults.append(f"$.ladder: {error.message}")
    if faults:
        raise RequestError(
            "The title cannot be made: " + "; ".join(faults[:3]) + ".",
            fix="Correct the fields named in `errors`.",
            code="invalid-input",
            faults=tuple(faults),
        )


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return usable and url.isprintable() and not any(letter.isspace() for letter in url)


class _Taking:
    """Moves the uploads of one title into the store."""

    def __init__(
        self, services: Services, files: UploadFiles, title_id: str, uploads: dict[str, Upload]
    ) -> None:
        self._services = services
        self._files = files
        self._folder = f"titles/{title_id}/source"
        self._uploads = uploads

    def source(self, wanted: CreateTitle) -> Source:
        """Return the title's source, its files in the store."""
        for upload in self._uploads.values():
            self._check_whole(self._settled(upload))
        side_cars = tuple(
            self._side_car(index, one) for index, one in enumerate(wanted.subtitles, start=1)
        )
        if wanted.upload_id is None:
            url = wanted.url or ""
            name = unquote(urlsplit(url).path)
            return Source(
                filename=protocol.safe_filename(name),
                url=url,
                subtitles=side_cars,
                most_damage=wanted.most_damage,
            )
        upload = self._uploads[wanted.upload_id]
        filename = protocol.safe_filename(upload.filename)
        key = f"{self._folder}/{filename}"
        self._move(upload, key)
        return Source(
            filename=filename, key=key, subtitles=side_cars, most_damage=wanted.most_damage
        )

    def _side_car(self, index: int, wanted: SubtitleSource) -> SideCar:
        upload = self._uploads[wanted.upload_id]
        filename = protocol.safe_filename(upload.filename, "subtitles")
        key = f"{self._folder}/subtitles-{index}/{filename}"
        self._move(upload, key)
        return SideCar(key=key, filename=filename, language=wanted.language, purpose=wanted.purpose)

    def _settled(self, upload: Upload) -> Upload:
        expires = self._services.clock() + self._services.upload_lifetime
        offset = self._files.offset(upload.id)
        return settle(self._services.catalog.uploads, upload, offset, expires)

    def _check_whole(self, upload: Upload) -> None:
        if upload.state == "open":
            raise ConflictError(
                f"The upload {upload.id} is not complete: it is at byte {upload.offset}.",
                fix="Send the rest of the file first.",
                code="upload-incomplete",
            )
        if upload.state == "complete" and upload.expires_at <= self._services.clock():
            raise ConflictError(
                f"The upload {upload.id} has expired.",
                fix="Upload the file again.",
                code="upload-expired",
            )

    def _move(self, upload: Upload, key: str) -> None:
        """Put the upload's file at *key*, unless an earlier try has."""
        if upload.state == "consumed":
            return  # the catalogue knows whether it was by this very request
        try:
            self._services.store.put(key, self._files.path(upload.id))
        except NotFoundError:
            if not any(one.key == key for one in self._services.store.list(key)):
                raise ConflictError(
                    f"The file of the upload {upload.id} is gone.",
                    fix="Upload the file again.",
                    code="upload-expired",
                ) from None

    def done(self) -> None:
        """Remove what is left of the uploads; the store may have copied rather than moved."""
        for upload_id in self._uploads:
            with suppress(OSError):
                self._files.delete(upload_id)
