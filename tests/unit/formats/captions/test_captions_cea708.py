from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from tests.media import caption_data as made

from matinee.formats.captions import cc_data, cea708, webvtt
from matinee.formats.captions.cue import Cue


def decode(*blocks: tuple[float, int, bytes], end: int = 10) -> dict[str, tuple[Cue, ...]]:
    pictures = [
        (Fraction(at).limit_denominator(1000), b"".join(made.packets(service, data)))
        for at, service, data in blocks
    ]
    return cc_data.decode(pictures, Fraction(end))


def test_a_window_is_filled_shown_and_hidden():
    found = decode(
        (1, 1, made.window_708(["Good evening,", "all & sundry."])),
        (2, 1, b"\x89\x01"),
        (4, 1, b"\x8a\x01"),
    )
    (cue,) = found["SERVICE1"]
    assert (cue.start, cue.end) == (2, 4)
    assert cue.payload == "Good evening,\nall &amp; sundry."
    assert cue.settings == "line:47.33%"


def test_services_are_told_apart():
    blocks = [(1, n, made.window_708([f"s{n}"]) + b"\x89\x01") for n in range(1, 7)]
    found = decode(*blocks)
    assert {name: cues[0].payload for name, cues in found.items()} == {
        f"SERVICE{n}": f"s{n}" for n in range(1, 7)
    }


def test_a_visible_window_rolls_up_and_keeps_its_pen():
    define = bytes((0x98, 0x20, 0x80 | 90, 10, 0x61, 31, 0x00))
    style = b"\x90\x05\x80\x91\x3c\x00\x00"
    found = decode(
        (1, 1, define + style + b"First"),
        (3, 1, b"\rsecond"),
        (5, 1, b"\rthird"),
    )["SERVICE1"]
    assert [cue.payload for cue in found] == [
        "<c.yellow><i>First</i></c>",
        "<c.yellow><i>First</i></c>\n<c.yellow><i>second</i></c>",
        "<c.yellow><i>second</i></c>\n<c.yellow><i>third</i></c>",
    ]
    assert found[0].settings == "position:18% align:left"


def test_characters_behind_the_extension_code():
    found = decode((1, 1, made.window_708(["x"]) + b"\x10\x25\x10\x76\x10\xa0\xe9\x89\x01"))
    assert found["SERVICE1"][0].payload == "x…⅛㏄é"


def test_a_reset_takes_all_away():
    found = decode((1, 1, made.window_708(["x"]) + b"\x89\x01"), (2, 1, b"\x8f"))
    assert [(cue.start, cue.end) for cue in found["SERVICE1"]] == [(1, 2)]


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_hostile_blocks_make_clean_cues(blocks: list[bytes]):
    service = cea708.Service()
    for number, data in enumerate(blocks):
        service.take(Fraction(number), data)
    cues = service.finish(Fraction(len(blocks)))
    assert webvtt.parse(webvtt.render(cues)) == cues


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 255), st.integers(0, 255)), max_size=200))
def test_hostile_packets_raise_nothing(pairs: list[tuple[bool, int, int]]):
    packets = cea708.Packets()
    for number, (start, a, b) in enumerate(pairs):
        packets.take(Fraction(number, 30), a, b, start=start)
