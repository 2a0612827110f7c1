"""The uploads' part of the OpenAPI document: raw ASGI has no handlers to make it from."""

from typing import Any

from matinee.apps.uploads import protocol

_PROBLEMS = {
    400: "A tus header is missing or malformed.",
    401: "No key, or not a valid one.",
    403: "The key's role does not allow it, or a cookie came from another site.",
    404: "There is no such upload.",
    408: "The body did not come whole; what came is kept.",
    409: "The upload is at another offset than Upload-Offset says, or its length is set already.",
    410: "The upload has expired, or a title has taken it.",
    412: "The client speaks another version of tus; Tus-Version says which we speak.",
    413: "The upload is above Tus-Max-Size, or the body goes beyond Upload-Length.",
    415: f"The body is not {protocol.CONTENT_TYPE}.",
    421: "The request names a host that this server does not answer for.",
    422: "Upload-Metadata cannot be read, or not exactly one of Upload-Length and "
    "Upload-Defer-Length is given.",
    423: "Another request is sending to this upload.",
    429: "Too many uploads wait for a title already.",
    460: "The bytes do not have the checksum of Upload-Checksum; they were thrown away.",
    500: "Something broke in Matinee; the log has the number that the answer names.",
    503: "The database or the disk does not answer; try again.",
    507: "There is no room on the disk; what came is kept.",
}
_SECURITY: list[dict[str, list[str]]] = [{"apiKey": []}, {"session": []}]
_BYTES = {"pattern": "^[0-9]{1,18}$", "type": "string"}
_RESUMABLE = {
    "name": "Tus-Resumable",
    "in": "header",
    "required": True,
    "description": "The version of tus that the client speaks.",
    "schema": {"type": "string", "const": protocol.VERSION},
}
_CHECKSUM = {
    "name": "Upload-Checksum",
    "in": "header",
    "required": False,
    "description": "An algorithm of Tus-Checksum-Algorithm, a space, and the digest of the body "
    "in base64.",
    "schema": {
        "type": "string",
        "pattern": "^(md5 [A-Za-z0-9+/]{22}==|sha1 [A-Za-z0-9+/]{27}=|sha256 [A-Za-z0-9+/]{43}=|"
        "sha512 [A-Za-z0-9+/]{86}==)$",
    },
    "example": "sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
}
_ID = {
    "name": "upload_id",
    "in": "path",
    "required": True,
    "description": "The upload's id: the last segment of its Location.",
    "schema": {"type": "string", "minLength": 1},
}


def _problems(*statuses: int, bodiless: bool = False) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
    common = (401, 403, 412, 421, 500, 503)
    found: dict[str, Any] = {}
    for status in sorted({*common, *statuses}):
        found[str(status)] = {"description": _PROBLEMS[status]}
        if not bodiless:
            found[str(status)]["content"] = content
    return found


def _headers(**texts: str) -> dict[str, Any]:
    every = {"Tus-Resumable": "The version of tus that we speak.", **texts}
    return {
        name.replace("_", "-"): {"description": text, "schema": {"type": "string"}}
        for name, text in every.items()
    }


_OFFSET = "How many bytes of the upload are here."
_EXPIRES = "When the upload is thrown away unless it goes on or a title takes it."
_BODY = {
    "description": "The bytes from Upload-Offset on.",
    "content": {protocol.CONTENT_TYPE: {"schema": {"type": "string", "format": "binary"}}},
}


def paths() -> dict[str, Any]:
    """Return the paths of the tus endpoint as OpenAPI has them."""
    return {
        "/api/v1/uploads": {"post": _create(), "options": _abilities("getUploadAbilities")},
        "/api/v1/uploads/{upload_id}": {
            "head": _head(),
            "patch": _patch(),
            "delete": _delete(),
            "options": _abilities("getUploadAbilitiesOfOne", _ID),
        },
    }


def _abilities(identifier: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": identifier,
        "tags": ["Uploads"],
        "summary": "Ask what uploads can do",
        "description": "Versions, extensions, checksums and the largest size; needs no key.",
        "security": [],
        "parameters": list(parameters),
        "responses": {
            "204": {
                "description": "What we can do.",
                "headers": _headers(
                    Tus_Version="Versions that we speak.",
                    Tus_Extension="Extensions that we have.",
                    Tus_Max_Size="Bytes of the largest upload.",
                    Tus_Checksum_Algorithm="Algorithms for Upload-Checksum.",
                ),
            },
            "421": {
                "description": _PROBLEMS[421],
                "content": {
                    "application/problem+json": {
                        "schema": {"$ref": "#/components/schemas/ProblemBody"}
                    }
                },
            },
        },
    }


def _create() -> dict[str, Any]:
    return {
        "operationId": "createUpload",
        "tags": ["Uploads"],
        "summary": "Begin an upload",
        "description": "Give the size with Upload-Length, or say Upload-Defer-Length: 1 and give "
        "it later. The body may bring the first bytes (creation-with-upload).",
        "security": _SECURITY,
        "parameters": [
            _RESUMABLE,
            {
                "name": "Upload-Length",
                "in": "header",
                "required": False,
                "description": "Bytes of the whole file.",
                "schema": _BYTES,
                "example": "1048576",
            },
            {
                "name": "Upload-Defer-Length",
                "in": "header",
                "required": False,
                "description": "1: the size is not known yet.",
                "schema": {"type": "string", "const": "1"},
            },
            {
                "name": "Upload-Metadata",
                "in": "header",
                "required": False,
                "description": "Pairs of a key and a base64 value, separated by commas; "
                "`filename` names the file.",
                "schema": {"type": "string", "maxLength": protocol.MAX_METADATA},
                "example": "filename ZmlsbS5tcDQ=",
            },
            _CHECKSUM,
        ],
        "requestBody": {"required": False, **_BODY},
        "responses": {
            "201": {
                "description": "The upload is there.",
                "headers": _headers(
                    Location="Where the upload is.", Upload_Offset=_OFFSET, Upload_Expires=_EXPIRES
                ),
            },
            **_problems(400, 413, 422, 423, 429, 460, 507),
        },
    }


def _head() -> dict[str, Any]:
    return {
        "operationId": "getUpload",
        "tags": ["Uploads"],
        "summary": "Ask how far an upload has come",
        "description": "Ask this before going on after an interruption.",
        "security": _SECURITY,
        "parameters": [_ID, _RESUMABLE],
        "responses": {
            "200": {
                "description": "How far it has come.",
                "headers": _headers(
                    Upload_Offset=_OFFSET,
                    Upload_Length="Bytes of the whole file, if known.",
                    Upload_Defer_Length="1 while the size is not known.",
                    Upload_Metadata="As it was given.",
                    Upload_Expires=_EXPIRES,
                ),
            },
            **_problems(404, 410, bodiless=True),
        },
    }


def _patch() -> dict[str, Any]:
    return {
        "operationId": "appendToUpload",
        "tags": ["Uploads"],
        "summary": "Send bytes",
        "description": "Append the body. What came before an interruption is kept, unless "
        "Upload-Checksum guards it.",
        "security": _SECURITY,
        "parameters": [
            _ID,
            _RESUMABLE,
            {
                "name": "Upload-Offset",
                "in": "header",
                "required": True,
                "description": "Where the body begins: what HEAD said last.",
                "schema": _BYTES,
                "example": "0",
            },
            {
                "name": "Upload-Length",
                "in": "header",
                "required": False,
                "description": "The size, if it was not known before.",
                "schema": _BYTES,
            },
            _CHECKSUM,
        ],
        "requestBody": {"required": True, **_BODY},
        "responses": {
            "204": {
                "description": "The bytes are on the disk.",
                "headers": _headers(Upload_Offset=_OFFSET, Upload_Expires=_EXPIRES),
            },
            **_problems(400, 404, 408, 409, 410, 413, 415, 423, 460, 507),
        },
    }


def _delete() -> dict[str, Any]:
    return {
        "operationId": "deleteUpload",
        "tags": ["Uploads"],
        "summary": "Throw an upload away",
        "description": "End the upload and free its room.",
        "security": _SECURITY,
        "parameters": [_ID, _RESUMABLE],
        "responses": {
            "204": {"description": "It is gone.", "headers": _headers()},
            **_problems(404, 410),
        },
    }
