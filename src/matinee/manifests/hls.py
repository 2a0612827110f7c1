"""Presentation -> HLS playlist values (RFC 8216bis and Apple's authoring specification)."""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from matinee.errors import InputError
from matinee.formats import hls
from matinee.manifests import audio, captions, names, rates, tracks
from matinee.manifests.audio import Group
from matinee.model.presentation import CaptionChannel, IFrame, Presentation, SelectionSet, Track

_START_RATE = 2_000_000
"""The first variant is where players begin: the one nearest to this many bits a second, in H.264
where there is one."""

_CHARACTERISTICS = {
    "description": "public.accessibility.describes-video",
    "caption": (
        "public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound"
    ),
    "enhanced": "public.accessibility.enhances-speech-intelligibility",
    "easyreader": "public.easy-to-read",
}
_SUBTITLES = "subtitles"
_NO_RANGE = "SDR"
_UNDETERMINED = "und"
"""RFC 5646 §4.1 has it for fields that must have a language; Apple wants one of each rendition."""
_CACHE_BLOCK = 4096
"""Bytes. Chromium's cache in memory (private windows) keeps ranges of a file in such blocks, and
cuts a range short on reading where its first block holds another range with a gap between."""


def multivariant(p: Presentation, base: str = "") -> hls.MultivariantPlaylist:
    """Return the multivariant playlist, every URI in it prefixed with *base*.

    Raises:
        InputError: *p* has neither video nor audio.
    """
    if not p.periods:
        raise InputError(f"presentation {p.id} has no period")
    first = p.periods[0]
    videos = tuple(track for one in first.of_kind("video") for track in one.tracks)
    groups = audio.groups(first.of_kind("audio"))
    texts = tuple(one for one in first.of_kind("text") if tracks.for_hls(one))
    images = tuple(track for one in first.of_kind("image") for track in one.tracks)
    carried = first.of_kind("video")[0].captions if videos else ()
    if videos:
        variants = _captioned(_video_variants(videos, groups, texts, base), carried)
    elif groups:
        variants = _audio_variants(groups, texts, base)
    else:
        raise InputError(f"presentation {p.id} has neither video nor audio to play")
    # A single audio track without video is its variant; a group would name it twice.
    grouped = groups if videos or len(groups[0].members) > 1 else ()
    target = tracks.target_duration(p)
    return hls.MultivariantPlaylist(
        version=6,
        independent_segments=_independent(first.selection_sets),
        start=_start(p),
        renditions=(
            *_audio_renditions(grouped, base),
            *_text_renditions(texts, base),
            *captions.renditions(carried or ()),
        ),
        variants=tuple(variants),
        iframe_variants=tuple(_iframe_variant(one, base, target) for one in videos if one.iframes),
        image_variants=tuple(_image_variant(one, base) for one in images),
    )


def _start(p: Presentation) -> hls.Start | None:
    """Where to begin: a film that grows at its beginning, not at its edge as something live."""
    return hls.Start(time_offset=Decimal(0), precise=True) if p.mode == "growing" else None


def _independent(selections: tuple[SelectionSet, ...]) -> bool:
    return all(
        segment.independent
        for one in selections
        if one.kind != "image"
        for track in one.tracks
        for segment in track.segments
    )


def _codecs(*strings: str) -> str:
    return ",".join(dict.fromkeys(strings))


def _text_codecs(texts: tuple[SelectionSet, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(track.codec for one in texts for track in tracks.for_hls(one)))


def _video_variants(
    videos: tuple[Track, ...],
    groups: tuple[Group, ...],
    texts: tuple[SelectionSet, ...],
    base: str,
) -> Iterator[hls.Variant]:
    start = min(
        videos,
        key=lambda track: (not _for_all(track), abs(track.bandwidth - _START_RATE)),
    )
    ordered = (start, *(track for track in videos if track is not start))
    for group in groups or (None,):
        for track in ordered:
            yield hls.Variant(
                uri=names.address(base, names.media_playlist(track.id)),
                bandwidth=track.bandwidth + (group.bandwidth if group else 0),
                average_bandwidth=(
                    track.average_bandwidth + (group.average_bandwidth if group else 0)
                ),
                codecs=_codecs(track.codec, *(group.codecs if group else ()), *_text_codecs(texts)),
                resolution=_resolution(track),
                frame_rate=_frame_rate(track),
                video_range=track.colour.video_range if track.colour else _NO_RANGE,
                audio=group.id if group else None,
                subtitles=_SUBTITLES if texts else None,
            )


def _captioned(
    variants: Iterator[hls.Variant], carried: tuple[CaptionChannel, ...] | None
) -> Iterator[hls.Variant]:
    """Say of each variant what captions its pictures carry; of unknown ones nothing (§4.4.6.2)."""
    said = None if carried is None else captions.GROUP if carried else "NONE"
    for one in variants:
        yield msgspec.structs.replace(one, closed_captions=said)


def _for_all(track: Track) -> bool:
    """Whether every player has the codec and the display: players may try the first variant."""
    return track.codec.startswith("avc") and (
        track.colour is None or track.colour.video_range == _NO_RANGE
    )


def _audio_variants(
    groups: tuple[Group, ...], texts: tuple[SelectionSet, ...], base: str
) -> Iterator[hls.Variant]:
    for group in groups:
        default = tracks.default_of(tuple(one for one, _ in group.members))
        chosen = next(track for one, track in group.members if one is default)
        alone = len(group.members) == 1
        yield hls.Variant(
            uri=names.address(base, names.media_playlist(chosen.id)),
            bandwidth=group.bandwidth,
            average_bandwidth=group.average_bandwidth,
            codecs=_codecs(*group.codecs, *_text_codecs(texts)),
            audio=None if alone else group.id,
            subtitles=_SUBTITLES if texts else None,
        )


def _resolution(track: Track) -> hls.Resolution | None:
    if track.width is None or track.height is None:
        return None
    return hls.Resolution(track.width, track.height)


def _frame_rate(track: Track) -> Decimal | None:
    if track.frame_rate is None:
        return None
    rate = track.frame_rate
    return (Decimal(rate.numerator) / rate.denominator).quantize(Decimal("0.001"))


def _characteristics(selection: SelectionSet) -> str | None:
    marks = dict.fromkeys((*selection.accessibility, *selection.roles))
    found = [_CHARACTERISTICS[mark] for mark in marks if mark in _CHARACTERISTICS]
    return ",".join(found) or None


def _chosen_by_itself(selections: tuple[SelectionSet, ...]) -> set[str]:
    """Ids of those a player may pick by language: commentaries and repetitions wait to be asked."""
    seen: set[tuple[str | None, str | None, bool]] = set()
    chosen = set()
    for one in selections:
        trait = (one.language, _characteristics(one), one.forced)
        if trait not in seen and "commentary" not in one.roles:
            seen.add(trait)
            chosen.add(one.id)
    return chosen


def _audio_renditions(groups: tuple[Group, ...], base: str) -> Iterator[hls.Rendition]:
    for group in groups:
        selections = tuple(one for one, _ in group.members)
        named, default = tracks.names_of(selections), tracks.default_of(selections)
        chosen = _chosen_by_itself(selections)
        for one, track in group.members:
            yield hls.Rendition(
                type="AUDIO",
                group_id=group.id,
                name=named[one.id],
                language=one.language or _UNDETERMINED,
                default=one is default,
                autoselect=one is default or one.id in chosen,
                characteristics=_characteristics(one),
                channels=str(track.channels) if track.channels else None,
                uri=names.address(base, names.media_playlist(track.id)),
            )


def _text_renditions(texts: tuple[SelectionSet, ...], base: str) -> Iterator[hls.Rendition]:
    named, chosen = tracks.names_of(texts), _chosen_by_itself(texts)
    marked = next((one for one in texts if one.default), None)
    for one in texts:
        yield hls.Rendition(
            type="SUBTITLES",
            group_id=_SUBTITLES,
            name=named[one.id],
            language=one.language or _UNDETERMINED,
            default=one is marked,
            autoselect=one is marked or one.forced or one.id in chosen,
            forced=one.forced,
            characteristics=_characteristics(one),
            uri=names.address(base, names.media_playlist(tracks.for_hls(one)[0].id)),
        )


def _iframe_variant(track: Track, base: str, target: int) -> hls.IFrameVariant:
    sizes = [one.range.length for one in track.iframes]
    durations = [one.duration for one in track.iframes]
    return hls.IFrameVariant(
        uri=names.address(base, names.iframe_playlist(track.id)),
        bandwidth=max(1, rates.peak(sizes, durations, track.timescale, target)),
        average_bandwidth=max(1, rates.average(sizes, durations, track.timescale)),
        codecs=track.codec,
        resolution=_resolution(track),
        video_range=track.colour.video_range if track.colour else _NO_RANGE,
    )


def _image_variant(track: Track, base: str) -> hls.ImageVariant:
    return hls.ImageVariant(
        uri=names.address(base, names.images_playlist(track.id)),
        bandwidth=max(1, track.bandwidth),
        average_bandwidth=max(1, track.average_bandwidth),
        codecs=track.codec,
        # A tile's, as in EXT-X-TILES; Shaka Player multiplies it by the layout itself.
        resolution=_tile_size(track),
    )


def _tile_size(track: Track) -> hls.Resolution | None:
    if track.width is None or track.height is None or track.tiles is None:
        return None
    return hls.Resolution(track.width // track.tiles.columns, track.height // track.tiles.rows)


def media(p: Presentation, track_id: str, base: str = "") -> hls.MediaPlaylist:
    """Return the media playlist of a video, audio or text track over all periods.

    Raises:
        NotFoundError: a period has no track of that id.
    """
    segments: list[hls.Segment] = []
    for track in tracks.find(p, track_id):
        segments += _segments(track, base, follows=bool(segments))
    return hls.MediaPlaylist(
        target_duration=tracks.target_duration(p),
        media_sequence=_first_number(p, track_id),
        independent_segments=True,
        playlist_type="VOD" if p.mode == "on-demand" else "EVENT" if p.mode == "growing" else None,
        end_list=p.ended,
        start=_start(p),
        segments=tuple(segments),
    )


def _first_number(p: Presentation, track_id: str) -> int:
    """Media sequence numbers only count on where segments leave the window (§6.2.2)."""
    first = tracks.find(p, track_id)[0].segments[:1] if p.mode == "live" else ()
    return first[0].number if first else 0


def _map(track: Track, base: str) -> hls.Map | None:
    if track.init_key is not None:
        return hls.Map(uri=names.address(base, track.init_key))
    if track.init is None or track.key is None:
        return None
    length, index = track.init.length, track.index
    # The index belongs to neither the section nor a segment, and boxes that a parser does not need
    # may follow `moov`: a short one is taken along, which leaves no gap before the first segment.
    if index and index.offset == track.init.offset + length and index.length < _CACHE_BLOCK:
        length += index.length
    span = hls.ByteRange(length, track.init.offset)
    return hls.Map(uri=names.address(base, track.key), byte_range=span)


def _segments(track: Track, base: str, *, follows: bool) -> Iterator[hls.Segment]:
    section = _map(track, base)
    # One address for the many segments of a track file.
    addresses: dict[str, str] = {}
    for place, one in enumerate(track.segments):
        if one.key not in addresses:
            addresses[one.key] = names.address(base, one.key)
        yield hls.Segment(
            uri=addresses[one.key],
            duration=tracks.seconds(one.start, one.duration, track.timescale),
            byte_range=hls.ByteRange(one.range.length, one.range.offset) if one.range else None,
            discontinuity=follows and place == 0,
            map=section,
            program_date_time=one.program_date_time,
        )


def iframes(p: Presentation, track_id: str, base: str = "") -> hls.MediaPlaylist:
    """Return the I-frame playlist of a video track (§4.4.3.6).

    Raises:
        NotFoundError: a period has no track of that id.
        InputError: the track has no I-frames listed, or is not one file.
    """
    segments: list[hls.Segment] = []
    for track in tracks.find(p, track_id):
        if not track.iframes or track.key is None:
            raise InputError(f"track {track_id} has no I-frame index")
        section = _map(track, base)
        uri = names.address(base, track.key)
        segments += [
            hls.Segment(
                uri=uri,
                duration=tracks.seconds(one.start, one.duration, track.timescale),
                byte_range=hls.ByteRange(one.range.length, one.range.offset),
                discontinuity=bool(segments) and place == 0,
                map=section,
            )
            for place, one in enumerate(track.iframes)
        ]
    return hls.MediaPlaylist(
        target_duration=max(tracks.target_duration(p), _longest(p, track_id)),
        playlist_type="VOD" if p.mode == "on-demand" else None,
        independent_segments=True,
        end_list=p.ended,
        i_frames_only=True,
        segments=tuple(segments),
    )


def _longest(p: Presentation, track_id: str) -> int:
    """The longest distance of I-frames in whole seconds, rounded half up."""

    def rounded(one: IFrame, timescale: int) -> int:
        return (2 * one.duration + timescale) // (2 * timescale)

    found = tracks.find(p, track_id)
    return max(rounded(one, track.timescale) for track in found for one in track.iframes)


def images(p: Presentation, track_id: str, base: str = "") -> hls.MediaPlaylist:
    """Return the playlist of thumbnail sheets (EXT-X-IMAGES-ONLY, EXT-X-TILES).

    Raises:
        NotFoundError: a period has no track of that id.
        InputError: the track is not one of tiled images.
    """
    segments: list[hls.Segment] = []
    for track in tracks.find(p, track_id):
        size = _tile_size(track)
        if track.tiles is None or size is None:
            raise InputError(f"track {track_id} has no tiles")
        tiles = hls.Tiles(
            resolution=size,
            layout=hls.Resolution(track.tiles.columns, track.tiles.rows),
            duration=tracks.exact(track.tiles.tile_duration.seconds),
        )
        found = _segments(track, base, follows=bool(segments))
        segments += [msgspec.structs.replace(one, tiles=tiles, map=None) for one in found]
    longest = max((one.duration for one in segments), default=Decimal(1))
    return hls.MediaPlaylist(
        target_duration=max(1, int(longest + Decimal("0.5"))),
        version=7,
        playlist_type="VOD" if p.mode == "on-demand" else None,
        end_list=p.ended,
        images_only=True,
        segments=tuple(segments),
    )
