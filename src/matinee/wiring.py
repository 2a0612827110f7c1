"""Settings to adapters: the only place that knows them all."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from sqlalchemy import Engine

from matinee.accounts.accounts import Accounts
from matinee.catalog.catalog import Catalog
from matinee.catalog.ids import id_maker
from matinee.database.engine import migrate, open_database
from matinee.database.workflows import open_workflow_database
from matinee.errors import InputError
from matinee.ingest.fetch import FetchLimits
from matinee.settings import Settings
from matinee.storage.local import LocalStore
from matinee.storage.s3 import S3Location, S3Store
from matinee.storage.store import ObjectStore
from matinee.toolchain.tools import Toolchain
from matinee.transcode.hardware import Finding, nothing_sought
from matinee.transcode.proving import found_hardware
from matinee.workflows.publish import Studio


def prepare(settings: Settings) -> None:
    """Make the data folder, private to its owner, and what must lie in it.

    A data folder that is there may be open to others; films that are not published never are.
    """
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in (settings.scratch, settings.uploads):
        folder.mkdir(exist_ok=True, mode=0o700)


def object_store(settings: Settings, scratch: Path) -> ObjectStore:
    """Return the object store that the settings name; local copies of objects go to *scratch*.

    Raises:
        InputError: the store's URL has an unknown scheme or lacks its bucket.
    """
    where = settings.store
    if where is None:
        return LocalStore(settings.data / "media")
    scheme, separator, rest = where.partition("://")
    if not separator:
        return LocalStore(Path(where).expanduser())
    bucket, _, prefix = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise InputError(
            f"MATINEE_STORE={where!r} is not a store.", fix="Give a folder or s3://bucket/prefix."
        )
    location = S3Location(
        bucket=bucket,
        prefix=prefix.strip("/"),
        region=settings.s3_region,
        endpoint=settings.s3_endpoint,
        access_key_id=settings.s3_access_key_id,
        secret_access_key=settings.s3_secret_access_key,
    )
    return S3Store(location, scratch)


def catalog_database(settings: Settings) -> Engine:
    """Open the catalogue's database, brought to the newest schema."""
    engine = open_database(settings.catalog_database)
    migrate(engine)
    return engine


def workflow_database(settings: Settings) -> Engine:
    """Open the durable engine's database; the engine makes its own schema."""
    return open_workflow_database(settings.workflow_database)


def catalog(engine: Engine) -> Catalog:
    """Return the catalogue on *engine*, with the system's clock."""
    return Catalog(engine, clock=now, new_id=id_maker(now, secrets.token_bytes))


def accounts(engine: Engine) -> Accounts:
    """Return the accounts on *engine*, with the system's clock and randomness."""
    return Accounts(engine, clock=now, random_token=secrets.token_bytes)


def toolchain(settings: Settings) -> Toolchain:
    """Find the media programs."""
    return Toolchain.find(ffmpeg=settings.ffmpeg, ffprobe=settings.ffprobe)


def hardware(settings: Settings, tools: Toolchain, scratch: Path) -> Callable[[], Finding]:
    """Return what finds the hardware encoders that the settings allow, when it is first asked."""
    if settings.hardware == "never":
        return nothing_sought
    return lambda: found_hardware(tools, scratch)


def studio(settings: Settings, store: ObjectStore, scratch: Path) -> Studio:
    """Return what the publish stages work with; *scratch* is this process's own folder."""
    tools = toolchain(settings)
    return Studio(
        store=store,
        toolchain=tools,
        scratch=scratch,
        disk_reserve=settings.disk_reserve,
        fetch_limits=FetchLimits(
            size=settings.max_upload, allow_private=settings.allow_private_sources
        ),
        most_damage=settings.most_damage,
        slots=settings.slots,
        hardware=hardware(settings, tools, scratch),
    )


def now() -> datetime:
    """Wall clock, aware UTC."""
    return datetime.now(UTC)


class Platform(msgspec.Struct, frozen=True, kw_only=True):
    """What every process of the platform shares."""

    catalog: Catalog
    accounts: Accounts
    store: ObjectStore
    uploads: Path

    def folders(self, top: str) -> tuple[str, ...]:
        """The folders directly below *top* in the store, in order."""
        names = (one.key.split("/")[1] for one in self.store.list(top) if one.key.count("/") > 1)
        return tuple(dict.fromkeys(names))


def platform(settings: Settings, process: str) -> Platform:
    """Open databases and store, bring the schema up to date, and see that a key exists.

    *process* names the process, for a scratch folder of its own.
    """
    engine = catalog_database(settings)
    people = accounts(engine)
    people.ensure_admin_key(settings.key_file)
    return Platform(
        catalog=catalog(engine),
        accounts=people,
        store=object_store(settings, settings.scratch / process),
        uploads=settings.uploads,
    )
