import pytest

from matinee.errors import InvariantError
from matinee.model.media import Colour
from matinee.model.rendition import Rendition
from matinee.transcode.images import jpeg_size, showable, tile_interval


def test_intervals_grow_with_the_film():
    assert tile_interval(5) == tile_interval(600) == tile_interval(1200) == 2
    assert tile_interval(1201) == 4
    for hours in (1, 2, 3, 5, 12):
        assert 300 <= hours * 3600 / tile_interval(hours * 3600) <= 600


def test_the_size_of_a_jpeg_is_in_its_frame_header():
    application = b"\xff\xe0\x00\x06JFIF"
    frame = b"\xff\xc0\x00\x0b\x08\x00\x5a\x00\xa0\x01\x01\x11\x00"
    assert jpeg_size(b"\xff\xd8" + application + frame) == (160, 90)
    with pytest.raises(InvariantError):
        jpeg_size(b"\xff\xd8" + application)


@pytest.mark.parametrize(
    ("videos", "shown"),
    [
        ([("h264", "SDR"), ("h264", "SDR")], [0, 1]),
        (
            [("hevc", "PQ"), ("h264", "SDR"), ("av1", "SDR"), ("h264", "SDR"), ("hevc", "PQ")],
            [1, 3],
        ),
        ([("hevc", "PQ"), ("av1", "SDR")], [1]),
        ([(None, None)], [0]),
        ([("hevc", "PQ"), ("hevc", "PQ")], [0, 1]),
    ],
)
def test_pictures_are_of_what_decodes_fastest_and_looks_right(videos, shown):
    made = tuple(
        Rendition(
            key=str(place), kind="video", name="r", codec=codec,
            colour=Colour(video_range=video_range) if video_range else None,
        )
        for place, (codec, video_range) in enumerate(videos)
    )  # fmt: skip
    assert [int(one.key) for one in showable(made)] == shown
