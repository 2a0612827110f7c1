from fractions import Fraction

from matinee.formats import hls
from matinee.verify.content import Facts, Place
from matinee.verify.findings import Findings
from matinee.verify.hls_multivariant import Stream
from matinee.verify.tracks import Cut, Run, Track


def track(place, size, target=4):
    facts = Facts(size=size, kind="ts")
    cuts = tuple(
        Cut(place=Place(f"{place}{n}"), duration=Fraction(4), name=f"segment {n}", facts=facts)
        for n in range(3)
    )
    return Track(place=place, runs=(Run(header=None, cuts=cuts),), target=target)


def rendition(group, name="English", **more):
    return hls.Rendition(
        **{
            "type": "AUDIO",
            "group_id": group,
            "name": name,
            "language": "en",
            "channels": "2",
            "uri": f"{group}.m3u8",
            **more,
        }
    )


def found(*renditions, tracks=None, **variant):
    variant = {"bandwidth": 3000, "average_bandwidth": 3000, "codecs": "mp4a.40.2", **variant}
    playlist = hls.MultivariantPlaylist(
        independent_segments=True,
        renditions=renditions,
        variants=(hls.Variant(uri="v.m3u8", **variant),),
    )
    tracks = {"v.m3u8": track("v", 1000), "a.m3u8": track("a", 500), **(tracks or {})}
    findings = Findings()
    Stream("master.m3u8", playlist, tracks, findings).check()
    return {one.rule: one for one in findings.all()}


def test_the_bandwidth_of_a_variant_holds_its_largest_audio():
    assert found(rendition("a"), audio="a") == {}
    more = found(rendition("a"), audio="a", bandwidth=2700)
    assert set(more) == {"hls.bandwidth"}
    assert "3000 bit/s measured" in more["hls.bandwidth"].message
    assert more["hls.bandwidth"].severity == "error"


def test_ten_per_cent_are_forgiven_and_too_much_is_a_warning():
    assert found(rendition("a"), audio="a", bandwidth=2728) == {}
    assert found(rendition("a"), audio="a", bandwidth=3333) == {}
    more = found(rendition("a"), audio="a", bandwidth=3334)
    assert more["hls.bandwidth"].severity == "warning"


def test_what_was_not_measured_is_not_judged():
    unread = Track(
        place="v",
        runs=(Run(header=None, cuts=(Cut(place=Place("v"), duration=Fraction(4), name="s"),)),),
        target=4,
    )
    assert found(bandwidth=1, tracks={"v.m3u8": unread}) == {}


def test_groups_of_a_type_offer_the_same():
    same = (rendition("a"), rendition("b"))
    assert found(*same, audio="a") == {}
    assert "hls.group-sets" in found(*same, rendition("b", name="Deutsch"), audio="a")


def test_members_of_a_group_are_well_formed():
    assert "hls.group-members" in found(
        rendition("a", default=True), rendition("a", name="B", default=True), audio="a"
    )
    captions = hls.Rendition(type="CLOSED-CAPTIONS", group_id="c", name="c", uri="x")
    assert "hls.group-members" in found(captions)
    text = hls.Rendition(type="SUBTITLES", group_id="s", name="s", language="en")
    assert "hls.group-members" in found(text)


def test_surround_alone_is_not_stereo():
    assert set(found(rendition("a", channels="6"), audio="a")) == {"hls.stereo"}
