"""Everything that can be set, read from the environment once.

`docs/reference/settings.md` documents each; a test compares the two.
"""

import hashlib
import os
import re
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

import msgspec

from matinee.errors import InputError

PREFIX = "MATINEE_"


def _default_data() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "matinee"


def _default_cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "matinee"


def _default_config() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "matinee"


def default_slots() -> int:
    """Return how many pieces of pictures, encoded beside each other, fill this machine.

    The rungs of one piece wait for the largest of them, and so keep about one and a half
    processors busy. Those of a 4K film take up to 2 GB.
    """
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    processors = len(os.sched_getaffinity(0))
    return max(1, min(-(-2 * processors // 3), memory // (2 << 30)))


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one Matinee process; `MATINEE_<FIELD>` in the environment sets a field."""

    data: Path = msgspec.field(default_factory=_default_data)
    """Folder that holds everything: databases, media, keys, uploads in progress."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 8080
    """Port to listen on."""
    public_url: str | None = None
    """Base URL that players use, where a proxy or CDN stands in front."""
    trusted_proxies: str = ""
    """Addresses and networks, separated by commas, of proxies in front that name their clients."""
    database_url: str | None = None
    """Catalogue database; default SQLite in the data folder; `postgresql+psycopg://...`."""
    workflow_database_url: str | None = None
    """Durable workflow database; default beside the catalogue, or in the same PostgreSQL."""
    store: str | None = None
    """Object store: a folder, or `s3://bucket/prefix`; default `media/` in the data folder."""
    s3_endpoint: str | None = None
    """Base URL of an S3-compatible store."""
    s3_region: str = "us-east-1"
    """Region of the bucket."""
    s3_access_key_id: str | None = None
    """Key id for the bucket; the ambient AWS credentials by default."""
    s3_secret_access_key: str | None = None
    """Secret for the bucket."""
    http_workers: int = 1
    """Processes that answer HTTP."""
    workers: int = 1
    """Worker processes that `matinee up` starts."""
    worker_id: str | None = None
    """Name of this machine's workers, the same at every start; default from host and data folder.
    A number is appended."""
    publish_concurrency: int = 1
    """Titles that one worker takes through their stages at a time."""
    encode_slots: int | None = None
    """Pieces of pictures that one worker encodes at a time; default a share of the processors."""
    max_upload: int = 200 * 1024**3
    """Largest upload or pulled source, in bytes."""
    disk_reserve: int = 1024**3
    """Bytes of the data folder's disk that uploads and encodes leave free."""
    hardware: Literal["auto", "never"] = "auto"
    """Whether encoders of graphics cards are used where they have proved themselves."""
    most_damage: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    """Share of a film that may be missing or broken; 0 refuses any, 1 takes what there is."""
    allow_private_sources: bool = False
    """Whether source URLs and webhooks may point at private and loopback addresses."""
    ffmpeg: Path | None = None
    """The ffmpeg program; default the one that comes with the package."""
    ffprobe: Path | None = None
    """The ffprobe program; default the one that comes with the package."""
    cache: Path = msgspec.field(default_factory=_default_cache)
    """Folder for what can be had again, such as sample films."""
    config: Path = msgspec.field(default_factory=_default_config)
    """Folder in which the command line keeps where its servers' keys are."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe log line that is written."""
    log_format: Literal["auto", "text", "json"] = "auto"
    """`auto` is text on a terminal and JSON elsewhere."""
    url: str | None = None
    """Server that the command line talks to; default `http://127.0.0.1:8080`."""
    api_key: str | None = None
    """API key that the command line uses; default the one the server on this machine made."""

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings from *environment*, by default the process's own.

        Raises:
            InputError: a value does not fit its field; the message names the variable.
        """
        environment = os.environ if environment is None else environment
        given: dict[str, object] = {}
        for field in msgspec.structs.fields(cls):
            value = environment.get(f"{PREFIX}{field.name.upper()}")
            if value is None or value == "":
                continue
            try:
                given[field.name] = msgspec.convert(
                    value, field.type, strict=False, dec_hook=_decode
                )
            except msgspec.ValidationError as error:
                raise InputError(
                    f"{PREFIX}{field.name.upper()}={value!r}: {error}.",
                    fix="See docs/reference/settings.md for what it may be.",
                ) from error
        return cls(**given)  # type: ignore[arg-type]  # each value was converted to its field

    def to_env(self) -> dict[str, str]:
        """Return the settings as environment variables, for child processes of our own."""
        return {
            f"{PREFIX}{name.upper()}": str(value)
            for name, value in msgspec.structs.asdict(self).items()
            if value is not None
        }

    @property
    def catalog_database(self) -> str:
        """URL of the catalogue's database."""
        return self.database_url or f"sqlite:///{self.data.absolute() / 'matinee.db'}"

    @property
    def workflow_database(self) -> str:
        """URL of the durable engine's database."""
        if self.workflow_database_url:
            return self.workflow_database_url
        if self.database_url and not self.database_url.startswith("sqlite"):
            return self.database_url
        return f"sqlite:///{self.data.absolute() / 'workflows.db'}"

    @property
    def scratch(self) -> Path:
        """Folder for files in the making, one below it for each process; beside the local store."""
        return self.data / "scratch"

    def worker_name(self, number: int) -> str:
        """Name of this data folder's worker process *number*, from 1."""
        folder = hashlib.sha256(str(self.data.absolute()).encode()).hexdigest()[:8]
        host = re.sub(r"[^A-Za-z0-9]+", "-", socket.gethostname())
        return f"{self.worker_id or f'{host}-{folder}'}-{number}"

    @property
    def slots(self) -> int:
        """Pieces of pictures that one worker encodes at a time."""
        if self.encode_slots is not None:
            return self.encode_slots
        return max(1, default_slots() // max(1, self.workers))

    @property
    def uploads(self) -> Path:
        """Folder for uploads in progress."""
        return self.data / "uploads"

    @property
    def key_file(self) -> Path:
        """File that holds the first admin API key, mode 0600."""
        return self.data / "admin.key"


def _decode(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value)).expanduser()
    raise NotImplementedError(kind)
