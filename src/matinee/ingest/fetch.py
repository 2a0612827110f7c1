"""A source pulled from a URL to a file: safe against requests into our network, resumed on drops.

The name is resolved once, every address checked, and the connection made to the very address that
was checked, so a name that changes its answer in between gains nothing. TLS still proves the name.
"""

import errno
import http.client
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO, NamedTuple
from urllib.parse import SplitResult, unquote, urljoin

import certifi
import msgspec

from matinee.errors import (
    CancelledError,
    DeniedError,
    InputError,
    MediaError,
    NotFoundError,
    UpstreamError,
)
from matinee.ingest.addresses import parsed, resolve
from matinee.toolchain.ffmpeg import redacted

_CHUNK = 256 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_CONNECT_SECONDS = 10.0
_TICK = 0.5  # seconds between looks at `cancelled`, also while nothing comes


class FetchLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What one pull may take.

    Attributes:
        size: most bytes of the file.
        seconds: from start to end, all attempts together.
        stall_seconds: longest time without a byte before the connection counts as dropped.
        redirects: most hops from the first URL.
        attempts: connections in a row that may end without a new byte.
        allow_private: whether private and loopback addresses may be reached.
    """

    size: int = 100 * 1024**3
    seconds: float = 6 * 3600.0
    stall_seconds: float = 30.0
    redirects: int = 5
    attempts: int = 5
    allow_private: bool = False


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What was pulled: bytes, and the file name that the server or the URL gives."""

    size: int
    filename: str


Received = Callable[[int, int | None], object]
"""Called with bytes so far and in all, None while the server does not say."""


class _Dropped(Exception):  # noqa: N818 - a state of the pull, told to nobody
    """The connection ended early or could not be made; another try may do better."""


class _Answer(NamedTuple):
    response: http.client.HTTPResponse
    wire: socket.socket
    url: str


def fetch(
    url: str,
    path: Path,
    *,
    limits: FetchLimits | None = None,
    received: Received = lambda _done, _total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Fetched:
    """Pull *url* into the file at *path*, going on where a dropped connection left off.

    A file that is there already is taken as the start of the same pull only within one call.

    Raises:
        InputError: the URL cannot be used, or the server says the request is wrong.
        NotFoundError: the server has no such file.
        DeniedError: an address is private, or the server refuses.
        MediaError: the file is larger than allowed (`too-large`), or empty (`empty-file`).
        UpstreamError: the server fails, or takes too long; the disk is full (`disk-full`).
        CancelledError: cancelled; what came so far is deleted.
    """
    pull = _Pull(url, path, limits or FetchLimits(), received, cancelled)
    try:
        return pull.whole()
    except BaseException:
        path.unlink(missing_ok=True)
        raise


class _Pull:
    """One pull and how far it has come."""

    def __init__(
        self,
        url: str,
        path: Path,
        limits: FetchLimits,
        received: Received,
        cancelled: Callable[[], bool],
    ) -> None:
        self._url = url
        self._path = path
        self._limits = limits
        self._received = received
        self._cancelled = cancelled
        self._deadline = time.monotonic() + limits.seconds
        self._validator: str | None = None
        self._total: int | None = None
        self._done = 0
        self._filename = ""

    def whole(self) -> Fetched:
        """Connect until all has come."""
        self._path.write_bytes(b"")
        failures = 0
        while True:
            before = self._done
            try:
                self._once()
                break
            except _Dropped as error:
                failures = 1 if self._done > before else failures + 1
                if failures >= self._limits.attempts:
                    raise UpstreamError(
                        f"{_host(self._url)} did not send the file: {error}.",
                        fix="Try again later, or upload the file.",
                    ) from error
                self._wait(min(8.0, 0.25 * 2**failures))
        if not self._done:
            raise MediaError("The file at the URL is empty.", code="empty-file")
        return Fetched(size=self._done, filename=self._filename)

    def _once(self) -> None:
        answer = self._open()
        try:
            self._accept(answer)
            with self._watched(answer.wire):
                self._copy(answer.response)
        except (OSError, http.client.HTTPException) as error:
            self._look()
            raise _Dropped("the connection broke off") from error
        finally:
            _hang_up(answer.wire)
        if self._total is not None and self._done < self._total:
            raise _Dropped("the connection broke off")

    def _open(self) -> _Answer:
        """Follow redirects to an answer; each hop's address is checked anew."""
        url = self._url
        for _ in range(self._limits.redirects + 1):
            parts = parsed(url)
            wire = self._connected(parts)
            try:
                with self._watched(wire):
                    response = _asked(wire, parts, self._headers(parts))
            except (OSError, http.client.HTTPException, ValueError) as error:
                _hang_up(wire)
                self._look()
                raise _Dropped("it gives no answer that could be read") from error
            location = response.getheader("Location")
            if response.status not in _REDIRECTS or not location:
                return _Answer(response, wire, url)
            _hang_up(wire)
            following = urljoin(url, location)
            if parts.scheme == "https" and parsed(following).scheme == "http":
                raise DeniedError("The URL leads from https to http.", fix="Give another URL.")
            url = following
        raise InputError(
            f"The URL redirects more than {self._limits.redirects} times.",
            fix="Give the address of the file itself.",
        )

    def _connected(self, parts: SplitResult) -> socket.socket:
        """Connect to one of the addresses that have been checked, and to no other."""
        self._look()
        addresses = resolve(parts, allow_private=self._limits.allow_private)
        error: OSError | None = None
        for address in addresses:
            self._look()
            try:
                plain = socket.create_connection(address, timeout=_CONNECT_SECONDS)
            except OSError as caught:
                error = caught
                continue
            wire = self._secured(plain, parts)
            wire.settimeout(self._limits.stall_seconds)
            return wire
        raise _Dropped("no connection could be made") from error

    def _secured(self, plain: socket.socket, parts: SplitResult) -> socket.socket:
        """Return the connection with TLS over it, where the URL asks for it."""
        if parts.scheme != "https":
            return plain
        # The handshake takes as many reads as the server likes, each within its own timeout.
        wire = _trust().wrap_socket(
            plain, server_hostname=parts.hostname, do_handshake_on_connect=False
        )
        try:
            with self._watched(wire):
                wire.do_handshake()
        except ssl.SSLCertVerificationError as error:
            wire.close()
            raise UpstreamError(
                f"The certificate of {parts.hostname} cannot be trusted: {error.verify_message}.",
                fix="Have the server's certificate renewed.",
            ) from error
        except OSError as error:
            _hang_up(wire)
            self._look()
            raise _Dropped("no secure connection could be made") from error
        return wire

    @contextmanager
    def _watched(self, wire: socket.socket) -> Iterator[None]:
        """Hang up from a second thread when it is time to stop, while this one waits for bytes."""
        done = threading.Event()

        def watch() -> None:
            while not done.wait(_TICK):
                if self._cancelled() or time.monotonic() > self._deadline:
                    with suppress(OSError):
                        wire.shutdown(socket.SHUT_RDWR)
                    return

        watcher = threading.Thread(target=watch, name="fetch-watch", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()

    def _headers(self, parts: SplitResult) -> dict[str, str]:
        headers = {
            "Host": parts.netloc,
            "User-Agent": "Matinee",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
        }
        if self._done and self._validator:
            headers |= {"Range": f"bytes={self._done}-", "If-Range": self._validator}
        return headers

    def _accept(self, answer: _Answer) -> None:
        """Judge the status, and set where the body's bytes go."""
        response = answer.response
        if response.status == 206 and self._done:
            span = re.fullmatch(
                r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)", response.getheader("Content-Range", "")
            )
            if span and int(span[1]) == self._done and span[2] in {"*", str(self._total)}:
                return
            self._validator = None
            raise _Dropped("the server sent another part than was asked for")
        if response.status != 200:
            _refuse(response.status, answer.url)
        self._done = 0  # the whole file, again or for the first time
        length = response.getheader("Content-Length", "")
        self._total = int(length) if re.fullmatch(r"\d{1,18}", length) else None
        self._check_size(self._total or 0)
        etag = response.getheader("ETag", "")
        # Only a strong validator promises the same bytes (RFC 9110 §13.1.5).
        self._validator = (
            (etag if etag.startswith('"') else response.getheader("Last-Modified"))
            if response.getheader("Accept-Ranges", "").lower() != "none"
            else None
        )
        self._filename = self._filename or _filename(
            response.getheader("Content-Disposition", ""), answer.url
        )

    def _copy(self, response: http.client.HTTPResponse) -> None:
        with self._path.open("r+b") as file:
            file.seek(self._done)
            file.truncate()
            while data := response.read1(_CHUNK):
                self._look()
                self._write(file, data)
                self._done += len(data)
                self._check_size(self._done)
                self._received(self._done, self._total)

    def _write(self, file: BinaryIO, data: bytes) -> None:
        """Append to our file; its failures are not the server's, and trying again mends none."""
        try:
            file.write(data)
            file.flush()
        except OSError as error:
            raise UpstreamError(
                f"The file from {_host(self._url)} cannot be stored: {error.strerror}.",
                fix="Free some disk space, or choose another data folder with --data.",
                code="disk-full" if error.errno in _FULL else None,
            ) from error

    def _check_size(self, size: int) -> None:
        if size > self._limits.size:
            raise MediaError(
                f"The file at the URL is larger than the {self._limits.size:,} bytes allowed.",
                fix="Publish a smaller file, or raise the limit in the settings.",
                code="too-large",
            )

    def _look(self) -> None:
        if self._cancelled():
            raise CancelledError("The pull was cancelled.")
        if time.monotonic() > self._deadline:
            raise UpstreamError(
                f"{_host(self._url)} took longer than {self._limits.seconds:.0f} s.",
                fix="Try again later, or upload the file.",
            )

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._look()
            time.sleep(min(_TICK, max(0.0, until - time.monotonic())))


def _asked(
    wire: socket.socket, parts: SplitResult, headers: dict[str, str]
) -> http.client.HTTPResponse:
    """Send the request over *wire*, and read the head of the answer."""
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    connection.sock = wire
    connection.request("GET", _target(parts), headers=headers)
    return connection.getresponse()


def _hang_up(wire: socket.socket) -> None:
    with suppress(OSError):
        wire.shutdown(socket.SHUT_RDWR)
    wire.close()


@cache
def _trust() -> ssl.SSLContext:
    """Trust the system's authorities and Mozilla's, for machines without the former."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _target(parts: SplitResult) -> str:
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _host(url: str) -> str:
    return parsed(url).hostname or "The server"


def _refuse(status: int, url: str) -> None:
    """Raise what a status other than success means."""
    host = _host(url)
    shown = redacted(url)
    if status in _PASSING:
        raise _Dropped(f"it answers with status {status}")
    if status in {404, 410}:
        raise NotFoundError(f"{host} has no file at {shown}.", fix="Check the URL.")
    if status in {401, 403, 407}:
        raise DeniedError(
            f"{host} refuses to give the file (status {status}).",
            fix="Give a URL that needs no sign-in, such as a signed one that has not expired.",
        )
    raise InputError(f"{host} answers with status {status}.", fix="Check the URL.")


def _filename(disposition: str, url: str) -> str:
    """Return a plain file name from Content-Disposition (RFC 6266), else from the URL's path."""
    extended = re.search(r"filename\*=UTF-8'[^']{0,20}'([^;\s]{1,600})", disposition, re.IGNORECASE)
    plain = re.search(r"filename=\"?([^\";]{1,200})", disposition, re.IGNORECASE)
    if plain and not extended:
        raw = plain[1]
    else:
        raw = unquote(extended[1] if extended else parsed(url).path.rpartition("/")[2])
    name = "".join(char for char in raw if char.isprintable() and char not in '/\\:*?"<>|')
    return name.strip(". ")[:200] or "film"
