from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.media import caption_data as made

from matinee.errors import MediaError
from matinee.formats import captions
from matinee.formats.captions import scc, webvtt

HEAD = "Scenarist_SCC V1.0\n\n"


def line(time: str, pairs: list[made.Pair]) -> str:
    words = " ".join(f"{made.odd(a):02x}{made.odd(b):02x}" for a, b in pairs)
    return f"{time}\t{words}\n\n"


def test_pop_on_captions_at_their_time_codes():
    text = HEAD + line("00:00:10:00", made.pop_on(["Good evening."]))
    text += line("00:00:13:00", made.command(made.EDM))
    (cue,) = captions.parse(text.encode())
    shown = 300 + len(made.pop_on(["Good evening."])) - 2
    assert float(cue.start) == pytest.approx(shown * 1001 / 30000, abs=0.001)
    assert float(cue.end) == pytest.approx(390 * 1001 / 30000, abs=0.001)
    assert cue.payload == "Good evening."


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("01:00:00;00", 3600 - 0.0036), ("01:00:00:00", 3603.6), ("00:01:00;02", 60.06),
        ("00:10:00;00", 599.9994),
    ],
)  # fmt: skip
def test_time_codes_that_drop_frames_keep_with_the_clock(time: str, seconds: float):
    pairs = made.command(made.RDC) + made.address(15) + made.text("x")
    (cue,) = scc.parse(HEAD + line(time, pairs))
    begun = float(cue.start) - (len(pairs) - 1) * 1001 / 30000
    assert begun == pytest.approx(seconds, abs=0.002)


def test_what_is_no_scenarist_file_is_refused():
    with pytest.raises(MediaError):
        scc.parse("00:00:01:00 9420")
    assert scc.parse(HEAD + "garbage\n00:00:01:00 94zz\n") == ()


@given(st.lists(st.tuples(st.integers(0, 23), st.lists(st.integers(0, 0xFFFF), max_size=40))))
def test_hostile_codes_make_clean_cues(lines: list[tuple[int, list[int]]]):
    text = HEAD
    for second, words in lines:
        text += f"00:00:{second:02}:00 " + " ".join(f"{word:04x}" for word in words) + "\n"
    cues = scc.parse(text)
    assert webvtt.parse(webvtt.render(cues)) == cues


@given(st.text(max_size=200))
def test_hostile_text_raises_only_our_errors(text: str):
    with suppress(MediaError):
        scc.parse(HEAD + text)
