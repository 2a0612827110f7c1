"""Signing a browser in: /api/v1/session."""

import asyncio

import structlog
from litestar import Controller, Response, delete, get, post
from litestar.datastructures import Cookie

from matinee.accounts.principals import Principal
from matinee.apps.api import bodies
from matinee.apps.api.desk import ApiRequest, Desk, base_of, desk_of, json_response
from matinee.apps.api.forwarding import client_of
from matinee.apps.api.operations import Answer, Operation
from matinee.apps.api.problems import RequestError
from matinee.apps.api.schema import SessionBody, SignIn, SignInCode
from matinee.apps.api.security import (
    COOKIE,
    check_same_origin,
    headers_of,
    origins,
    principal,
    session_token,
)
from matinee.errors import DeniedError

_log = structlog.get_logger(__name__)

_COOKIE_HEADER = {"Set-Cookie": f"`{COOKIE}`, HttpOnly and SameSite=Strict."}


class Sessions(Controller):
    """The browser's session: a cookie in place of an API key."""

    path = "/session"

    @post(
        "/",
        status_code=201,
        operation=Operation(
            id="signIn",
            tag="Session",
            summary="Sign a browser in",
            body=SignIn,
            public=True,
            answers={
                201: Answer(
                    description="Who is signed in; the cookie says so from now on.",
                    body=SessionBody,
                    headers=_COOKIE_HEADER,
                )
            },
            problems={
                401: "The key or code is wrong, was revoked, used before or is over.",
                403: "The request comes from a page of another site.",
                422: "Not exactly one of api_key and code is given.",
                429: "Too many sign-ins from this address failed.",
            },
        ),
    )
    async def sign_in(self, request: ApiRequest) -> Response[bytes]:
        """Open a session with an API key, or with the one-time code of `matinee console`.

        The code is in the page's address behind `#`, so that it reaches no log.
        """
        desk = desk_of(request)
        headers = headers_of(request.scope)
        if "origin" in headers or "sec-fetch-site" in headers:
            ours = origins(request.scope, headers, desk.services)
            check_same_origin("POST", headers, ours)
        wanted = await bodies.read(request, SignIn)
        if (wanted.api_key is None) == (wanted.code is None):
            raise RequestError(
                "Exactly one of api_key and code must be given.",
                fix="Give the API key, or the code that `matinee console` printed.",
                code="invalid-input",
                faults=("$: exactly one of api_key and code must be given",),
            )
        address = client_of(request.scope, desk.services.trusted_proxies)
        desk.throttle.admit(address, desk.services.clock())
        try:
            who, token = await asyncio.to_thread(_open, desk, wanted)
        except DeniedError:
            _log.warning("sign-in.refused", client=address or "unknown")
            raise
        desk.throttle.succeeded(address)
        answer = json_response(SessionBody(name=who.name, role=who.role), status=201)
        answer.cookies.append(_cookie(request, token))
        return answer

    @get(
        "/",
        operation=Operation(
            id="getSession",
            tag="Session",
            summary="Ask who is signed in",
            answers={200: Answer(description="Who asks.", body=SessionBody)},
        ),
    )
    async def one(self, request: ApiRequest) -> Response[bytes]:
        """Return whose session, or whose API key, the request carries."""
        who = principal(request)
        return json_response(SessionBody(name=who.name, role=who.role))

    @delete(
        "/",
        status_code=204,
        operation=Operation(
            id="signOut",
            tag="Session",
            summary="Sign out",
            answers={204: Answer(description="The session is over.", headers=_COOKIE_HEADER)},
        ),
    )
    async def sign_out(self, request: ApiRequest) -> Response[None]:
        """End the session of the cookie that the request carries."""
        token = session_token(headers_of(request.scope))
        if token is not None:
            await asyncio.to_thread(desk_of(request).services.accounts.close_session, token)
        return Response(None, status_code=204, cookies=[_cookie(request, "", max_age=0)])

    @post(
        "/codes",
        status_code=201,
        operation=Operation(
            id="createSignInCode",
            tag="Session",
            summary="Make a sign-in link",
            answers={201: Answer(description="The code and the link.", body=SignInCode)},
        ),
    )
    async def create_code(self, request: ApiRequest) -> Response[bytes]:
        """Make a one-time code that signs a browser in as the asker, valid for a few minutes."""
        accounts = desk_of(request).services.accounts
        made = await asyncio.to_thread(accounts.create_code, principal(request))
        url = f"{base_of(request)}/console#code={made.code}"
        body = SignInCode(code=made.code, url=url, expires_at=made.expires_at)
        return json_response(body, status=201)


def _open(desk: Desk, wanted: SignIn) -> tuple[Principal, str]:
    accounts = desk.services.accounts
    if wanted.api_key is not None:
        who = accounts.authenticate(wanted.api_key.strip())
    else:
        who = accounts.redeem((wanted.code or "").strip())
    return who, accounts.open_session(who)


def _cookie(request: ApiRequest, token: str, max_age: int | None = None) -> Cookie:
    return Cookie(
        key=COOKIE,
        value=token,
        path="/",
        httponly=True,
        samesite="strict",
        secure=base_of(request).startswith("https:"),
        max_age=max_age,
    )
