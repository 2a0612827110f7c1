"""Keys of a version's folder: where each object of ARCHITECTURE.md's list lies in the store."""

import re

THUMBNAILS = "thumbnails"
THUMBNAIL_INDEX = "thumbnails.vtt"
CHAPTERS = "chapters.vtt"
POSTER = "poster.jpg"
PRESENTATION = "presentation.json"


def key(folder: str, name: str) -> str:
    """Return the storage key of *name* in *folder*; "" is the root of the store."""
    folder = folder.strip("/")
    return f"{folder}/{name}" if folder else name


def track_file(track_id: str) -> str:
    """Return the name of a CMAF track file."""
    return f"{track_id}.mp4"


def header_object(track_id: str) -> str:
    """Return the name of the header of a track whose segments are objects of their own."""
    return f"{track_id}/init.mp4"


def segment_object(track_id: str, number: int) -> str:
    """Return the name of such a segment, numbered from 1."""
    return f"{track_id}/{number:05d}.m4s"


def text_file(track_id: str) -> str:
    """Return the name of a whole WebVTT file."""
    return f"{track_id}.vtt"


def text_segment(track_id: str, number: int) -> str:
    """Return the name of one segment of a text track, numbered from 1."""
    return f"{track_id}/{number:05d}.vtt"


def sheet(number: int) -> str:
    """Return the name of one sheet of thumbnails, numbered from 1."""
    return f"{THUMBNAILS}/{number:05d}.jpg"


class TrackIds:
    """Gives each track an id that is unique in its presentation and fit for file names."""

    def __init__(self) -> None:
        """Start with none given."""
        self._given: set[str] = set()

    def give(self, *parts: str) -> str:
        """Return *parts* joined by `-`, with a number appended where that is taken."""
        words = (re.sub(r"[^A-Za-z0-9_]+", "-", part).strip("-") for part in parts)
        wanted = "-".join(word for word in words if word)[:80] or "track"
        found, number = wanted, 2
        while found.lower() in self._given:
            found, number = f"{wanted}-{number}", number + 1
        self._given.add(found.lower())
        return found
