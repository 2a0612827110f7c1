import pytest

from matinee.errors import InputError
from matinee.formats.dash import grammar

GOOD = """<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:o="urn:own" profiles="a,b"
 type="static" mediaPresentationDuration="PT1M2.5S" minBufferTime="PT2S" o:own="1">
<ProgramInformation><Title>t</Title></ProgramInformation><BaseURL>http://h/</BaseURL>
<Period id="1" start="PT0S"><AdaptationSet id="1" lang="de-CH" contentType="audio" par="16:9"
 segmentAlignment="true" startWithSAP="1" maxFrameRate="30000/1001"><Label>a</Label>
<Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
<SegmentTemplate timescale="1" duration="2" media="$Number$"><SegmentTimeline>
<S t="0" d="2" r="-1"/>
</SegmentTimeline></SegmentTemplate>
<Representation id="a" bandwidth="5" codecs="mp4a.40.2" audioSamplingRate="24000 48000">
<AudioChannelConfiguration schemeIdUri="x" value="2"/><BaseURL>a.mp4</BaseURL>
<SegmentBase indexRange="1-2"><Initialization range="0-1"/></SegmentBase></Representation>
</AdaptationSet></Period><o:any/></MPD>"""


def messages(text):
    return [f"{one.element}: {one.message}" for one in grammar.violations(text.encode())]


def test_a_good_document_breaks_no_rule():
    assert messages(GOOD) == []


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('profiles="a,b"', "", "MPD: required attribute profiles"),
        ('minBufferTime="PT2S"', 'minBufferTime="2"', "MPD: @minBufferTime"),
        ('Duration="PT1M2.5S"', 'Duration="P"', "MPD: @mediaPresentationDuration"),
        ('type="static"', 'type="vod"', "MPD: @type"),
        ('id="1" lang', 'id="audio" lang', "AdaptationSet: @id"),
        ('lang="de-CH"', 'lang="german (ch)"', "AdaptationSet: @lang"),
        ('contentType="audio"', 'contentType="sound"', "AdaptationSet: @contentType"),
        ('maxFrameRate="30000/1001"', 'maxFrameRate="29.97"', "AdaptationSet: @maxFrameRate"),
        ('bandwidth="5"', "", "Representation: required attribute bandwidth"),
        ('id="a" b', 'id="a b" b', "Representation: @id"),
        ('codecs="mp4a.40.2"', 'codecs="mp4a 40"', "Representation: @codecs"),
        ('indexRange="1-2"', 'indexRange="1..2"', "SegmentBase: @indexRange"),
        ('indexRange="1-2"', 'indexRange=" 1-2"', "SegmentBase: @indexRange"),
        ('bandwidth="5"', 'bandwidth="4294967296"', "Representation: @bandwidth"),
        (' schemeIdUri="x"', ' schemeIdUri="1:1"', "AudioChannelConfiguration: @schemeIdUri"),
        ('value="main"', 'kind="main"', "Role: attribute kind"),
        (' schemeIdUri="x"', "", "AudioChannelConfiguration: required attribute schemeIdUri"),
        ("<Label>a</Label>", "<Lable/>", "AdaptationSet: element Lable may not"),
        (
            "<BaseURL>a.mp4</BaseURL>\n<SegmentBase",
            "<SegmentBase/><BaseURL/><SegmentBase",
            "Representation: element BaseURL stands after SegmentBase",
        ),
        (
            '<Initialization range="0-1"/>',
            "<Initialization/><Initialization/>",
            "SegmentBase: element Initialization stands 2 times",
        ),
        ('d="2" r', "r", "S: required attribute d"),
        ("<ProgramInformation>", "<o:x/><ProgramInformation>", "MPD: element ProgramInformation"),
    ],
)
def test_a_broken_rule_is_named(before, after, message):
    assert before in GOOD
    found = messages(GOOD.replace(before, after, 1))
    assert any(one.startswith(message) for one in found), found


def test_an_mpd_without_period_is_named():
    text = '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="a" minBufferTime="PT1S"/>'
    assert messages(text) == ["MPD: element Period is missing"]


@pytest.mark.parametrize("text", ["", "<a/>", "<MPD/>", "<MPD"])
def test_what_is_no_mpd_is_refused(text):
    with pytest.raises(InputError):
        grammar.violations(text.encode())


def test_the_number_of_violations_is_bounded():
    bad = GOOD.replace("<Label>a</Label>", '<Label id="x"/>' * 1000)
    assert len(messages(bad)) == grammar.MAX_VIOLATIONS


def test_forms_are_as_wide_as_the_schemas():
    for before, after in (
        (' schemeIdUri="x"', ' schemeIdUri="urn:a b"'),
        ('bandwidth="5"', 'bandwidth=" 4294967295 "'),
    ):
        assert GOOD.count(before)
        assert messages(GOOD.replace(before, after, 1)) == []


def test_a_title_is_text_alone():
    for wrong in ('<Title lang="en">t</Title>', "<Title>t<BaseURL/></Title>"):
        (told,) = messages(GOOD.replace("<Title>t</Title>", wrong))
        assert told.startswith("Title: ")
