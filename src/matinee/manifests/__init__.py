"""Presentation -> HLS playlists and MPD: pure, one model, two renderers."""

from matinee.manifests.static import folder

__all__ = ["folder"]
