from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.media import caption_data as made

from matinee.formats.captions import cc_data, cea608, webvtt
from matinee.formats.captions.cue import Cue

RATE = 30


def decode(
    field1: dict[int, list[made.Pair]], count: int = 600, **more: dict[int, list[made.Pair]]
) -> dict[str, list[tuple[float, float, str, str]]]:
    frames = made.scheduled(count, field1, **more)
    pictures = [(Fraction(n, RATE), b"".join(one)) for n, one in enumerate(frames)]
    found = cc_data.decode(pictures, Fraction(count, RATE))
    return {name: [told(cue) for cue in cues] for name, cues in found.items()}


def told(cue: Cue) -> tuple[float, float, str, str]:
    return float(cue.start), float(cue.end), cue.payload, cue.settings


def test_a_pop_on_caption_is_shown_at_once_and_erased():
    found = decode({90: made.pop_on(["Good evening."]), 180: made.command(made.EDM)})
    # The first of the two equal codes counts.
    assert found == {"CC1": [(2.967, 5.967, "Good evening.", "")]}


def test_a_caption_takes_the_place_of_the_one_before():
    found = decode({90: made.pop_on(["One"]), 150: made.pop_on(["Two", "three"], row=2)}, 240)
    assert found["CC1"] == [
        (2.967, 4.967, "One", ""),
        (4.967, 8.0, "Two\nthree", "line:15.33%"),
    ]


def test_roll_up_shows_the_line_before_above_the_new_one():
    lines = {60: made.roll_up("First line"), 120: made.roll_up("second"), 180: made.roll_up("3.")}
    found = decode({**lines, 240: made.command(made.EDM)}, 300)["CC1"]
    assert [one[2] for one in found] == ["First line", "First line\nsecond", "second\n3."]
    assert all(before[1] == after[0] for before, after in pairwise(found))


def test_paint_on_is_one_cue_while_it_is_written():
    pairs = made.command(made.RDC) + made.address(3, 4) + made.text("Painted letters")
    found = decode({60: pairs, 120: made.command(made.EDM)}, 150)["CC1"]
    assert [one[2:] for one in found] == [
        ("Painted letters", "line:20.67% position:20% align:left")
    ]
    assert found[0][0] < 2 < found[0][1]


def test_italics_colours_and_underline():
    pairs = [
        *made.command(made.RCL), *made.address(14), *made.text("He said"), *made.italics(),
        *made.text("never"), (0x11, 0x23), (0x11, 0x23), *made.text("now"), *made.command(made.EOC),
    ]  # fmt: skip
    ((*_, payload, _),) = decode({60: pairs}, 90)["CC1"]
    assert payload == "He said <i>never</i> <c.lime><u>now</u></c>"


def test_every_channel_is_told_apart():
    found = decode(
        {60: made.pop_on(["one"]), 120: made.pop_on(["two"], channel=1)},
        field2={
            60: made.pop_on(["three"], field=1),
            120: made.pop_on(["four"], channel=1, field=1),
        },
    )
    assert {name: cues[0][2] for name, cues in found.items()} == {
        "CC1": "one", "CC2": "two", "CC3": "three", "CC4": "four",
    }  # fmt: skip


def test_extended_data_is_no_caption():
    packet = [(0x01, 0x03), (0x41, 0x42), (0x43, 0x44), (0x0F, 0x1D)]
    found = decode({}, field2={60: made.pop_on(["three"], field=1), 70: packet})
    assert [cue[2] for cue in found["CC3"]] == ["three"]


def test_a_byte_with_wrong_parity_is_no_character():
    field = cea608.Field()
    for a, b in [*made.command(made.RDC), *made.address(15)]:
        field.take(Fraction(0), made.odd(a), made.odd(b))
    field.take(Fraction(0), ord("A"), ord("B"))  # even
    field.take(Fraction(0), made.odd(ord("C")), made.odd(ord("D")))
    (cue,) = field.channels[0].finish(Fraction(1))
    assert cue.payload == "CD"


CHARACTERS = "".join(
    dict.fromkeys(
        [cea608.character(code) for code in range(0x21, 0x80)]
        + list(cea608.SPECIAL.replace("\u00a0", ""))
        + list("".join(cea608.EXTENDED))
    )
)


@given(st.text(CHARACTERS, min_size=1, max_size=20), st.integers(1, 15))
def test_every_character_and_row_comes_through(words: str, row: int):
    pairs = [*made.command(made.RCL), *made.address(row), *made.text(words),
             *made.command(made.EOC)]  # fmt: skip
    ((_, _, payload, settings),) = decode({len(pairs): pairs}, len(pairs) + 30)["CC1"]
    assert payload == words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert webvtt.clean_settings(settings) == settings


@given(st.lists(st.binary(min_size=0, max_size=60), max_size=30))
def test_hostile_triplets_make_clean_cues(data: list[bytes]):
    pictures = [(Fraction(n, RATE), one) for n, one in enumerate(data)]
    for cues in cc_data.decode(pictures, Fraction(len(data), RATE)).values():
        assert webvtt.parse(webvtt.render(cues)) == cues


@given(st.lists(st.tuples(st.integers(0x10, 0x1F), st.integers(0x20, 0x7F)), max_size=80))
def test_any_control_codes_make_clean_cues(codes: list[made.Pair]):
    pairs = [one for code in codes for one in (code, (0x41, 0x42))]
    for cues in decode({len(pairs): pairs}, len(pairs) + 5).values():
        assert all(0 <= start < end for start, end, *_ in cues)
