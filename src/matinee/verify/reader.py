"""Where a stream's bytes come from: a folder, or HTTP. Addresses are opaque to the rules."""

import re
import time
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import httpx
import msgspec

from matinee.errors import InputError, NotFoundError, UpstreamError
from matinee.model.presentation import ByteRange
from matinee.verify.options import VerifyOptions

_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,19})-([0-9]{1,19})/([0-9]{1,19}|\*)")


class Body(msgspec.Struct, frozen=True):
    """What came: the bytes, the whole object's size where known, and its media type if any."""

    data: bytes
    size: int | None = None
    media_type: str | None = None
    range_ignored: bool = False
    """The server sent the whole object where a range was asked for."""


class Reader(Protocol):
    """Reads objects by address.

    Methods raise `NotFoundError` for what is not there, `InputError` for addresses that may not
    be read and objects beyond *limit*, `UpstreamError` where the source fails.
    """

    remote: bool

    def resolve(self, base: str, reference: str) -> str:
        """Return the address of *reference* as it stands in the document at *base*."""
        ...

    def read(self, address: str, span: ByteRange | None, limit: int) -> Body:
        """Return the bytes at *address*, or those of *span*, at most *limit*."""
        ...

    def close(self) -> None:
        """Give back what the reader holds."""
        ...


class FolderReader:
    """Files in and below one folder, and no others."""

    remote = False

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def resolve(self, base: str, reference: str) -> str:
        """Return the path of *reference* within the folder.

        Raises:
            InputError: it has a scheme or a host, or leads out of the folder.
        """
        parts = urlsplit(reference)
        if parts.scheme or parts.netloc:
            raise InputError(f"{reference[:200]} is not in the folder")
        folder = base.rpartition("/")[0]
        path = unquote(parts.path)
        joined: list[str] = []
        for step in (*(folder.split("/") if not path.startswith("/") else ()), *path.split("/")):
            if step == "..":
                if not joined:
                    raise InputError(f"{reference[:200]} leads out of the folder")
                joined.pop()
            elif step not in {"", "."}:
                joined.append(step)
        # A base that ends in a slash is a folder, and what follows goes into it.
        slash = "/" if joined and path.rpartition("/")[2] in {"", ".", ".."} else ""
        return "/".join(joined) + slash

    def read(self, address: str, span: ByteRange | None, limit: int) -> Body:
        """Return the file's bytes, or those of *span*.

        Raises:
            NotFoundError: there is no such file.
            InputError: a link out of the folder, or larger than *limit*.
            UpstreamError: the disk failed.
        """
        try:
            path = (self._root / address).resolve()
            if not path.is_relative_to(self._root):
                raise InputError(f"{address} leads out of the folder")
            with path.open("rb") as file:
                size = path.stat().st_size
                length = span.length if span else size
                if length > limit:
                    raise InputError(f"{address} is larger than {limit} bytes")
                file.seek(span.offset if span else 0)
                return Body(file.read(length), size)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError, ValueError):
            raise NotFoundError(f"there is no {address}") from None
        except OSError as error:
            raise UpstreamError(f"{address} cannot be read: {error.strerror}") from error

    def close(self) -> None:
        """Nothing is held."""


class HttpReader:
    """Objects on web servers: http and https only, bounded in size, time and redirects."""

    remote = True

    def __init__(self, options: VerifyOptions) -> None:
        self._options = options
        self._client = httpx.Client(
            timeout=httpx.Timeout(options.timeout_seconds),
            limits=httpx.Limits(max_connections=max(1, options.workers)),
            headers={"user-agent": "matinee-verify", "accept-encoding": "gzip, identity"},
            follow_redirects=False,
            trust_env=False,
        )

    def resolve(self, base: str, reference: str) -> str:
        """Return the URL of *reference* in the document at *base*.

        Raises:
            InputError: a scheme other than http and https.
        """
        try:
            address = urldefrag(urljoin(base, reference)).url
            scheme, host = urlsplit(address).scheme, urlsplit(address).hostname
        except ValueError:
            raise InputError(f"{reference[:200]!r} is no URL") from None
        if scheme not in {"http", "https"} or not host:
            raise InputError(f"{reference[:200]!r} is neither http nor https")
        return address

    def read(self, address: str, span: ByteRange | None, limit: int) -> Body:
        """Return what the server sends, after one more try where it fails.

        Raises:
            NotFoundError: 404 or 410. InputError: another 4xx, too large, or a bad redirect.
            UpstreamError: no connection, 5xx, or beyond the time limit.
        """
        try:
            return self._read(address, span, limit)
        except UpstreamError:
            time.sleep(0.2)
            return self._read(address, span, limit)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _read(self, address: str, span: ByteRange | None, limit: int) -> Body:
        headers = {"range": f"bytes={span.offset}-{span.last}"} if span else {}
        if span is not None:
            # A range of a compressed representation would be a range of other bytes.
            headers["accept-encoding"] = "identity"
        url = address
        for _ in range(self._options.redirects + 1):
            try:
                with self._client.stream("GET", url, headers=headers) as response:
                    if response.has_redirect_location:
                        url = self.resolve(url, response.headers["location"])
                        continue
                    return self._body(response, span, limit)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                kind = type(error).__name__
                raise UpstreamError(f"{_shown(address)} cannot be read: {kind}") from error
        raise InputError(f"{_shown(address)} redirects more than {self._options.redirects} times")

    def _body(self, response: httpx.Response, span: ByteRange | None, limit: int) -> Body:
        shown, status = _shown(str(response.url)), response.status_code
        if status in {404, 410}:
            raise NotFoundError(f"{shown} is not there ({status})")
        if status >= 500:
            raise UpstreamError(f"{shown} answers {status}")
        if status == 416:
            raise InputError(f"{shown} has no such byte range", code="byte-range")
        if status not in {200, 206}:
            raise InputError(f"{shown} answers {status}")
        data, deadline = bytearray(), time.monotonic() + self._options.timeout_seconds
        for piece in response.iter_bytes():
            data += piece
            if len(data) > limit:
                raise InputError(f"{shown} is larger than {limit} bytes")
            if time.monotonic() > deadline:
                raise UpstreamError(f"{shown} takes longer than it may")
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if span is None:
            return Body(bytes(data), len(data), media_type)
        if status == 206:
            match = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
            total = int(match[3]) if match and match[3] != "*" else None
            return Body(bytes(data), total, media_type)
        piece = bytes(data[span.offset : span.offset + span.length])
        return Body(piece, len(data), media_type, range_ignored=True)


def _shown(address: str) -> str:
    """The address without its query, which may hold a signature."""
    return address.partition("?")[0][:300]
