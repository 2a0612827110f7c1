"""TTML: times, nesting, styling, hostile documents."""

from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.errors import MediaError
from matinee.formats.captions import ttml, webvtt

DROP_FRAME = (
    'ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001" '
    'ttp:timeBase="smpte" ttp:dropMode="dropNTSC"'
)


def document(body: str, head: str = "", attributes: str = "") -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling"
    xmlns:ttp="http://www.w3.org/ns/ttml#parameter" {attributes}>
<head>{head}</head>{body}</tt>""".encode()


def shown(data: bytes) -> list[tuple[Fraction, Fraction, str]]:
    return [(one.start, one.end, one.payload) for one in ttml.parse(data)]


def timed(begin: str, end: str, attributes: str = "") -> tuple[Fraction, Fraction]:
    body = f'<body><div><p begin="{begin}" end="{end}">x</p></div></body>'
    [(start, stop, _)] = shown(document(body, attributes=attributes))
    return start, stop


@pytest.mark.parametrize(
    ("begin", "attributes", "seconds"),
    [
        ("00:00:01.5", "", Fraction(3, 2)),
        ("01:00:00", "", Fraction(3600)),
        ("00:00:01:15", 'ttp:frameRate="30"', Fraction(3, 2)),
        ("1.5s", "", Fraction(3, 2)),
        ("250ms", "", Fraction(1, 4)),
        ("2m", "", Fraction(120)),
        ("1h", "", Fraction(3600)),
        ("50f", 'ttp:frameRate="25"', Fraction(2)),
        ("24f", 'ttp:frameRate="24" ttp:frameRateMultiplier="1000 1001"', Fraction(1001, 1000)),
        ("15000000t", 'ttp:tickRate="10000000"', Fraction(3, 2)),
        ("3t", "", Fraction(3)),
        ("00:01:00;02", DROP_FRAME, Fraction(60060, 1000)),
    ],
)  # fmt: skip
def test_time_expressions(begin: str, attributes: str, seconds: Fraction) -> None:
    assert timed(begin, "99:00:00", attributes)[0] == seconds


def test_times_nest_and_are_cut_by_the_parent() -> None:
    body = """<body begin="10s"><div begin="1s" dur="5s">
      <p begin="1s" end="2s">a</p><p begin="3s" dur="9s">b</p><p>c</p></div></body>"""
    assert shown(document(body)) == [
        (Fraction(11), Fraction(16), "c"),
        (Fraction(12), Fraction(13), "a"),
        (Fraction(14), Fraction(16), "b"),
    ]


def test_one_after_another() -> None:
    body = '<body><div timeContainer="seq"><p dur="2s">a</p><p dur="3s">b</p></div></body>'
    assert shown(document(body)) == [
        (Fraction(0), Fraction(2), "a"),
        (Fraction(2), Fraction(5), "b"),
    ]


def test_timed_spans_cut_a_paragraph() -> None:
    body = """<body><div><p begin="1s" end="5s"><span begin="0s">one </span><span
      begin="2s">two</span></p></div></body>"""
    assert shown(document(body)) == [
        (Fraction(1), Fraction(3), "one"),
        (Fraction(3), Fraction(5), "one two"),
    ]


def test_styling_breaks_and_white_space() -> None:
    head = """<styling><style xml:id="base" tts:fontStyle="italic"/>
      <style xml:id="loud" style="base" tts:fontWeight="bold"/></styling>"""
    body = """<body><div><p begin="0s" end="1s">
        Plain   <span style="loud">loud</span>
        <br/>
        <span tts:textDecoration="underline">under &amp; &lt;</span> end
      </p></div></body>"""
    assert shown(document(body, head))[0][2] == (
        "Plain <i><b>loud</b></i>\n<u>under &amp; &lt;</u> end"
    )


def test_white_space_is_kept_when_asked() -> None:
    body = '<body><div><p xml:space="preserve" begin="0s" end="1s">a  b\nc</p></div></body>'
    assert shown(document(body))[0][2] == "a  b\nc"


def test_placement() -> None:
    head = """<layout><region xml:id="top" tts:displayAlign="before" tts:textAlign="left"/>
      <region xml:id="low"><style tts:displayAlign="after"/></region></layout>"""
    body = """<body><div region="top"><p begin="0s" end="1s">a</p>
      <p begin="1s" end="2s" region="low" tts:textAlign="center">b</p></div></body>"""
    assert [one.settings for one in ttml.parse(document(body, head))] == ["line:0 align:left", ""]


def test_old_namespace_and_prefixes() -> None:
    data = b"""<t:tt xmlns:t="http://www.w3.org/2006/10/ttaf1"><t:body><t:div>
      <t:p begin="1s" end="2s">x</t:p></t:div></t:body></t:tt>"""
    assert shown(data) == [(Fraction(1), Fraction(2), "x")]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<tt",
        b"<html/>",
        b'<tt xmlns="http://example.com/"/>',
        document("<body>" + "<div>" * 100 + "</div>" * 100 + "</body>"),
        document("<body>" + "<div>" * 100_000),
    ],
)
def test_other_documents_are_refused(data: bytes) -> None:
    with pytest.raises(MediaError) as caught:
        ttml.parse(data)
    assert caught.value.code == "bad-subtitles"


def test_entities_name_no_files_and_do_not_explode() -> None:
    bomb = b"""<?xml version="1.0"?><!DOCTYPE tt [<!ENTITY a "aaaaaaaaaa">
      <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>
      <tt xmlns="http://www.w3.org/ns/ttml"><body><div>
      <p begin="0s" end="1s">x&b;&f;y</p></div></body></tt>"""
    [(_, _, payload)] = shown(bomb)
    assert payload == "xy"


def test_rings_and_towers_of_styles_end() -> None:
    ring = '<styling><style xml:id="a" style="b"/><style xml:id="b" style="a"/></styling>'
    tower = "".join(f'<style xml:id="s{n}" style="{f"s{n + 1} " * 16}"/>' for n in range(300))
    chain = "".join(f'<style xml:id="s{n}" style="s{n + 1}"/>' for n in range(5000))
    for head in (ring, f"<styling>{tower}</styling>", f"<styling>{chain}</styling>"):
        body = '<body><div><p begin="0s" end="1s" style="a s0">x</p></div></body>'
        assert shown(document(body, head))[0][2] == "x"


def test_paragraph_of_a_thousand_moments_is_refused() -> None:
    spans = "".join(f'<span begin="{n}s">x</span>' for n in range(1000))
    with pytest.raises(MediaError, match="too often"):
        ttml.parse(document(f"<body><div><p>{spans}</p></div></body>"))


def test_work_is_bounded_over_all_paragraphs() -> None:
    spans = "".join(f'<span begin="{n}s">x</span>' for n in range(150))
    with pytest.raises(MediaError, match="more often"):
        ttml.parse(document("<body><div>" + f'<p begin="0s">{spans}</p>' * 100 + "</div></body>"))


def test_too_many_elements_are_refused() -> None:
    with pytest.raises(MediaError, match="elements"):
        ttml.parse(document("<body>" + "<div/>" * 500_001 + "</body>"))


@pytest.mark.parametrize(
    "shape", ["<body {}/>", "<body><div><p begin='0s' end='1s' {}/></div></body>"]
)
def test_a_crowd_of_attributes_is_refused_at_once(shape: str) -> None:
    crowd = " ".join(f"a{n}='1'" for n in range(100_000))  # takes hours to read
    with pytest.raises(MediaError, match="attributes"):
        ttml.parse(document(shape.format(crowd)))


@given(st.binary(max_size=200))
def test_hostile_bytes_raise_only_the_typed_error(data: bytes) -> None:
    with suppress(MediaError):
        ttml.parse(data)


@given(
    st.text(alphabet=st.sampled_from("0123456789:.;fthms- "), max_size=14),
    st.text(
        alphabet=st.characters(codec="utf-8", min_codepoint=32, exclude_characters="&<"),
        max_size=30,
    ),
)
def test_any_time_and_text_gives_cues_that_webvtt_can_hold(time: str, text: str) -> None:
    body = f'<body><div><p begin="{time}" end="90h">{text}</p></div></body>'
    try:
        cues = ttml.parse(document(body))
    except MediaError:
        return  # characters that XML forbids
    assert webvtt.parse(webvtt.render(cues)) == cues
