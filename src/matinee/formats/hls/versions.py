"""Which EXT-X-VERSION the features of a playlist need (RFC 8216bis §8)."""

from collections.abc import Iterable, Iterator

from matinee.formats.hls.values import Define, Key, MediaPlaylist, MultivariantPlaylist, Segment


def required_version(playlist: MultivariantPlaylist | MediaPlaylist) -> int:
    """Return the least protocol version that *playlist*'s features allow (§8)."""
    needs = [1, *_of_defines(playlist.defines)]
    if isinstance(playlist, MultivariantPlaylist):
        needs += _of_multivariant(playlist)
    else:
        needs += _of_media(playlist)
    return max(needs)


def _of_defines(defines: Iterable[Define]) -> Iterator[int]:
    for define in defines:
        yield 11 if define.query_parameter is not None else 8


def _of_keys(keys: Iterable[Key]) -> Iterator[int]:
    for key in keys:
        if key.iv is not None:
            yield 2
        if key.key_format is not None or key.key_format_versions is not None:
            yield 5
        if key.method.startswith("SAMPLE-AES"):
            yield 5


def _of_multivariant(playlist: MultivariantPlaylist) -> Iterator[int]:
    yield from _of_keys(playlist.session_keys)
    if any((one.instream_id or "").startswith("SERVICE") for one in playlist.renditions):
        yield 7
    layouts = [one.req_video_layout for one in playlist.variants]
    layouts += [one.req_video_layout for one in playlist.iframe_variants]
    if any(layout is not None for layout in layouts):
        yield 12
    if any((one.instream_id is not None and one.type != "CLOSED-CAPTIONS")
           for one in playlist.renditions):  # fmt: skip
        yield 13


def _of_media(playlist: MediaPlaylist) -> Iterator[int]:
    segments = (*playlist.segments, *((playlist.open_segment,) if playlist.open_segment else ()))
    for needs in (_of_segment(one, iframes=playlist.i_frames_only) for one in segments):
        yield from needs
    if playlist.i_frames_only:
        yield 4
    if playlist.skip is not None:
        yield 10 if playlist.skip.recently_removed_date_ranges is not None else 9


def _of_segment(segment: Segment, *, iframes: bool) -> Iterator[int]:
    if segment.duration != int(segment.duration):
        yield 3
    if segment.byte_range is not None:
        yield 4
    if segment.map is not None:
        # §8: version 5 suffices where EXT-X-I-FRAMES-ONLY is present.
        yield 5 if iframes else 6
    yield from _of_keys(segment.keys)
