from fractions import Fraction

import pytest

from matinee.errors import MediaError
from matinee.formats.captions import webvtt
from matinee.packager.plan import Plan
from matinee.packager.text import read_cues, text_files

VTT = b"\xef\xbb\xbfWEBVTT\n\n00:01.000 --> 00:03.000\nOne\n\n00:05.000 --> 00:06.000\nTwo\n"


def test_cues_move_with_the_film():
    assert [cue.start for cue in read_cues(VTT, Fraction(0))] == [1, 5]
    assert [cue.start for cue in read_cues(VTT, Fraction(1, 2))] == [
        Fraction(3, 2),
        Fraction(11, 2),
    ]
    assert [(cue.start, cue.end) for cue in read_cues(VTT, Fraction(-2))] == [(0, 1), (3, 4)]
    assert [cue.payload for cue in read_cues(VTT, Fraction(-4))] == ["Two"]


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"1\n00:00:01,000 --> 00:00:02,000\nHi\n"])
def test_what_is_no_webvtt_is_refused(data):
    with pytest.raises(MediaError) as refused:
        read_cues(data, Fraction(0))
    assert refused.value.code == "bad-subtitles"


def test_segments_are_cut_where_the_video_is():
    cut = Fraction(2002, 1000)
    plan = Plan((Fraction(0), cut, 2 * cut), Fraction(6), Fraction(2))
    track, files = text_files("text-en", read_cues(VTT, Fraction(0)), plan, 24000)
    assert set(files) == {"text-en.vtt", *(f"text-en/0000{n}.vtt" for n in (1, 2, 3))}
    assert [(one.start, one.duration) for one in track.segments] == [
        (0, 48048), (48048, 48048), (96096, 47904),
    ]  # fmt: skip
    assert [len(webvtt.parse(files[one.key].decode())) for one in track.segments] == [1, 1, 1]
    assert track.size == len(files["text-en.vtt"])
    assert track.bandwidth >= track.average_bandwidth > 0
