"""Manifests and text tracks as they go over the wire, and how long they hold.

What a version's folder holds never changes, but for a film that grows: its manifests are rendered
from its newest `Presentation`, which is read again when it may have changed.
"""

import asyncio
import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable

import msgspec

from matinee.errors import NotFoundError
from matinee.formats import dash as dash_format
from matinee.formats import hls as hls_format
from matinee.manifests import dash, hls, names
from matinee.manifests.tracks import target_duration
from matinee.model.presentation import ByteRange, Presentation
from matinee.storage.store import ObjectStore

GROWING_SECONDS = 0.5
"""For how long a growing presentation is taken to be as it was."""
DOCUMENTS = 4096
"""Texts, and versions, that are remembered at most."""
MAX_DOCUMENT = 8 * 1024 * 1024
DOCUMENT_BYTES = 128 * 1024 * 1024
"""Of all texts that are remembered: a long film in many languages has tens of thousands."""

HLS_TYPE, DASH_TYPE = b"application/vnd.apple.mpegurl", b"application/dash+xml"


class Document(msgspec.Struct, frozen=True):
    """A text body with its compressed form and its entity tag."""

    kind: bytes
    body: bytes
    compressed: bytes
    etag: bytes
    fresh: int | None = None
    """Seconds for which it holds; None: for ever, as long as its URL names a version."""

    @property
    def size(self) -> int:
        """Bytes that it holds in memory."""
        return len(self.body) + len(self.compressed)


def document(kind: bytes, body: bytes, fresh: int | None = None) -> Document:
    """Prepare *body* for being sent many times."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'.encode()
    return Document(kind, body, gzip.compress(body, 6, mtime=0), tag, fresh)


class _Growing:
    """A growing presentation as it was read last, and what was rendered of it."""

    def __init__(self, data: bytes, presentation: Presentation, read_at: float) -> None:
        self.data = data
        self.presentation = presentation
        self.read_at = read_at
        self.rendered: dict[str, Document] = {}


Version = tuple[str, int]
"""A title's id and the number of one of its versions."""


class Documents:
    """Gives documents of versions; blocking work is done in threads."""

    def __init__(self, store: ObjectStore, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._known: OrderedDict[tuple[str, int, str], Document] = OrderedDict()
        self._held = 0  # bytes of `_known`
        self._growing: OrderedDict[Version, _Growing] = OrderedDict()
        self._settled: OrderedDict[Version, None] = OrderedDict()  # versions that do not grow
        self._reading: dict[Version, asyncio.Task[_Growing | None]] = {}

    async def manifest(self, version: Version, name: str) -> Document:
        """Render `master.m3u8` or `manifest.mpd`, whose URIs lead into the version's folder.

        Raises:
            NotFoundError: there is no such version.
        """
        key = (*version, f"/{name}")
        if (known := self._recall(key)) is not None:
            return known
        growing = await self._grown(version)
        if growing is None:
            made = await asyncio.to_thread(self._rendered, version, name)
            return self._remember(key, made)
        return await self._of_growing(growing, name, f"v{version[1]}/")

    async def text(self, version: Version, name: str, kind: bytes) -> Document:
        """Give a playlist, MPD or text track of the version's folder.

        Raises:
            NotFoundError: there is no such text.
        """
        key = (*version, name)
        if (known := self._recall(key)) is not None:
            return known
        grows = name.endswith((".m3u8", ".mpd"))
        growing = await self._grown(version) if grows else None
        if growing is not None and _rendered_names(growing.presentation, name):
            return await self._of_growing(growing, name, "")
        made = await asyncio.to_thread(self._stored, version, name, kind)
        return self._remember(key, made)

    # On demand

    def _presentation(self, version: Version) -> bytes:
        return self._store.get(f"{_folder(version)}/presentation.json")

    def _rendered(self, version: Version, name: str) -> Document:
        presentation = msgspec.json.decode(self._presentation(version), type=Presentation)
        return _manifest(presentation, name, f"v{version[1]}/", None)

    def _stored(self, version: Version, name: str, kind: bytes) -> Document:
        body = self._store.get(f"{_folder(version)}/{name}", ByteRange(0, MAX_DOCUMENT + 1))
        if len(body) > MAX_DOCUMENT:
            raise NotFoundError("too large for a text")
        return document(kind, body)  # compressing takes its time, too

    # Growing

    async def _grown(self, version: Version) -> _Growing | None:
        """Return *version* as it is now if it grows or has grown, None if it is like any other."""
        if version in self._settled:
            return None
        known = self._growing.get(version)
        if known is not None and (
            known.presentation.ended or self._clock() - known.read_at < GROWING_SECONDS
        ):
            return known
        task = self._reading.get(version)
        if task is None:  # those who ask at the same time wait for one reading
            task = asyncio.create_task(self._read(version, known))
            self._reading[version] = task
            task.add_done_callback(lambda _: self._reading.pop(version, None))
        return await asyncio.shield(task)

    async def _read(self, version: Version, known: _Growing | None) -> _Growing | None:
        read_at = self._clock()
        try:
            data = await asyncio.to_thread(self._presentation, version)
        except NotFoundError:
            return None
        if known is not None and data == known.data:
            known.read_at = read_at
            return known
        presentation = await asyncio.to_thread(msgspec.json.decode, data, type=Presentation)
        if presentation.mode != "growing":
            self._settled[version] = None
            while len(self._settled) > DOCUMENTS:
                self._settled.popitem(last=False)
            return None
        found = self._growing[version] = _Growing(data, presentation, read_at)
        self._growing.move_to_end(version)
        while len(self._growing) > DOCUMENTS:
            self._growing.popitem(last=False)
        return found

    @staticmethod
    async def _of_growing(growing: _Growing, name: str, base: str) -> Document:
        known = growing.rendered.get(base + name)
        if known is not None:
            return known
        p = growing.presentation
        fresh = None if p.ended else max(1, target_duration(p) // 2)

        def made() -> Document:
            if base or name in {names.MULTIVARIANT, names.MPD}:
                return _manifest(p, name, base, fresh)
            _, track = names.playlists(p)[name]
            return document(HLS_TYPE, hls_format.render(hls.media(p, track.id)).encode(), fresh)

        found = growing.rendered[base + name] = await asyncio.to_thread(made)
        return found

    # What is remembered

    def _recall(self, key: tuple[str, int, str]) -> Document | None:
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
        return known

    def _remember(self, key: tuple[str, int, str], made: Document) -> Document:
        before = self._known.pop(key, None)  # two asked for it at once
        self._held += made.size - (before.size if before else 0)
        self._known[key] = made
        while len(self._known) > DOCUMENTS or self._held > DOCUMENT_BYTES:
            self._held -= self._known.popitem(last=False)[1].size
        return made


def _folder(version: Version) -> str:
    return f"titles/{version[0]}/v{version[1]}"


def _rendered_names(p: Presentation, name: str) -> bool:
    return name in {names.MULTIVARIANT, names.MPD} or name in names.playlists(p)


def _manifest(p: Presentation, name: str, base: str, fresh: int | None) -> Document:
    if name == names.MPD:
        return document(DASH_TYPE, dash_format.render(dash.mpd(p, base)), fresh)
    return document(HLS_TYPE, hls_format.render(hls.multivariant(p, base)).encode(), fresh)
