import msgspec
import pytest

from matinee.errors import MediaError
from matinee.transcode.damage import Expectation, Health, HealthReader, judge, together

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
        "Some of the source is broken: 12 decoding errors. Repaired: 10 pictures patched.",
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
    assert judge(slow, loose) == ("Some of the source is broken: 3 decoding errors.",)
    assert judge(Health(decoded=900, duplicated=600), WHOLE) == ()
    late = Expectation(expected=60, produced=60, constant_rate=True, late_frames=100)
    assert len(judge(Health(decoded=900, duplicated=100, complaints=1), late)) == 1


def test_a_small_shortfall_is_told_and_a_tiny_one_is_not():
    short = Expectation(expected=60, produced=58.5, constant_rate=True)
    assert judge(Health(), short) == ("The film ends 1.5 s before its stated duration.",)
    assert judge(Health(), Expectation(expected=4, produced=3.6, constant_rate=True)) == ()


def test_the_rule_is_the_operators():
    health = Health(decoded=1000, tried=1000, concealed=300, complaints=300)
    assert judge(health, msgspec.structs.replace(WHOLE, most_missing=1.0)) == (
        "Some of the source is broken: 300 decoding errors. Repaired: 300 pictures patched.",
    )
    slight = Health(decoded=1000, tried=1000, complaints=1)
    with pytest.raises(MediaError, match="1 decoding error") as refusal:
        judge(slight, msgspec.structs.replace(WHOLE, most_missing=0.0))
    assert refusal.value.code == "damaged"


def test_what_was_mended_is_told_with_its_places():
    clock = iter([10.0, 11.0, 40.2, 41.0, 3700.0])
    reader = HealthReader(lambda: next(clock))
    for _ in range(5):
        reader("[h264 @ 0x2] concealing 120 DC, 120 AC, 120 MV errors in P frame")
    health = msgspec.structs.replace(reader.health(), decoded=1000, tried=1000, duplicated=7)
    assert health.places == ((10.0, 11.0), (40.2, 41.0), (3700.0, 3700.0))
    (told,) = judge(health, WHOLE)
    assert "5 decoding errors, about 0:00:10 to 0:00:11, 0:00:40, 1:01:40. " in told
    assert "Repaired: 5 pictures patched, 7 missing ones filled by the one before." in told


def test_a_picture_that_is_complained_of_twice_is_one():
    with pytest.raises(MediaError, match="100% of the pictures are broken"):
        judge(Health(decoded=100, tried=100, concealed=201, complaints=201), WHOLE)


def test_many_places_are_bounded():
    clock = iter(range(0, 100_000, 10))
    reader = HealthReader(lambda: next(clock))
    for _ in range(1000):
        reader("[h264 @ 0x2] error while decoding MB 8 11, bytestream -5")
    health = reader.health()
    assert len(health.places) == 200
    (told,) = judge(msgspec.structs.replace(health, decoded=10**6), WHOLE)
    assert "0:01:30 and 190 more places." in told


def test_sound_that_changes_on_the_way_is_refused_and_at_its_start_is_not():
    changed = (
        "[af#0:0 @ 0x5] Reconfiguring filter graph because audio parameters changed to 44100 Hz, "
        "stereo, fltp"
    )
    reader = HealthReader()
    reader(changed)
    assert judge(reader.health(), WHOLE) == ()
    reader("[aac @ 0x5] Queue input is backward in time")
    with pytest.raises(MediaError, match="the sound becomes 44100 Hz, stereo, fltp") as refusal:
        judge(reader.health(), WHOLE)
    assert refusal.value.code == "format-changes"


def test_places_of_pieces_are_put_together():
    pieces = [(30.0, ((0.5, 1.0), (10.0, 12.0))), (0.0, ((28.0, 29.0),)), (0.0, ())]
    assert together(pieces) == ((28.0, 31.0), (40.0, 42.0))
