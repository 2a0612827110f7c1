from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matinee.errors import InputError
from matinee.formats import dash
from matinee.formats.dash import parsing

HEAD = '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="p" minBufferTime="PT2S">'


def parse(text):
    return dash.parse(text.encode())


def test_a_foreign_mpd_reads_and_nothing_is_lost():
    mpd = parse(
        """<?xml version="1.0"?><!-- by hand -->
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="a b" profiles="p, q" type="dynamic" minBufferTime="P0DT0H0M2.0S">
<Period start="PT1H"><SegmentTemplate timescale="10" media="$Time$"><SegmentTimeline>
<S t="0" d="20" r="3"/><S d="10"/></SegmentTimeline></SegmentTemplate>
<AdaptationSet mimeType="video/mp4"><ContentProtection schemeIdUri="urn:x"
 xmlns:c="urn:mpeg:cenc:2013" c:default_KID="k"><c:pssh>AA==</c:pssh></ContentProtection>
<Switching interval="5"/><Representation id="1" bandwidth="2"/></AdaptationSet></Period>
<Metrics metrics="x"><Reporting schemeIdUri="y"/></Metrics></MPD>"""
    )
    assert (mpd.type, mpd.profiles, mpd.min_buffer_time) == ("dynamic", ("p", "q"), Decimal(2))
    period = mpd.periods[0]
    assert period.start == 3600
    assert period.segment_template is not None
    assert period.segment_template.timeline is not None
    assert [one.r for one in period.segment_template.timeline.entries] == [3, 0]
    protection = period.adaptation_sets[0].content_protections[0]
    assert protection.attributes == {"{urn:mpeg:cenc:2013}default_KID": "k"}
    assert "AA==" in protection.elements[0]
    text = dash.render(mpd).decode()
    # Elements without a field go back to where the schema wants them.
    assert text.index("<Switching") < text.index("<Representation ")
    assert text.index("<Metrics") > text.index("</Period>")
    assert "schemaLocation" in text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT1.25S", "1.25"), ("P1DT2H3M4S", "93784"), ("P1Y1M", "34128000"), ("-PT1S", "-1")],
)
def test_durations_are_seconds(text, seconds):
    mpd = parse(HEAD.replace(">", f' mediaPresentationDuration="{text}"/>'))
    assert mpd.media_presentation_duration == Decimal(seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "<MPD/>",
        "<a/>",
        HEAD,
        HEAD.replace("PT2S", "PT"),
        HEAD.replace("PT2S", "P"),
        HEAD.replace("PT2S", "2") + "</MPD>",
        HEAD + '<Period><AdaptationSet id="x"/></Period></MPD>',
        HEAD + "<Period><AdaptationSet><Representation/></AdaptationSet></Period></MPD>",
        HEAD + f'<Period><AdaptationSet id="{"9" * 5000}"/></Period></MPD>',
        HEAD + "<Period><SegmentBase/><SegmentBase/></Period></MPD>",
        HEAD + "<Period>" + "<a>" * 100 + "</a>" * 100 + "</Period></MPD>",
        '<!DOCTYPE MPD [<!ENTITY a "b">]>' + HEAD + "</MPD>",
        '<!DOCTYPE MPD SYSTEM "http://127.0.0.1:1/x.dtd">' + HEAD + "</MPD>",
    ],
)
def test_hostile_documents_are_refused(text):
    with pytest.raises(InputError):
        parse(text)


def test_entities_are_never_expanded():
    bomb = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(1, 9))
    with pytest.raises(InputError):
        parse(f'<!DOCTYPE MPD [<!ENTITY a1 "x">{bomb}]>{HEAD}<BaseURL>&a9;</BaseURL></MPD>')


def test_sizes_are_bounded(monkeypatch):
    monkeypatch.setattr(parsing, "MAX_BYTES", 100)
    with pytest.raises(InputError, match="larger than 100"):
        parse(HEAD + " " * 100 + "</MPD>")
    monkeypatch.undo()
    monkeypatch.setattr(parsing, "MAX_ELEMENTS", 10)
    with pytest.raises(InputError, match="10 elements"):
        parse(HEAD + "<Location/>" * 20 + "</MPD>")


PIECES = st.sampled_from(
    [
        "<Period>", "</Period>", "<AdaptationSet>", "</AdaptationSet>", '<S d="1"/>', "<S/>",
        '<Representation id="a" bandwidth="1"/>', '<Period start="PT1S"/>', "&amp;", "&x;", "text",
        '<a:b xmlns:a="u"/>', "<!-- c -->", "<?p?>", "<![CDATA[x]]>", '<Label xml:lang="d"/>',
        '<SegmentTemplate timescale="0"/>', "\x00", "\ufffe",
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=5), max_size=10))
@settings(max_examples=200, deadline=None)
def test_hostile_bytes_raise_only_input_errors(pieces):
    try:
        mpd = parse(HEAD + "".join(pieces) + "</MPD>")
    except InputError:
        return
    assert dash.parse(dash.render(mpd)) == mpd


def test_a_crowd_of_attributes_is_refused_at_once() -> None:
    crowd = " ".join(f"a{n}='1'" for n in range(100_000))
    with pytest.raises(InputError, match="more than 200 attributes"):
        parsing.parse(
            f'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period {crowd}/></MPD>'.encode()
        )
