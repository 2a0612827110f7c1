"""Who is asking, and from where: hosts, keys, sessions and cross-site requests.

Works on the headers of an ASGI scope, so that Litestar handlers and the raw tus app share it.
"""

import asyncio
import ipaddress
import re
from collections.abc import Iterable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, cast

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import HTTPScope

from matinee.accounts.principals import Principal
from matinee.apps.api.forwarding import HEADERS
from matinee.apps.api.problems import RequestError
from matinee.apps.api.services import Services
from matinee.errors import DeniedError

COOKIE = "matinee_session"
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
"""Host names that mean this machine and no other."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9._-]{1,255}))(?::[0-9]{0,5})?")
_SIGN_IN = "Sign in at /console, or send Authorization: Bearer and an API key."


def headers_of(scope: HTTPScope) -> dict[str, str]:
    """Return the request's headers by lower-case name; of repeated ones, the first.

    A second `Host` or `Authorization` must not override what a proxy in front has looked at.
    """
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    return found


def host_name(host: str) -> str:
    """Return the name in a Host header, lower case, without port and brackets; "" for no host.

    RFC 9110 §7.2: a host and perhaps a port. Users, paths and whatever else a URL could have there
    are none of it: links are made of this header.
    """
    match = _HOST.fullmatch(host)
    return (match[1] or match[2]).lower().rstrip(".") if match else ""


def check_host(headers: Mapping[str, str], allowed: frozenset[str] | None) -> None:
    """Refuse a request that names a host which is not ours.

    A page of a stranger's site may point its own name at 127.0.0.1 (DNS rebinding); its requests
    then carry that name.

    Raises:
        RequestError: the name is not among *allowed* (421).
    """
    host = headers.get("host", "")
    if allowed is not None and host_name(host) not in allowed:
        raise RequestError(
            f"This server does not answer for the host {host[:100]!r}.",
            fix="Use the address that `matinee up` printed, or start it with --host.",
            code="wrong-host",
        )


def base_url(scope: HTTPScope, headers: Mapping[str, str], services: Services) -> str:
    """Return scheme and host under which the asker reaches us, without a trailing slash."""
    if services.public_url:
        return services.public_url.rstrip("/")
    host = headers.get("host", "")
    if not host_name(host):
        server = scope.get("server") or ("localhost", None)
        host = f"{server[0]}:{server[1]}" if server[1] else server[0]
    return f"{scope.get('scheme', 'http')}://{host}"


def session_token(headers: Mapping[str, str]) -> str | None:
    """Return the session cookie's value, or None."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel else None


def check_same_origin(method: str, headers: Mapping[str, str], ours: Iterable[str]) -> None:
    """Refuse an unsafe request that a page of another origin made a browser send.

    Raises:
        DeniedError: neither Sec-Fetch-Site nor Origin shows that it comes from *ours* (403).
    """
    if method in _SAFE:
        return
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site in {"same-origin", "none"}:
        return
    if site is None and origin is not None and origin.lower() in {one.lower() for one in ours}:
        return
    raise DeniedError(
        "A request with a session cookie must come from Matinee's own pages.",
        fix="From programs, send Authorization: Bearer with an API key instead of the cookie.",
        code="cross-site",
    )


def origins(scope: HTTPScope, headers: Mapping[str, str], services: Services) -> set[str]:
    """Return the origins that our own pages have for this request."""
    found = {f"{scope.get('scheme', 'http')}://{headers.get('host', '')}"}
    if services.public_url:
        found.add(services.public_url.rstrip("/"))
    return found


async def principal_of(scope: HTTPScope, services: Services) -> Principal:
    """Return who asks, known by an API key or by a session cookie.

    Raises:
        DeniedError: nobody we know (401), or a cross-site request (403).
    """
    headers = headers_of(scope)
    authorization = headers.get("authorization")
    if authorization is not None:
        scheme, _, key = authorization.partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise DeniedError(
                "Only Bearer authorization is understood.", fix=_SIGN_IN, code="unauthenticated"
            )
        return await asyncio.to_thread(services.accounts.authenticate, key.strip())
    token = session_token(headers)
    if token is None:
        raise DeniedError("This needs an API key.", fix=_SIGN_IN, code="unauthenticated")
    check_same_origin(scope["method"], headers, origins(scope, headers, services))
    return await asyncio.to_thread(services.accounts.session, token)


async def admin_of(scope: HTTPScope, services: Services) -> Principal:
    """Return who asks, if they may do everything; else as `principal_of`, or 403."""
    principal = await principal_of(scope, services)
    if principal.role != "admin":
        raise DeniedError(
            f"{principal.name} has the role {principal.role}; this needs admin.",
            fix="Use an admin's API key.",
        )
    return principal


async def guard(request: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Litestar guard: let in whom the handler's `Operation` lets in."""
    operation = handler.opt.get("operation")
    if operation is not None and operation.public:
        return
    scope = cast("HTTPScope", request.scope)
    services = request.app.state["desk"].services
    scope["state"]["principal"] = await admin_of(scope, services)


def principal(request: ASGIConnection[Any, Any, Any, Any]) -> Principal:
    """Return who the guard let in."""
    who: Principal = request.scope["state"]["principal"]
    return who


def is_local(scope: HTTPScope, headers: Mapping[str, str]) -> bool:
    """Whether a program of this machine asks for itself.

    What a proxy forwards never is, trusted or not; and since a proxy of this machine may speak for
    the world without a word of it, the request must also name a host that is this machine's alone.
    """
    client = scope.get("client")
    if client is None or HEADERS & headers.keys():
        return False
    try:
        here = ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        return False
    return here and host_name(headers.get("host", "")) in LOCAL
