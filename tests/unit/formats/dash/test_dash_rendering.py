from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from tests.unit.formats.dash.strategies import mpds

from matinee.errors import InputError
from matinee.formats import dash
from matinee.formats.dash import grammar


@given(mpds())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_parse_inverts_render(mpd):
    assert dash.parse(dash.render(mpd)) == mpd


@given(mpds())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_children_stand_in_the_order_of_the_schema(mpd):
    found = grammar.violations(dash.render(mpd))
    assert not [one for one in found if "must go before" in one.message]


def test_an_mpd_reads_as_people_write_it():
    mpd = dash.Mpd(
        profiles=("a", "b"),
        min_buffer_time=Decimal("1.50"),
        media_presentation_duration=Decimal(600),
        utc_timings=(dash.Descriptor(scheme_id_uri="urn:u", value="x & y"),),
        periods=(
            dash.Period(
                adaptation_sets=(
                    dash.AdaptationSet(
                        id=1,
                        content_protections=(
                            dash.Descriptor(
                                scheme_id_uri="urn:mpeg:dash:mp4protection:2011",
                                value="cbcs",
                                attributes={"{urn:mpeg:cenc:2013}default_KID": "k"},
                            ),
                        ),
                    ),
                ),
            ),
        ),
    )
    assert dash.render(mpd).decode() == (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:cenc="urn:mpeg:cenc:2013"'
        ' profiles="a,b" type="static"'
        ' mediaPresentationDuration="PT600S" minBufferTime="PT1.5S">\n'
        "  <Period>\n"
        '    <AdaptationSet id="1">\n'
        '      <ContentProtection schemeIdUri="urn:mpeg:dash:mp4protection:2011" value="cbcs"'
        ' cenc:default_KID="k"/>\n'
        "    </AdaptationSet>\n"
        "  </Period>\n"
        '  <UTCTiming schemeIdUri="urn:u" value="x &amp; y"/>\n'
        "</MPD>\n"
    )


@pytest.mark.parametrize(
    "more",
    [{"id": "\x00"}, {"elements": ("<a",)}, {"locations": ("\x08",)}, {"attributes": {"": ""}}],
)
def test_texts_that_xml_cannot_hold_are_refused(more):
    with pytest.raises(InputError):
        dash.render(dash.Mpd(profiles=("a",), min_buffer_time=Decimal(1), **more))
