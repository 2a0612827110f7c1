"""The guard against server-side request forgery: only public addresses are connected to.

A name is resolved once, every address it has is checked, and the connection goes to an address
that was checked: a name server that answers differently the second time gains nothing.

Whoever sends a request to a URL that somebody else chose uses `guarded_client`.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Callable
from functools import partial

import httpx

from matinee.errors import InputError, UpstreamError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], tuple[str, ...]]

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""Holds an IPv4 address in its last 32 bits, RFC 6052 §2.1."""
_REFUSED = (
    ipaddress.IPv6Network("64:ff9b:1::/48"),  # local-use NAT64, RFC 8215
    ipaddress.IPv6Network("fec0::/10"),  # site-local, RFC 3879
    ipaddress.IPv4Network("192.0.0.0/24"),  # protocol assignments, RFC 6890
    ipaddress.IPv4Network("192.88.99.0/24"),  # 6to4 relays, RFC 7526
)
# Nothing is kept alive: connections are known by address here, and one that was opened under a
# host's name must not serve another host at the same address.
_LIMITS = httpx.Limits(max_keepalive_connections=0)
_MAXIMUM_ADDRESSES = 4
"""More addresses of one name than these are not tried."""


def is_public(address: Address) -> bool:
    """Whether *address* is one that everybody on the Internet may reach."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None or address.scope_id is not None:
            return False
    if any(address.version == one.version and address in one for one in _REFUSED):
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def system_resolve(host: str, port: int) -> tuple[str, ...]:
    """Ask the operating system for the addresses of *host*."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def check_public(
    host: str, port: int = 443, *, allow_private: bool = False, resolve: Resolve = system_resolve
) -> tuple[Address, ...]:
    """Return the addresses of *host*, if all of them are public or *allow_private*.

    Raises:
        InputError: `private-address`, one of them is not public; `bad-host`, not a host name.
        UpstreamError: `unknown-host`, the name does not resolve now.
    """
    try:
        addresses = tuple(ipaddress.ip_address(one) for one in resolve(host, port))
    except socket.gaierror as error:
        raise UpstreamError(
            f"The host {host} cannot be found.", fix="Check its name.", code="unknown-host"
        ) from error
    except (UnicodeError, ValueError) as error:
        raise InputError("That is not a host name.", code="bad-host") from error
    if not addresses:
        raise UpstreamError(f"The host {host} has no address.", code="unknown-host")
    if not allow_private and not all(is_public(one) for one in addresses):
        raise InputError(
            f"The host {host} is in a private network.",
            fix="Use a public address, or allow private ones in the settings.",
            code="private-address",
        )
    return addresses[:_MAXIMUM_ADDRESSES]


class GuardedTransport(httpx.AsyncBaseTransport):
    """Connects to checked addresses only; TLS still proves the name that was asked for.

    For asyncio, where a deadline can be set for a whole request: httpx's own timeouts are for one
    read each, so a server that drips would hold a thread for ever.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        resolve: Resolve = system_resolve,
        verify: ssl.SSLContext | bool = True,
    ) -> None:
        self._check = partial(check_public, allow_private=allow_private, resolve=resolve)
        self._transport = httpx.AsyncHTTPTransport(verify=verify, trust_env=False, limits=_LIMITS)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send *request* to the first checked address that answers.

        Raises:
            InputError: a private address.
            UpstreamError: the name does not resolve.
            httpx.TransportError: as httpx's own transport does.
        """
        host, port = _host_and_port(request)
        addresses = await asyncio.to_thread(self._check, host, port)
        for address in addresses[:-1]:
            try:
                return await self._transport.handle_async_request(_aimed(request, host, address))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue  # nothing was sent yet, so the next address may have the request
        return await self._transport.handle_async_request(_aimed(request, host, addresses[-1]))

    async def aclose(self) -> None:
        """Close all connections."""
        await self._transport.aclose()


def guarded_client(
    timeout: httpx.Timeout,
    *,
    allow_private: bool = False,
    resolve: Resolve = system_resolve,
    verify: ssl.SSLContext | bool = True,
) -> httpx.AsyncClient:
    """Return a client that is guarded and follows no redirect by itself.

    It ignores proxies of the environment, which would connect for us, unguarded.
    """
    transport = GuardedTransport(allow_private=allow_private, resolve=resolve, verify=verify)
    return httpx.AsyncClient(
        transport=transport, timeout=timeout, trust_env=False, follow_redirects=False
    )


def _host_and_port(request: httpx.Request) -> tuple[str, int]:
    url = request.url
    return url.raw_host.decode("ascii").strip("[]"), url.port or (
        443 if url.scheme == "https" else 80
    )


def _aimed(request: httpx.Request, host: str, address: Address) -> httpx.Request:
    """Return *request* with the address for its URL's host; the Host header stays."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        # The name for SNI and for the certificate: <https://www.encode.io/httpcore/extensions/>.
        extensions={**request.extensions, "sni_hostname": host},
    )
