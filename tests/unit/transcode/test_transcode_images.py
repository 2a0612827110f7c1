import pytest

from matinee.errors import InvariantError
from matinee.transcode.images import jpeg_size, tile_interval


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
