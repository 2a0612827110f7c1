from array import array
from dataclasses import replace
from fractions import Fraction

import msgspec
import pytest
from tests.unit.packager.placing import placed

from matinee.formats.isobmff.video_config import Nclx
from matinee.model.media import Colour, Ratio
from matinee.model.presentation import ByteRange, IFrame, Segment
from matinee.packager import tracks
from matinee.packager.cmaf import TrackFile
from matinee.packager.timeline import PlacedTrack

FILE = TrackFile(
    size=1100,
    init=ByteRange(0, 50),
    index=ByteRange(50, 50),
    segments=(
        Segment(number=1, start=0, duration=40, key="v.mp4", range=ByteRange(100, 600)),
        Segment(number=2, start=40, duration=40, key="v.mp4", range=ByteRange(700, 400)),
    ),
    iframes=(IFrame(start=0, duration=80, range=ByteRange(100, 90)),),
)


def with_entry(track: PlacedTrack, **changes: object) -> PlacedTrack:
    entry = msgspec.structs.replace(track.source.entry, **changes)
    return replace(track, source=replace(track.source, entry=entry))


@pytest.mark.parametrize(
    ("codec", "family"),
    [
        ("avc1.64001f", "h264"), ("hvc1.1.6.L93.90", "hevc"), ("av01.0.04M.08", "av1"),
        ("mp4a.40.2", "aac"), ("mp4a.6b", "mp3"), ("ec-3", "eac3"), ("xyz1.2", "xyz1"),
    ],
)  # fmt: skip
def test_families(codec, family):
    assert tracks.family(codec) == family


def test_a_video_track_says_what_was_measured():
    track = tracks.video_track("video-h264-720p", placed(range(80), sync=[0]), FILE)
    assert (track.bandwidth, track.average_bandwidth) == (1200, 1000)
    assert (track.width, track.height, track.frame_rate) == (640, 360, Ratio(10))
    assert (track.key, track.size, track.init) == ("v.mp4", 1100, ByteRange(0, 50))
    assert track.colour == Colour()


def test_the_frame_rate_is_that_of_nearly_all_pictures():
    joined = placed([*range(0, 200, 2), *range(207, 400, 2)], sync=[0], timescale=50, step=2)
    joined.source.table.times[100:] = array(
        "q", (one + 7 for one in joined.source.table.times[100:])
    )
    assert tracks.video_track("v", joined, FILE).frame_rate == Ratio(25)
    uneven = placed(range(6), sync=[0])
    uneven.source.table.times[:] = array("q", [0, 1, 3, 4, 6, 7, 9])
    assert tracks.video_track("v", uneven, FILE).frame_rate == Ratio(20, 3)


def test_wide_pixels_make_a_wider_picture():
    track = with_entry(placed(range(8), sync=[0]), pixel_aspect=Fraction(16, 11), width=704)
    assert tracks.video_track("v", track, FILE).width == 1024


def test_colour_of_the_stream_speaks_where_nobody_else_does():
    colour = Nclx(9, 16, 9, full_range=False)
    track = with_entry(placed(range(8), sync=[0]), colour=colour, bit_depth=10)
    found = tracks.video_track("v", track, FILE).colour
    assert found == Colour(
        primaries="bt2020", transfer="smpte2084", matrix="bt2020nc", bit_depth=10, video_range="PQ"
    )


def test_codec_strings_name_the_tag_that_is_written():
    track = with_entry(placed(range(8), sync=[0]), codec="hev1.1.6.L93.90")
    assert tracks.video_track("v", track, FILE).codec == "hvc1.1.6.L93.90"


def test_an_audio_track():
    track = tracks.audio_track("a", placed(range(80), kind="audio"), FILE)
    assert (track.channels, track.sample_rate, track.mime_type) == (2, 10, "audio/mp4")
    assert track.iframes == ()


def test_trick_rate_is_pictures_over_time():
    track = tracks.video_track("v", placed(range(80), sync=[0]), FILE)
    assert tracks.trick_rate(track) == Ratio(1, 8)
