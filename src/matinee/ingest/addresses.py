"""The URLs that a pull may be given, and the addresses behind them that it may reach."""

from urllib.parse import SplitResult, quote, urlsplit

from matinee.errors import DeniedError, InputError
from matinee.network.guard import check_public

_PORTS = {"http": 80, "https": 443}
_MAX_URL = 4096


def parsed(url: str) -> SplitResult:
    """Return the parts of an http or https URL, all in ASCII.

    Raises:
        InputError: it is no such URL, or names a user (`invalid-input`).
    """
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port is None or 0 < parts.port < 65536
    except ValueError:
        raise InputError("The URL is malformed.", fix="Give an http or https URL.") from None
    if len(url) > _MAX_URL or not url.isprintable() or " " in url:
        raise InputError("The URL is malformed.", fix="Give an http or https URL.")
    if parts.scheme not in _PORTS or not parts.hostname or not port_is_valid:
        raise InputError(
            f"{parts.scheme or 'This'}: is not a URL that can be fetched.",
            fix="Give an http or https URL.",
        )
    if parts.username is not None or parts.password is not None:
        raise InputError("The URL holds a user name or password.", fix="Give a signed URL instead.")
    return _ascii(parts)


def _ascii(parts: SplitResult) -> SplitResult:
    """Return *parts* as they go over the wire: IDNA host, percent-encoded path and query."""
    host = parts.hostname or ""
    try:
        host = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise InputError("The URL's host is malformed.", fix="Check the URL.") from None
    bracketed = f"[{host}]" if ":" in host else host
    return SplitResult(
        scheme=parts.scheme,
        netloc=bracketed if parts.port is None else f"{bracketed}:{parts.port}",
        path=quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._"),
        query=quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]"),
        fragment="",
    )


def resolve(parts: SplitResult, *, allow_private: bool) -> list[tuple[str, int]]:
    """Return some addresses and the port behind a URL, every one of which may be reached.

    One forbidden address among them forbids all: who connects chooses any of them.

    Raises:
        DeniedError: one is not public.
        InputError: `bad-host`, it is not a host name.
        UpstreamError: the name has no address.
    """
    host = parts.hostname or ""
    port = parts.port or _PORTS[parts.scheme]
    try:
        found = check_public(host, port, allow_private=allow_private)
    except InputError as error:
        if error.code != "private-address":
            raise
        raise DeniedError(
            f"The host {host!r} is in a private network.",
            fix="Upload the file, or allow private addresses in the settings.",
        ) from error
    return [(str(address), port) for address in found]
