"""All manifests of a static folder."""

from matinee.formats.dash import render as render_mpd
from matinee.formats.hls import render as render_playlist
from matinee.manifests import dash, hls, names
from matinee.model.presentation import Presentation


def folder(p: Presentation) -> dict[str, bytes]:
    """Return every manifest of a static folder by its name.

    Raises:
        InputError: *p* has nothing to play, or cannot be said in a static folder.
    """
    files = {
        names.MULTIVARIANT: render_playlist(hls.multivariant(p)).encode(),
        names.MPD: render_mpd(dash.mpd(p)),
    }
    makers = {"media": hls.media, "iframes": hls.iframes, "images": hls.images}
    for name, (kind, track) in names.playlists(p).items():
        files[name] = render_playlist(makers[kind](p, track.id)).encode()
    return files
