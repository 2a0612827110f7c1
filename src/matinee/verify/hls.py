"""Walks an HLS stream from its first playlist to the last segment."""

from matinee.errors import InputError, MatineeError, UpstreamError
from matinee.formats import hls
from matinee.verify import hls_low_latency, hls_media, hls_text
from matinee.verify.content import Content
from matinee.verify.hls_multivariant import Stream
from matinee.verify.reader import Body
from matinee.verify.tracks import Track

Playlist = hls.MultivariantPlaylist | hls.MediaPlaylist
MEDIA_TYPES = {"application/vnd.apple.mpegurl", "audio/mpegurl", "application/x-mpegurl"}


def check(address: str, body: Body, content: Content) -> list[Track]:
    """Check the stream whose first playlist is *body*; return its tracks for decoding."""
    place = shown(address)
    variables: dict[str, str] = {}
    playlist = read(address, body, content, variables)
    if playlist is None:
        return []
    if isinstance(playlist, hls.MediaPlaylist):
        track = _media(address, playlist, content, others=0)
        return [track]
    found = _playlists(address, playlist, content, variables)
    tracks: dict[str, Track] = {}
    by_address: dict[str, Track] = {}
    for uri, (where, media) in found.items():
        if where not in by_address:
            by_address[where] = _media(where, media, content, others=len(found) - 1)
        tracks[uri] = by_address[where]
    Stream(place, playlist, tracks, content.findings).check()
    return list(by_address.values())


def shown(address: str) -> str:
    """Name of a document for findings, without a query, which may be signed."""
    return address.partition("?")[0]


def read(address: str, body: Body, content: Content, variables: dict[str, str]) -> Playlist | None:
    """Parse a playlist and check its text; None where it cannot be read.

    *variables* are those that it may import; a multivariant playlist's own are added.
    """
    findings, place = content.findings, shown(address)
    findings.count("playlists")
    if body.media_type is not None and body.media_type not in MEDIA_TYPES:
        findings.add("http.media-type", place, f"it came as {body.media_type or 'nothing'}")
    try:
        text, defined = hls.substitute(body.data.decode("utf-8"), address, variables)
        playlist = hls.parse(text)
    except UnicodeDecodeError:
        findings.add("hls.syntax", place, "it is not UTF-8")
        return None
    except InputError as error:
        findings.add("hls.syntax", place, error.message)
        return None
    hls_text.check(place, text, playlist, findings)
    if isinstance(playlist, hls.MultivariantPlaylist):
        variables.update(defined)
    return playlist


def _uris(playlist: hls.MultivariantPlaylist) -> list[str]:
    every = [one.uri for one in playlist.variants]
    every += [one.uri for one in playlist.renditions if one.uri is not None]
    every += [one.uri for one in playlist.iframe_variants]
    every += [one.uri for one in playlist.image_variants]
    return list(dict.fromkeys(every))


def _playlists(
    address: str,
    playlist: hls.MultivariantPlaylist,
    content: Content,
    variables: dict[str, str],
) -> dict[str, tuple[str, hls.MediaPlaylist]]:
    """Fetch every media playlist; return by URI where it was and what it is."""
    uris = _uris(playlist)[: content.options.playlists]
    place = shown(address)

    def fetch(number: int) -> tuple[str, Body] | MatineeError:
        try:
            where = content.reader.resolve(address, uris[number])
            return where, content.document(where)
        except (InputError, UpstreamError) as error:
            return error

    results = dict(content.each(range(len(uris)), fetch))
    found: dict[str, tuple[str, hls.MediaPlaylist]] = {}
    for number, uri in enumerate(uris):
        result = results[number]
        if isinstance(result, MatineeError):
            content.findings.add("hls.resolves", f"{place}, {shown(uri)}", result.message)
            continue
        where, body = result
        media = read(where, body, content, variables)
        if isinstance(media, hls.MultivariantPlaylist):
            content.findings.add(
                "hls.mixed-tags", shown(where), "it is a multivariant playlist within another"
            )
        elif media is not None:
            found[uri] = where, media
    return found


def _media(address: str, playlist: hls.MediaPlaylist, content: Content, *, others: int) -> Track:
    place = shown(address)
    track = hls_media.load(content, address, place, playlist)
    hls_media.check(playlist, track, content)
    hls_low_latency.check(place, playlist, others, content.findings)
    content.findings.count("tracks")
    return track
