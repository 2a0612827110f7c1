"""What the handlers of the API are given."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry

from matinee.accounts.accounts import Accounts
from matinee.apps.api.forwarding import Network
from matinee.catalog.catalog import Catalog
from matinee.storage.store import ObjectStore

MAX_UPLOAD_SIZE = 1 << 40
"""Bytes of one upload, unless told otherwise: 1 TiB."""


def utc_now() -> datetime:
    """Return this moment as aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The rooms that the API speaks to, and the few facts that it must know."""

    catalog: Catalog
    accounts: Accounts
    store: ObjectStore
    uploads_folder: Path
    """Where tus keeps files until a title takes them; best on the store's own disk."""
    version: str
    public_url: str | None = None
    """Scheme and host under which people reach us, such as `https://films.example`; None: what
    the request's Host says."""
    allowed_hosts: frozenset[str] | None = None
    """Host names (lower case, without port) that a request may name; None: any. Given when we
    listen on loopback only, it defeats DNS rebinding."""
    trusted_proxies: tuple[Network, ...] = ()
    """Proxies in front of us that say truly by whom they were asked."""
    max_upload_size: int = MAX_UPLOAD_SIZE
    disk_reserve: int = 0
    """Bytes of the uploads' disk that uploads leave free, for encoding and the databases."""
    upload_lifetime: timedelta = timedelta(days=7)
    """How long an upload waits for its next byte, or for a title to take it."""
    clock: Callable[[], datetime] = utc_now
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    """Where the metrics that /metrics shows are kept."""
