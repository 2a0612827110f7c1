from fractions import Fraction

import pytest
from msgspec.structs import replace

from matinee.formats.isobmff import FragmentInfo, InitInfo, InitTrack
from matinee.model.progress import Control
from matinee.verify import VerifyOptions, cmaf
from matinee.verify.content import Content, Facts, Header, Place
from matinee.verify.findings import Findings
from matinee.verify.reader import FolderReader
from matinee.verify.tracks import Cut, Run, Track

VIDEO = InitTrack(id=1, handler="vide", timescale=10, codec="avc1.64000c", format="avc1")
SOUND = InitTrack(id=2, handler="soun", timescale=100, codec="mp4a.40.2", format="mp4a")
FRAGMENT = FragmentInfo(
    offset=0, size=100, data_size=50, track_id=1, sequence_number=1, decode_time=0, duration=20,
    earliest_presentation_time=0, samples=20, starts_with_sync=True, sync_samples=1,
    samples_size=50, first_sample_end=120, consistent=True,
)  # fmt: skip


def header(*tracks, brands=("cmfc",), fragmented=True):
    info = InitInfo(brands=brands, tracks=tracks or (VIDEO,), fragmented=fragmented, size=0)
    return Header(place=Place("v.mp4"), data=b"", info=info)


def run(*fragments, head=None):
    cuts = tuple(
        Cut(
            place=Place(f"{number}.m4s"),
            duration=Fraction(2),
            name=f"segment {number}",
            facts=Facts(size=100, kind="fmp4", fragments=(one,) if one else ()),
        )
        for number, one in enumerate(fragments)
    )
    return Run(header=head or header(), cuts=cuts)


def at(time, **more):
    return replace(FRAGMENT, decode_time=time, **more)


@pytest.fixture
def rules(tmp_path):
    def check(one):
        findings = Findings()
        content = Content(FolderReader(tmp_path), findings, VerifyOptions(), Control())
        cmaf.check_run(one, "v.m3u8", content)
        return {found.rule: found.severity for found in findings.all()}

    return check


def test_a_continuous_run_breaks_no_rule(rules):
    assert rules(run(at(0), at(20), at(40))) == {}


def test_a_file_of_two_tracks_is_no_cmaf(rules):
    two = header(VIDEO, SOUND)
    assert rules(run(at(0), head=two)) == {"cmaf.one-track": "error"}
    foreign = header(VIDEO, SOUND, brands=("iso5",))
    # Legal as HLS: said, but no error.
    found = rules(run(at(0), head=foreign))
    assert found == {"cmaf.one-track": "warning", "cmaf.brands": "warning"}


def test_gaps_and_overlaps_are_told_apart(rules):
    assert "cmaf.decode-time-continuous" in rules(run(at(0), at(21)))
    assert "cmaf.decode-time-continuous" in rules(run(at(0), at(19)))


def test_only_the_first_track_of_muxed_segments_is_followed(rules):
    muxed = header(VIDEO, SOUND, brands=("iso5",))
    pair = (at(0), at(0, track_id=2, duration=200), at(20), at(200, track_id=2, duration=200))
    cuts = tuple(
        replace(one, facts=replace(one.facts, fragments=pair[n * 2 : n * 2 + 2]))
        for n, one in enumerate(run(at(0), at(0)).cuts)
    )
    found = rules(Run(header=muxed, cuts=cuts))
    assert "cmaf.decode-time-continuous" not in found
    # Two fragments of one moof share its mdat.
    assert "cmaf.data" in found


def test_after_a_hole_nothing_is_expected(rules):
    with_hole = run(at(0), None, at(777))
    assert set(rules(with_hole)) == {"cmaf.fragments"}


def track(*starts, place="v"):
    fragments = [at(start) for start in starts]
    return Track(place=place, runs=(run(*fragments),), target=2)


def test_boundaries_are_compared_in_media_time():
    one, other = track(0, 20, 40), track(0, 21, 40, place="w")
    assert cmaf.boundaries_differ(one, one, Fraction(1, 50)) == ""
    assert "segment 2 begins at 2.000 s, in w at 2.100 s" in cmaf.boundaries_differ(
        one, other, Fraction(1, 50)
    )
    assert "3 segments, w has 2" in cmaf.boundaries_differ(
        one, track(0, 20, place="w"), Fraction(1, 50)
    )


def test_boundaries_fall_back_on_what_is_listed():
    unread = Track(
        place="x",
        runs=(Run(header=None, cuts=tuple(replace(c, facts=None) for c in run(at(0)).cuts)),),
        target=2,
    )
    assert cmaf.boundaries_differ(track(500), unread, Fraction(1, 50)) == ""
