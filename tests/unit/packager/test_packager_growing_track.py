"""Tracks that grow, against the same tracks cut when they are whole."""

from array import array
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.packager.placing import loaded

from matinee.errors import InvariantError
from matinee.formats.isobmff import Edit, Movie, TrackFragment
from matinee.packager.cmaf import track_fragments
from matinee.packager.growing_track import CutSegment, GrowingTrack
from matinee.packager.plan import audio_segments, plan_audio, plan_video, video_segments
from matinee.packager.timeline import SourceTrack, place

SEGMENT = Fraction(4)
REORDERED = (0, 3, 1, 2)
"""When the pictures of a group are shown, in the order of their decoding."""
PRIMING = Edit(duration=0, media_time=5)


def picture(groups: int, more: int = 0) -> SourceTrack:
    """Groups of 2 s at 2 pictures a second, and *more* pictures of another one."""
    shown = [4 * group + at for group in range(groups) for at in REORDERED]
    shown += [4 * groups + at for at in range(more)]
    return loaded(shown, timescale=2, sync=range(0, len(shown), 4))


def sound(frames: int) -> SourceTrack:
    """Frames of 0.3 s, with 0.05 s of priming."""
    return loaded(
        [30 * frame for frame in range(frames)],
        kind="audio", timescale=100, step=30, edits=(PRIMING,),
    )  # fmt: skip


def movie(track: SourceTrack) -> Movie:
    info = msgspec.structs.replace(track.info, entries=(track.entry,))
    return Movie(brands=(), timescale=1000, duration=0, tracks=(info,), fragmented=True, moov=b"")


def fragments(track: SourceTrack, cuts: Sequence[int]) -> list[TrackFragment]:
    """The samples of *track* as an encoder hands them out, cut at *cuts*."""
    table = track.table
    sync = set(table.sync_samples())
    edges = sorted({0, len(table), *(cut % len(table) for cut in cuts)})
    found = []
    for number, (start, stop) in enumerate(pairwise(edges), 1):
        times = table.times[start : stop + 1]
        found.append(
            TrackFragment(
                number, 1, times[0], table.offsets[start:stop], table.sizes[start:stop],
                array("I", (b - a for a, b in pairwise(times))),
                table.composition[start:stop] or array("i", [0] * (stop - start)),
                array("I", (0 if at in sync else 0x10000 for at in range(start, stop))),
            )
        )  # fmt: skip
    return found


def grown(track: SourceTrack, cuts: Sequence[int]) -> list[CutSegment]:
    growing, found = GrowingTrack(track.rendition, SEGMENT), []
    for fragment in fragments(track, cuts):
        growing.add(movie(track), fragment)
        found += growing.cut()
    return [*found, *growing.cut(last=True)]


cuts = st.lists(st.integers(0, 10_000), max_size=30)


@given(st.integers(1, 12), st.integers(0, 3), cuts)
def test_a_picture_is_cut_as_if_it_were_whole(groups: int, more: int, cuts: list[int]) -> None:
    track = picture(groups, more)
    placed = place(track, Fraction(0))
    segments = video_segments(placed, plan_video([placed], SEGMENT))
    whole = [tuple(one) for one in track_fragments(placed, segments)]
    found = grown(track, cuts)
    assert [one.fragments for one in found] == whole
    assert [one.start for one in found] == [one[0].shown for one in whole]
    assert found[-1].end == placed.end
    assert [one.number for one in found] == list(range(1, len(whole) + 1))


@given(st.integers(1, 120), cuts)
def test_sound_is_cut_as_if_it_were_whole(frames: int, cuts: list[int]) -> None:
    track = sound(frames)
    placed = place(track, Fraction(0))
    end = Fraction(placed.end, 100)
    whole = [
        tuple(one)
        for one in track_fragments(placed, audio_segments(placed, plan_audio(end, SEGMENT)))
    ]
    assert [one.fragments for one in grown(track, cuts)] == whole


def test_segments_lie_one_after_the_other() -> None:
    found = grown(sound(100), range(100))
    assert [one.end for one in found[:-1]] == [one.start for one in found[1:]]
    assert found[0].start == 0


def test_a_segment_waits_until_the_next_one_can_stand_alone() -> None:
    """A tail of less than a quarter of a second belongs to the segment before it."""
    track = sound(14)  # the last frame ends 0.15 s after the cut
    growing = GrowingTrack(track.rendition, SEGMENT)
    given_last = []
    for fragment in fragments(track, range(14)):
        growing.add(movie(track), fragment)
        given_last += growing.cut()
    assert not given_last
    assert len(list(growing.cut(last=True))) == 1


def test_pictures_that_do_not_begin_where_segments_must() -> None:
    track = loaded(list(range(12)), timescale=2, sync=[0, 3, 6, 9])
    with pytest.raises(InvariantError, match="no picture to begin with"):
        grown(track, range(12))


def test_nothing_has_no_header() -> None:
    with pytest.raises(InvariantError, match="no sample yet"):
        _ = GrowingTrack(picture(1).rendition, SEGMENT).header


def test_what_was_given_is_forgotten() -> None:
    track = sound(2000)
    growing = GrowingTrack(track.rendition, SEGMENT)
    most = 0
    for fragment in fragments(track, range(0, 2000, 2)):
        growing.add(movie(track), fragment)
        list(growing.cut())
        most = max(most, len(growing._samples.sizes))
    assert most < 20


def test_sound_with_more_priming_than_a_decoder_needs_is_not_ours() -> None:
    edits = (Edit(duration=0, media_time=5),)
    track = loaded([0, 1, 2, 3], kind="audio", timescale=10, edits=edits)
    with pytest.raises(InvariantError, match="begins before"):
        grown(track, ())
