"""Objects in S3 or a compatible store, through obstore."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import msgspec
import obstore
from obstore.exceptions import BaseError
from obstore.exceptions import NotFoundError as ObstoreNotFoundError
from obstore.store import S3Store as ObstoreS3

from matinee.errors import NotFoundError, UpstreamError
from matinee.model.presentation import ByteRange
from matinee.storage.keys import checked
from matinee.storage.store import StoredObject

_CHUNK = 8 * 1024 * 1024


class S3Location(msgspec.Struct, frozen=True, kw_only=True):
    """Which bucket, and how to reach it. Without keys the ambient AWS credentials are used."""

    bucket: str
    prefix: str = ""
    region: str = "us-east-1"
    endpoint: str | None = None
    """Base URL of a compatible store; plain http is accepted only where it is named here."""
    access_key_id: str | None = None
    secret_access_key: str | None = None


class S3Store:
    """An `ObjectStore` on S3; `scratch` holds the local copies that child programs read."""

    def __init__(self, location: S3Location, scratch: Path) -> None:
        options: dict[str, str] = {"region": location.region}
        if location.endpoint:
            options["endpoint"] = location.endpoint
        if location.access_key_id and location.secret_access_key:
            options["access_key_id"] = location.access_key_id
            options["secret_access_key"] = location.secret_access_key
        plain = (location.endpoint or "").startswith("http://")
        self._store = ObstoreS3(
            location.bucket,
            prefix=location.prefix or None,
            client_options={"allow_http": plain, "timeout": timedelta(seconds=60)},
            **options,  # type: ignore[arg-type]  # obstore types each key by name
        )
        self._scratch = scratch
        scratch.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, source: Path | bytes) -> None:
        """See `ObjectStore.put`; large files go up in parts."""
        checked(key)
        if isinstance(source, Path) and not source.is_file():
            raise NotFoundError(f"There is no file {source.name} to store.")
        try:
            obstore.put(self._store, key, source)
        except BaseError as error:
            raise UpstreamError(f"Could not store {key}.", fix="Check the bucket.") from error
        if isinstance(source, Path):
            source.unlink()

    def get(self, key: str, span: ByteRange | None = None) -> bytes:
        """See `ObjectStore.get`."""
        checked(key)
        try:
            if span is None:
                return bytes(obstore.get(self._store, key).bytes())
            size = obstore.head(self._store, key)["size"]
            length = max(0, min(span.length, size - span.offset))
            if length == 0:
                return b""
            return bytes(obstore.get_range(self._store, key, start=span.offset, length=length))
        except (FileNotFoundError, ObstoreNotFoundError) as error:
            raise NotFoundError(f"There is no object {key}.") from error
        except BaseError as error:
            raise UpstreamError(f"Could not read {key}.", fix="Check the bucket.") from error

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """See `ObjectStore.list`. S3 lists in key order."""
        checked(prefix, prefix=True)
        try:
            if prefix:
                with suppress(FileNotFoundError, ObstoreNotFoundError):
                    yield _described(dict(obstore.head(self._store, prefix)))
            found = [
                _described(dict(meta))
                for batch in obstore.list(self._store, prefix or None)
                for meta in batch
            ]
        except BaseError as error:
            raise UpstreamError(f"Could not list {prefix}.", fix="Check the bucket.") from error
        yield from sorted(
            (one for one in found if not prefix or one.key.startswith(f"{prefix}/")),
            key=lambda one: one.key,
        )

    def delete(self, prefix: str) -> None:
        """See `ObjectStore.delete`."""
        keys = [one.key for one in self.list(checked(prefix))]
        try:
            for start in range(0, len(keys), 1000):
                obstore.delete(self._store, keys[start : start + 1000])
        except BaseError as error:
            raise UpstreamError(f"Could not delete {prefix}.", fix="Check the bucket.") from error

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        """See `ObjectStore.local`: a copy that lives as long as the context."""
        checked(key)
        with tempfile.TemporaryDirectory(prefix="object-", dir=self._scratch) as folder:
            path = Path(folder) / key.rpartition("/")[2]
            try:
                stream = obstore.get(self._store, key).stream(min_chunk_size=_CHUNK)
                with path.open("wb") as file:
                    for chunk in stream:
                        file.write(chunk)
            except (FileNotFoundError, ObstoreNotFoundError) as error:
                raise NotFoundError(f"There is no object {key}.") from error
            except BaseError as error:
                raise UpstreamError(f"Could not read {key}.", fix="Check the bucket.") from error
            yield path


def _described(meta: dict[str, object]) -> StoredObject:
    return msgspec.convert(
        {
            "key": meta["path"],
            "size": meta["size"],
            "modified": getattr(meta["last_modified"], "timestamp", lambda: 0.0)(),
        },
        StoredObject,
    )
