"""`probe` on films with every odd trait, made by ffmpeg."""

from collections.abc import Callable
from pathlib import Path

import pytest

from matinee.ingest.probe import probe
from matinee.model.media import MediaInfo, Ratio
from matinee.toolchain.tools import Toolchain

pytestmark = pytest.mark.integration

Probe = Callable[[str], MediaInfo]


@pytest.fixture
def probed(clip: Callable[[str], Path], toolchain: Toolchain) -> Probe:
    return lambda name: probe(clip(name), toolchain)


def test_plain_film(probed: Probe, clip: Callable[[str], Path]) -> None:
    info = probed("plain")
    assert info.container == "mp4"
    assert info.duration == pytest.approx(4.0, abs=0.05)
    assert info.size == clip("plain").stat().st_size
    assert info.bit_rate == pytest.approx(info.size * 8 / 4, rel=0.05)
    (video,) = info.video
    assert (video.codec, video.width, video.height) == ("h264", 640, 360)
    assert (video.rotation, video.mirrored) == (0, False)
    assert video.frame_rate == Ratio(25)
    assert not video.variable_frame_rate
    assert video.field_order == "progressive"
    assert (video.colour.bit_depth, video.colour.chroma) == (8, "4:2:0")
    (audio,) = info.audio
    assert (audio.codec, audio.sample_rate, audio.channels) == ("aac", 48000, 2)
    assert audio.channel_layout == "stereo"
    assert audio.language is None
    assert info.text == ()
    assert info.chapters == ()
    assert info.warnings == ()


@pytest.mark.parametrize(
    ("name", "container", "video", "audio"),
    [
        ("mov", "mp4", "prores", "pcm_s16le"), ("mkv", "matroska", "h264", "aac"),
        ("webm", "matroska", "vp9", "opus"), ("ts", "mpegts", "h264", "aac"),
        ("avi", "avi", "mpeg4", "mp3"), ("mxf", "mxf", "mpeg2video", "pcm_s16le"),
        ("fragmented", "mp4", "h264", "aac"), ("moov-last", "mp4", "h264", "aac"),
        ("av1", "mp4", "av1", "aac"),
    ],
)  # fmt: skip
def test_containers(probed: Probe, name: str, container: str, video: str, audio: str) -> None:
    info = probed(name)
    assert info.container == container
    assert [one.codec for one in info.video] == [video]
    assert [one.codec for one in info.audio] == [audio]
    assert info.duration == pytest.approx(2.0 if name == "av1" else 4.0, abs=0.1)
    assert info.video[0].frame_rate == Ratio(25)
    assert info.warnings == ()


@pytest.mark.parametrize(
    ("name", "rotation", "mirrored"), [("rotated", 270, False), ("mirrored", 0, True)]
)
def test_orientation(probed: Probe, name: str, rotation: int, mirrored: bool) -> None:
    (video,) = probed(name).video
    assert (video.rotation, video.mirrored) == (rotation, mirrored)
    assert video.display_size == ((360, 640) if rotation else (640, 360))


def test_portrait(probed: Probe) -> None:
    assert probed("portrait").video[0].display_size == (360, 640)


def test_anamorphic(probed: Probe) -> None:
    (video,) = probed("anamorphic").video
    assert video.sample_aspect_ratio == Ratio(16, 11)
    assert video.display_size == (1047, 576)


def test_interlaced(probed: Probe) -> None:
    assert probed("interlaced").video[0].field_order == "tff"


@pytest.mark.parametrize(
    ("name", "rate"),
    [("film-rate", Ratio(24000, 1001)), ("fast", Ratio(60)), ("slow", Ratio(12))],
)
def test_frame_rates(probed: Probe, name: str, rate: Ratio) -> None:
    (video,) = probed(name).video
    assert video.frame_rate == rate
    assert not video.variable_frame_rate


def test_variable_frame_rate(probed: Probe) -> None:
    (video,) = probed("variable-rate").video
    assert video.variable_frame_rate
    assert float(video.frame_rate.value) == pytest.approx(20, abs=0.5)


def test_odd_size_and_full_chroma(probed: Probe) -> None:
    (video,) = probed("odd-size").video
    assert (video.width, video.height, video.colour.chroma) == (641, 361, "4:4:4")


def test_hdr10(probed: Probe) -> None:
    colour = probed("hdr10").video[0].colour
    assert colour.video_range == "PQ"
    assert colour.bit_depth == 10
    assert (colour.primaries, colour.transfer, colour.matrix) == (
        "bt2020", "smpte2084", "bt2020nc",
    )  # fmt: skip
    assert colour.mastering_display == (
        "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
    )
    assert colour.content_light_level == "1000,400"


def test_two_languages(probed: Probe) -> None:
    english, german = probed("two-languages").audio
    assert (english.language, english.default) == ("en", True)
    assert (german.language, german.default) == ("de", False)


@pytest.mark.parametrize(("name", "channels"), [("mono", 1), ("surround", 6)])
def test_channels(probed: Probe, name: str, channels: int) -> None:
    (audio,) = probed(name).audio
    assert audio.channels == channels
    assert audio.channel_layout == {1: "mono", 6: "5.1"}[channels]


def test_late_audio(probed: Probe) -> None:
    info = probed("late-audio")
    assert info.audio[0].start == pytest.approx(1.5, abs=0.05)
    assert info.video[0].start == 0.0


def test_no_audio(probed: Probe) -> None:
    assert probed("no-audio").audio == ()


@pytest.mark.parametrize("name", ["audio-m4a", "audio-mp3", "audio-wav", "cover"])
def test_audio_only(probed: Probe, name: str) -> None:
    info = probed(name)
    assert info.video == ()
    assert len(info.audio) == 1
    assert info.duration > 0.9


def test_subtitles(probed: Probe) -> None:
    (text,) = probed("subtitles").text
    assert (text.codec, text.language, text.bitmap) == ("mov_text", "en", False)
    english, german = probed("subtitles-mkv").text
    assert (english.codec, english.language, english.hearing_impaired) == ("subrip", "en", False)
    assert (german.language, german.hearing_impaired) == ("de", True)


def test_chapters(probed: Probe) -> None:
    chapters = probed("chapters").chapters
    assert [(one.start, one.end, one.title) for one in chapters] == [
        (0.0, 2.0, "Opening"),
        (2.0, 4.0, "Close"),
    ]


def test_transport_streams_need_not_start_at_zero(probed: Probe) -> None:
    info = probed("ts")
    assert info.video[0].start > 1
    assert info.duration == pytest.approx(4.0, abs=0.1)
