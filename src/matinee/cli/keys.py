"""Which server the command line talks to, and where the key to it lies."""

import contextlib
import os
import tempfile
from pathlib import Path

import msgspec

from matinee.errors import DeniedError
from matinee.settings import Settings


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """A server that was started on this machine."""

    key_file: str


def _register(settings: Settings) -> Path:
    return settings.config / "servers.json"


def known_servers(settings: Settings) -> dict[str, Server]:
    """Return the servers started on this machine by URL; none where the list cannot be read."""
    try:
        return msgspec.json.decode(_register(settings).read_bytes(), type=dict[str, Server])
    except (OSError, msgspec.DecodeError):
        return {}


def remember(settings: Settings, url: str) -> None:
    """Note where the key of the server at *url* lies, so that commands find it by themselves."""
    servers = known_servers(settings)
    servers[url] = Server(key_file=str(settings.key_file.absolute()))
    with contextlib.suppress(OSError):  # a read-only home only costs this convenience
        settings.config.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=settings.config)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(servers)))
        Path(name).replace(_register(settings))


def server_url(settings: Settings) -> str:
    """Return the server to talk to, without a trailing slash."""
    return (settings.url or "http://127.0.0.1:8080").rstrip("/")


def api_key(settings: Settings) -> str:
    """Return the key for the server.

    Raises:
        DeniedError: there is none, or its file cannot be read.
    """
    if settings.api_key:
        return settings.api_key
    url = server_url(settings)
    known = known_servers(settings).get(url.replace("//localhost:", "//127.0.0.1:"))
    for path in ([Path(known.key_file)] if known else []) + [settings.key_file]:
        try:
            return path.read_text().strip()
        except OSError:
            continue
    raise DeniedError(
        f"There is no API key for {url}.",
        fix="Start the server here with `matinee up`, or give --api-key or MATINEE_API_KEY.",
    )
