"""Playlists for Hypothesis: every feature, and only what the syntax can say."""

from decimal import Decimal

import msgspec
from hypothesis import strategies as st

from matinee.formats import hls
from matinee.formats.hls import attributes

NUMBERS = st.integers(0, 2**63)
DECIMALS = st.decimals(0, 10**9, places=3, allow_nan=False)
WORDS = st.text(st.characters(codec="utf-8", exclude_characters='"\r\n'), max_size=6)
BARE = st.text("Az09.:-", min_size=1, max_size=6)
URIS = st.text("az09/._?=&%-", min_size=1, max_size=6)
TITLES = st.sampled_from(["", "a title, with comma", "#1"])
UNKNOWN = st.sampled_from(["#EXT-X-OWN", "#EXT-X-OWN:a=1", "#EXTOTHER:x y"])
SIZES = st.builds(hls.Resolution, st.integers(0, 9999), st.integers(0, 9999))
RANGES = st.builds(hls.ByteRange, NUMBERS, NUMBERS)
OTHER = st.dictionaries(
    st.sampled_from(["X-A", "X-COM-9"]),
    st.one_of(WORDS.map(lambda text: f'"{text}"'), BARE),
    max_size=2,
)
OF_KIND = {
    attributes.INTEGER: NUMBERS,
    attributes.DECIMAL: DECIMALS,
    attributes.SIGNED: st.decimals(-(10**9), 10**9, places=3, allow_nan=False),
    attributes.QUOTED: WORDS,
    attributes.BARE: BARE,
    attributes.FLAG: st.booleans(),
    attributes.RESOLUTION: SIZES,
    attributes.CAPTIONS: WORDS,
    attributes.RANGE: RANGES,
}


def of(kind, **given):
    """Values of a type that has an attribute table, optional fields there or not."""
    required = {one.name for one in msgspec.structs.fields(kind) if one.required}
    fields = dict(given)
    for field, attribute in attributes.TABLES[kind].values():
        if field in given:
            continue
        drawn = OF_KIND[attribute]
        optional = field not in required and attribute is not attributes.FLAG
        fields[field] = st.none() | drawn if optional else drawn
    return st.builds(kind, other=OTHER, **fields)


def few(drawn, most=2):
    return st.lists(drawn, max_size=most).map(tuple)


def _sized(playlist):
    """A playlist as it reads back: with the version that rendering gives it."""
    version = max(hls.required_version(playlist), playlist.version)
    return msgspec.structs.replace(playlist, version=version if version > 1 else 0)


def multivariants():
    return st.builds(
        hls.MultivariantPlaylist,
        version=st.integers(0, 13),
        independent_segments=st.booleans(),
        start=st.none() | of(hls.Start),
        defines=few(of(hls.Define)),
        content_steering=st.none() | of(hls.ContentSteering),
        session_data=few(of(hls.SessionData)),
        session_keys=few(of(hls.Key)),
        renditions=few(of(hls.Rendition)),
        variants=st.lists(of(hls.Variant, uri=URIS), min_size=1, max_size=3).map(tuple),
        iframe_variants=few(of(hls.IFrameVariant)),
        image_variants=few(of(hls.ImageVariant)),
        unknown=few(UNKNOWN),
    ).map(_sized)


@st.composite
def media_playlists(draw):
    maps = draw(st.lists(of(hls.Map), max_size=2))
    key = st.builds(
        hls.Key,
        method=st.sampled_from(["AES-128", "SAMPLE-AES", "SAMPLE-AES-CTR"]),
        uri=WORDS,
        key_format=st.sampled_from([None, "identity", "com.apple.streamingkeydelivery"]),
    )
    keys = draw(
        st.lists(st.lists(key, max_size=2, unique_by=lambda one: one.key_format).map(tuple))
    )
    dates = few(of(hls.DateRange), 1)
    segment = st.builds(
        hls.Segment,
        uri=URIS,
        duration=DECIMALS,
        title=TITLES,
        byte_range=st.none() | RANGES,
        discontinuity=st.booleans(),
        keys=st.sampled_from([(), *keys]),
        program_date_time=st.none() | st.just("2026-01-02T03:04:05.678Z"),
        date_ranges=dates,
        gap=st.booleans(),
        bit_rate=st.none() | NUMBERS,
        tiles=st.none() | of(hls.Tiles),
        parts=few(of(hls.Part)),
        unknown=few(UNKNOWN, 1),
    )
    segments = draw(st.lists(segment, max_size=4))
    has_map = bool(maps) and draw(st.booleans())
    if has_map:
        segments = [
            msgspec.structs.replace(one, map=draw(st.sampled_from(maps))) for one in segments
        ]
    if segments:
        # Before the first tag of a segment an unknown tag belongs to the playlist.
        segments[0] = msgspec.structs.replace(segments[0], unknown=())
    opened = None
    if segments and draw(st.booleans()):
        opened = hls.Segment(
            uri="",
            duration=Decimal(0),
            parts=(draw(of(hls.Part)),),
            map=segments[-1].map,
            keys=segments[-1].keys,
            discontinuity=draw(st.booleans()),
            date_ranges=draw(dates),
        )
    return _sized(
        hls.MediaPlaylist(
            target_duration=draw(NUMBERS),
            version=draw(st.integers(0, 13)),
            media_sequence=draw(NUMBERS),
            discontinuity_sequence=draw(NUMBERS),
            playlist_type=draw(st.sampled_from([None, "VOD", "EVENT"])),
            end_list=draw(st.booleans()),
            i_frames_only=draw(st.booleans()),
            images_only=draw(st.booleans()),
            independent_segments=draw(st.booleans()),
            start=draw(st.none() | of(hls.Start)),
            defines=draw(few(of(hls.Define))),
            part_information=draw(st.none() | of(hls.PartInformation)),
            server_control=draw(st.none() | of(hls.ServerControl)),
            skip=draw(st.none() | of(hls.Skip)),
            segments=tuple(segments),
            open_segment=opened,
            trailing_date_ranges=draw(dates),
            preload_hints=draw(few(of(hls.PreloadHint))),
            rendition_reports=draw(few(of(hls.RenditionReport))),
            unknown=draw(few(UNKNOWN)),
            trailing=draw(few(UNKNOWN)) if segments else (),
        )
    )
