"""Command lines for hardware: three whole ones as files, and what these do not show."""

import os
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from matinee.errors import InvariantError
from matinee.model.ladder import Rung
from matinee.transcode.assignment import assigned
from matinee.transcode.codecs import PRESETS
from matinee.transcode.command import encode_command
from matinee.transcode.hardware import FORMS, Finding, Form, HardwareEncoder
from matinee.transcode.hardware_arguments import QUALITY, hardware_options, quality
from matinee.transcode.ladder import built_in
from matinee.transcode.plan import plan

GOLDEN = Path(__file__).parent / "golden" / "hardware"
STANDARD = built_in()["standard"]


def equipment(kind, **more):
    return tuple(
        HardwareEncoder(kind=kind, form=form, device="/dev/dri/renderD128", **more)
        for form in FORMS
    )


def planned(sources, kind, codec="h264", **rung):
    fields = {"name": "720p", "height": 720, "max_rate": 3_000_000, "codec": codec} | rung
    low = fields | {"name": "360p", "height": 360, "max_rate": 900_000}
    ladder = msgspec.structs.replace(STANDARD, video=(Rung(**fields), Rung(**low)), audio=())
    film = plan(sources.film([sources.video()]), ladder)
    chosen, _ = assigned(film, Finding(encoders=equipment(kind)))
    return chosen


def options(sources, kind, codec="h264", more=None, **rung):
    output = planned(sources, kind, codec, **rung).video.outputs[0]
    return hardware_options(output, equipment(kind, **(more or {})))


def value(words, name):
    return words[words.index(name) + 1]


@pytest.mark.parametrize(
    ("kind", "codec", "rung"),
    [
        ("nvenc", "h264", {}),
        ("qsv", "hevc", {"bit_depth": 10, "crf": 26}),
        ("vaapi", "av1", {"crf": 38}),
    ],
)
def test_whole_command_lines(sources, kind, codec, rung):
    film = planned(sources, kind, codec, **rung)
    command = encode_command(
        film, Path("ffmpeg"), Path("/in/film"), Path("/out"), cores=2, equipment=equipment(kind)
    )
    path = GOLDEN / f"{kind}.txt"
    told = "\n".join(command.argv) + "\n"
    if os.environ.get("ACCEPT_GOLDEN"):
        path.write_text(told)
    assert told == path.read_text()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["nvenc", "qsv", "vaapi"])
def test_gops_are_closed_and_fixed_and_rates_capped(sources, kind, form):
    words = options(sources, kind, form.codec, bit_depth=form.bit_depth)
    assert value(words, "-c:v") == f"{form.codec}_{kind}"
    assert value(words, "-g") == "48"
    assert value(words, "-force_key_frames") == "expr:not(mod(n,48))"
    assert "+cgop" in value(words, "-flags:v")
    assert (value(words, "-maxrate"), value(words, "-bufsize")) == ("3000000", "4500000")
    assert ("hvc1" in words) == (form.codec == "hevc")


def test_pictures_for_vaapi_are_brought_to_it_from_every_branch(sources):
    film = planned(sources, "vaapi", "hevc", bit_depth=10)
    command = encode_command(
        film, Path("ffmpeg"), Path("in"), Path("out"), equipment=equipment("vaapi")
    )
    graph = value(list(command.argv), "-filter_complex")
    assert graph.count("format=p010le,hwupload[rung") == 2
    assert ("-filter_hw_device", "render") in pairwise(command.argv)
    assert "-pix_fmt" not in command.argv, "they are in the device's own format"


def test_how_an_encoder_proved_itself_is_how_it_is_used(sources):
    assert value(options(sources, "nvenc", more={"b_frames": 0}), "-bf") == "0"
    assert value(options(sources, "vaapi", more={"low_power": True}), "-low_power") == "1"
    assert "-low_power" not in options(sources, "vaapi")


@pytest.mark.parametrize("kind", ["nvenc", "qsv", "vaapi"])
def test_an_average_rate_is_no_quality(sources, kind):
    words = options(sources, kind, crf=None, rate=2_000_000)
    assert value(words, "-b:v") == "2000000"
    assert not {"-cq", "-global_quality:v"} & set(words)


def test_quality_is_stretched_to_the_encoder_s_scale(sources):
    for (kind, codec), scale in QUALITY.items():
        most = {"av1": 63.0}.get(codec, 51.0)
        ends = [
            quality(kind, planned(sources, kind, codec, crf=crf).video.outputs[0])
            for crf in (0.0, 23.0, most)
        ]
        assert ends[0] == 1, "0 would mean that the encoder chooses"
        assert 1 < ends[1] < ends[2] <= scale.most
    with pytest.raises(InvariantError):
        quality("qsv", planned(sources, "qsv", crf=None, rate=1000).video.outputs[0])


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_has_one_of_the_hardware_s(sources, preset):
    assert value(options(sources, "nvenc", preset=preset), "-preset") in {f"p{n}" for n in range(8)}
    assert value(options(sources, "qsv", preset=preset), "-preset") in PRESETS[2:]


def test_levels_are_said_in_the_encoder_s_way(sources):
    film = planned(sources, "nvenc")
    top = msgspec.structs.replace(film.video.outputs[0], level="6")
    assert value(hardware_options(top, equipment("nvenc")), "-level:v") == "6.0"
    top = msgspec.structs.replace(top, level="3.1", hardware="qsv")
    assert value(hardware_options(top, equipment("qsv")), "-level:v") == "31"


def test_hardware_that_is_not_given_is_our_fault(sources):
    film = planned(sources, "nvenc")
    with pytest.raises(InvariantError):
        hardware_options(film.video.outputs[0], ())
    assert Form("h264", 8) == ("h264", 8)
