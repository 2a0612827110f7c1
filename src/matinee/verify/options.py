"""How far a verification goes."""

import msgspec


class VerifyOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How much to look at, and the bounds on what a stranger's server may make us do."""

    quick: bool = False
    """Read the first and the last segment of each track only; playlists are always read whole."""
    remote_segments: int | None = None
    """Over HTTP, at most so many segments of each track (from both ends); None: all."""
    workers: int = 8
    """Requests under way at once."""
    timeout_seconds: float = 20.0
    """For one request, from connecting to the last byte."""
    redirects: int = 5
    manifest_bytes: int = 8 * 1024 * 1024
    """Largest playlist or MPD: a day of segments has a third of it."""
    all_manifest_bytes: int = 128 * 1024 * 1024
    """Of all playlists together."""
    object_bytes: int = 128 * 1024 * 1024
    """Largest segment read."""
    playlists: int = 500
    segments: int = 200_000
    """Most segments looked at in all."""
