from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace
from tests.golden.manifests import cases

from matinee.errors import InputError
from matinee.formats import dash as format_dash
from matinee.formats.dash import grammar
from matinee.manifests import dash
from matinee.model.time import MediaTime


def sets(p, base=""):
    return dash.mpd(p, base).periods[0].adaptation_sets


@pytest.mark.parametrize("case", sorted(cases.CASES))
def test_every_case_obeys_the_schema(case):
    assert grammar.violations(format_dash.render(dash.mpd(cases.CASES[case](), "v3/"))) == ()


def test_ranges_are_inclusive_and_bases_go_before():
    one = sets(cases.plain(), "v3/")[0].representations[0]
    assert one.base_urls[0].text == "v3/video-h264-720p.mp4"
    assert one.segment_base is not None
    assert one.segment_base.index_range == "800-999"
    assert one.segment_base.initialization is not None
    assert one.segment_base.initialization.range == "0-799"


def test_sets_of_two_codecs_name_each_other():
    first, second, _ = sets(cases.second_codec("SDR"))
    assert [one.value for one in first.supplemental_properties] == ["2"]
    values = {one.scheme_id_uri: one.value for one in second.supplemental_properties}
    assert values == {dash.SWITCHING: "1"}


@pytest.mark.parametrize(("kept", "essential"), [("PQ", {"16"}), ("HLG", set())])
def test_hdr_is_not_switched_to_from_sdr_and_pq_is_for_those_who_know_it(kept, essential):
    first, second, _ = sets(cases.second_codec(kept))
    assert first.supplemental_properties == ()
    key = "urn:mpeg:mpegB:cicp:TransferCharacteristics"
    told = {one.value for one in second.essential_properties if one.scheme_id_uri == key}
    assert told == essential
    told = {one.value for one in second.supplemental_properties if one.scheme_id_uri == key}
    assert told == {"18"} - essential if kept == "HLG" else not told
    assert dash.SWITCHING not in {one.scheme_id_uri for one in second.supplemental_properties}


def test_hdr_alone_is_for_everybody():
    (hdr,) = (
        one for one in sets(cases.second_codec("PQ", sdr=False)) if one.content_type == "video"
    )
    assert hdr.essential_properties == ()
    assert len(hdr.supplemental_properties) == 3


def test_trick_play_names_its_main_set():
    main, trick, *_ = sets(cases.thumbnails_and_trick())
    assert [(one.scheme_id_uri, one.value) for one in trick.essential_properties] == [
        (dash.TRICK_MODE, str(main.id))
    ]
    assert (trick.coding_dependency, trick.max_playout_rate) == (False, "50")


def test_thumbnails_follow_their_template():
    images = sets(cases.thumbnails_and_trick(), "v3/")[-1].representations[0]
    template = images.segment_template
    assert template is not None
    assert template.media == "v3/thumbnails/$Number%05d$.jpg"
    assert (template.duration, template.timescale, template.start_number) == (8000, 1000, 1)


def test_a_single_sheet_of_a_short_film_has_the_time_of_all_its_tiles():
    track = cases.thumbnails()
    short = replace(track, segments=(replace(track.segments[0], duration=3000),))
    p = cases.presentation(cases.english(), cases.selection("t", [short]))
    template = sets(p)[-1].representations[0].segment_template
    assert template is not None
    assert template.duration == 8000


def test_thumbnails_without_numbers_are_refused():
    track = cases.thumbnails()
    odd = replace(track, segments=(replace(track.segments[0], key="sheet.jpg"),))
    with pytest.raises(InputError, match="not numbered"):
        dash.mpd(cases.presentation(cases.english(), cases.selection("t", [odd])))


def test_roles_labels_and_purposes_are_said():
    described = next(one for one in sets(cases.two_languages()) if one.accessibilities)
    assert described.labels[0].text == "English, described"
    assert [one.value for one in described.roles] == ["alternate", "description"]
    assert [one.value for one in described.accessibilities] == ["1"]


def test_the_default_audio_has_priority():
    audio = [one for one in sets(cases.two_languages()) if one.content_type == "audio"]
    assert [one.selection_priority for one in audio] == [2, 2, None, None]


@pytest.mark.parametrize(
    ("codec", "channels", "scheme", "value"),
    [
        ("mp4a.40.2", 2, dash.CHANNELS, "2"),
        ("mp4a.40.2", 6, dash.CHANNELS, "6"),
        ("mp4a.40.2", 8, dash.CICP_CHANNELS, "12"),
        ("ec-3", 6, dash.DOLBY_CHANNELS, "F801"),
    ],
)
def test_channels_are_said_in_the_scheme_of_the_codec(codec, channels, scheme, value):
    track = cases.audio("audio-en", channels=channels, codec=codec)
    one = sets(cases.presentation(cases.selection("a", [track])))[0].representations[0]
    found = one.audio_channel_configurations[0]
    assert (found.scheme_id_uri, found.value) == (scheme, value)


def test_a_track_without_index_is_listed():
    track = replace(cases.audio("audio-en"), index=None)
    one = sets(cases.presentation(cases.selection("a", [track])))[0].representations[0]
    assert one.segment_list is not None
    assert one.segment_list.timeline is not None
    assert [(s.t, s.d, s.r) for s in one.segment_list.timeline.entries] == [
        (0, 192_000, 1),
        (None, 96_000, 0),
    ]
    assert len(one.segment_list.segment_urls) == 3


def test_periods_follow_each_other_and_have_their_offset():
    p = cases.plain()
    tracks = tuple(
        replace(track, segments=track.segments[1:])
        for track in p.periods[0].selection_sets[0].tracks
    )
    second = replace(
        p.periods[0],
        id="2",
        start=MediaTime(900_000, 90_000),
        duration=MediaTime(540_000, 90_000),
        selection_sets=(cases.selection("video", tracks), cases.english()),
    )
    mpd = dash.mpd(replace(p, periods=(p.periods[0], second)))
    assert mpd.media_presentation_duration == Decimal(16)
    assert [one.start for one in mpd.periods] == [0, 10]
    bases = [
        one.representations[0].segment_base.presentation_time_offset
        for one in mpd.periods[1].adaptation_sets
    ]
    assert bases == [4 * 90_000, 4 * 48_000]


@pytest.mark.parametrize(
    ("ticks", "said"),
    [(192_000, "4"), (192_048, "4.001"), (192_513, "4.011"), (192_528, "4.011"),
     (192_575, "4.012"), (192_577, "4.013")],
)  # fmt: skip
def test_the_end_that_is_said_is_never_within_microseconds_of_one_between_milliseconds(ticks, said):
    p = cases.plain()
    period = replace(p.periods[0], duration=MediaTime(ticks, 48_000))
    mpd = dash.mpd(replace(p, periods=(period,)))
    assert mpd.media_presentation_duration == mpd.periods[0].duration == Decimal(said)


def test_what_is_live_is_refused():
    with pytest.raises(InputError, match="is live"):
        dash.mpd(replace(cases.plain(), mode="live", ended=False))


def test_what_has_ended_says_how_long_it_is():
    with pytest.raises(InputError, match="no duration"):
        dash.mpd(replace(cases.growing(), ended=True))


@pytest.mark.parametrize(("base", "location"), [("", "manifest.mpd"), ("v1/", "manifest-v1.mpd")])
def test_a_growing_film_is_read_again_where_its_version_stays(base, location):
    found = dash.mpd(cases.growing(), base)
    assert (found.type, found.media_presentation_duration) == ("dynamic", None)
    assert found.locations == (location,)
    assert "/" not in location, "players differ on what is relative to Location"
    assert found.time_shift_buffer_depth is None, "all of it stays"
    assert found.publish_time == "2026-11-26T11:00:04.250Z"
    assert found.minimum_update_period == 2
    made_of = [one.representations[0].segment_template for one in found.periods[0].adaptation_sets]
    assert [one.media for one in made_of] == [
        f"{base}video-h264-360p/$Number%05d$.m4s", f"{base}audio-en-stereo/$Number%05d$.m4s",
    ]  # fmt: skip
    assert made_of[0].initialization_template == f"{base}video-h264-360p/init.mp4"


def test_every_listed_segment_counts_as_available():
    """ISO/IEC 23009-1 §5.3.9.5.3: from the availability start plus its end on."""
    p = cases.growing()
    last = p.periods[0].selection_sets[0].tracks[0].segments[-1]
    end = p.availability_start + timedelta(seconds=(last.start + last.duration) / 90_000)
    assert end < p.updated_at


def test_a_film_that_has_grown_is_static_at_the_same_addresses():
    found, before = dash.mpd(cases.growing(ended=True)), dash.mpd(cases.growing())
    assert (found.type, found.media_presentation_duration) == ("static", 10)
    assert (found.locations, found.utc_timings, found.minimum_update_period) == ((), (), None)
    for then, now in zip(
        before.periods[0].adaptation_sets, found.periods[0].adaptation_sets, strict=True
    ):
        was, is_now = then.representations[0], now.representations[0]
        assert was.id == is_now.id
        assert was.segment_template.media == is_now.segment_template.media
