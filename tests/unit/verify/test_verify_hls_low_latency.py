from decimal import Decimal

import pytest

from matinee.formats import hls
from matinee.verify import hls_low_latency
from matinee.verify.findings import Findings

GOOD = """#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:4
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=3.0,CAN-SKIP-UNTIL=24,HOLD-BACK=12
#EXT-X-PART-INF:PART-TARGET=1.0
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-MAP:URI="i.mp4"
#EXTINF:4,
7.mp4
#EXT-X-PART:DURATION=1.0,URI="8.0.mp4",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.9,URI="8.1.mp4"
#EXT-X-PART:DURATION=0.1,URI="8.2.mp4"
#EXTINF:2,
8.mp4
#EXT-X-PART:DURATION=1.0,URI="9.0.mp4"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="9.1.mp4"
#EXT-X-RENDITION-REPORT:URI="audio.m3u8",LAST-MSN=9,LAST-PART=0
"""


def rules(text, others=1):
    findings = Findings()
    playlist = hls.parse(text)
    assert isinstance(playlist, hls.MediaPlaylist)
    hls_low_latency.check("v.m3u8", playlist, others, findings)
    return {one.rule for one in findings.all()}


def test_a_good_playlist_breaks_no_rule():
    assert rules(GOOD) == set()


def test_a_playlist_without_parts_is_not_judged():
    playlist = hls.MediaPlaylist(
        target_duration=4, segments=(hls.Segment(uri="a", duration=Decimal(4)),)
    )
    assert rules(hls.render(playlist), others=5) == set()


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("PART-HOLD-BACK=3.0", "PART-HOLD-BACK=2.9", "llhls.part-hold-back-three"),
        ("PART-HOLD-BACK=3.0", "PART-HOLD-BACK=1.9", "llhls.part-hold-back"),
        ("DURATION=0.9", "DURATION=0.84", "llhls.short-part"),
        ("DURATION=0.9", "DURATION=1.01", "llhls.part-target"),
        ("CAN-SKIP-UNTIL=24", "CAN-SKIP-UNTIL=23.9", "llhls.skip"),
        ("HOLD-BACK=12", "HOLD-BACK=11.9", "llhls.hold-back"),
        ("TYPE=PART", "TYPE=MAP", "llhls.preload-hint"),
        ("#EXT-X-PART-INF:PART-TARGET=1.0\n", "", "llhls.part-information"),
    ],
)
def test_each_limit_is_at_its_number(before, after, rule):
    assert rules(GOOD.replace(before, after)) == {rule}


def test_every_other_rendition_is_to_be_reported():
    assert rules(GOOD, others=2) == {"llhls.rendition-reports"}
