"""SubRip, as people make it."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.errors import MediaError
from matinee.formats.captions import srt, webvtt


def shown(text: str) -> list[tuple[float, float, str]]:
    return [(float(one.start), float(one.end), one.payload) for one in srt.parse(text)]


def test_a_file_is_parsed() -> None:
    text = (
        "1\r\n00:00:01,000 --> 00:00:02,500\r\nHello,\r\nworld\r\n\r\n"
        "2\r\n00:00:03,000 --> 00:00:04,000\r\n<i>Bye</i>\r\n"
    )
    assert shown(text) == [(1, 2.5, "Hello,\nworld"), (3, 4, "<i>Bye</i>")]


@pytest.mark.parametrize(
    "timing",
    [
        "00:00:01,000 --> 00:00:02,000",
        "00:00:01.000 --> 00:00:02.000",
        "0:0:1,0 --> 0:0:2,0",
        "00:01,000 --> 00:02,000",
        "00:00:01,000 -> 00:00:02,000",
        "00:00:01 , 000 --> 00:00:02 , 000",
        " 00:00:01,000 --> 00:00:02,000  X1:10 X2:20 Y1:30 Y2:40",
        "00:00:01 --> 00:00:02",
    ],
)
def test_timings_as_they_are_found(timing: str) -> None:
    assert shown(f"7\n{timing}\nx\n") == [(1, 2, "x")]


def test_short_fractions_are_decimals() -> None:
    assert srt.parse("00:00:01,5 --> 00:00:02,25\nx")[0].start == Fraction(3, 2)


def test_missing_counters_and_blank_lines_in_the_text() -> None:
    text = "00:00:01,000 --> 00:00:02,000\none\n\nmore\n\n00:00:03,000 --> 00:00:04,000\ntwo"
    assert shown(text) == [(1, 2, "one\nmore"), (3, 4, "two")]


def test_a_number_is_a_text_where_no_cue_follows() -> None:
    assert shown("1\n00:00:01,000 --> 00:00:02,000\n42\n") == [(1, 2, "42")]
    text = "1\n00:00:01,000 --> 00:00:02,000\n42\n\n2\n00:00:03,000 --> 00:00:04,000\n43"
    assert shown(text) == [(1, 2, "42"), (3, 4, "43")]


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ('<font color="#ff0000">red</font>', "red"),
        ("<B>x</B><EM>y</EM>", "<b>x</b><i>y</i>"),
        ("R&B <3 1<2", "R&amp;B &lt;3 1&lt;2"),
        ("&lt;i&gt; &amp;", "&lt;i&gt; &amp;"),
        ('<img src=x onerror="alert(1)">x<script>y</script>', "xy"),
        ("{\\i1}x{\\i0} {\\fs20}y", "<i>x</i> y"),
        ("<i>open", "<i>open</i>"),
        ("{curly} stays", "{curly} stays"),
        ("<>", "&lt;&gt;"),
    ],
)
def test_html_is_reduced(dirty: str, clean: str) -> None:
    assert shown(f"00:00:01,000 --> 00:00:02,000\n{dirty}") == [(1, 2, clean)]


@pytest.mark.parametrize(
    ("code", "settings"),
    [
        ("{\\an8}", "line:0"),
        ("{\\an2}", ""),
        ("{\\an1\\fs2}", "align:start"),
        ("{\\an5}", "line:50%"),
    ],
)
def test_placement(code: str, settings: str) -> None:
    assert srt.parse(f"00:00:01,000 --> 00:00:02,000\n{code}x")[0].settings == settings


def test_no_timing_line_is_refused() -> None:
    with pytest.raises(MediaError) as caught:
        srt.parse("hello\nworld")
    assert caught.value.code == "bad-subtitles"


def test_too_many_cues_are_refused() -> None:
    with pytest.raises(MediaError, match="more than"):
        srt.parse("00:00:01,000 --> 00:00:02,000\nx\n" * 100_001)


@given(st.text(alphabet=st.sampled_from("0123456789:,-> \n<i>/{}\\an&;\r\t\x00x")))
def test_hostile_text_gives_cues_that_webvtt_can_hold(text: str) -> None:
    cues = srt.parse("00:00:01,000 --> 00:00:02,000\n" + text)
    assert webvtt.parse(webvtt.render(cues)) == cues
