"""The built web pages: viewer site and console, from memory."""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from pathlib import Path

import msgspec

from matinee.apps.asgi import Headers, Receive, Scope, Send, header, respond, respond_text
from matinee.apps.origin.conditions import accepts_gzip, coded, matches
from matinee.errors import UpstreamError

FOLDER = Path(__file__).with_name("web_dist")

_FOREVER = b"public, max-age=31536000, immutable"
_REVALIDATE = b"no-cache"
_NOT_KEPT = (b"cache-control", b"no-store")
_COMPRESSIBLE = ("text/", "application/javascript", "application/json", "image/svg+xml",
                 "application/manifest+json")  # fmt: skip
_POLICY = (
    b"default-src 'self'; media-src 'self' blob:; img-src 'self' data: blob:; "
    b"style-src 'self' 'unsafe-inline'; connect-src 'self'; worker-src 'self' blob:; "
    b"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_SECURITY = (
    (b"content-security-policy", _POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One file of the pages, ready to be sent."""

    kind: bytes
    body: bytes
    compressed: bytes | None
    etag: bytes
    caching: bytes


class Pages:
    """Answers GET for everything that is neither API nor media.

    Paths of the single-page applications give their HTML. What is missing is 404: to a browser
    that wants a page the viewer site, which says so and leads back, to others a line of text.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        """Load all files of *folder*.

        Raises:
            UpstreamError: the pages were not built.
        """
        if not (folder / "index.html").is_file():
            raise UpstreamError(
                "The web pages are not built.", fix="Run `make web`, or install a wheel."
            )
        self._files = load(folder)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        del receive
        if scope["method"] not in {"GET", "HEAD"}:
            await respond_text(send, 405, "Only GET and HEAD.\n", [(b"allow", b"GET, HEAD")])
            return
        page = self._files.get(route(scope["path"], self._files))
        head = scope["method"] == "HEAD"
        if page is not None:
            etag = coded(page.etag) if _zipped(scope, page) else page.etag
            headers = [(b"etag", etag), (b"cache-control", page.caching), *_SECURITY]
            headers += [_vary(b"accept-encoding")] if page.compressed is not None else []
            if matches(header(scope, b"if-none-match"), etag):
                await respond(send, 304, headers)
            else:
                await _send_page(scope, send, page, 200, headers)
        elif b"text/html" in (header(scope, b"accept") or b""):
            headers = [_NOT_KEPT, _vary(b"accept, accept-encoding"), *_SECURITY]
            await _send_page(scope, send, self._files["index.html"], 404, headers)
        else:
            headers = [_NOT_KEPT, _vary(b"accept"), *_SECURITY]
            await respond_text(send, 404, "There is no such page.\n", headers, head=head)


async def _send_page(scope: Scope, send: Send, page: Page, status: int, headers: Headers) -> None:
    body, more = page.body, [(b"content-type", page.kind)]
    if page.compressed is not None and _zipped(scope, page):
        body, more = page.compressed, [*more, (b"content-encoding", b"gzip")]
    more.append((b"content-length", str(len(body)).encode()))
    await respond(send, status, [*headers, *more], b"" if scope["method"] == "HEAD" else body)


def _zipped(scope: Scope, page: Page) -> bool:
    return page.compressed is not None and accepts_gzip(scope)


def _vary(names: bytes) -> tuple[bytes, bytes]:
    return b"vary", names


def route(path: str, files: Mapping[str, Page]) -> str:
    """Return the name of the file that answers *path*."""
    name = path.lstrip("/")
    if name in files:
        return name
    if path == "/console" or path.startswith("/console/"):
        return "console.html"
    if path in {"/", "/search"} or path.startswith(("/titles/", "/watch/")):
        return "index.html"
    return name


def load(folder: Path) -> dict[str, Page]:
    """Read every file below *folder*, keyed by its relative path."""
    pages = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        name = path.relative_to(folder).as_posix()
        body = path.read_bytes()
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if name.endswith(".webmanifest"):
            kind = "application/manifest+json"
        text = kind.startswith(_COMPRESSIBLE) or kind.endswith("javascript")
        pages[name] = Page(
            kind=(f"{kind}; charset=utf-8" if text else kind).encode(),
            body=body,
            compressed=gzip.compress(body, 9, mtime=0) if text else None,
            etag=f'"{hashlib.sha256(body).hexdigest()[:20]}"'.encode(),
            caching=_FOREVER if name.startswith("assets/") else _REVALIDATE,
        )
    return pages
