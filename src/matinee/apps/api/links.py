"""Where people and players find a title."""

import threading
from collections import OrderedDict

import msgspec

from matinee.apps.api.schema import Links
from matinee.errors import MatineeError
from matinee.model.title import Title
from matinee.storage.store import ObjectStore

_REMEMBERED = 4096


class _Extras(msgspec.Struct, frozen=True):
    """The few members of `presentation.json` that links need."""

    poster: str | None = None
    thumbnails: str | None = None
    chapters: str | None = None


class TitleLinks:
    """Makes the links of titles; blocks, as it may look into the store."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._known: OrderedDict[tuple[str, int], _Extras] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, title: Title, base: str) -> Links:
        """Return the absolute URLs of *title* below *base*."""
        watch, console = f"{base}/watch/{title.id}", f"{base}/console/titles/{title.id}"
        if title.version is None:
            return Links(watch=watch, console=console)
        extras = self._extras(title.id, title.version)
        media = f"{base}/media/{title.id}"
        folder = f"{media}/v{title.version}"
        return Links(
            watch=watch,
            console=console,
            hls=f"{media}/master.m3u8",
            dash=f"{media}/manifest.mpd",
            poster=f"{folder}/{extras.poster}" if extras.poster else None,
            thumbnails=f"{folder}/{extras.thumbnails}" if extras.thumbnails else None,
            chapters=f"{folder}/{extras.chapters}" if extras.chapters else None,
        )

    def _extras(self, title_id: str, version: int) -> _Extras:
        """Return what a version has; versions never change, so it is looked up once."""
        with self._lock:
            known = self._known.get((title_id, version))
            if known is not None:
                self._known.move_to_end((title_id, version))
                return known
        try:
            text = self._store.get(f"titles/{title_id}/v{version}/presentation.json")
            found = msgspec.json.decode(text, type=_Extras)
        except (MatineeError, msgspec.DecodeError):
            return _Extras()  # not remembered: the store may be away for a moment
        with self._lock:
            self._known[title_id, version] = found
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return found
