"""Which network addresses a pull may reach: the guard against requests into our own network."""

import ipaddress
import socket
from urllib.parse import SplitResult, quote, urlsplit

from matinee.errors import DeniedError, InputError, UpstreamError

_PORTS = {"http": 80, "https": 443}
_MAX_URL = 4096
_TRANSLATED = tuple(
    ipaddress.IPv6Network(network) for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")
)
"""NAT64 and 6to4: addresses that hide an IPv4 one, which may be private."""


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
    """Return the addresses and port behind a URL, every one of which may be reached.

    One forbidden address among them forbids all: who connects chooses any of them.

    Raises:
        DeniedError: one is private, loopback, link-local, multicast or otherwise not public.
        UpstreamError: the name has no address.
    """
    host = parts.hostname or ""
    port = parts.port or _PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UpstreamError(
            f"The host {host!r} has no address.", fix="Check the URL, or try again later."
        ) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not (allow_private or is_public(address)):
            raise DeniedError(
                f"The host {host!r} is in a private network.",
                fix="Upload the file, or allow private addresses in the settings.",
            )
    return [(address, port) for address in addresses]


def is_public(address: str) -> bool:
    """Say whether an IP address is a unicast one of the public internet."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if any(found in network for network in _TRANSLATED):
            return False
    return found.is_global and not (
        found.is_multicast or found.is_reserved or found.is_unspecified or found.is_loopback
        or found.is_link_local or found.is_private
    )  # fmt: skip
