"""Which media objects are served, and as what."""

MEDIA_TYPES = {
    ".m3u8": b"application/vnd.apple.mpegurl",
    ".mpd": b"application/dash+xml",
    ".mp4": b"video/mp4",
    ".m4s": b"video/iso.segment",
    ".vtt": b"text/vtt; charset=utf-8",
    ".jpg": b"image/jpeg",
}
"""By extension; anything else in a version's folder is not for players."""

TEXT_TYPES = frozenset({".m3u8", ".mpd", ".vtt"})
"""Served compressed where the client can read it, and kept in memory."""


def content_type(name: str) -> bytes | None:
    """Return the media type of the object called *name*, None where it is not served."""
    dot = name.rfind(".")
    kind = MEDIA_TYPES.get(name[dot:]) if dot > 0 else None
    if kind == b"video/mp4" and name.startswith("audio-"):
        return b"audio/mp4"
    return kind
