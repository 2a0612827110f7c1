import pytest

from matinee.model.media import Colour
from matinee.model.presentation import Track
from matinee.model.rendition import Rendition
from matinee.packager.presentation import Packaged, TrickPlay, selection_sets


def track(track_id: str, kind: str, codec: str, bandwidth: int = 1, **more: object) -> Track:
    return Track(
        id=track_id, kind=kind, codec=codec, mime_type=f"{kind}/mp4", timescale=1,
        bandwidth=bandwidth, average_bandwidth=bandwidth, **more,
    )  # fmt: skip


def packaged(track_id: str, kind: str, codec: str, bandwidth: int = 1, **rendition: object):
    channels, colour = rendition.pop("channels", None), rendition.pop("colour", None)
    return Packaged(
        Rendition(key="k", kind=kind, name=track_id, **rendition),
        track(track_id, kind, codec, bandwidth, channels=channels, colour=colour),
    )


def audio(name: str, codec: str = "mp4a.40.2", **rendition: object):
    return packaged(name, "audio", codec, **rendition)


def test_one_switching_set_a_codec_best_first_and_trick_play_beside():
    rungs = [
        packaged("low", "video", "avc1.64001e", 100),
        packaged("high", "video", "avc1.640028", 900),
        packaged("new", "video", "hvc1.1.6.L93.90", 500),
    ]
    trick = TrickPlay(track("trick-low", "video", "avc1.64001e"), "low")
    (video,) = selection_sets(rungs, trick, None)
    first, second, third = video.switching_sets
    assert [one.id for one in first.tracks] == ["high", "low"]
    assert (second.trick_play_of, second.tracks[0].id) == (first.id, "trick-low")
    assert [one.id for one in third.tracks] == ["new"]
    assert video.default
    assert len({one.id for one in video.switching_sets}) == 3


def test_codec_and_dynamic_range_and_depth_make_switching_sets():
    pq = Colour(video_range="PQ", bit_depth=10)
    rungs = [
        packaged("a", "video", "avc1.640028", 900),
        packaged("b", "video", "hvc1.2.4.L93.90", 800, colour=pq),
        packaged("c", "video", "hvc1.1.6.L93.90", 700),
        packaged("d", "video", "av01.0.04M.10", 600, colour=pq),
        packaged("e", "video", "hvc1.2.4.L63.90", 500, colour=pq),
        packaged("f", "video", "hvc1.2.4.L63.90", 400, colour=Colour(bit_depth=10)),
    ]
    (video,) = selection_sets(rungs, None, None)
    assert {one.id: [track.id for track in one.tracks] for one in video.switching_sets} == {
        "video-h264": ["a"],
        "video-hevc-pq": ["b", "e"],
        "video-hevc": ["c"],
        "video-av1-pq": ["d"],
        "video-hevc-2": ["f"],
    }


def test_each_language_is_a_set_and_one_is_the_default():
    sets = selection_sets(
        [
            audio("a", language="en", source_index=1),
            audio("b", "ec-3", language="en", source_index=1, channels=6),
            audio("c", language="de", source_index=2),
        ],
        None,
        None,
    )
    assert [(one.language, one.label, one.default, one.roles) for one in sets] == [
        ("en", "English", True, ("main",)),
        ("de", "German", False, ("alternate",)),
    ]
    assert len(sets[0].switching_sets) == 2


@pytest.mark.parametrize(
    ("roles", "default"),
    [
        ([("commentary",), ()], 1),
        ([("description",), ("commentary",)], 0),
        ([(), ("commentary",)], 0),
    ],
)
def test_commentary_is_not_heard_unasked(roles, default):
    renditions = [
        audio(str(n), language="en", source_index=n, roles=one) for n, one in enumerate(roles)
    ]
    sets = selection_sets(renditions, None, None)
    assert [one.default for one in sets].index(True) == default
    assert sum(one.default for one in sets) == 1


def test_the_marked_one_is_the_default_and_only_one_is():
    renditions = [audio(str(n), source_index=n, default=n > 0) for n in range(3)]
    assert [one.default for one in selection_sets(renditions, None, None)] == [False, True, False]


def test_labels_are_unique_and_say_the_role():
    sets = selection_sets(
        [
            audio("a", language="en", source_index=1),
            audio("b", language="en", source_index=2, roles=("commentary",)),
            audio("c", language="en", source_index=3),
            audio("d", language="en", source_index=4, label="English"),
        ],
        None,
        None,
    )
    assert [one.label for one in sets] == [
        "English", "English (commentary)", "English 2", "English 3",
    ]  # fmt: skip
    assert len({one.id for one in sets}) == 4


def test_text_sets():
    sets = selection_sets(
        [
            packaged("a", "text", "wvtt", language="en", roles=("caption",), default=True),
            packaged("b", "text", "wvtt", language="de", roles=("forced-subtitle",)),
            packaged("c", "text", "wvtt", language="fr"),
        ],
        None,
        None,
    )
    assert [one.label for one in sets] == ["English (CC)", "German (forced)", "French"]
    assert [one.accessibility for one in sets] == [("caption",), (), ()]
    assert [one.forced for one in sets] == [False, True, False]
    assert [one.default for one in sets] == [True, False, False]
    assert sets[2].roles == ("subtitle",)


def test_a_description_is_told_as_such():
    (found,) = selection_sets([audio("a", roles=("description",))], None, None)
    assert found.accessibility == ("description",)


def test_angles_are_sets_of_their_own_and_thumbnails_come_last():
    sets = selection_sets(
        [
            packaged("a", "video", "avc1.64001e", source_index=0),
            packaged("b", "video", "avc1.64001e", source_index=3),
        ],
        None,
        track("thumbnails", "image", "jpeg"),
    )
    assert [one.kind for one in sets] == ["video", "video", "image"]
    assert [one.default for one in sets] == [True, False, False]
