from fractions import Fraction
from pathlib import Path

import pytest

from matinee.errors import MediaError
from matinee.transcode.command import encode_command
from matinee.transcode.growing import (
    growing_command,
    growing_files,
    growing_plan,
    segment_duration,
)
from matinee.transcode.levelling import levelled


def film(sources, **video):
    return sources.film([sources.video(codec="vp9", **video)], [sources.audio(codec="opus")])


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [(1920, 1080, (640, 360)), (720, 1280, (360, 640)), (320, 240, (320, 240))],
)
def test_one_small_rung_that_every_player_takes(sources, width, height, size):
    chosen = growing_plan(film(sources, width=width, height=height))
    (output,) = chosen.video.outputs
    assert (output.width, output.height) == size
    assert (output.codec, output.colour.video_range) == ("h264", "SDR")
    assert [(one.codec, one.channels, one.copy) for one in chosen.audio] == [("aac", 2, False)]


def test_nothing_is_measured_beforehand(sources):
    """To know its loudness the whole film would have to be read before it can be watched."""
    chosen = growing_plan(film(sources))
    assert levelled(chosen, Path("none"), None, None).plan == chosen


def test_one_track_of_each_language_the_one_to_hear_first(sources):
    info = sources.film(
        [sources.video()],
        [
            sources.audio(1, language="en", roles=["commentary"]),
            sources.audio(2, language="en"),
            sources.audio(3, language="de", roles=["description"]),
            sources.audio(4, language="de", channels=6),
            sources.audio(5, language=None),
            sources.audio(6, language="en", default=True),
        ],
    )
    chosen = growing_plan(info)
    assert [one.source.index for one in chosen.audio] == [4, 5, 6]


@pytest.mark.parametrize(
    ("rate", "seconds"),
    [((24, 1), 4), ((24_000, 1001), Fraction(4004, 1000)), ((60, 1), 4), ((5, 1), 4), ((1, 1), 4)],
)
def test_segments_are_whole_groups_of_pictures(sources, rate, seconds):
    chosen = growing_plan(film(sources, frame_rate={"numerator": rate[0], "denominator": rate[1]}))
    assert segment_duration(chosen) == seconds
    assert (segment_duration(chosen) / chosen.video.gop_seconds).denominator == 1


def test_sound_alone_is_cut_by_the_clock(sources):
    chosen = growing_plan(sources.film(audio=[sources.audio(0)], container="mp3"))
    assert segment_duration(chosen) == 4


def test_nothing_to_play(sources):
    with pytest.raises(MediaError):
        growing_plan(sources.film())


def test_the_files_are_those_of_the_command(sources, tmp_path):
    chosen = growing_plan(film(sources))
    command = growing_command(chosen, Path("/ffmpeg"), Path("/film.webm"), tmp_path)
    files = growing_files(chosen, tmp_path)
    assert [f"file:{one.path}" for one in files] == [
        word for word in command.argv if word.startswith(f"file:{tmp_path}")
    ]
    assert [one.rendition.kind for one in files] == ["video", "audio"]
    assert [one.max_rate for one in files] == [900_000, 128_000]
    assert all(one.rendition.key == one.path.name for one in files)


def test_growing_files_can_be_read_while_they_are_written(sources, tmp_path):
    chosen = growing_plan(film(sources))
    whole, growing = (
        make(chosen, Path("/ffmpeg"), Path("/f.webm"), tmp_path).argv
        for make in (encode_command, growing_command)
    )
    assert "-frag_duration" not in whole
    assert growing.count("-frag_duration") == growing.count("-flush_packets") == 2
    assert growing.count("+delay_moov+default_base_moof+skip_trailer") == 2
    assert set(whole) <= set(growing), "the encode is the same"
