"""What an operation of the API takes and answers: read by its guard, its parser and OpenAPI.

Each handler carries one `Operation` in its `opt`, so the document cannot drift from the code.
"""

from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from litestar import Request

from matinee.apps.api.bodies import struct_faults
from matinee.apps.api.problems import RequestError

Query = TypeVar("Query", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One successful answer: what it means, its body and its headers."""

    description: str
    body: type[msgspec.Struct] | None = None
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    """Header name to what it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path. Its description is the handler's docstring."""

    id: str
    tag: str
    summary: str
    answers: dict[int, Answer]
    body: type[msgspec.Struct] | None = None
    query: type[msgspec.Struct] | None = None
    request_headers: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Header name to its OpenAPI parameter members."""
    problems: dict[int, str] = field(default_factory=dict)
    """Statuses of refusals that are this operation's own, and when they come."""
    public: bool = False
    """Whether it answers without a key."""


def read_query(request: Request[Any, Any, Any], query: type[Query]) -> Query:
    """Return the request's query parameters as *query*.

    Raises:
        RequestError: a parameter is unknown, repeated or malformed; all faults are listed.
    """
    given: dict[str, str] = {}
    faults = []
    for name, value in request.query_params.multi_items():
        if name in given:
            faults.append(f"query {name[:80]}: is given twice")
        given[name] = value
    known = {one.encode_name for one in msgspec.structs.fields(query)}
    faults += [f"query {name[:80]}: unknown parameter" for name in given if name not in known]
    present = {name: value for name, value in given.items() if name in known}
    faults += struct_faults(present, query, "query", strict=False)
    if faults:
        raise RequestError(
            "The query does not fit: " + "; ".join(faults[:3]) + ".",
            fix=f"The parameters are {', '.join(sorted(known))}." if known else "Give none.",
            faults=tuple(faults[:50]),
        )
    return msgspec.convert(present, query, strict=False)
