from fractions import Fraction

import msgspec
import pytest

from matinee.errors import MediaError
from matinee.model.ladder import Rung
from matinee.model.media import Area, Colour, Ratio
from matinee.transcode.ladder import built_in
from matinee.transcode.plan import plan

STANDARD = built_in()["standard"]
SOURCE = built_in()["source"]


def test_nothing_to_play(sources):
    with pytest.raises(MediaError) as refusal:
        plan(sources.film(), STANDARD)
    assert refusal.value.code == "nothing-to-play"


def test_a_film_within_the_ladder(sources):
    made = plan(sources.film([sources.video()], [sources.audio()]), STANDARD)
    assert [one.name for one in made.video.outputs] == ["720p", "480p", "360p", "240p"]
    assert made.video.frame_rate == Ratio(24)
    assert made.video.timescale == 90_000
    assert made.video.gop_seconds == 2
    assert made.segment_seconds == 4.0
    assert made.notes == ("1 rung is left out: the source is 1280x720.",)
    first = made.video.outputs[0]
    assert (first.level, first.profile, first.gop_frames) == ("3.1", "high", 48)
    assert first.buffer_size == 4_800_000
    assert (first.crf, first.rate) == (23.0, None)


def test_no_video_and_no_audio_are_fine_alone(sources):
    assert plan(sources.film([sources.video()]), STANDARD).audio == ()
    assert plan(sources.film([], [sources.audio()]), STANDARD).video is None


def test_the_largest_of_several_videos(sources):
    tracks = [sources.video(320, 180), sources.video(1280, 720, index=1), sources.video(640, 360)]
    made = plan(sources.film(tracks), STANDARD)
    assert (made.video.track_index, made.video.source.index) == (1, 1)
    assert "Of 3 video tracks the largest, number 2, is used." in made.notes


def test_rotation_and_pixel_shape_decide_the_size(sources):
    turned = plan(sources.film([sources.video(1920, 1080, rotation=90)]), STANDARD).video
    assert (turned.outputs[0].width, turned.outputs[0].height) == (1080, 1920)
    wide = sources.video(720, 576, sample_aspect_ratio=Ratio(64, 45))
    made = plan(sources.film([wide]), STANDARD).video
    assert [(one.width, one.height) for one in made.outputs][:2] == [(1024, 576), (854, 480)]


def test_rungs_of_half_the_rate_stay_aligned(sources):
    ladder = msgspec.structs.replace(
        STANDARD,
        video=(
            Rung(name="720p", height=720, max_rate=3_000_000),
            Rung(name="360p", height=360, max_rate=900_000, max_frame_rate=30),
        ),
    )
    made = plan(sources.film([sources.video(frame_rate=Ratio(120))]), ladder).video
    assert made.frame_rate == Ratio(60)
    assert [(one.frame_step, one.gop_frames) for one in made.outputs] == [(1, 120), (2, 60)]
    assert made.gop_seconds == 2


def test_all_rungs_slower_than_the_source_slow_the_whole_plan(sources):
    made = plan(sources.film([sources.video(frame_rate=Ratio(60))]), built_in()["fast"]).video
    assert made.frame_rate == Ratio(30)
    assert [one.frame_step for one in made.outputs] == [1, 1]


def test_film_rates_are_exact(sources):
    made = plan(sources.film([sources.video(frame_rate=Ratio(24_000, 1001))]), STANDARD).video
    assert (made.frame_rate, made.timescale) == (Ratio(24_000, 1001), 24_000)
    assert made.gop_seconds == Fraction(48 * 1001, 24_000)


def test_hdr_interlaced_and_variable_are_noted(sources):
    track = sources.video(
        colour=Colour(video_range="PQ", bit_depth=10),
        field_order="tff",
        variable_frame_rate=True,
        frame_rate=Ratio(299, 10),
    )
    made = plan(sources.film([track]), STANDARD)
    told = " ".join(made.notes)
    assert "PQ is tone-mapped to SDR" in told
    assert "Interlaced fields" in told
    assert "constant 29.970 a second" in told
    assert {one.colour for one in made.video.outputs} == {
        Colour(primaries="bt709", transfer="bt709", matrix="bt709")
    }


def both(**more):
    """H.264 and another codec, at two sizes each."""
    rungs = [
        Rung(name=f"{prefix}{height}p", height=height, max_rate=2_000 * height, **fields)
        for prefix, fields in (("x-", {"codec": "hevc"} | more), ("", {}))
        for height in (720, 360)
    ]
    return msgspec.structs.replace(STANDARD, video=tuple(rungs))


def test_codecs_are_sized_by_themselves_and_stand_largest_first(sources):
    made = plan(sources.film([sources.video(960, 540)]), both())
    assert [(one.name, one.codec, one.width) for one in made.video.outputs] == [
        ("540p", "h264", 960), ("x-540p", "hevc", 960),
        ("360p", "h264", 640), ("x-360p", "hevc", 640),
    ]  # fmt: skip
    assert len({(one.frame_step, one.gop_frames) for one in made.video.outputs}) == 1


@pytest.mark.parametrize(
    ("rung", "video_range", "kept", "depth", "profile"),
    [
        ({}, "SDR", "SDR", 8, "main"),
        ({}, "PQ", "PQ", 10, "main10"),
        ({}, "HLG", "HLG", 10, "main10"),
        ({"bit_depth": 8}, "PQ", "SDR", 8, "main"),
        ({"bit_depth": 10}, "SDR", "SDR", 10, "main10"),
        ({"codec": "av1"}, "PQ", "PQ", 10, "main"),
    ],
)
def test_hdr_stays_where_codec_and_depth_can_hold_it(
    sources, rung, video_range, kept, depth, profile
):
    track = sources.video(colour=Colour(video_range=video_range, bit_depth=10))
    made = plan(sources.film([track]), both(**rung))
    first, second, *_ = made.video.outputs
    assert (first.colour.video_range, first.colour.bit_depth) == ("SDR", 8)
    assert (second.colour.video_range, second.colour.bit_depth) == (kept, depth)
    assert second.profile == profile
    assert (f"2 rungs keep {video_range}." in made.notes) == (kept != "SDR")


def test_average_rate_never_exceeds_a_cut_down_cap(sources):
    ladder = msgspec.structs.replace(
        STANDARD,
        video=(Rung(name="720p", height=720, max_rate=3_000_000, crf=None, rate=2_900_000),),
    )
    output = plan(sources.film([sources.video(640, 360)]), ladder).video.outputs[0]
    assert output.rate == output.max_rate < 2_000_000


def test_compatible_tracks_are_copied(sources):
    made = plan(sources.film([sources.video()], [sources.audio()]), SOURCE)
    assert made.video.copy
    assert [one.copy for one in made.audio] == [True]
    assert made.notes == ()


@pytest.mark.parametrize(
    ("change", "container", "why"),
    [
        ({"codec": "vp9"}, "mp4", "players do not take vp9"),
        ({}, "avi", "avi cannot be repackaged"),
        ({"codec": "hevc"}, "matroska", "HEVC is copied from MP4 only"),
        ({"colour": {"bit_depth": 10}}, "mp4", "it is 10-bit 4:2:0 SDR"),
        ({"colour": {"chroma": "4:2:2"}}, "mp4", "it is 8-bit 4:2:2 SDR"),
        ({"field_order": "bff"}, "mp4", "it is interlaced"),
        ({"rotation": 90}, "mp4", "it is rotated or mirrored"),
        ({"mirrored": True}, "mp4", "it is rotated or mirrored"),
        ({"sample_aspect_ratio": {"numerator": 4, "denominator": 3}}, "mp4", "not square"),
        ({"variable_frame_rate": True}, "mp4", "its frame rate varies"),
        ({"start": 1.5}, "mp4", "it starts 1.50 s late"),
    ],
)
def test_incompatible_video_is_encoded_and_that_is_said(sources, change, container, why):
    film = sources.film([sources.video(**change)], [sources.audio()], container=container)
    made = plan(film, SOURCE)
    assert not made.video.copy
    assert any(why in note and note.startswith("The video is encoded") for note in made.notes)
    assert made.video.outputs


def test_late_is_counted_from_the_films_own_start(sources):
    """MPEG-TS rarely starts at 0."""
    film = sources.film([sources.video(start=1.44)], [sources.audio(start=1.4)], container="mpegts")
    made = plan(film, SOURCE)
    assert made.video.copy
    assert made.video.late == pytest.approx(0.04)


@pytest.mark.parametrize(
    ("container", "facts", "why"),
    [
        ("mp4", {}, ""),
        ("mpegts", {}, ""),
        ("mp4", {"damaged": True}, "damaged pictures"),
        ("mp4", {"changes": True}, "format changes"),
        ("mp4", {"telecined": True, "field_order": "tff"}, ""),
    ],
)
def test_what_can_be_encoded_in_stretches(sources, container, facts, why):
    video = plan(sources.film([sources.video(**facts)], container=container), STANDARD).video
    assert bool(video.undivided) is (why != "")
    assert why in video.undivided


@pytest.mark.parametrize(
    ("container", "indexed"),
    [("mp4", True), ("matroska", True), ("avi", True), ("mpegts", False), ("mpeg", False)],
)
def test_which_containers_lead_to_any_picture(sources, container, indexed):
    video = plan(sources.film([sources.video()], container=container), STANDARD).video
    assert video.indexed is indexed


def test_telecined_film_is_four_pictures_in_five_frames(sources):
    track = sources.video(720, 480, frame_rate=Ratio(30_000, 1001), field_order="tff",
                          telecined=True)  # fmt: skip
    made = plan(sources.film([track]), STANDARD)
    assert made.video.frame_rate == Ratio(24_000, 1001)
    assert "Telecined film is brought back to 23.976 frames a second." in made.notes


@pytest.mark.parametrize(("field_order", "rate"), [("tff", 50), ("progressive", 25)])
def test_each_field_becomes_a_frame_where_the_ladder_asks(sources, field_order, rate):
    ladder = msgspec.structs.replace(STANDARD, field_rate=True)
    track = sources.video(720, 576, frame_rate=Ratio(25), field_order=field_order)
    made = plan(sources.film([track]), ladder).video
    assert (made.frame_rate, made.each_field) == (Ratio(rate), rate == 50)


@pytest.mark.parametrize(
    ("crop", "size", "note"),
    [
        ("auto", (1280, 536), "The black bars are cut off: 1280x536 of 1280x720 are shown."),
        ("none", (1280, 720), "There are black bars around 1280x536 of 1280x720;"),
    ],
)
def test_black_bars(sources, crop, size, note):
    track = sources.video(active=Area(width=1280, height=536, x=0, y=92))
    made = plan(sources.film([track]), msgspec.structs.replace(STANDARD, crop=crop))
    assert (made.video.outputs[0].width, made.video.outputs[0].height) == size
    assert any(one.startswith(note) for one in made.notes)


def test_sound_goes_along_with_pictures_that_are_decoded_early(sources):
    made = plan(sources.film([sources.video(early=0.02)], [sources.audio()]), STANDARD)
    assert (made.video.moved, made.audio[0].moved) == (0.0, -0.02)


def test_how_much_damage_is_taken(sources):
    film = sources.film([sources.video()])
    assert plan(film, STANDARD).most_damage == 0.05
    assert plan(film, STANDARD, 0.0).most_damage == 0.0
