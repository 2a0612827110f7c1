from decimal import Decimal

import pytest

from matinee.formats import dash
from matinee.verify import dash_rules
from matinee.verify.findings import Findings


def mpd(*periods, **more):
    return dash.Mpd(
        **{"profiles": ("urn:p",), "min_buffer_time": Decimal(1), "periods": periods, **more}
    )


def period(start=None, duration=None, **more):
    return dash.Period(
        start=None if start is None else Decimal(start),
        duration=None if duration is None else Decimal(duration),
        **more,
    )


def rules(value):
    findings = Findings()
    dash_rules.check("manifest.mpd", value, findings)
    return {one.rule for one in findings.all()}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (mpd(period(), media_presentation_duration=Decimal(9)), [9]),
        (mpd(period(duration=4), period(duration=5)), [4, 5]),
        (mpd(period(0), period(4), media_presentation_duration=Decimal(9)), [4, 5]),
        (mpd(period(duration=4), period(), media_presentation_duration=Decimal(9)), [4, 5]),
        (mpd(period(), period()), [None, None]),
        (mpd(period(), period(), media_presentation_duration=Decimal(9)), [None, None]),
    ],
)
def test_periods_last_until_the_next_or_the_end(value, seconds):
    assert [dash_rules.period_seconds(value, n) for n in range(len(seconds))] == seconds


def test_the_duration_is_the_sum_of_the_periods():
    assert rules(mpd(period(duration=4), media_presentation_duration=Decimal("4.0005"))) == set()
    assert rules(mpd(period(duration=4), media_presentation_duration=Decimal(5))) == {
        "dash.duration"
    }
    assert rules(mpd(period(0), period(9), media_presentation_duration=Decimal(5))) == {
        "dash.duration"
    }
    assert rules(mpd(period(duration=4))) == set()
    assert rules(mpd(period())) == {"dash.duration"}


def test_a_dynamic_mpd_needs_its_times():
    live = {"type": "dynamic", "availability_start_time": "x", "publish_time": "y"}
    clock = (dash.Descriptor(scheme_id_uri="urn:mpeg:dash:utc:http-iso:2014", value="z"),)
    assert rules(mpd(period(0), utc_timings=clock, **live)) == set()
    assert rules(mpd(period(0), utc_timings=clock, type="dynamic")) == {"dash.dynamic"}


def test_ids_may_come_again_in_another_period():
    one = dash.AdaptationSet(id=1, representations=(dash.Representation(id="a", bandwidth=1),))
    both = mpd(
        period(duration=4, id="x", adaptation_sets=(one,)),
        period(duration=4, id="y", adaptation_sets=(one,)),
    )
    assert rules(both) == set()
    assert rules(mpd(period(duration=4, adaptation_sets=(one, one)))) == {"dash.ids"}
