import msgspec
import pytest

from matinee.transcode.ladder import built_in
from matinee.transcode.plan import plan

STANDARD = built_in()["standard"]
SOURCE = built_in()["source"]
HIGH = built_in()["high"]


def test_every_audio_track_is_a_language_of_its_own(sources):
    tracks = [
        sources.audio(1, language="en"),
        sources.audio(2, language="fr", default=True, label="Français"),
        sources.audio(3, language="en", roles=("commentary",), label="Director"),
        sources.audio(4, channels=1),
        sources.audio(5, language="fr"),
    ]
    made = plan(sources.film([sources.video()], tracks), STANDARD).audio
    assert [(one.name, one.language, one.default, one.roles) for one in made] == [
        ("stereo", "en", False, ("dub",)),
        ("stereo", "fr", True, ("main",)),
        ("stereo-2", "en", False, ("commentary",)),
        ("stereo", None, False, ("alternate",)),
        ("stereo-2", "fr", False, ("alternate",)),
    ]
    assert [one.label for one in made] == [None, "Français", "Director", None, None]
    assert [one.track_index for one in made] == [0, 1, 2, 3, 4]
    assert all(one.channels == 2 for one in made)


def test_the_default_is_never_a_commentary_if_it_can_be_helped(sources):
    commentary = sources.audio(1, language="en", roles=("commentary",), default=True)
    plain = sources.audio(2, language="en")
    made = plan(sources.film([], [commentary, plain]), STANDARD).audio
    assert [one.default for one in made] == [True, False]  # the source's flag is obeyed
    unflagged = msgspec.structs.replace(commentary, default=False)
    made = plan(sources.film([], [unflagged, plain]), STANDARD).audio
    assert [one.default for one in made] == [False, True]
    made = plan(sources.film([], [unflagged]), STANDARD).audio
    assert made[0].default


def test_surround_only_where_the_source_has_it(sources):
    tracks = [sources.audio(1, channels=6, language="en"), sources.audio(2, channels=2)]
    made = plan(sources.film([], tracks), HIGH).audio
    assert [(one.name, one.channels, one.track_index) for one in made] == [
        ("stereo", 2, 0), ("surround", 6, 0), ("stereo", 2, 1),
    ]  # fmt: skip


def test_copied_surround_has_stereo_beside_it(sources):
    made = plan(sources.film([], [sources.audio(channels=6)]), SOURCE).audio
    assert [(one.name, one.channels, one.copy) for one in made] == [
        ("surround", 6, True), ("stereo", 2, False),
    ]  # fmt: skip
    made = plan(sources.film([], [sources.audio(channels=1)]), SOURCE).audio
    assert [(one.name, one.copy) for one in made] == [("mono", True), ("stereo", False)]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"codec": "ac3", "profile": None}, "it is ac3, not AAC-LC"),
        ({"profile": "HE-AAC"}, "it is aac HE-AAC, not AAC-LC"),
        ({"channels": 4}, "it has 4 channels"),
        ({"start": 0.2}, "it starts 0.20 s late"),
    ],
)
def test_incompatible_audio_is_encoded_and_that_is_said(sources, change, why):
    made = plan(sources.film([sources.video()], [sources.audio(**change)]), SOURCE)
    assert [one.copy for one in made.audio] == [False]
    assert made.notes == (f"Audio track 1 is encoded, not copied: {why}.",)
