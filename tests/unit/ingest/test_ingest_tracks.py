"""ffprobe's words to the house's."""

import pytest

from matinee.ingest.ffprobe import ChapterEntry, Packet, SideData, Stream
from matinee.ingest.tracks import (
    audio_track,
    chapters_of,
    cleaned,
    colour_of,
    duration_of,
    is_picture,
    mastering,
    orientation,
    tags_of,
    text_track,
    to_last_packet,
    video_track,
)
from matinee.model.media import Chapter, Ratio


def matrix(a: int, b: int, c: int, d: int) -> list[SideData]:
    one = 65536
    text = (
        f"\n00000000: {a * one:>12} {b * one:>12} 0\n00000001: {c * one:>12} {d * one:>12} 0\n"
        "00000002: 0 0 1073741824\n"
    )
    return [SideData(kind="Display Matrix", displaymatrix=text)]


@pytest.mark.parametrize(
    ("numbers", "rotation", "mirrored"),
    [
        ((1, 0, 0, 1), 0, False),
        ((0, 1, -1, 0), 90, False),
        ((-1, 0, 0, -1), 180, False),
        ((0, -1, 1, 0), 270, False),
        ((-1, 0, 0, 1), 0, True),
        ((1, 0, 0, -1), 180, True),
        ((0, 1, 1, 0), 270, True),
        ((0, -1, -1, 0), 90, True),
        ((0, 0, 0, 0), 0, False),
    ],
)
def test_display_matrix(numbers: tuple[int, int, int, int], rotation: int, mirrored: bool) -> None:
    assert orientation(matrix(*numbers)) == (rotation, mirrored)


def test_mirror_then_turn_gives_the_matrix_back() -> None:
    """The order that `VideoTrackInfo` promises, for every matrix of quarter turns."""
    turns = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}
    for angle, (a, b, c, d) in turns.items():
        assert orientation(matrix(-a, -b, c, d)) == (angle, True)


def test_no_matrix_is_upright() -> None:
    assert orientation([]) == (0, False)
    assert orientation([SideData(displaymatrix="rubbish")]) == (0, False)


@pytest.mark.parametrize(
    ("pix_fmt", "depth", "chroma"),
    [
        ("yuv420p", 8, "4:2:0"), ("yuvj420p", 8, "4:2:0"), ("yuv420p10le", 10, "4:2:0"),
        ("yuv422p10le", 10, "4:2:2"), ("yuv444p12be", 12, "4:4:4"), ("p010le", 10, "4:2:0"),
        ("nv12", 8, "4:2:0"), ("gbrp10le", 10, "4:4:4"), ("rgb24", 8, "4:4:4"),
        ("gray10le", 10, "4:0:0"), ("gray", 8, "4:0:0"), ("yuv411p", 8, "4:1:1"),
        ("yuva444p16le", 16, "4:4:4"), (None, 8, "4:2:0"),
    ],
)  # fmt: skip
def test_pixel_formats(pix_fmt: str | None, depth: int, chroma: str) -> None:
    colour = colour_of(Stream(index=0, pix_fmt=pix_fmt))
    assert (colour.bit_depth, colour.chroma) == (depth, chroma)


@pytest.mark.parametrize(
    ("transfer", "video_range"),
    [("smpte2084", "PQ"), ("arib-std-b67", "HLG"), ("bt709", "SDR"), ("unknown", "SDR")],
)
def test_video_range(transfer: str, video_range: str) -> None:
    colour = colour_of(Stream(index=0, color_transfer=transfer, color_range="pc"))
    assert colour.video_range == video_range
    assert colour.full_range
    assert (colour.transfer is None) == (transfer == "unknown")


def test_mastering_display() -> None:
    side_data = [
        SideData(
            red_x="34000/50000", red_y="16000/50000", green_x="13250/50000",
            green_y="34500/50000", blue_x="7500/50000", blue_y="3000/50000",
            white_point_x="15635/50000", white_point_y="16450/50000",
            min_luminance="50/10000", max_luminance="10000000/10000",
        ),
        SideData(max_content=1000, max_average=400),
    ]  # fmt: skip
    assert mastering(side_data) == (
        "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)",
        "1000,400",
    )
    assert mastering([]) == (None, None)
    assert mastering([SideData(red_x="1/0")]) == (None, None)


def test_video_track() -> None:
    stream = Stream(
        index=2, codec_name="h264", codec_type="video", profile="High", width=720, height=576,
        sample_aspect_ratio="16:11", field_order="tt", avg_frame_rate="25/1", r_frame_rate="25/1",
        duration="4.5", bit_rate="1000", start_time="1.4", side_data_list=matrix(0, 1, -1, 0),
    )  # fmt: skip
    packets = [
        Packet(stream=2, pts=n / 25, dts=n / 25, duration=0.04, key=n == 0, corrupt=False)
        for n in range(50)
    ]
    track = video_track(stream, packets)
    assert track.index == 2
    assert track.rotation == 90
    assert track.sample_aspect_ratio == Ratio(16, 11)
    assert track.field_order == "tff"
    assert track.frame_rate == Ratio(25)
    assert not track.variable_frame_rate
    assert (track.duration, track.bit_rate, track.start) == (4.5, 1000, 1.4)
    assert track.display_size == (576, 1047)


def test_what_is_missing_is_told_as_missing() -> None:
    track = video_track(Stream(index=0), [])
    assert track.sample_aspect_ratio == Ratio(1)
    assert track.field_order == "unknown"
    assert (track.profile, track.duration, track.bit_rate, track.start) == (None, None, None, 0.0)


def test_audio_track() -> None:
    stream = Stream(
        index=1, codec_name="aac", sample_rate="48000", channels=6, channel_layout="5.1",
        disposition={"default": 1, "comment": 1, "visual_impaired": 1, "descriptions": 1},
        tags={"LANGUAGE": "ger", "title": " Kommentar\n des Regisseurs "},
    )  # fmt: skip
    track = audio_track(stream)
    assert (track.language, track.label) == ("de", "Kommentar des Regisseurs")
    assert track.default
    assert track.roles == ("commentary", "description")
    assert (track.sample_rate, track.channels, track.channel_layout) == (48000, 6, "5.1")


@pytest.mark.parametrize(
    ("handler", "label"),
    [("SoundHandler", None), ("Core Media Audio", None), ("#Mainconcept", None),
     ("Director's commentary", "Director's commentary"), ("", None)],
)  # fmt: skip
def test_handler_names_are_labels_only_where_a_person_wrote_them(
    handler: str, label: str | None
) -> None:
    assert audio_track(Stream(index=0, tags={"handler_name": handler})).label == label


def test_text_track() -> None:
    stream = Stream(
        index=3, codec_name="hdmv_pgs_subtitle", tags={"language": "eng"},
        disposition={"forced": 1, "hearing_impaired": 1},
    )  # fmt: skip
    track = text_track(stream)
    assert (track.bitmap, track.forced, track.hearing_impaired) == (True, True, True)
    assert track.language == "en"


def test_cover_art_is_no_film() -> None:
    assert is_picture(Stream(index=0, disposition={"attached_pic": 1}))
    assert not is_picture(Stream(index=0, disposition={"default": 1}))


@pytest.mark.parametrize(
    ("stream", "seconds"),
    [
        (Stream(index=0, duration="4.25"), 4.25),
        (Stream(index=0, tags={"DURATION": "01:00:04.500000000"}), 3604.5),
        (Stream(index=0, start_time="0.72", tags={"DURATION": "00:00:03.720000000"}), 3.0),
        (Stream(index=0, start_time="-0.021", tags={"DURATION": "00:00:04.021000000"}), 4.021),
        (
            Stream(
                index=0,
                start_time="5.0",
                tags={"DURATION": "00:00:04.000000000", "_STATISTICS_WRITING_APP": "mkvmerge"},
            ),
            4.0,
        ),
        (Stream(index=0, tags={"DURATION": "rubbish"}), None),
        (Stream(index=0, duration="N/A"), None),
        (Stream(index=0, duration="-1"), None),
        (Stream(index=0, duration="nan"), None),
        (Stream(index=0, duration="1e300"), None),
    ],
)
def test_durations(stream: Stream, seconds: float | None) -> None:
    assert duration_of(stream) == pytest.approx(seconds)


def test_chapters_are_within_the_film() -> None:
    entries = [
        ChapterEntry("5", "3", {"title": "Backwards"}),
        ChapterEntry("0.0", "2.0", {"title": "Opening"}),
        ChapterEntry("2", "99", {}),
        ChapterEntry("50", "60", {"title": "Beyond"}),
        ChapterEntry("-1", "60", {"title": "Before"}),
    ]
    assert chapters_of(entries, 10.0) == (
        Chapter(start=0.0, end=2.0, title="Opening"),
        Chapter(start=2.0, end=10.0, title="Chapter 3"),
        Chapter(start=5.0, end=10.0, title="Backwards"),
    )


def test_tags_are_bounded_and_tell_of_the_film() -> None:
    tags = {"TITLE": "A\x00B\x1b[31m" + "x" * 9000, "encoder": "Lavf", "uid": "1", "artist": " "}
    found = tags_of(tags)
    assert set(found) == {"title"}
    assert len(found["title"]) == 500
    assert found["title"].isprintable()
    assert cleaned("a\n\tb") == "a b"


def packet(pts: float | None, duration: float = 0.032, stream: int = 1) -> Packet:
    return Packet(stream, pts, pts, duration, key=True, corrupt=False)


def test_a_track_of_a_stream_is_as_long_as_its_last_packet_says() -> None:
    track = audio_track(Stream(index=1, channels=2, start_time="1.4", duration="19.872"))
    packets = [packet(21.272), packet(21.368), packet(None), packet(25.0, stream=0)]
    assert to_last_packet(track, packets).duration == 20.0


@pytest.mark.parametrize("last", [21.2, 22.3, 95_000.0, -3.0])
def test_a_last_packet_that_is_elsewhere_tells_nothing(last: float) -> None:
    track = audio_track(Stream(index=1, channels=2, start_time="1.4", duration="19.872"))
    assert to_last_packet(track, [packet(last)]) == track


def test_a_track_without_a_length_or_packets_stays_so() -> None:
    track = audio_track(Stream(index=1, channels=2, start_time="1.4"))
    assert to_last_packet(track, [packet(21.0)]) == track
    told = audio_track(Stream(index=1, channels=2, duration="19.872"))
    assert to_last_packet(told, []) == told


@pytest.mark.parametrize(
    ("codec", "rate", "duration", "profile"),
    [
        ("aac", 48_000, 0.042667, "HE-AAC"), ("aac", 44_100, 0.04644, "HE-AAC"),
        ("aac", 48_000, 0.021333, "LC"), ("aac", 24_000, 0.042667, "LC"),
        ("aac", 48_000, 0.0, "LC"), ("mp3", 48_000, 0.042667, "LC"),
    ],
)  # fmt: skip
def test_aac_whose_frames_last_twice_as_long_has_sbr(
    codec: str, rate: int, duration: float, profile: str
) -> None:
    stream = Stream(index=1, codec_name=codec, profile="LC", sample_rate=rate, channels=2)
    track = audio_track(stream, [packet(1.0, duration), packet(1.1, 0.02, stream=0)])
    assert (track.profile, track.sample_rate) == (profile, rate)
