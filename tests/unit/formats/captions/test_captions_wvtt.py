from contextlib import suppress
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.errors import MediaError
from matinee.formats.captions import Cue, wvtt


def cue(start: float, end: float, payload: str = "x", **more: str) -> Cue:
    return Cue(
        start=Fraction(start).limit_denominator(1000),
        end=Fraction(end).limit_denominator(1000),
        payload=payload,
        **more,
    )


times = st.integers(0, 20_000).map(lambda thousandths: Fraction(thousandths, 1000))


@st.composite
def cues(draw: st.DrawFn) -> Cue:
    start = draw(times)
    end = start + Fraction(draw(st.integers(1, 5000)), 1000)
    payload = draw(st.sampled_from(["one", "<i>zwei</i>", "a &amp; b", "drei\nvier"]))
    return Cue(
        start=start,
        end=end,
        payload=payload,
        settings=draw(st.sampled_from(["", "line:0", "line:10% align:left"])),
        id=draw(st.sampled_from(["", "7", "intro"])),
    )


@given(st.lists(cues(), max_size=8), times, st.integers(1, 8000))
def test_samples_fill_their_stretch_and_read_back(given_cues, start, length):
    end = start + Fraction(length, 1000)
    made = wvtt.samples(given_cues, start, end)
    assert (made[0][0], made[-1][1]) == (start, end)
    assert all(before[1] == after[0] for before, after in pairwise(made))
    for begin, stop, data in made:
        shown = [
            (one.payload, one.settings, one.id)
            for one in given_cues
            if one.start < stop and one.end > begin
        ]
        read = [(one.payload, one.settings, one.id) for one in wvtt.parse(data, begin, stop)]
        assert sorted(read) == sorted(shown)


def test_a_pause_is_an_empty_cue_box():
    made = wvtt.samples([cue(1, 2)], Fraction(0), Fraction(4))
    assert [(float(a), float(b)) for a, b, _ in made] == [(0, 1), (1, 2), (2, 4)]
    assert made[0][2] == made[2][2] == b"\0\0\0\x08vtte"


@pytest.mark.parametrize("data", [b"", b"\0\0\0\x08abcd", b"\0\0\0\x10vttc", b"\0\0\0\x01vtte"])
def test_what_is_no_sample_is_refused(data):
    with pytest.raises(MediaError):
        wvtt.parse(data, Fraction(0), Fraction(1))


@given(st.binary(max_size=200))
def test_hostile_bytes_raise_only_our_errors(data):
    with suppress(MediaError):
        wvtt.parse(data, Fraction(0), Fraction(1))
