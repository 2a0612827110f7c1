"""Edit lists of MP4 that begin between two pictures, which ffmpeg rounds to the next picture.

A cut without encoding may begin anywhere. The picture on the screen at that moment began before
it; ffmpeg leaves it out and shows the next one at once, up to a frame too early for its sound.
"""

import os
from array import array
from pathlib import Path
from typing import BinaryIO

import msgspec

from matinee.errors import MediaError
from matinee.formats.isobmff import read_movie, read_samples
from matinee.formats.isobmff.movie import TrackInfo

_LEAST = 0.001  # seconds; less is how clocks of tracks are rounded


class _File(msgspec.Struct, frozen=True):
    """An open file whose boxes are read."""

    file: BinaryIO
    size: int

    def read(self, offset: int, length: int) -> bytes:
        return os.pread(self.file.fileno(), length, offset)


def shown_early(path: Path) -> tuple[float, ...]:
    """Return by how many seconds ffmpeg shows each video track of the MP4 at *path* too early.

    Empty where its tables cannot be read: that is for others to say.
    """
    with path.open("rb") as file:
        source = _File(file, path.stat().st_size)
        try:
            movie = read_movie(source)
            if movie.fragmented:
                return ()
            return tuple(
                _early(track, read_samples(source, movie, track)[0].presentation_times())
                if _cut(track)
                else 0.0
                for track in movie.of_handler("vide")
            )
        except MediaError:
            return ()


def _cut(track: TrackInfo) -> int:
    """Return the media time at which the first edit that shows something begins."""
    return next((max(0, edit.media_time) for edit in track.edits if edit.media_time >= 0), 0)


def _early(track: TrackInfo, times: "array[int]") -> float:
    begins = _cut(track)
    following = min((time for time in times if time >= begins), default=begins)
    # Without a picture before it the film simply begins late, which ffmpeg knows.
    if following == begins or min(times) > begins:
        return 0.0
    seconds = (following - begins) / track.timescale
    return seconds if seconds >= _LEAST else 0.0
