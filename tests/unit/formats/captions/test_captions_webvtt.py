"""WebVTT: the W3C parser's rules, rendering, segments, hostile bytes."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.errors import InvariantError, MediaError
from matinee.formats.captions import webvtt
from matinee.formats.captions.cue import MAX_BYTES, Cue
from matinee.formats.captions.markup import from_webvtt


def cue(start: float, end: float, payload: str = "x", settings: str = "", name: str = "") -> Cue:
    return Cue(
        start=Fraction(round(start * 1000), 1000),
        end=Fraction(round(end * 1000), 1000),
        payload=payload,
        settings=settings,
        id=name,
    )


def test_a_file_is_parsed() -> None:
    text = """\ufeffWEBVTT - a comment
Kind: captions

STYLE
::cue { background: url(http://evil/) }

NOTE nothing

intro
00:01.000 --> 00:02.500 align:start line:90%,end bogus:1 region:x
<v Fred>Hello
second <i>line</i>

01:00:00.250 --> 01:00:01.000
1 < 2 &amp; 3 &gt; 2
"""
    assert webvtt.parse(text) == (
        cue(1, 2.5, "<v Fred>Hello\nsecond <i>line</i></v>", "line:90%,end align:start", "intro"),
        cue(3600.25, 3601, "1 &lt; 2 &amp; 3 &gt; 2"),
    )


@pytest.mark.parametrize(
    ("block", "count"),
    [
        ("00:01.000 --> 00:02.000\nA", 1),
        ("00:01.000-->00:02.000\nA", 1),
        ("\t00:01.000 \t--> 00:02.000\nA", 1),
        ("000:00:01.000 --> 000:00:02.000\nA", 1),
        ("id\n00:01.000 --> 00:02.000\nA", 1),
        ("00:01.000 --> 00:02.000\nA\n00:03.000 --> 00:04.000\nB", 2),
        ("0:01.000 --> 00:02.000\nA", 0),
        ("00:01,000 --> 00:02,000\nA", 0),
        ("00:61.000 --> 01:02.000\nA", 0),
        ("00:01.00 --> 00:02.000\nA", 0),
        ("00:02.000 --> 00:01.000\nA", 0),
        ("00:01.000 --> 00:02.000\n", 0),
        ("00:01.000 --> 00:02.000\n<i> </i>", 0),
        ("99999:00:01.000 --> 99999:00:02.000\nfar", 0),
        ("NOTE a\nb", 0),
        ("one\ntwo\n00:01.000 --> 00:02.000\nA", 1),
    ],
)
def test_which_blocks_are_cues(block: str, count: int) -> None:
    for newline in ("\n", "\r\n", "\r"):
        text = f"WEBVTT\n\n{block}\n".replace("\n", newline)
        assert len(webvtt.parse(text)) == count


@pytest.mark.parametrize("text", ["", "WEBVTTX", "webvtt", "1\n00:00", " WEBVTT"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(MediaError) as caught:
        webvtt.parse(text)
    assert caught.value.code == "bad-subtitles"


def test_too_long_is_refused() -> None:
    with pytest.raises(MediaError, match="longer"):
        webvtt.parse("WEBVTT\n" + " " * MAX_BYTES)
    cues = "".join(f"\n\n00:00.{n % 1000:03d} --> 00:09.000\nx" for n in range(100_001))
    with pytest.raises(MediaError, match="more than"):
        webvtt.parse("WEBVTT" + cues)


def test_too_many_blocks_are_refused() -> None:
    with pytest.raises(MediaError, match="more blocks"):
        webvtt.parse("WEBVTT\n" + "-->\n" * 250_000)


def test_cues_are_ordered_by_start() -> None:
    text = "WEBVTT\n\n00:05.000 --> 00:06.000\nlate\n\n00:01.000 --> 00:02.000\nearly\n"
    assert [one.payload for one in webvtt.parse(text)] == ["early", "late"]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("align:middle", "align:center"),
        ("size:50% size:60%", "size:60%"),
        ("line:-1 vertical:rl", "vertical:rl line:-1"),
        ("position:10%,line-left", "position:10%,line-left"),
        ("size:101% line:x position:-1% align:up", ""),
    ],
)
def test_settings_are_cleaned(text: str, clean: str) -> None:
    assert webvtt.clean_settings(text) == clean


times = st.integers(0, 99 * 3_600_000)
settings = st.sampled_from(["", "line:0 align:start", "vertical:lr position:1.5% size:100%"])


@st.composite
def cues(draw: st.DrawFn) -> tuple[Cue, ...]:
    found = []
    for start in sorted(draw(st.lists(times, max_size=8))):
        payload = from_webvtt(draw(st.text(min_size=1)) + "x")
        end = start + draw(st.integers(1, 100_000_000))
        name = webvtt.clean_id(draw(st.text(max_size=20)))
        found.append(cue(start / 1000, end / 1000, payload, draw(settings), name))
    return tuple(found)


@given(cues())
def test_parse_inverts_render(given_cues: tuple[Cue, ...]) -> None:
    assert webvtt.parse(webvtt.render(given_cues)) == given_cues
    assert webvtt.parse(webvtt.render(given_cues, ["X: y"])) == given_cues


@given(st.text(alphabet=st.sampled_from("0123456789:.-> \nWEBVTTx<i>&;\r\t\x00")))
def test_hostile_text_raises_only_the_typed_error(text: str) -> None:
    parsed = webvtt.parse("WEBVTT\n" + text)
    assert webvtt.parse(webvtt.render(parsed)) == parsed


def test_rendering() -> None:
    text = webvtt.render([cue(3661.5, 3662, "b"), cue(0, 1, "a", "line:0", "one")], ["X: y"])
    assert text == (
        "WEBVTT\nX: y\n\none\n00:00:00.000 --> 00:00:01.000 line:0\na\n\n"
        "01:01:01.500 --> 01:01:02.000\nb\n"
    )
    assert webvtt.render([]) == "WEBVTT\n"
    assert webvtt.timestamp(Fraction(1, 3)) == "00:00:00.333"


@pytest.mark.parametrize("line", ["", "a\nb", "a --> b"])
def test_broken_header_lines_are_our_fault(line: str) -> None:
    with pytest.raises(InvariantError):
        webvtt.render([], [line])


def bounds(*edges: int) -> list[tuple[Fraction, Fraction]]:
    return [(Fraction(a), Fraction(b)) for a, b in pairwise(edges)]


HEAD = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n"


def test_a_cue_is_in_each_segment_it_overlaps() -> None:
    files = webvtt.segment([cue(3, 9, "long"), cue(0, 4, "first")], bounds(0, 4, 8, 12, 16))
    parsed = [[one.payload for one in webvtt.parse(text)] for text in files]
    assert parsed == [["first", "long"], ["long"], ["long"], []]
    assert all(text.startswith(HEAD) for text in files)
    assert files[3] == HEAD


def test_segments_keep_the_films_time() -> None:
    (_, second) = webvtt.segment([cue(5, 6)], bounds(0, 4, 8))
    assert webvtt.parse(second) == (cue(5, 6),)


@given(cues(), st.lists(st.integers(1, 20), min_size=1, max_size=10))
def test_segments_hold_every_cue_in_their_reach(
    given_cues: tuple[Cue, ...], lengths: list[int]
) -> None:
    edges = [sum(lengths[:count]) for count in range(len(lengths) + 1)]
    files = webvtt.segment(given_cues, bounds(*edges))
    for (start, end), text in zip(bounds(*edges), files, strict=True):
        expected = [one for one in given_cues if one.start < end and one.end > start]
        assert list(webvtt.parse(text)) == expected


def test_segments_that_would_explode_are_refused() -> None:
    many = [cue(0, 80_000, "y" * 5000) for _ in range(200)]
    with pytest.raises(MediaError, match="Too many cues"):
        webvtt.segment(many, bounds(*range(0, 80_000, 4)))
