"""Whole command lines, as files: one argument a line. ACCEPT_GOLDEN=1 writes them anew."""

import os
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from matinee.model.ladder import AudioRung, Rung
from matinee.model.media import Colour, Ratio
from matinee.transcode.command import encode_command, files_of, slices_of
from matinee.transcode.ladder import built_in
from matinee.transcode.plan import plan

GOLDEN = Path(__file__).parent / "golden"
STANDARD = built_in()["standard"]
SOURCE = built_in()["source"]


def cases(sources):
    """Name -> film and ladder."""
    halved = msgspec.structs.replace(
        STANDARD,
        video=(
            Rung(name="720p", height=720, max_rate=3_000_000, crf=None, rate=2_500_000),
            Rung(name="360p", height=360, max_rate=900_000, max_frame_rate=30),
        ),
        audio=(AudioRung(), AudioRung(name="surround", channels=6, rate=384_000)),
    )
    mastered = Colour(
        video_range="PQ", bit_depth=10,
        mastering_display="G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)",
        content_light_level="1000,400",
    )  # fmt: skip
    pq = Colour(video_range="PQ", bit_depth=10, primaries="bt2020", transfer="smpte2084")
    video, audio, film = sources.video, sources.audio, sources.film
    return {
        "film-with-two-languages": (
            film(
                [video(1920, 1080, frame_rate=Ratio(24_000, 1001))],
                [audio(1, language="en"), audio(2, language="fr", channels=6)],
            ),
            STANDARD,
        ),
        "hdr-without-sound": (film([video(640, 360, colour=pq)], container="matroska"), STANDARD),
        "wide-gamut": (film([video(320, 240, colour=Colour(primaries="bt2020"))]), STANDARD),
        "interlaced": (
            film(
                [
                    video(
                        720, 576, field_order="tff", frame_rate=Ratio(25),
                        sample_aspect_ratio=Ratio(64, 45), colour=Colour(full_range=True),
                    )
                ],
                container="mpegts",
            ),
            built_in()["fast"],
        ),
        "half-the-rate-below": (
            film([video(frame_rate=Ratio(60))], [audio(channels=6)]),
            halved,
        ),
        "av1-and-h264": (film([video(1280, 720)]), built_in()["modern"]),
        "hdr-kept-beside-sdr": (film([video(1280, 720, colour=mastered)]), built_in()["hdr"]),
        "hlg-in-av1-with-grain": (
            film([video(640, 360, colour=Colour(video_range="HLG", bit_depth=10))]),
            msgspec.structs.replace(
                STANDARD,
                video=(
                    Rung(name="av1-360p", height=360, max_rate=400_000, codec="av1", film_grain=8),
                    Rung(name="360p", height=360, max_rate=900_000),
                ),
            ),
        ),
        "sound-alone": (film([], [audio(0)], container="mp3"), STANDARD),
        "remuxed": (film([video()], [audio()], container="matroska"), SOURCE),
        "sound-encoded-beside-copied-picture": (
            film([video()], [audio(codec="ac3", profile=None, channels=6)]),
            SOURCE,
        ),
    }  # fmt: skip


NAMES = (
    "film-with-two-languages", "hdr-without-sound", "wide-gamut", "interlaced",
    "half-the-rate-below", "av1-and-h264", "hdr-kept-beside-sdr", "hlg-in-av1-with-grain",
    "sound-alone", "remuxed", "sound-encoded-beside-copied-picture",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_command_is_the_golden_one(sources, name):
    film, ladder = cases(sources)[name]
    command = encode_command(
        plan(film, ladder), Path("/bin/ffmpeg"), Path("/in/film"), Path("/out")
    )
    text = "\n".join(command.argv) + "\n"
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("ACCEPT_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


def test_every_case_has_its_golden_file_and_no_other(sources):
    assert set(cases(sources)) == set(NAMES) == {path.stem for path in GOLDEN.glob("*.txt")}


def test_outputs_are_in_the_order_of_the_files(sources):
    film, ladder = cases(sources)["film-with-two-languages"]
    command = encode_command(plan(film, ladder), Path("f"), Path("/in"), Path("/out"))
    written = [one.rpartition("/")[2] for one in command.argv if one.startswith("file:/out/")]
    assert written == [one.file_name for one in command.files]
    assert written == [
        "video-1080p.mp4", "video-720p.mp4", "video-480p.mp4", "video-360p.mp4",
        "video-240p.mp4", "audio-0-stereo.mp4", "audio-1-stereo.mp4", "audio-1-surround.mp4",
    ]  # fmt: skip


def test_a_source_copied_whole_needs_no_files(sources):
    assert files_of(plan(sources.film([sources.video()], [sources.audio()]), SOURCE)) == ()


def test_strange_file_names_stay_file_names(sources):
    made = plan(sources.film([sources.video()]), STANDARD)
    command = encode_command(made, Path("f"), Path("-y concat:a|b"), Path("/out"))
    opened = command.argv[command.argv.index("-i") + 1]
    assert opened.startswith("file:/")
    assert opened.endswith("/-y concat:a|b")


@pytest.mark.parametrize(
    ("cores", "slices"),
    [(1, [1, 1, 1, 1, 1]), (4, [1, 1, 1, 1, 1]), (8, [4, 2, 1, 1, 1]), (64, [4, 4, 4, 4, 2])],
)
def test_cores_beyond_the_rungs_go_to_the_large_ones(sources, cores, slices):
    made = plan(sources.film([sources.video(1920, 1080)]), STANDARD)
    assert list(slices_of(made.video, cores).values()) == slices


def test_slices_are_told_to_the_encoder(sources):
    made = plan(sources.film([sources.video(1920, 1080)]), STANDARD)
    argv = encode_command(made, Path("f"), Path("/i"), Path("/o"), cores=8).argv
    options = [one for before, one in pairwise(argv) if before == "-x264-params"]
    assert options[0] == "open-gop=0:ref=1:threads=4:sliced-threads=1"
    assert options[-1] == "open-gop=0:ref=1:threads=1"
