"""Whose request it is: what proxies in front of us say, believed of those that we trust only.

A proxy adds whom it was asked by at the right end of X-Forwarded-For, or of Forwarded (RFC 7239).
So the list is read from the right, past proxies of ours, up to the first address that is none:
what stands left of it is that client's own word.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator

from litestar.types import HTTPScope

from matinee.errors import InputError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

HEADERS = frozenset({"forwarded", "x-forwarded-for", "x-real-ip"})
"""Headers by which a proxy speaks for somebody else."""
_MOST_BYTES = 4096
_MOST_HOPS = 32
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_PAIR = re.compile(rf"\s*({_WORD})=({_WORD}|{_QUOTED})\s*")
_NODE = re.compile(
    r"(?:\[([0-9A-Fa-f:.]{2,45})\]|([0-9.]{7,15}))(?::(?:[0-9]{1,5}|_[\w.-]{1,64}))?"
)
"""RFC 7239 §6: an address, IPv6 in brackets, and perhaps a port; X-Forwarded-For has the same."""


def networks(setting: str) -> tuple[Network, ...]:
    """Return the addresses and networks in *setting*, which are separated by commas.

    Raises:
        InputError: one of them is neither.
    """
    found: list[Network] = []
    for word in filter(None, (one.strip() for one in setting.split(","))):
        try:
            found.append(ipaddress.ip_network(word, strict=False))
        except ValueError as error:
            raise InputError(
                f"MATINEE_TRUSTED_PROXIES: {word!r} is neither an address nor a network.",
                fix="Give addresses and networks such as 127.0.0.1, 10.0.0.0/8, fd00::/8.",
            ) from error
    return tuple(found)


def client_of(scope: HTTPScope, trusted: Iterable[Network]) -> str | None:
    """Return the address of whoever asks, None where nobody can tell.

    That is the peer, unless it is one of the *trusted* proxies and names another. A trusted proxy
    that sends both headers is not believed: one of them may be the client's, passed along.
    """
    client = scope.get("client")
    peer = _address(client[0]) if client else None
    trusted = tuple(trusted)
    if peer is None or not _within(peer, trusted):
        return str(peer) if peer else None
    lists = {
        name: b",".join(value for key, value in scope["headers"] if key.lower() == name)
        for name in (b"forwarded", b"x-forwarded-for")
        if any(key.lower() == name for key, _ in scope["headers"])
    }
    if not lists:
        return str(peer)
    ((name, value), *others) = lists.items()
    if others or len(value) > _MOST_BYTES:
        return None
    text = value.decode("latin-1")
    nodes = _forwarded(text) if name == b"forwarded" else [one.strip() for one in text.split(",")]
    for node in reversed(nodes[-_MOST_HOPS:]):
        hop = _node(node)
        if hop is None:
            return None
        if not _within(hop, trusted):
            return str(hop)
    # All are proxies of ours: one of those machines asked for itself.
    return str(hop) if len(nodes) <= _MOST_HOPS else None


def _forwarded(text: str) -> list[str]:
    """Return the `for` of every element of a Forwarded header, "" where one has none."""
    found: list[str] = []
    for pairs in _elements(text):
        nodes = [value for name, value in pairs if name == "for"]
        found.append(nodes[0] if len(nodes) == 1 else "")
    return found or [""]


def _elements(text: str) -> Iterator[list[tuple[str, str]]]:
    """Yield the parameters of each element (RFC 7239 §4); a malformed list ends with none."""
    at, pairs = 0, list[tuple[str, str]]()
    while match := _PAIR.match(text, at):
        value = match[2]
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        pairs.append((match[1].lower(), value))
        at = match.end()
        if text[at : at + 1] == ",":
            yield pairs
            pairs = []
        elif text[at : at + 1] != ";":
            break
        at += 1
    yield pairs if at == len(text) else []


def _node(text: str) -> Address | None:
    """Return the address in one hop's name; None for `unknown`, hidden names and rubbish."""
    match = _NODE.fullmatch(text)
    return _address((match[1] or match[2]) if match else text)


def _address(text: str) -> Address | None:
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _within(address: Address, trusted: tuple[Network, ...]) -> bool:
    return any(address.version == one.version and address in one for one in trusted)
