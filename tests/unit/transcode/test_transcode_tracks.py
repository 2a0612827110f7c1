import pytest

from matinee.transcode.tracks import (
    default_audio,
    film_start,
    may_change,
    roles_of,
    why_not_copied_audio,
)


def test_the_film_starts_with_its_first_track(sources):
    film = sources.film([sources.video(start=1.5)], [sources.audio(start=1.4)])
    assert film_start(film) == 1.4


@pytest.mark.parametrize(("container", "start"), [("matroska", 0.0), ("mpegts", -3.02)])
def test_only_a_clock_that_starts_again_is_before_zero(sources, container, start):
    tracks = [sources.video(start=-3.0)], [sources.audio(start=-3.02)]
    assert film_start(sources.film(*tracks, container=container)) == start


@pytest.mark.parametrize("profile", ["LC", "AAC LC", "Low Complexity"])
def test_every_way_to_write_low_complexity(sources, profile):
    assert why_not_copied_audio(sources.audio(profile=profile), "mp4", 0.0) == ""


def test_containers_that_are_not_repackaged(sources):
    assert why_not_copied_audio(sources.audio(), "avi", 0.0) == "avi cannot be repackaged"


def test_sound_that_changes_is_not_copied(sources):
    assert "changes" in why_not_copied_audio(sources.audio(changes=True), "mpegts", 0.0)


@pytest.mark.parametrize(
    ("codec", "container", "may"),
    [("ac3", "mp4", True), ("mp2", "mpeg", True), ("aac", "mpegts", True), ("aac", "aac", True),
     ("aac", "mp4", False), ("aac", "matroska", False), ("pcm_s16le", "mpegts", False)],
)  # fmt: skip
def test_what_tells_its_format_in_every_frame_may_change_it(sources, codec, container, may):
    assert may_change(sources.audio(codec=codec), container) is may


@pytest.mark.parametrize(
    ("tracks", "place"),
    [
        ([{}, {}], 0),
        ([{}, {"default": True}], 1),
        ([{"roles": ("description",)}, {}], 1),
        ([{"default": True, "roles": ("commentary",)}, {"default": True}], 1),
        ([{"default": True, "roles": ("commentary",)}, {}], 0),
        ([{"roles": ("commentary",)}, {"roles": ("description",)}], 0),
        ([], 0),
    ],
)
def test_default_track(sources, tracks, place):
    assert default_audio(tuple(sources.audio(**facts) for facts in tracks)) == place


def test_roles(sources):
    first = sources.audio(language="en")
    assert roles_of(first, chosen=True, first=first) == ("main",)
    assert roles_of(sources.audio(language="de"), chosen=False, first=first) == ("dub",)
    assert roles_of(sources.audio(language="en"), chosen=False, first=first) == ("alternate",)
    assert roles_of(sources.audio(), chosen=False, first=first) == ("alternate",)
    told = sources.audio(roles=("commentary",))
    assert roles_of(told, chosen=True, first=first) == ("commentary",)
