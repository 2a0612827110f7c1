from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.packager.placing import placed

from matinee.errors import InvariantError, MediaError
from matinee.packager.plan import (
    Plan,
    audio_segments,
    plan_audio,
    plan_video,
    video_segments,
)

TWO, FOUR = Fraction(2), Fraction(4)


def video(seconds: int, every: int, *, rate: int = 10, name: str = "720p", also=()):
    sync = sorted({*range(0, seconds * rate, every), *also})
    return placed(range(seconds * rate), timescale=rate, sync=sync, name=name)


def test_segments_are_whole_groups_near_the_target():
    plan = plan_video([video(10, 20)], FOUR)
    assert plan.cuts == (0, 4, 8)
    assert plan.spans()[-1] == (8, 10)
    assert video_segments(video(10, 20), plan) == ((0, 20), (40, 60), (80,))


def test_the_nearest_key_frame_wins():
    assert plan_video([video(12, 30)], FOUR).cuts == (0, 3, 6, 9)
    assert plan_video([video(15, 50)], FOUR).cuts == (0, 5, 10)


def test_rungs_of_other_frame_rates_are_cut_together():
    slow, fast = video(10, 20), video(10, 120, rate=60)
    plan = plan_video([fast, slow], FOUR)
    assert plan.cuts == (0, 4, 8)
    assert len(video_segments(slow, plan)) == len(video_segments(fast, plan))


def test_only_common_key_frames_are_cut_at():
    assert plan_video([video(12, 20, also=[33]), video(12, 20, also=[35])], FOUR).cuts == (0, 4, 8)


def test_a_film_shorter_than_a_tail_is_one_segment():
    track = placed(range(8), timescale=24, sync=[0, 4])
    assert plan_video([track], Fraction(1, 10)).cuts == (0,)
    assert len(plan_video([placed(range(8), timescale=8, sync=[0, 4, 7])], Fraction(1)).cuts) == 1


def test_a_rung_that_disagrees_is_named():
    rungs = [video(20, 20, name="1080p"), video(20, 33, name="720p"), video(20, 20, name="360p")]
    with pytest.raises(InvariantError, match="'720p'"):
        plan_video(rungs, FOUR)


def test_a_rung_that_starts_elsewhere_is_refused():
    late = placed(range(3, 103), sync=range(0, 100, 20), start=3, name="late")
    with pytest.raises(InvariantError):
        plan_video([video(10, 20), late], FOUR)


def test_key_frames_too_far_apart_are_refused():
    with pytest.raises(MediaError, match="up to 60 s apart"):
        plan_video([video(120, 600)], FOUR)


def test_all_intra_video_is_not_one_fragment_a_picture():
    track = video(4, 1)
    (segment,) = video_segments(track, plan_video([track], FOUR))
    assert segment == (0, 5, 10, 15, 20, 25, 30, 35)


def audio(seconds: float, **given_):
    count = int(seconds * 48000) // 1024 + 1
    return placed(range(0, count * 1024, 1024), kind="audio", timescale=48000, step=1024, **given_)


def test_sound_is_cut_at_the_frame_nearest_to_each_cut_of_the_video():
    plan = Plan(tuple(Fraction(2002 * n, 1000) for n in range(50)), Fraction(100100, 1000), TWO)
    track = audio(100)
    segments = audio_segments(track, plan)
    assert len(segments) == 50
    for (start,), cut in zip(segments, plan.cuts, strict=True):
        assert abs(Fraction(track.shown(start), 48000) - cut) <= Fraction(512, 48000)


def test_sound_that_outlasts_the_pictures_makes_more_segments():
    plan = Plan((Fraction(0), TWO), FOUR, TWO)
    assert len(audio_segments(audio(4.1), plan)) == 2
    assert len(audio_segments(audio(7), plan)) == 4


def test_short_and_late_sound_makes_fewer():
    plan = Plan((Fraction(0), TWO, FOUR, Fraction(6)), Fraction(8), TWO)
    assert len(audio_segments(audio(3), plan)) == 2
    assert len(audio_segments(audio(4.1), plan)) == 2  # no segment of 0.1 s
    late = placed(
        range(144000, 144000 + 100 * 1024, 1024), kind="audio", timescale=48000, step=1024,
        start=144000,
    )  # fmt: skip
    assert [late.shown(start) for (start,) in audio_segments(late, plan)] == [144000, 192128]


def test_sound_alone_is_cut_by_the_clock():
    plan = plan_audio(Fraction(9), FOUR)
    assert (plan.cuts, plan.end) == ((0, 4, 8), 9)
    assert plan_audio(Fraction(1, 10), FOUR).cuts == (0,)


@given(st.integers(1, 40), st.integers(1, 30), st.integers(1, 60))
def test_segments_cover_every_sample_once(seconds, every, target):
    track = video(seconds, every)
    plan = plan_video([track], Fraction(target, 10))
    segments = video_segments(track, plan)
    starts = [start for segment in segments for start in segment]
    assert starts == sorted(set(starts))
    assert starts[0] == 0
    assert len(segments) == len(plan.cuts)
    firsts = tuple(Fraction(track.shown(segment[0]), 10) for segment in segments)
    assert firsts == plan.cuts
