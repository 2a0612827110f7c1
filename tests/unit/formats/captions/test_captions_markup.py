"""Cue text is cleaned so that it can never break out of its cue."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.formats.captions.cue import MAX_PAYLOAD
from matinee.formats.captions.markup import Writer, escaped, from_html, from_webvtt, unescaped


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("a <script>alert(1)</script> b", "a alert(1) b"),
        ("<b>bold", "<b>bold</b>"),
        ("<b><i>x</b>y</i>", "<b><i>x</i></b>y"),
        ("</i>x", "x"),
        ("<c.yellow.bg_x&y>x</c>", "x"),
        ("<c.yellow.bg_x>x</c>", "<c.yellow.bg_x>x</c>"),
        ("<v.loud  Mary   Ann>x", "<v.loud Mary Ann>x</v>"),
        ("<v A&B>x</v>", "<v A&amp;B>x</v>"),
        ("<lang en-GB>x</lang><lang>y</lang>", "<lang en-GB>x</lang>y"),
        ("<00:01.000>x<1:2>", "<00:01.000>x"),
        ("AT&T &copy; &unknown; &amp;lt;", "AT&amp;T © &amp;unknown; &amp;lt;"),
        ("I <3 you", "I &lt;3 you"),
        ("--> x", "--&gt; x"),
        ("a\n\n \t\nb", "a\nb"),
        ("a\x00\x07\x85b&#7;c&#10;&#10;d", "abc\nd"),
        ("<ruby>漢<rt>kan</rt></ruby>", "<ruby>漢<rt>kan</rt></ruby>"),
        ("<i></i>", ""),
    ],
)
def test_cue_text_is_cleaned(dirty: str, clean: str) -> None:
    assert from_webvtt(dirty) == clean


@given(st.text(alphabet=st.sampled_from("<>/&;.-ibcuvl \nag03:1#x\t\x00é")))
def test_cleaning_is_done_once(text: str) -> None:
    once = from_webvtt(text)
    assert from_webvtt(once) == once
    assert "-->" not in once
    assert "\n\n" not in once
    assert once.count("<") == once.count(">")


def test_escaping_and_back() -> None:
    assert escaped("a<b>&c") == "a&lt;b&gt;&amp;c"
    assert unescaped(escaped("a<b>&c")) == "a<b>&c"
    assert unescaped("AT&T &nosuch; &#65;") == "AT&T &nosuch; A"


def test_length_and_depth_are_bounded() -> None:
    assert len(from_webvtt("x" * (MAX_PAYLOAD * 2))) == MAX_PAYLOAD
    deep = from_webvtt("<i>" * 500 + "x")
    assert deep.count("<i>") == deep.count("</i>") < 50


def test_closing_what_is_not_open_does_nothing() -> None:
    writer = Writer()
    writer.close("i")
    writer.open("b")
    writer.text("x")
    writer.close("i")
    assert writer.finish() == "<b>x</b>"


@given(st.text(alphabet=st.sampled_from("<>/&;.-ibu{}\\an18 \n")))
def test_html_gives_clean_text(text: str) -> None:
    payload, _ = from_html(text)
    assert from_webvtt(payload) == payload
