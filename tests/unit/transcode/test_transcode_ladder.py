from contextlib import suppress
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.errors import InputError
from matinee.model.ladder import AudioRung, Ladder, Rung
from matinee.transcode.ladder import PRESETS, built_in, load, to_toml

GOOD = """
name = "mine"
[[video]]
name = "720p"
height = 720
max_rate = 3_000_000
[[video]]
name = "360p"
height = 360
max_rate = 900_000
"""


def faults(text: str) -> list[str]:
    with pytest.raises(InputError) as refusal:
        load(text)
    assert refusal.value.code == "bad-ladder"
    assert "docs/how-to/ladders.md" in refusal.value.fix
    head, _, told = refusal.value.message.partition(": ")
    assert head == "The ladder cannot be used"
    return told.removesuffix(".").split("; ")


def test_built_in_ladders_are_sound_and_the_default_comes_first():
    ladders = built_in()
    assert list(ladders) == [
        "auto", "standard", "fast", "high", "source", "modern", "hdr",
    ]  # fmt: skip
    for name, ladder in ladders.items():
        assert load(name) is ladder
        assert ladder.name == name
        assert ladder.description.endswith(".")


@pytest.mark.parametrize("name", ["standard", "high", "modern", "hdr"])
def test_caps_are_a_factor_of_one_and_a_half_to_two_apart(name):
    rungs = built_in()[name].video
    for codec in {rung.codec for rung in rungs}:
        rates = [rung.max_rate for rung in rungs if rung.codec == codec]
        for above, below in pairwise(rates):
            assert 1.5 <= above / below <= 2.0


def test_there_is_an_h264_rung_for_those_who_have_nothing_else():
    told = faults(GOOD.replace("height", 'codec = "hevc"\nheight'))
    assert told == ["video: there must be an H.264 rung, which every player can take"]


def test_presets_and_copying_are_as_documented():
    ladders = built_in()
    assert [rung.height for rung in ladders["standard"].video] == [1080, 720, 480, 360, 240]
    assert ladders["standard"].preset == "veryfast"
    assert (len(ladders["fast"].video), ladders["fast"].preset) == (2, "superfast")
    assert ladders["high"].preset == "medium"
    assert ladders["source"].copy_video
    assert ladders["source"].copy_audio


def test_the_default_ladders_level_sound_and_keep_surround():
    ladders = built_in()
    levels = {name: (one.loudness, one.true_peak) for name, one in ladders.items()}
    assert levels.pop("source") == (None, -1.0)
    assert set(levels.values()) == {(-16.0, -1.0)}
    for name in ("standard", "high", "auto"):
        assert [(one.name, one.channels) for one in ladders[name].audio] == [
            ("stereo", 2), ("surround", 6),
        ]  # fmt: skip


def test_sound_of_a_written_ladder():
    text = GOOD.replace("[[video]]", "loudness = -23\ntrue_peak = -2.0\n[[video]]", 1) + (
        '\n[[audio]]\n[[audio]]\nname = "opus"\ncodec = "opus"\nrate = 96000\n'
    )
    ladder = load(text)
    assert (ladder.loudness, ladder.true_peak) == (-23.0, -2.0)
    assert ladder.audio[1] == AudioRung(name="opus", codec="opus", rate=96_000)
    assert load(to_toml(ladder)) == ladder


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("sample_rate = 44100", "audio[1].sample_rate"),
        ("channels = 1\nrate = 300000", "audio[1].rate"),
    ],
)
def test_what_opus_cannot_do(field, path):
    told = faults(GOOD + f'\n[[audio]]\n[[audio]]\nname = "opus"\ncodec = "opus"\n{field}\n')
    assert [fault.partition(":")[0] for fault in told] == [path]


@pytest.mark.parametrize("field", ["loudness = -5", "loudness = -50", "true_peak = 1"])
def test_loudness_has_bounds(field):
    told = faults(GOOD.replace("[[video]]", f"{field}\n[[video]]", 1))
    assert [fault.partition(":")[0] for fault in told] == [field.split()[0]]


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(InputError, match=r"no ladder named 'best'.*standard, fast, high, source"):
        load("best")


def test_minimal_toml_takes_the_models_defaults():
    ladder = load(GOOD)
    assert ladder == Ladder(
        name="mine",
        video=(
            Rung(name="720p", height=720, max_rate=3_000_000),
            Rung(name="360p", height=360, max_rate=900_000),
        ),
        audio=(AudioRung(),),
    )
    assert load(GOOD.replace("\n", "\r\n")) == ladder


def test_a_rate_alone_puts_constant_quality_off():
    rung = load(GOOD.replace("max_rate = 3_000_000", "max_rate = 3_000_000\nrate = 2_000_000"))
    assert (rung.video[0].crf, rung.video[0].rate) == (None, 2_000_000)


def test_all_faults_are_told_with_their_paths():
    told = faults(
        """
name = "Bad Name"
colour = "red"
preset = "placebo"
gop_seconds = 2
segment_seconds = 5
[[video]]
name = "a"
height = 720
max_rate = 3_000_000
profile = "high10"
[[video]]
name = "a"
height = 721
max_rate = 4_000_000
crf = 99
[[audio]]
channels = 6
rate = 1
"""
    )
    assert "colour: there is no such field" in told
    told = faults(
        """
name = "Bad Name"
preset = "placebo"
gop_seconds = 2
segment_seconds = 5
[[video]]
name = "a"
height = 720
max_rate = 3_000_000
profile = "high10"
[[video]]
name = "a"
height = 721
max_rate = 4_000_000
crf = 99
rate = 5_000_000
[[audio]]
channels = 6
rate = 1
"""
    )
    paths = [fault.partition(":")[0] for fault in told]
    assert paths == [
        "name", "preset", "segment_seconds", "video[1].name", "video[1].height",
        "video[1].max_rate", "video[0].profile", "video[1].height", "video[1].crf",
        "video[1].rate", "video[1].rate", "audio[0].rate", "audio",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (("height = 720", 'height = "720"'), "video[0].height: expected `int`"),
        (("height = 720", "height = 720.5"), "video[0].height: expected `int`"),
        (("height = 720\n", ""), "video[0].height: is missing"),
        (("height = 720", "heihgt = 720"), "video[0].heihgt: there is no such field"),
        (('name = "mine"', ""), "name: is missing"),
        (('name = "mine"', 'name = "mine"\ngop_seconds = nan'), "gop_seconds: must be from"),
        (('name = "mine"', 'name = "mine"\nsegment_seconds = inf'), "segment_seconds: must be"),
        (('name = "mine"', 'name = "mine"\naudio = []'), "audio: there must be a stereo AAC"),
        (('name = "mine"', 'name = "mine"\naudio = 1'), "audio: must be an array of tables"),
        (("height = 720", 'height = 720\ncodec = "vp9"'), "video[0].codec: must be one of h264"),
        (("height = 720", "height = 720\nbit_depth = 10"), "video[0].bit_depth: must be 8 for h2"),
        (("height = 720", "height = 720\nfilm_grain = 8"), "video[0].film_grain: is for av1"),
        (("height = 720", "height = 720\nfilm_grain = 51"), "video[0].film_grain: must be from"),
        (("height = 720", 'height = 720\npreset = "best"'), "video[0].preset: must be one of"),
        (("height = 720", "height = 720\nlookahead = 251"), "video[0].lookahead: must be from 0"),
    ],
)
def test_single_faults(change, path):
    assert any(fault.startswith(path) for fault in faults(GOOD.replace(*change)))


def test_hostile_text_is_only_ever_refused():
    assert faults("\n" + "a" * 70_000) == ["it is longer than 65536 characters"]
    assert faults("\n[[video")[0].startswith("it is not TOML")
    assert faults("x = " + "[" * 20_000 + "\n")
    assert "at most 12 rungs" in faults('name="a"\n' + "[[video]]\n" * 13)[0]


SECOND = """[[video]]
name = "second"
height = 720
max_rate = 2_000_000
codec = "{codec}"
{more}
"""


@pytest.mark.parametrize(
    ("codec", "more", "fault"),
    [
        ("av1", "rate = 1_000_000", "video[1].rate: is not for av1, give crf"),
        ("av1", "crf = 64", "video[1].crf: must be from 1 to 63, not 64"),
        ("av1", "bit_depth = 12", "video[1].bit_depth: must be 8 or 10 for av1"),
        ("hevc", "crf = 52", "video[1].crf: must be from 1 to 51, not 52"),
        ("hevc", 'profile = "main"', "video[1].profile: is for h264"),
        ("hevc", "film_grain = 1", "video[1].film_grain: is for av1"),
        ("hevc", "trellis = true", "video[1].trellis: is for h264"),
        ("av1", "lookahead = 20", "video[1].lookahead: is for h264"),
    ],
)
def test_faults_of_a_codec(codec, more, fault):
    assert faults(BOTH.format(second=SECOND.format(codec=codec, more=more))) == [fault]


BOTH = """name = "both"
[[video]]
name = "first"
height = 720
max_rate = 3_000_000
{second}
"""


def test_each_codec_is_a_ladder_of_its_own_with_its_own_scale_of_quality():
    text = BOTH.format(
        second="".join(
            SECOND.format(codec=codec, more="").replace("second", codec)
            for codec in ("hevc", "av1")
        )
    )
    ladder = load(text)
    assert [(rung.codec, rung.height, rung.crf) for rung in ladder.video] == [
        ("h264", 720, 23.0), ("hevc", 720, 26.0), ("av1", 720, 38.0),
    ]  # fmt: skip
    again = text + SECOND.format(codec="av1", more="")
    assert faults(again) == [
        "video[3].height: must be less than that of the rung before it",
        "video[3].max_rate: must be less than that of the rung before it",
    ]
    assert load(text + SECOND.format(codec="av1", more="bit_depth = 10")).video[3].bit_depth == 10


def test_rungs_of_several_codecs_are_not_chosen_per_title_yet():
    text = BOTH.format(second=SECOND.format(codec="av1", more=""))
    assert faults("per_title = true\n" + text) == ["per_title: is for ladders of H.264 alone"]


@given(st.text())
def test_any_text_is_a_ladder_or_an_input_error(text):
    with suppress(InputError):
        load(text)


@st.composite
def ladders(draw):
    heights = sorted(draw(st.sets(st.integers(32, 2160), min_size=1, max_size=6)), reverse=True)
    rungs = []
    for place, half in enumerate(heights):
        constant_quality = draw(st.booleans())
        max_rate = 10_000_000 - 1_000_000 * place
        rungs.append(
            Rung(
                name=f"r{place}",
                height=2 * half,
                max_rate=max_rate,
                crf=draw(st.floats(1, 51)) if constant_quality else None,
                rate=None if constant_quality else draw(st.integers(50_000, max_rate)),
                profile=draw(st.sampled_from([None, "baseline", "main", "high"])),
                max_frame_rate=draw(st.floats(1, 120)),
            )
        )
    gop = draw(st.sampled_from([0.5, 1.0, 1.92, 2.0]))
    return Ladder(
        name=draw(st.from_regex(r"[a-z0-9][a-z0-9-]{0,31}", fullmatch=True)),
        video=tuple(rungs),
        audio=(AudioRung(rate=draw(st.integers(32_000, 512_000))),),
        preset=draw(st.sampled_from(PRESETS)),
        gop_seconds=gop,
        segment_seconds=gop * draw(st.integers(2, 10)),
        copy_video=draw(st.booleans()),
        description=draw(st.text(alphabet=st.characters(exclude_categories=["Cs"]))),
    )


@given(ladders())
def test_reading_inverts_writing(ladder):
    # Multiples such as 3 x 1.92 are not exact in binary; TOML keeps what Python writes.
    exact = msgspec.structs.replace(ladder, segment_seconds=round(ladder.segment_seconds, 6))
    assert load(to_toml(exact)) == exact
