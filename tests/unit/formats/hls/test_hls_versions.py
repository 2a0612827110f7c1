from decimal import Decimal

import pytest

from matinee.formats import hls

MAP = hls.Map(uri="i")


def one(**more):
    return hls.MediaPlaylist(
        target_duration=4, segments=(hls.Segment(**{"uri": "a", "duration": Decimal(4), **more}),)
    )


def key(**more):
    return (hls.Key(**{"method": "AES-128", "uri": "k", **more}),)


@pytest.mark.parametrize(
    ("playlist", "version"),
    [
        (one(), 1),
        (one(keys=key(iv="0x1")), 2),
        (one(duration=Decimal("3.9")), 3),
        (one(byte_range=hls.ByteRange(1, 0)), 4),
        (hls.MediaPlaylist(target_duration=4, i_frames_only=True), 4),
        (one(keys=key(key_format="x")), 5),
        (one(keys=key(method="SAMPLE-AES")), 5),
        (
            hls.MediaPlaylist(
                target_duration=4, i_frames_only=True, segments=one(map=MAP).segments
            ),
            5,
        ),
        (one(map=MAP), 6),
        (hls.MediaPlaylist(target_duration=4, defines=(hls.Define(name="a", value="b"),)), 8),
        (hls.MediaPlaylist(target_duration=4, skip=hls.Skip(skipped_segments=3)), 9),
        (
            hls.MediaPlaylist(
                target_duration=4,
                skip=hls.Skip(skipped_segments=3, recently_removed_date_ranges=""),
            ),
            10,
        ),
        (hls.MediaPlaylist(target_duration=4, defines=(hls.Define(query_parameter="a"),)), 11),
        (
            hls.MultivariantPlaylist(
                renditions=(
                    hls.Rendition(
                        type="CLOSED-CAPTIONS", group_id="c", name="c", instream_id="SERVICE1"
                    ),
                )
            ),
            7,
        ),
        (
            hls.MultivariantPlaylist(
                variants=(hls.Variant(uri="a", bandwidth=1, req_video_layout="CH-STEREO"),)
            ),
            12,
        ),
        (
            hls.MultivariantPlaylist(
                renditions=(hls.Rendition(type="AUDIO", group_id="a", name="a", instream_id="1"),)
            ),
            13,
        ),
    ],
)
def test_the_version_is_what_the_features_need(playlist, version):
    assert hls.required_version(playlist) == version


def test_a_larger_version_is_kept():
    assert "#EXT-X-VERSION:9\n" in hls.render(
        hls.MediaPlaylist(target_duration=4, version=9, segments=one().segments)
    )
