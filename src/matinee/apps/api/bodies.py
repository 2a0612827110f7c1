"""Request bodies: JSON to a struct of `schema.py`, with every fault found at once."""

import asyncio
from itertools import islice
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin

import msgspec
from litestar import Request
from litestar.exceptions import InternalServerException

from matinee.apps.api.problems import RequestError

MAX_BODY = 1 << 20
"""Bytes of a JSON body."""
RECEIVE_SECONDS = 30.0
"""For a body to come whole: who sends a byte now and then must not hold on to us."""
_MAX_FAULTS = 50

Body = TypeVar("Body", bound=msgspec.Struct)


async def read(request: Request[Any, Any, Any], body: type[Body]) -> Body:
    """Return the request's JSON body as *body*.

    Raises:
        RequestError: it is no JSON (415), did not come whole (408), is malformed, or does not fit
            the schema (400); the last lists every fault with its path.
    """
    declared = request.headers.get("content-type", "")
    if declared.partition(";")[0].strip().lower() != "application/json":
        raise RequestError(
            f"The body is {declared[:80] or 'of no declared type'}, not JSON.",
            fix="Send JSON with the header Content-Type: application/json.",
            code="unsupported-media-type",
        )
    return decode(await _received(request), body)


async def _received(request: Request[Any, Any, Any]) -> bytes:
    try:
        async with asyncio.timeout(RECEIVE_SECONDS):
            return await request.body()
    except (TimeoutError, InternalServerException) as error:
        # Litestar's word for a client that has gone is a fault of the server's; it is none.
        raise RequestError(
            f"The body did not come whole within {RECEIVE_SECONDS:.0f} s.",
            fix="Send it again.",
            code="timeout",
            headers={"Connection": "close"},
        ) from error


def decode(content: bytes, body: type[Body]) -> Body:
    """Return *content* as *body*, or raise `RequestError` with all its faults."""
    try:
        value = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestError(
            f"The body is not JSON: {error}." if content else "The body is empty.",
            fix="Send one JSON object, in UTF-8.",
            faults=(f"$: {error}",),
        ) from error
    faults = struct_faults(value, body, "$")
    if faults:
        raise RequestError(
            "The body does not fit: " + "; ".join(faults[:3]) + ".",
            fix="Correct the fields named in `errors`; /api/v1/openapi.json describes them.",
            faults=tuple(faults[:_MAX_FAULTS]),
        )
    return msgspec.convert(value, body)


def struct_faults(
    value: object, body: type[msgspec.Struct], path: str, *, strict: bool = True
) -> list[str]:
    """Return each fault of *value* as a *body*: msgspec itself stops at the first.

    Not *strict* reads numbers out of text, as a query has them.
    """
    if not isinstance(value, dict):
        return [f"{path}: expected an object"]
    fields = {field.encode_name: field for field in msgspec.structs.fields(body)}
    unknown = islice((name for name in value if name not in fields), _MAX_FAULTS)
    found = [f"{path}: unknown field {name[:80]!r}" for name in unknown]
    for name, field in fields.items():
        place = f"{path}.{name}" if strict else f"{path} {name}"
        if name in value:
            kind = field.type if strict else _without_none(field.type)
            found += _of_field(value[name], kind, place, strict=strict)
        elif field.required:
            found.append(f"{place}: is missing")
    return found


def _of_field(value: object, kind: type, place: str, *, strict: bool) -> list[str]:
    item = _struct_of_items(kind)
    if item is not None and isinstance(value, list):
        every = (struct_faults(one, item, f"{place}[{index}]") for index, one in enumerate(value))
        nested = list(islice((fault for faults in every for fault in faults), _MAX_FAULTS))
        if nested:
            return nested
    try:
        msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError as error:
        message, _, inner = str(error).partition(" - at `$")
        return [f"{place}{inner.rstrip('`')}: {message[:1].lower()}{message[1:]}"]
    return []


def _without_none(kind: Any) -> Any:  # noqa: ANN401  (a type form)
    """Return X of `X | None`: a query says None by leaving it out, and `null` is but a word."""
    rest = [one for one in get_args(kind) if one is not NoneType]
    return rest[0] if NoneType in get_args(kind) and len(rest) == 1 else kind


def _struct_of_items(kind: object) -> type[msgspec.Struct] | None:
    """Return S where *kind* is `list[S]`, with or without constraints, of structs S."""
    if hasattr(kind, "__metadata__"):
        kind = get_args(kind)[0]
    if get_origin(kind) is list:
        (item,) = get_args(kind)
        if isinstance(item, type) and issubclass(item, msgspec.Struct):
            return item
    return None
