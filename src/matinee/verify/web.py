"""A stream on web servers, which are strangers: bounded in size, time, redirects and reach."""

import re
import time
import zlib
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx

from matinee.errors import InputError, NotFoundError, UpstreamError
from matinee.model.presentation import ByteRange
from matinee.network.guard import Resolve, check_public, system_resolve
from matinee.verify.options import VerifyOptions
from matinee.verify.reader import Body

_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,19})-([0-9]{1,19})/([0-9]{1,19}|\*)")
_GZIP = frozenset({"gzip", "x-gzip"})


class HttpReader:
    """Objects on web servers: http and https only, bounded in size, time and redirects."""

    remote = True

    def __init__(
        self, options: VerifyOptions, target: str = "", *, resolve: Resolve = system_resolve
    ) -> None:
        """Read the stream at *target*; where that is public, so must be all that it leads to."""
        self._options = options
        self._reach = _Reach(target, resolve)
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
            self._reach.check(url)
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
        decoder = _Decoder(response.headers.get("content-encoding", ""))
        data, deadline = bytearray(), time.monotonic() + self._options.timeout_seconds
        for piece in response.iter_raw():
            data += decoder.decode(piece, limit + 1 - len(data))
            if len(data) > limit:
                raise InputError(f"{shown} is larger than {limit} bytes")
            if time.monotonic() > deadline:
                raise UpstreamError(f"{shown} takes longer than it may")
        decoder.finish()
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if span is None:
            return Body(bytes(data), len(data), media_type)
        if status == 206:
            match = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
            total = int(match[3]) if match and match[3] != "*" else None
            return Body(bytes(data), total, media_type)
        piece = bytes(data[span.offset : span.offset + span.length])
        return Body(piece, len(data), media_type, range_ignored=True)


class _Reach:
    """Where requests may go: a public stream's playlists must not send us into our own network."""

    def __init__(self, target: str, resolve: Resolve) -> None:
        self._target = _host(target)
        self._resolve = resolve
        self._public: dict[str, bool] = {}

    def check(self, url: str) -> None:
        """Raise `InputError` where *url* is private and the target is not."""
        host = _host(url)
        if host != self._target and self._is_public(self._target) and not self._is_public(host):
            raise InputError(f"{_shown(url)} leads into a private network")

    def _is_public(self, host: str) -> bool:
        if not host:
            return False
        if host not in self._public:
            try:
                check_public(host, resolve=self._resolve)
            except InputError:
                self._public[host] = False
            except UpstreamError:
                return True  # it cannot be reached either, and the request will say so
            else:
                self._public[host] = True
        return self._public[host]


class _Decoder:
    """Undoes the one content coding that we ask for, never beyond the bytes asked for.

    httpx would undo any chain of codings, whole: 64 kB of gzip within gzip are 64 GB.
    """

    def __init__(self, coding: str) -> None:
        coding = coding.strip().lower()
        if coding not in _GZIP | {"", "identity"}:
            raise InputError(f"it comes encoded as {coding[:40]!r}, which was not asked for")
        self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16) if coding in _GZIP else None

    def decode(self, piece: bytes, limit: int) -> bytes:
        """Return *piece* decoded, or the first *limit* bytes of that."""
        if self._inflater is None:
            return piece
        try:
            return self._inflater.decompress(piece, limit)
        except zlib.error:
            raise InputError("it is not the gzip that it is said to be") from None

    def finish(self) -> None:
        """Raise `UpstreamError` where the coded stream was cut short."""
        if self._inflater is not None and not self._inflater.eof:
            raise UpstreamError("its gzip is cut short")


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _shown(address: str) -> str:
    """The address without its query, which may hold a signature."""
    return address.partition("?")[0][:300]
