"""What the golden command lines do not show."""

import msgspec
import pytest

from matinee.model.ladder import Rung
from matinee.model.media import Colour
from matinee.transcode.ladder import built_in
from matinee.transcode.plan import plan
from matinee.transcode.video_arguments import codec_options

MASTERING = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"


def output(sources, codec: str, colour: Colour = Colour(), **rung):  # noqa: B008 - immutable
    fields = {"name": "one", "height": 720, "max_rate": 2_000_000, "codec": codec} | rung
    ladder = msgspec.structs.replace(built_in()["standard"], video=(Rung(**fields),))
    return plan(sources.film([sources.video(colour=colour)]), ladder).video.outputs[0]


def value(options: list[str], name: str) -> str:
    return options[options.index(name) + 1]


@pytest.mark.parametrize(("codec", "threads"), [("h264", 3), ("hevc", 3), ("av1", 3)])
def test_threads_are_used_only_where_bytes_stay_the_same(sources, codec, threads):
    options = codec_options(output(sources, codec), threads)
    told = next(option for option in options if "threads=" in option or "lp=" in option)
    assert {"h264": "threads=3:sliced-threads=1", "hevc": "pools=3:wpp=1", "av1": "lp=1"}[
        codec
    ] in told


@pytest.mark.parametrize("codec", ["hevc", "av1"])
def test_mastering_is_told_for_pq_alone(sources, codec):
    facts = {"bit_depth": 10, "mastering_display": MASTERING, "content_light_level": "1000,400"}
    told = {
        kind: " ".join(codec_options(output(sources, codec, Colour(video_range=kind, **facts)), 1))
        for kind in ("PQ", "HLG", "SDR")
    }
    assert "1000,400" in told["PQ"]
    assert "1000,400" not in told["HLG"] + told["SDR"]
    assert "yuv420p10le" in told["PQ"]
    assert "yuv420p10le" not in told["SDR"]


def test_svt_av1_is_told_the_display_in_decimals(sources):
    colour = Colour(video_range="PQ", bit_depth=10, mastering_display=MASTERING)
    options = codec_options(output(sources, "av1", colour), 1)
    assert (
        "mastering-display=G(0.265,0.69)B(0.15,0.06)R(0.68,0.32)WP(0.3127,0.329)L(1000,0.005)"
        in value(options, "-svtav1-params")
    )


def test_an_average_rate_is_capped_too(sources):
    options = codec_options(output(sources, "hevc", rate=1_500_000, crf=None), 1)
    assert "-crf" not in options
    assert (value(options, "-b:v"), value(options, "-maxrate")) == ("1500000", "2000000")


@pytest.mark.parametrize(("codec", "own"), [("h264", "slow"), ("hevc", "slow"), ("av1", "5")])
def test_a_rung_may_have_a_preset_of_its_own(sources, codec, own):
    assert value(codec_options(output(sources, codec, preset="slow"), 1), "-preset") == own
    usual = {"av1": "9"}.get(codec, "veryfast")
    assert value(codec_options(output(sources, codec), 1), "-preset") == usual


def test_a_slower_preset_takes_the_references_its_level_allows(sources):
    assert output(sources, "h264", preset="medium").references == 3
    assert output(sources, "h264").references == 1


def test_trellis_and_lookahead_are_told_where_a_rung_has_them(sources):
    plain = value(codec_options(output(sources, "h264"), 1), "-x264-params")
    assert plain == "open-gop=0:ref=1:threads=1"
    more = output(sources, "h264", trellis=True, lookahead=20)
    assert value(codec_options(more, 1), "-x264-params") == f"{plain}:trellis=1:rc-lookahead=20"


def test_grain_is_made_by_the_player_where_asked(sources):
    assert "film-grain=12" in value(
        codec_options(output(sources, "av1", film_grain=12), 1), "-svtav1-params"
    )
    plain = codec_options(output(sources, "av1"), 1)
    assert "film-grain" not in value(plain, "-svtav1-params")
