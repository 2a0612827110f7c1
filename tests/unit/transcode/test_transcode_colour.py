import pytest

from matinee.model.media import Colour
from matinee.transcode.colour import BT709, assumed_colour, is_wide, output_colour


@pytest.mark.parametrize(
    ("size", "matrix", "primaries"),
    [
        ((1920, 1080), "bt709", "bt709"),
        ((1280, 720), "bt709", "bt709"),
        ((720, 576), "bt470bg", "bt470bg"),
        ((720, 480), "smpte170m", "smpte170m"),
        ((640, 360), "smpte170m", "smpte170m"),
        ((360, 640), "smpte170m", "smpte170m"),
    ],
)
def test_unmarked_pictures_are_guessed_by_their_size(sources, size, matrix, primaries):
    colour = assumed_colour(sources.video(*size))
    assert (colour.matrix, colour.primaries) == (matrix, primaries)


def test_what_is_marked_is_kept(sources):
    marked = Colour(primaries="smpte170m", transfer="bt709", matrix="smpte170m")
    assert output_colour(sources.video(colour=marked)) == marked
    full = sources.video(colour=Colour(matrix="bt709", full_range=True))
    assert output_colour(full) == BT709


@pytest.mark.parametrize(
    "colour",
    [
        Colour(video_range="PQ"),
        Colour(video_range="HLG", primaries="bt2020"),
        Colour(primaries="bt2020", matrix="bt2020nc", transfer="bt2020-10"),
        Colour(matrix="gbr"),
        Colour(matrix="ycgco"),
    ],
)
def test_what_players_cannot_show_becomes_bt709(sources, colour):
    assert output_colour(sources.video(colour=colour)) == BT709


def test_wide_gamut(sources):
    assert is_wide(sources.video(colour=Colour(primaries="bt2020")))
    assert not is_wide(sources.video())
    hdr = assumed_colour(sources.video(colour=Colour(video_range="HLG")))
    assert (hdr.primaries, hdr.transfer, hdr.matrix) == ("bt2020", "arib-std-b67", "bt2020nc")
