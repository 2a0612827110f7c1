"""The OpenAPI 3.1 document, made from the handlers' `Operation`s and the structs of `schema.py`."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from matinee.apps.api import schema
from matinee.apps.api.examples import EXAMPLES
from matinee.apps.api.operations import Answer, Operation
from matinee.apps.api.problems import MEDIA_TYPE
from matinee.apps.uploads import document as uploads

_REF = "#/components/schemas/{name}"
_PATH_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
_PARAMETERS = {
    "title_id": "The title's id.",
    "job_id": "The job's id.",
    "webhook_id": "The webhook's id.",
    "worker_id": "The worker's id.",
}
_TAGS = {
    "Titles": "Films: publish, describe, take off the air, delete.",
    "Uploads": "Resumable uploads: tus 1.0.0, <https://tus.io/protocols/resumable-upload>.",
    "Jobs": "The runs that make titles.",
    "Workers": "The processes that run jobs and encode.",
    "Events": "What happens, as it happens.",
    "Webhooks": "What happens, sent to you.",
    "Catalogue": "What viewers see; needs no key.",
    "Session": "Signing a browser in.",
    "Operation": "Health and metrics.",
}
_STANDARD = {
    400: "The request is malformed; `errors` lists every fault.",
    401: "No key, or not a valid one.",
    403: "The key's role does not allow it, or a cookie came from another site.",
    404: "There is no such thing.",
    408: "The body did not come whole.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    421: "The request names a host that this server does not answer for.",
    500: "Something broke in Matinee; the log has the number that the answer names.",
    503: "The database or the store does not answer; try again.",
}
_SECURITY = {
    "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key; the first start of `matinee up` writes one to a file.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "matinee_session",
        "description": "The cookie that `signIn` sets; for Matinee's own pages.",
    },
}


def document(app: Litestar, version: str) -> dict[str, Any]:
    """Return the OpenAPI document of *app* as JSON-able values."""
    paths: dict[str, Any] = {}
    bodies: set[type] = {schema.ProblemBody}
    for handler, path in _handlers(app):
        operation = handler.opt["operation"]
        bodies |= {one.body for one in operation.answers.values() if one.body}
        bodies |= {operation.body} if operation.body else set()
        described = _operation(operation, path, inspect.getdoc(handler.fn) or "")
        for method in handler.http_methods:
            paths.setdefault(_PATH_PARAMETER.sub(r"{\1}", path), {})[method.lower()] = described
    paths |= uploads.paths()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Matinee",
            "version": version,
            "summary": "Publish films, follow the work, and list what can be watched.",
            "description": "Errors are RFC 9457 problem documents whose `code` is stable and "
            "whose `fix` says what to do. Lists are paged by cursors. Names are snake_case, "
            "times RFC 3339 in UTC, durations seconds, rates bits a second.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": _schemas(bodies), "securitySchemes": _SECURITY},
    }


def _handlers(app: Litestar) -> Iterable[tuple[HTTPRouteHandler, str]]:
    """Yield each handler that has an `Operation`, with its path."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler) and "operation" in handler.opt:
                yield handler, route.path


def _operation(operation: Operation, path: str, description: str) -> dict[str, Any]:
    parameters = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": _PARAMETERS[name],
            "schema": {"type": "string", "minLength": 1},
        }
        for name in _PATH_PARAMETER.findall(path)
    ]
    parameters += _query_parameters(operation.query) if operation.query else []
    parameters += [
        {"name": name, "in": "header", "required": False, **members}
        for name, members in operation.request_headers.items()
    ]
    described: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": description,
        "parameters": parameters,
        "responses": _responses(operation, path),
        "security": [] if operation.public else [{"apiKey": []}, {"session": []}],
    }
    if operation.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": _media_type(operation.body)},
        }
    return described


def _query_parameters(query: type[msgspec.Struct]) -> list[dict[str, Any]]:
    (_,), components = msgspec.json.schema_components([query], ref_template=_REF)
    found = []
    for name, given in components[query.__name__].get("properties", {}).items():
        described = _without_null(given)
        described.pop("default", None)
        parameter = {"name": name, "in": "query", "required": False}
        description = described.pop("description", None)
        if description:
            parameter["description"] = description
        if given.get("default") is not None:
            described["default"] = given["default"]
        found.append({**parameter, "schema": described})
    return found


def _without_null(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of an optional parameter: absent is how a query says null."""
    described = {key: value for key, value in given.items() if key != "anyOf"}
    for one in given.get("anyOf", ()):
        if one.get("type") != "null":
            described |= one
    if isinstance(described.get("enum"), list):
        described["enum"] = [one for one in described["enum"] if one is not None]
        described["type"] = "string"
    return described


def _responses(operation: Operation, path: str) -> dict[str, Any]:
    answers = {str(status): _answer(one) for status, one in operation.answers.items()}
    statuses = {400, 421, 500, 503}
    if not operation.public:
        statuses |= {401, 403}
    if _PATH_PARAMETER.search(path):
        statuses.add(404)
    if operation.body is not None:
        statuses |= {408, 413, 415}
    problems = {status: _STANDARD[status] for status in statuses} | operation.problems
    for status, text in sorted(problems.items()):
        answers[str(status)] = problem(status, text)
    return answers


def problem(status: int, text: str) -> dict[str, Any]:
    """Return the OpenAPI response of a problem document."""
    described: dict[str, Any] = {
        "description": text,
        "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(name="ProblemBody")}}},
    }
    if status == 401:
        described["headers"] = {"WWW-Authenticate": _header("How to identify yourself.")}
    if status in {429, 503}:
        described["headers"] = {"Retry-After": _header("Seconds to wait.")}
    return described


def _header(text: str) -> dict[str, Any]:
    return {"description": text, "schema": {"type": "string"}}


def _answer(answer: Answer) -> dict[str, Any]:
    described: dict[str, Any] = {"description": answer.description}
    if answer.headers:
        described["headers"] = {name: _header(text) for name, text in answer.headers.items()}
    if answer.body is not None:
        described["content"] = {answer.media_type: _media_type(answer.body)}
    elif answer.media_type != "application/json":
        described["content"] = {answer.media_type: {"schema": {"type": "string"}}}
    return described


def _media_type(body: type[msgspec.Struct]) -> dict[str, Any]:
    described: dict[str, Any] = {"schema": {"$ref": _REF.format(name=body.__name__)}}
    if body in EXAMPLES:
        described["examples"] = {
            name: {"value": msgspec.to_builtins(value)} for name, value in EXAMPLES[body].items()
        }
    return described


def _schemas(bodies: Iterable[type]) -> dict[str, Any]:
    ordered = sorted(bodies, key=lambda body: body.__name__)
    _, components = msgspec.json.schema_components(ordered, ref_template=_REF)
    structs = {one.__name__: one for one in _reachable(ordered)}
    for name, component in components.items():
        for field, text in _field_docs(structs[name]).items() if name in structs else ():
            _describe(component["properties"][field], text)
    return dict(sorted(components.items()))


def _describe(described: dict[str, Any], text: str) -> None:
    described.setdefault("description", text)


def _reachable(bodies: Iterable[Any]) -> set[type]:
    """Return *bodies* and every struct within them."""
    found: set[type] = set()
    waiting = list(bodies)
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and issubclass(one, msgspec.Struct):
            if one not in found:
                found.add(one)
                waiting += [field.type for field in msgspec.structs.fields(one)]
        else:
            waiting += getattr(one, "__args__", ())
    return found


@cache
def _field_docs(body: type) -> dict[str, str]:
    """Return what the source says below each field of *body*."""
    (declared,) = ast.parse(textwrap.dedent(inspect.getsource(body))).body
    if not isinstance(declared, ast.ClassDef):
        return {}
    found = {}
    for field, below in zip(declared.body, declared.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            found[field.target.id] = inspect.cleandoc(below.value.value)
    return found
