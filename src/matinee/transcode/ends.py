"""Tracks that end together: how much each is shorter than the longest.

Players differ where tracks do not end together: Shaka Player ends an HLS film with its shortest
track, and hls.js never ends a seek beyond the pictures.
"""

from collections.abc import Iterable

from matinee.model.media import AudioTrackInfo, VideoTrackInfo

LEAST_SHORTFALL = 0.1
"""Seconds; less is how codecs and containers round."""


def shortfalls(tracks: Iterable[VideoTrackInfo | AudioTrackInfo]) -> dict[int, float]:
    """Return by how many seconds tracks end before the longest one, by their index.

    Those that end about with it are not there, nor those that do not tell how long they are.
    """
    ends = {track.index: track.start + track.duration for track in tracks if track.duration}
    last = max(ends.values(), default=0.0)
    return {
        index: round(last - end, 3) for index, end in ends.items() if last - end >= LEAST_SHORTFALL
    }
