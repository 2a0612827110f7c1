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


def test_a_first_picture_a_little_late_cuts_the_sound(sources):
    film = sources.film([sources.video(start=1.48)], [sources.audio(start=1.458667)], "mpegts")
    made = plan(film, STANDARD)
    assert (made.video.late, made.video.moved) == (0.0, -0.021333)
    assert {one.moved for one in made.audio} == {-0.021333}


def test_a_first_picture_far_behind_waits_for_a_whole_frame_with_its_sound(sources):
    film = sources.film([sources.video(start=1.33)], [sources.audio()])
    made = plan(film, STANDARD)
    assert made.video.late == pytest.approx(32 / 24)
    assert made.audio[0].moved == made.video.moved == pytest.approx(32 / 24 - 1.33, abs=1e-6)


def test_nothing_moves_beside_what_is_copied(sources):
    film = sources.film([sources.video(start=0.03, codec="vp9")], [sources.audio()])
    made = plan(film, SOURCE)
    assert (made.video.moved, made.audio[0].copy, made.audio[0].moved) == (0.0, True, 0.0)
    film = sources.film([sources.video(start=0.03)], [sources.audio(codec="ac3")])
    made = plan(film, SOURCE)
    assert (made.video.copy, made.audio[0].copy, made.audio[0].moved) == (True, False, 0.0)


def test_an_encoders_delay_before_zero_is_not_the_films_start(sources):
    made = plan(sources.film([sources.video()], [sources.audio(start=-0.007)]), STANDARD)
    assert made.video.moved == 0.0


def test_copied_tracks_keep_their_level(sources):
    ladder = msgspec.structs.replace(SOURCE, loudness=-23.0)
    made = plan(sources.film([], [sources.audio(channels=6)]), ladder).audio
    assert [(one.copy, one.loudness) for one in made] == [(True, None), (False, -23.0)]
