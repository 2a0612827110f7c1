import time
from decimal import Decimal
from fractions import Fraction

import pytest
from msgspec.structs import replace
from tests.golden.manifests import cases

from matinee.errors import InputError, NotFoundError
from matinee.formats import hls as format_hls
from matinee.manifests import hls
from matinee.model.media import Ratio
from matinee.model.presentation import ByteRange, Segment
from matinee.model.time import MediaTime


def test_every_variant_and_group_is_combined_and_bandwidths_add_up():
    p = cases.two_languages()
    playlist = hls.multivariant(p)
    groups = {one.group_id for one in playlist.renditions if one.type == "AUDIO"}
    assert groups == {"audio-aac-stereo", "audio-aac-surround"}
    assert len(playlist.variants) == 4
    first = playlist.variants[0]
    assert first.bandwidth == 2_640_000 + 130_560
    assert playlist.variants[2].bandwidth == 2_640_000 + 391_680
    assert first.average_bandwidth == 2_528_000


def test_groups_offer_the_same_renditions_with_one_default():
    playlist = hls.multivariant(cases.two_languages())
    by_group = {}
    for one in playlist.renditions:
        if one.type == "AUDIO":
            by_group.setdefault(one.group_id, []).append(one)
    sets = [{(one.name, one.language, one.default) for one in group} for group in by_group.values()]
    assert sets[0] == sets[1]
    assert all(sum(one.default for one in group) == 1 for group in by_group.values())
    assert all(one.autoselect for group in by_group.values() for one in group if one.default)


def test_base_goes_before_every_uri_of_the_multivariant():
    playlist = hls.multivariant(cases.thumbnails_and_trick(), base="v3/")
    every = (*playlist.variants, *playlist.renditions)
    every += (*playlist.iframe_variants, *playlist.image_variants)
    assert all(one.uri.startswith("v3/") for one in every)
    assert len(every) == 2 + 1 + 2 + 1


def test_players_start_near_two_megabits():
    rates = (6_000_000, 2_200_000, 400_000)
    rungs = tuple(cases.video(f"{rate}", 640, 360, rate) for rate in rates)
    playlist = hls.multivariant(cases.presentation(cases.selection("video", rungs)))
    order = [one.average_bandwidth for one in playlist.variants]
    assert order == [2_200_000, 6_000_000, 400_000]


def test_audio_alone_is_its_variant():
    playlist = hls.multivariant(cases.audio_only())
    assert playlist.renditions == ()
    assert [one.uri for one in playlist.variants] == ["audio-en-stereo.m3u8"]
    assert playlist.variants[0].audio is None


def test_two_languages_of_audio_alone_are_a_group():
    german = cases.selection("audio-de", [cases.audio("audio-de-stereo")], language="de", label="D")
    playlist = hls.multivariant(cases.presentation(german, cases.english()))
    assert [one.name for one in playlist.renditions] == ["D", "English"]
    # English is marked as default, though German goes first.
    assert playlist.variants[0].uri == "audio-en-stereo.m3u8"
    assert playlist.variants[0].audio == "audio-aac-stereo"


def test_names_are_unique_and_fit_for_a_quoted_string():
    one = cases.selection("a", [cases.audio("audio-1")], label='The "best"\nsound')
    two = cases.selection("b", [cases.audio("audio-2")], label='The "best" sound')
    playlist = hls.multivariant(cases.presentation(one, two))
    assert [one.name for one in playlist.renditions] == ["The 'best' sound", "The 'best' sound 2"]
    format_hls.render(playlist)


def test_nothing_to_play_is_refused():
    with pytest.raises(InputError, match="neither video nor audio"):
        hls.multivariant(cases.presentation(cases.selection("text-en", [cases.text("text-en")])))
    with pytest.raises(InputError, match="no period"):
        hls.multivariant(cases.presentation(periods=()))


def test_durations_do_not_drift():
    track = cases.video("film", 640, 360, 500_000, frame_rate=Ratio(24_000, 1001))
    step = 4004 * 90 + 1  # no whole number of microseconds
    segments = tuple(
        Segment(number=n, start=n * step, duration=step, key="a", range=None) for n in range(9000)
    )
    p = cases.presentation(cases.selection("video", [replace(track, segments=segments)]))
    playlist = hls.media(p, track.id)
    total = sum(one.duration for one in playlist.segments)
    assert abs(Fraction(total) - Fraction(9000 * step, 90_000)) <= Fraction(1, 1_000_000)
    assert playlist.target_duration == 4


def test_the_target_duration_covers_the_longest_segment_of_any_track():
    p = cases.plain()
    video = p.periods[0].selection_sets[0].tracks[0]
    longer = replace(video.segments[0], duration=int(90_000 * 5.5))
    track = replace(video, segments=(longer,))
    p = cases.presentation(cases.selection("video", [track]), cases.english())
    assert hls.media(p, "audio-en-stereo").target_duration == 6


def test_periods_are_divided_by_discontinuities():
    p = cases.plain()
    second = replace(p.periods[0], id="2", start=MediaTime(900_000, 90_000))
    p = replace(p, periods=(p.periods[0], second))
    playlist = hls.media(p, "video-h264-720p")
    assert [one.discontinuity for one in playlist.segments] == [False] * 3 + [True] + [False] * 2
    frames = hls.iframes(p, "video-h264-720p")
    assert sum(one.discontinuity for one in frames.segments) == 1


def test_a_growing_title_is_an_event_without_end():
    p = replace(cases.plain(), mode="growing", ended=False)
    playlist = hls.media(p, "video-h264-720p")
    assert (playlist.playlist_type, playlist.end_list) == ("EVENT", False)


def test_live_sequence_numbers_are_those_of_the_segments():
    p = replace(cases.plain(), mode="live", ended=False)
    assert hls.media(p, "video-h264-720p").media_sequence == 1


def test_unknown_tracks_are_not_found():
    for make in (hls.media, hls.iframes, hls.images):
        with pytest.raises(NotFoundError):
            make(cases.plain(), "video-none")
    with pytest.raises(InputError):
        hls.iframes(cases.plain(), "audio-en-stereo")
    with pytest.raises(InputError):
        hls.images(cases.plain(), "audio-en-stereo")


def test_ten_hours_render_in_good_time():
    tracks = [cases.video(f"{n}p", 640, 360, 500_000, seconds=36_000) for n in (1080, 720, 360)]
    p = cases.presentation(cases.selection("video", tracks), seconds=36_000)
    begun = time.perf_counter()
    text = format_hls.render(hls.media(p, tracks[0].id))
    spent = time.perf_counter() - begun
    assert text.count("#EXTINF") == 9000
    # About 60 ms alone on a machine; the bound is wide, for a busy one.
    assert spent < 2
    assert hls.multivariant(p).variants[0].bandwidth > 0


def test_frame_rates_have_three_decimals():
    playlist = hls.multivariant(cases.portrait())
    assert playlist.variants[0].frame_rate == Decimal("23.976")
    assert "FRAME-RATE=23.976," in format_hls.render(playlist)


@pytest.mark.parametrize(
    ("index", "length"),
    [
        (ByteRange(800, 200), 1000),
        (ByteRange(800, 4095), 4895),
        (ByteRange(800, 4096), 800),  # fills a block of the cache by itself
        (ByteRange(900, 200), 800),  # something else lies between
        (None, 800),
    ],
)
def test_no_gap_of_less_than_a_cache_block_is_left_before_the_first_segment(index, length):
    track = replace(cases.video("720p", 1280, 720, 2_400_000), index=index)
    p = cases.presentation(cases.selection("video", (track,)))
    for playlist in (hls.media(p, track.id), hls.iframes(p, track.id)):
        assert {one.map.byte_range for one in playlist.segments} == {
            format_hls.ByteRange(length, 0)
        }


def test_a_growing_film_is_an_event_from_its_beginning_on():
    p = cases.growing()
    track = p.periods[0].selection_sets[0].tracks[0]
    found = hls.media(p, track.id)
    assert (found.playlist_type, found.end_list) == ("EVENT", False)
    assert found.start.time_offset == hls.multivariant(p).start.time_offset == 0
    assert found.segments[0].map.uri == "video-h264-360p/init.mp4"
    assert found.segments[0].map.byte_range is None
    assert [one.uri for one in found.segments] == [one.key for one in track.segments]


def test_a_growing_playlist_is_only_added_to():
    """RFC 8216bis §6.2.1: a server may append; and TARGETDURATION must not change."""
    before, after = cases.growing(), cases.growing(ended=True)
    for track_id in ("video-h264-360p", "audio-en-stereo"):
        then, now = hls.media(before, track_id), hls.media(after, track_id)
        assert now.segments[: len(then.segments)] == then.segments
        assert now.target_duration == then.target_duration
        assert (now.playlist_type, now.end_list) == ("EVENT", True)
