"""File names of the manifests in a version's folder, as ARCHITECTURE.md lays it out."""

from urllib.parse import quote

from matinee.manifests.tracks import for_hls
from matinee.model.presentation import Presentation, Track

MULTIVARIANT = "master.m3u8"
MPD = "manifest.mpd"
CLOCK = "time"
"""Beside the folders of the titles: the time of day, for players' clocks."""


def version_mpd(version: int) -> str:
    """Name, beside the stable MPD, of the MPD that stays with *version*.

    Beside it, because players differ on what is relative to what: Shaka Player resolves URLs
    against `Location`, dash.js against the URL that it has read.
    """
    return f"manifest-v{version}.mpd"


def clock(base: str) -> str:
    """Where an MPD finds the time, two folders above a version's own."""
    return f"../{CLOCK}" if base else f"../../{CLOCK}"


def media_playlist(track_id: str) -> str:
    """Name of the media playlist of a video, audio or text track."""
    return f"{track_id}.m3u8"


def iframe_playlist(track_id: str) -> str:
    """Name of the I-frame playlist of a video track."""
    return f"{track_id}-iframes.m3u8"


def images_playlist(track_id: str) -> str:
    """Name of the playlist of a track of thumbnail sheets."""
    return f"{track_id}.m3u8"


def address(base: str, key: str) -> str:
    """Return the URI of the object at *key*, relative to where *base* is relative to."""
    return base + quote(key, safe="/~!$&'()*+,;=@")


def playlists(p: Presentation) -> dict[str, tuple[str, Track]]:
    """Return every playlist's name beside the multivariant: what it lists, and of which track.

    The kinds are `media`, `iframes` and `images`. Trick play sets have none: HLS addresses the
    I-frames of the main tracks instead.
    """
    found: dict[str, tuple[str, Track]] = {}
    for period in p.periods[:1]:
        for selection in period.selection_sets:
            for track in for_hls(selection):
                if track.kind == "image":
                    found[images_playlist(track.id)] = ("images", track)
                    continue
                found[media_playlist(track.id)] = ("media", track)
                if track.iframes:
                    found[iframe_playlist(track.id)] = ("iframes", track)
    return found
