from tests.golden.manifests import cases

from matinee.manifests import audio


def test_a_set_without_surround_is_represented_by_its_stereo():
    p = cases.two_languages()
    groups = audio.groups(p.periods[0].of_kind("audio"))
    assert [one.id for one in groups] == ["audio-aac-stereo", "audio-aac-surround"]
    members = {selection.id: track.id for selection, track in groups[1].members}
    assert members["audio-en"] == "audio-en-surround"
    assert members["audio-de"] == "audio-de-stereo"


def test_two_rates_of_one_kind_are_two_groups():
    pair = [cases.audio("audio-en-high", 256_000), cases.audio("audio-en-low", 64_000)]
    groups = audio.groups((cases.selection("audio-en", pair),))
    assert [one.id for one in groups] == ["audio-aac-stereo", "audio-aac-stereo-2"]
    assert [one.bandwidth for one in groups] == [261_120, 65_280]


def test_codec_families_have_short_names():
    assert audio.codec_family("mp4a.40.2") == "aac"
    assert audio.codec_family("ec-3") == "eac3"
    assert audio.codec_family("Opus") == "opus"
