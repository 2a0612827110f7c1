"""The headers of tus 1.0.0: text to values, pure. Sections are those of the protocol's document."""

import base64
import binascii
import hashlib
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import PurePosixPath

import msgspec

from matinee.apps.api.problems import RequestError

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination"
CONTENT_TYPE = "application/offset+octet-stream"
CHECKSUMS = ("sha256", "sha1", "sha512", "md5")
MAX_METADATA = 8192
"""Characters of Upload-Metadata."""
MAX_PAIRS = 32
MAX_FILENAME = 120
"""Bytes of a file name; the store's keys and every file system take them."""
_METADATA_KEY = re.compile(r"[!-+\--~]{1,64}", re.ASCII)
_DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII)
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.ASCII | re.IGNORECASE)


class Checksum(msgspec.Struct, frozen=True):
    """An Upload-Checksum: what the bytes of one request must hash to."""

    algorithm: str
    digest: bytes

    def hasher(self) -> "hashlib._Hash":
        """Return a fresh hash object of the algorithm."""
        return hashlib.new(self.algorithm, usedforsecurity=False)


def check_version(headers: Mapping[str, str]) -> None:
    """Refuse a client of another version (§ Tus-Resumable).

    Raises:
        RequestError: 412 with Tus-Version.
    """
    version = headers.get("tus-resumable")
    if version != VERSION:
        raise RequestError(
            f"The request speaks tus {version[:20]}." if version else "Tus-Resumable is missing.",
            fix=f"Send the header Tus-Resumable: {VERSION}.",
            code="unsupported-tus-version",
            headers={"Tus-Version": VERSION},
        )


def count(headers: Mapping[str, str], name: str) -> int | None:
    """Return the header *name* as a non-negative integer, None where it is absent."""
    text = headers.get(name.lower())
    if text is None:
        return None
    if not _DIGITS.fullmatch(text):
        raise RequestError(
            f"{name} is {text[:40]!r}.", fix=f"Send {name} as a whole number of bytes."
        )
    return int(text)


def length(headers: Mapping[str, str], limit: int) -> int | None:
    """Return the size that a creation declares; None where it is deferred (§ creation).

    Raises:
        RequestError: neither or both were declared (422), or it is above *limit* (413).
    """
    deferred = headers.get("upload-defer-length")
    declared = count(headers, "Upload-Length")
    if deferred not in {None, "1"}:
        raise RequestError(
            f"Upload-Defer-Length is {deferred[:20]!r}.", fix="Send 1, or leave it out."
        )
    if (deferred is None) == (declared is None):
        raise RequestError(
            "Exactly one of Upload-Length and Upload-Defer-Length: 1 must be given.",
            fix="Send Upload-Length with the file's size in bytes.",
            code="invalid-input",
        )
    if declared is not None:
        check_size(declared, limit)
    return declared


def check_size(size: int, limit: int) -> None:
    """Raise `RequestError` (413) where *size* is above *limit* bytes."""
    if size > limit:
        raise RequestError(
            f"An upload of {size} bytes is above the limit of {limit}.",
            fix="Send a smaller file, or let the operator raise the limit.",
            code="too-large",
        )


def metadata(headers: Mapping[str, str]) -> dict[str, str]:
    """Return Upload-Metadata: comma-separated pairs of a key and a base64 value (§ creation).

    Raises:
        RequestError: it is too long, or a pair is malformed, repeated or no UTF-8 (422).
    """
    text = headers.get("upload-metadata", "")
    pairs = [pair for pair in text.split(",") if pair.strip()]
    if len(text) > MAX_METADATA or len(pairs) > MAX_PAIRS:
        raise _bad_metadata("it is too long")
    found: dict[str, str] = {}
    for pair in pairs:
        key, _, value = pair.strip().partition(" ")
        if not _METADATA_KEY.fullmatch(key) or key in found:
            raise _bad_metadata(f"the key {key[:40]!r} is malformed or repeated")
        try:
            decoded = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, ValueError) as error:
            raise _bad_metadata(f"the value of {key} is no base64 of UTF-8") from error
        if "\0" in decoded:
            raise _bad_metadata(f"the value of {key} holds a zero byte")
        found[key] = decoded
    return found


def render_metadata(pairs: Mapping[str, str]) -> str:
    """Return *pairs* as `metadata` reads them."""
    return ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}".strip() for key, value in pairs.items()
    )


def brings_bytes(headers: Mapping[str, str]) -> bool:
    """Whether the body is a piece of an upload (§ PATCH, § creation-with-upload)."""
    return headers.get("content-type", "").strip().lower() == CONTENT_TYPE


def _bad_metadata(why: str) -> RequestError:
    return RequestError(
        f"Upload-Metadata cannot be read: {why}.",
        fix="Send pairs of a key and a base64 value, such as `filename ZmlsbS5tcDQ=`.",
        code="invalid-input",
    )


def safe_filename(name: str, default: str = "film") -> str:
    """Return *name* as one harmless file name of at most `MAX_FILENAME` bytes.

    The last path segment stays, without control and format characters (which could hide its
    true ending), and without what shells, stores and other systems trip over.
    """
    text = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    text = "".join(
        "_" if letter in '<>:"|?*%#\x7f' else letter
        for letter in text
        if unicodedata.category(letter)[0] != "C"
    )
    text = " ".join(text.split()).strip(". ")
    if _RESERVED.fullmatch(text):
        text = f"_{text}"
    parts = PurePosixPath(text or default)
    ending = parts.suffix if len(parts.suffix.encode()) <= 16 else ""
    stem = text[: len(text) - len(ending)] if text else default
    room = MAX_FILENAME - len(ending.encode())
    cut = stem.encode()[:room].decode(errors="ignore")
    return f"{cut}{ending}".strip(". ") or default


def checksum(headers: Mapping[str, str]) -> Checksum | None:
    """Return Upload-Checksum (§ checksum), None where absent.

    Raises:
        RequestError: the algorithm is not one of `CHECKSUMS`, or the digest is malformed (400).
    """
    text = headers.get("upload-checksum")
    if text is None:
        return None
    algorithm, _, encoded = text.partition(" ")
    try:
        digest = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if algorithm not in CHECKSUMS or len(digest) != hashlib.new(algorithm).digest_size:
        raise RequestError(
            f"Upload-Checksum is {text[:60]!r}.",
            fix=f"Send one of {', '.join(CHECKSUMS)}, a space, and the digest in base64.",
        )
    return Checksum(algorithm, digest)


def http_date(moment: datetime) -> str:
    """Return *moment* (aware UTC) as Upload-Expires writes it, RFC 9110 §5.6.7."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)
