import pytest

from matinee.errors import MediaError
from matinee.transcode.damage import Expectation, Health, HealthReader, judge

WHOLE = Expectation(expected=60.0, produced=60.0, constant_rate=True)
SAID = """\
[Parsed_fps_0 @ 0x1] 0 frames in, 0 frames out; 0 frames dropped, 0 frames duplicated.
[h264 @ 0x2] error while decoding MB 8 11, bytestream -5
[h264 @ 0x2] concealing 120 DC, 120 AC, 120 MV errors in P frame
    Last message repeated 2 times
[vist#0:0/h264 @ 0x3] [dec:h264 @ 0x4] corrupt decoded frame
[Parsed_fps_0 @ 0x1] 940 frames in, 960 frames out; 0 frames dropped, 20 frames duplicated.
[in#0/mpegts @ 0x5]   Input stream #0:0 (video): 970 packets read (1 bytes); 940 frames decoded; \
3 decode errors;
[in#0/mpegts @ 0x5]   Input stream #0:1 (audio): 1700 packets read (1 bytes); 1690 frames decoded \
(1730560 samples); 0 decode errors;
"""


def read(text: str) -> Health:
    reader = HealthReader()
    for line in text.splitlines():
        reader(line)
    return reader.health()


def test_what_ffmpeg_says_is_counted():
    assert read(SAID) == Health(
        decoded=940, undecodable=3, tried=2633, concealed=4, duplicated=20, complaints=8
    )


def test_silence_is_health():
    assert read("") == Health()
    assert judge(Health(decoded=1440, tried=1440), WHOLE) == ()


def test_sound_alone_is_counted_too():
    line = "Input stream #0:0 (audio): 9 packets read (1 bytes); 7 frames decoded; 2 decode errors"
    health = read(line)
    assert (health.decoded, health.undecodable, health.tried) == (7, 2, 9)
    with pytest.raises(MediaError, match="22% of the frames cannot be decoded"):
        judge(health, WHOLE)


def test_some_damage_is_a_warning():
    health = Health(decoded=1440, tried=1440, concealed=10, complaints=12)
    assert judge(health, WHOLE) == (
        "Some of the source is broken: 12 decoding errors, 10 frames touched.",
    )


@pytest.mark.parametrize(
    ("health", "expectation", "words"),
    [
        (
            Health(decoded=1000, tried=1000, concealed=51, complaints=51), WHOLE,
            "5% of the pictures are broken",
        ),
        (Health(), Expectation(expected=60, produced=50, constant_rate=True),
         "17% of the film is missing at the end"),
        (Health(decoded=900, duplicated=100, complaints=3), WHOLE,
         "10% of the pictures are missing"),
    ],
)  # fmt: skip
def test_much_damage_is_refused(health, expectation, words):
    with pytest.raises(MediaError, match=words) as refusal:
        judge(health, expectation)
    assert refusal.value.code == "damaged"


def test_repeats_without_complaints_or_of_slow_sources_are_no_damage():
    slow = Health(decoded=900, duplicated=600, complaints=3)
    loose = Expectation(expected=60, produced=60, constant_rate=False)
    assert judge(slow, loose) == (
        "Some of the source is broken: 3 decoding errors, 0 frames touched.",
    )
    assert judge(Health(decoded=900, duplicated=600), WHOLE) == ()
    late = Expectation(expected=60, produced=60, constant_rate=True, late_frames=100)
    assert len(judge(Health(decoded=900, duplicated=100, complaints=1), late)) == 1


def test_a_small_shortfall_is_told_and_a_tiny_one_is_not():
    short = Expectation(expected=60, produced=58.5, constant_rate=True)
    assert judge(Health(), short) == ("The film ends 1.5 s before its stated duration.",)
    assert judge(Health(), Expectation(expected=4, produced=3.6, constant_rate=True)) == ()
