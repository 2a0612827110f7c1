"""Preconditions and content codings of a request: RFC 9110 §12.5.3 and §13."""

import re
from email.utils import formatdate, parsedate_to_datetime

from matinee.apps.asgi import Scope, header

_NO = re.compile(rb"0(?:\.0{0,3})?")


def matches(condition: bytes | None, etag: bytes) -> bool:
    """Whether If-None-Match names *etag* (weak comparison, §13.1.2)."""
    if condition is None:
        return False
    tags = (tag.strip().removeprefix(b"W/") for tag in condition.split(b","))
    return any(tag in {etag, b"*"} for tag in tags)


def not_modified(scope: Scope, etag: bytes, modified: float) -> bool:
    """Whether the client's copy is still what it would get (304): by tag, else by date."""
    condition = header(scope, b"if-none-match")
    if condition is not None:
        return matches(condition, etag)
    since = _instant(header(scope, b"if-modified-since"))
    return since is not None and int(modified) <= since


def failed(scope: Scope, etag: bytes, modified: float) -> bool:
    """Whether the client asked for another state of the object than it has (412)."""
    condition = header(scope, b"if-match")
    if condition is not None:  # strong comparison: W/ never matches, §13.1.1
        return not any(tag.strip() in {etag, b"*"} for tag in condition.split(b","))
    since = _instant(header(scope, b"if-unmodified-since"))
    return since is not None and int(modified) > since


def range_applies(scope: Scope, etag: bytes, modified: float) -> bool:
    """Whether Range counts: If-Range, where there is one, names exactly this object (§13.1.5)."""
    condition = header(scope, b"if-range")
    return condition is None or condition.strip() in {etag, http_date(modified)}


def http_date(modified: float) -> bytes:
    """Return *modified* (Unix time) as headers write it."""
    return formatdate(modified, usegmt=True).encode()


def accepts_gzip(scope: Scope) -> bool:
    """Whether Accept-Encoding has gzip, and not with a weight of 0."""
    value = header(scope, b"accept-encoding")
    if value is None or b"gzip" not in value:  # programs write it in lower case
        return False
    for coding in value.split(b","):
        name, _, weight = coding.partition(b";")
        if name.strip() in {b"gzip", b"x-gzip"}:
            return _NO.fullmatch(weight.strip().removeprefix(b"q=")) is None
    return False


def coded(etag: bytes) -> bytes:
    """Return the tag of the compressed form: another representation, another tag (§8.8.3.3)."""
    return etag[:-1] + b'-gzip"'


def _instant(value: bytes | None) -> float | None:
    """Return the date in a header as Unix time; None where there is none or it is malformed."""
    if value is None or len(value) > 64:
        return None
    try:
        return parsedate_to_datetime(value.decode("latin-1")).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
