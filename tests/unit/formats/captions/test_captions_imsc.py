from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from matinee.formats.captions import Cue, imsc, ttml, webvtt
from matinee.formats.captions.cue import plain

TT = "{http://www.w3.org/ns/ttml}"
TTS = "{http://www.w3.org/ns/ttml#styling}"


def cue(start: int, end: int, payload: str = "x", settings: str = "") -> Cue:
    return Cue(start=Fraction(start), end=Fraction(end), payload=payload, settings=settings)


def document(*cues: Cue, end: int = 10) -> etree._Element:
    return etree.fromstring(imsc.render(cues, Fraction(0), Fraction(end), "en"))


WORDS = ["word", "<i>it</i>", "<b>bold</b>", "<u>under</u>", "a &amp; b", "&lt;3", "\n"]
payloads = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(
    lambda parts: webvtt.parse("WEBVTT\n\n00:00.000 --> 00:01.000\n" + "".join(parts))
)


@given(st.lists(st.tuples(st.integers(0, 90_000), st.integers(1, 5000), payloads), max_size=8))
def test_our_reader_reads_what_we_write(rows):
    cues = tuple(
        Cue(start=Fraction(a, 1000), end=Fraction(a + b, 1000), payload=found[0].payload)
        for a, b, found in rows
        if found
    )
    read = ttml.parse(imsc.render(cues, Fraction(0), Fraction(100)))
    key = lambda one: (one.start, one.end, plain(one.payload))  # noqa: E731
    assert sorted(map(key, read)) == sorted(map(key, cues))


def test_times_are_kept_within_the_stretch():
    data = imsc.render([cue(1, 9), cue(20, 22)], Fraction(4), Fraction(8))
    (read,) = ttml.parse(data)
    assert (read.start, read.end) == (4, 8)
    assert ttml.parse(imsc.render([], Fraction(0), Fraction(4))) == ()


def test_styles_colours_and_breaks():
    (p,) = document(cue(0, 1, "<c.yellow>Gold <i>leaf</i></c>\nfalls")).iter(f"{TT}p")
    back = p[0]
    assert back[0].get(f"{TTS}color") == "yellow"
    assert back[0][0].get(f"{TTS}fontStyle") == "italic"
    assert back[1].tag == f"{TT}br"
    assert "".join(p.itertext()) == "Gold leaffalls"


@pytest.mark.parametrize(
    ("settings", "origin", "display"),
    [
        ("", "10% 10%", "after"),
        ("line:0", "10% 10%", "before"),
        ("line:52% position:20% align:left", "20% 52%", "before"),
        ("line:-1", "10% 10%", "after"),
    ],
)
def test_regions(settings, origin, display):
    (region,) = document(cue(0, 1, settings=settings)).iter(f"{TT}region")
    assert (region.get(f"{TTS}origin"), region.get(f"{TTS}displayAlign")) == (origin, display)


def test_a_document_says_what_it_is():
    root = document(cue(0, 1))
    assert root.get("{http://www.w3.org/ns/ttml#parameter}contentProfiles") == imsc.PROFILE
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
