from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.packager.placing import loaded, placed

from matinee.errors import MediaError
from matinee.formats.isobmff import Edit
from matinee.packager.timeline import place, shift

REORDERED = [1, 4, 2, 3, 5, 8, 6, 7]


def test_the_edit_list_takes_the_reordering_delay_off():
    track = placed(REORDERED, sync=[0, 4], edits=[Edit(800, 1)])
    assert [track.shown(n) for n in range(8)] == [0, 3, 1, 2, 4, 7, 5, 6]
    assert [track.decoded(n) for n in range(8)] == list(range(8))
    assert list(track.composition(0, 4)) == [0, 2, -1, -1]
    assert (track.end, track.priming) == (8, 0)


def test_without_reordering_there_are_no_offsets():
    assert not placed(list(range(4)), sync=[0]).composition(0, 4)
    assert not placed([5, 6, 7], sync=[0]).composition(0, 3)


def test_priming_stays_before_zero():
    track = placed(range(0, 50, 10), kind="audio", step=10, timescale=1000, edits=[Edit(0, 10)])
    assert (track.decoded(0), track.priming, track.shown(0), track.shown(1)) == (0, 10, 0, 0)
    assert (track.shown(2), track.end) == (10, 40)


def test_an_empty_edit_delays():
    track = loaded(range(5), kind="audio", edits=[Edit(1500, -1), Edit(0, 0)])
    assert track.begin == 15
    late = place(track, Fraction(0))
    assert (late.decoded(0), late.shown(0), late.priming, late.end) == (15, 15, 0, 20)


def test_what_is_never_shown_is_left_out():
    track = loaded(range(20), sync=[0, 5, 10, 15], edits=[Edit(500, 12)])
    assert (track.first, track.stop) == (10, 18)
    assert track.begin == -2
    assert track.starts == (10, 15)


def test_leading_samples_that_cannot_be_decoded_are_left_out():
    assert loaded(range(6), sync=[2, 4]).first == 2


def test_open_groups_are_no_place_to_start():
    shown = [2, 4, 3, 7, 5, 6, 8]  # sample 3 is sync, 4 and 5 are shown before it
    assert loaded(shown, sync=[0, 3, 6]).starts == (0, 6)


@pytest.mark.parametrize(
    "edits",
    [
        [Edit(100, 0), Edit(100, 5)],
        [Edit(100, 0), Edit(100, -1), Edit(100, 1)],
        [Edit(100, 0, 0x20000)],
        [Edit(100, -5)],
    ],
)
def test_edit_lists_that_rearrange_are_refused(edits):
    with pytest.raises(MediaError) as refused:
        loaded(range(10), sync=[0], edits=edits)
    assert refused.value.code == "unsupported-container"


def test_edits_that_go_on_are_one():
    assert loaded(range(10), sync=[0], edits=[Edit(300, 2), Edit(300, 5)]).stop == 9


def test_no_key_frame_is_refused():
    with pytest.raises(MediaError, match="'720p'"):
        loaded(range(4), sync=[])


def cases(*begins: tuple[str, int]):
    return [loaded([begin], kind=kind, start=begin, sync=[0] if kind == "video" else None)
            for kind, begin in begins]  # fmt: skip


@pytest.mark.parametrize(
    ("tracks", "moved"),
    [
        (cases(("video", 0), ("audio", 0)), 0),
        (cases(("video", 0), ("audio", 15)), 0),
        (cases(("video", 50), ("audio", 50)), -5),
        (cases(("video", 2), ("audio", 0)), Fraction(-1, 5)),
        (cases(("video", 20), ("audio", 0)), 0),
        (cases(("video", 52), ("audio", 50)), Fraction(-26, 5)),
        (cases(("audio", 30)), -3),
    ],
)
def test_how_far_all_tracks_move(tracks, moved):
    assert shift(tracks) == moved


def test_a_cut_film_moves_later_so_that_no_picture_is_before_zero():
    video = loaded(range(20), sync=[0, 10], edits=[Edit(0, 12)])
    audio = loaded(range(20), kind="audio", edits=[Edit(0, 12)])
    moved = shift([video, audio])
    assert moved == Fraction(2, 10)
    assert place(video, moved).shown(10) == 0
    kept = place(audio, moved)
    assert kept.shown(12) == 2
    assert kept.source.first == 9
    assert kept.priming == 1


@given(st.integers(1, 30), st.integers(0, 3000), st.integers(0, 3000), st.integers(1, 1024))
def test_no_tick_of_sound_is_lost(count, media_time, delay, step):
    times = range(0, count * step, step)
    edits = [Edit(delay, -1), Edit(0, media_time)]
    track = loaded(times, kind="audio", step=step, timescale=1000, edits=edits)
    for moved in (Fraction(0), Fraction(1, 2)):
        on = place(track, moved)
        for sample in range(on.source.first, count):
            expected = sample * step - media_time + delay + moved * 1000
            assert on.decoded(sample) - on.priming == expected
        assert on.decoded(on.source.first) >= 0
        assert min(on.priming, on.decoded(on.source.first)) == 0
