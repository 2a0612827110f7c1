from decimal import Decimal

import pytest
from hypothesis import given, settings
from tests.unit.formats.hls.strategies import media_playlists, multivariants

from matinee.errors import InputError
from matinee.formats import hls

SEGMENT = hls.Segment(uri="a.mp4", duration=Decimal("3.5"))


@given(media_playlists())
@settings(max_examples=60, deadline=None)
def test_parse_inverts_render_of_media_playlists(playlist):
    assert hls.parse(hls.render(playlist)) == playlist


@given(multivariants())
@settings(max_examples=40, deadline=None)
def test_parse_inverts_render_of_multivariant_playlists(playlist):
    assert hls.parse(hls.render(playlist)) == playlist


def media(*segments, **more):
    return hls.MediaPlaylist(target_duration=4, segments=segments, **more)


def test_map_and_keys_are_written_where_they_change():
    section = hls.Map(uri="init.mp4")
    key = hls.Key(method="SAMPLE-AES", uri="skd://a", key_format="x")
    segments = (
        hls.Segment(uri="1.mp4", duration=Decimal(4), map=section, keys=(key,)),
        hls.Segment(uri="2.mp4", duration=Decimal(4), map=section, keys=(key,)),
        hls.Segment(uri="3.mp4", duration=Decimal(4), map=section),
    )
    lines = hls.render(media(*segments)).splitlines()
    assert lines.count('#EXT-X-MAP:URI="init.mp4"') == 1
    assert lines.index("#EXT-X-KEY:METHOD=NONE") == lines.index("2.mp4") + 1
    assert sum(line.startswith("#EXT-X-KEY") for line in lines) == 2


def test_durations_have_no_exponent():
    text = hls.render(media(hls.Segment(uri="a.mp4", duration=Decimal("1E-6"))))
    assert "#EXTINF:0.000001," in text


@pytest.mark.parametrize(
    "playlist",
    [
        media(hls.Segment(uri="a\n#EXT-X-ENDLIST", duration=Decimal(1))),
        media(hls.Segment(uri="#EXT-X-ENDLIST", duration=Decimal(1))),
        media(hls.Segment(uri="", duration=Decimal(1))),
        media(hls.Segment(uri="a", duration=Decimal(-1))),
        media(hls.Segment(uri="a", duration=Decimal(1), title="x\r\n#EXT")),
        media(SEGMENT, unknown=("plain",)),
        media(SEGMENT, unknown=("#EXT-X\n#EXT-Y",)),
        media(hls.Segment(uri="a", duration=Decimal(1), map=hls.Map(uri="i")), SEGMENT),
        hls.MultivariantPlaylist(variants=(hls.Variant(uri="a", bandwidth=1, codecs='a"b'),)),
        hls.MultivariantPlaylist(
            variants=(hls.Variant(uri="a", bandwidth=1, other={"X-A": "a,b"}),)
        ),
        hls.MultivariantPlaylist(
            variants=(hls.Variant(uri="a", bandwidth=1, video_range="SDR,B=1"),)
        ),
    ],
)
def test_texts_that_would_break_the_playlist_are_refused(playlist):
    with pytest.raises(InputError):
        hls.render(playlist)
