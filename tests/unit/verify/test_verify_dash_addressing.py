from decimal import Decimal
from fractions import Fraction

import pytest

from matinee.errors import InputError
from matinee.formats import dash
from matinee.model.presentation import ByteRange
from matinee.model.progress import Control
from matinee.verify import VerifyOptions
from matinee.verify.content import Content, Place
from matinee.verify.dash_addressing import Scope, addressed, fill
from matinee.verify.findings import Findings
from matinee.verify.reader import FolderReader

ENTRY = dash.TimelineEntry


@pytest.fixture
def content(tmp_path):
    return Content(FolderReader(tmp_path), Findings(), VerifyOptions(segments=50), Control())


def scope(period=None, adaptation=None, representation=None, seconds=10):
    one = dash.Representation(**{"id": "v1", "bandwidth": 500, **(representation or {})})
    adaptation_set = dash.AdaptationSet(representations=(one,), **(adaptation or {}))
    return Scope(
        mpd=dash.Mpd(
            profiles=("p",), min_buffer_time=Decimal(1), base_urls=(dash.BaseUrl(text="film/"),)
        ),
        period=dash.Period(adaptation_sets=(adaptation_set,), **(period or {})),
        adaptation_set=adaptation_set,
        representation=one,
        address="manifest.mpd",
        seconds=Fraction(seconds),
    )


def template(**more):
    return {"segment_template": dash.SegmentTemplate(**{"media": "$Number$.m4s", **more})}


def names(found):
    return [cut.place.address for cut in found.cuts]


def test_templates_are_inherited_level_by_level(content):
    found = addressed(
        scope(
            period=template(timescale=10, media="no"),
            adaptation=template(duration=40, media="$RepresentationID$/$Number%03d$.m4s"),
            representation={
                "segment_template": dash.SegmentTemplate(
                    initialization_template="$RepresentationID$/i.mp4", start_number=7
                )
            },
        ),
        content,
    )
    assert found.header == Place("film/v1/i.mp4")
    assert names(found) == [f"film/v1/{n:03d}.m4s" for n in (7, 8, 9)]
    assert [cut.duration for cut in found.cuts] == [4, 4, 2]


def test_timelines_repeat_and_run_to_the_end(content):
    entries = (ENTRY(d=20, r=1, t=100), ENTRY(d=10, r=-1), ENTRY(d=5, t=160))
    timeline = dash.SegmentTimeline(entries=entries)
    found = addressed(
        scope(representation=template(timescale=10, media="$Time$", timeline=timeline)), content
    )
    assert names(found) == [f"film/{n}" for n in (100, 120, 140, 150, 160)]
    last = dash.SegmentTimeline(entries=(ENTRY(d=20, r=-1),))
    found = addressed(scope(representation=template(timescale=10, timeline=last)), content)
    assert len(found.cuts) == 5


def test_lists_and_bases_have_ranges(content):
    found = addressed(
        scope(
            representation={
                "base_urls": (dash.BaseUrl(text="v.mp4"),),
                "segment_list": dash.SegmentList(
                    duration=4,
                    initialization=dash.Initialization(range="0-9"),
                    segment_urls=(
                        dash.SegmentUrl(media_range="10-19"),
                        dash.SegmentUrl(media="w.mp4"),
                    ),
                ),
            }
        ),
        content,
    )
    assert found.header == Place("film/v.mp4", ByteRange(0, 10))
    assert [cut.place for cut in found.cuts] == [
        Place("film/v.mp4", ByteRange(10, 10)),
        Place("film/w.mp4"),
    ]


def test_a_base_url_alone_is_the_whole_file(content):
    found = addressed(scope(representation={"base_urls": (dash.BaseUrl(text="t.vtt"),)}), content)
    assert found.whole == Place("film/t.vtt")


def test_identifiers_are_filled_in():
    one = dash.Representation(id="a$b", bandwidth=9)
    text = "$RepresentationID$_$Bandwidth$_$Number%05d$_$Time$_$$_$Other$"
    assert fill(text, one, 3, 4) == "a$b_9_00003_4_$_$Other$"


@pytest.mark.parametrize(
    "given",
    [
        template(duration=1, timescale=1000),
        template(timeline=dash.SegmentTimeline(entries=(ENTRY(d=1, r=10**15),))),
        template(timeline=dash.SegmentTimeline(entries=(ENTRY(d=0, r=5),))),
        template(media="../../x", duration=1),
        {"base_urls": (dash.BaseUrl(text="http://host/"),), **template(duration=1)},
        {"segment_template": dash.SegmentTemplate(duration=1)},
    ],
)
def test_hostile_addresses_are_refused(content, given):
    with pytest.raises(InputError):
        addressed(scope(representation=given), content)
