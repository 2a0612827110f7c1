from fractions import Fraction

import msgspec

from matinee.formats.isobmff import Edit, TrackInfo
from matinee.formats.isobmff.box import Box
from matinee.formats.isobmff.movie import Movie
from matinee.ingest.mp4_tracks import shift_of, track_at

TRACK = TrackInfo(id=1, handler="sbtl", timescale=1000, duration=0, stbl=Box("stbl", 0, 0, 0))
MOVIE = Movie(brands=(), timescale=600, duration=0, tracks=(TRACK,), fragmented=False, moov=b"")


def test_an_edit_list_moves_the_text():
    later = msgspec.structs.replace(TRACK, edits=(Edit(300, -1), Edit(600, 250)))
    assert shift_of(later, MOVIE) == Fraction(1, 4)
    assert shift_of(TRACK, MOVIE) == 0


def test_a_track_of_another_kind_is_left_to_ffmpeg():
    assert track_at(MOVIE, 0, ("tx3g",)) is None
    assert track_at(MOVIE, 7, ("tx3g",)) is None
