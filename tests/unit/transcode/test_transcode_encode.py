import pytest

from matinee.errors import MediaError, UpstreamError
from matinee.toolchain.run import Completed, ProcessError
from matinee.transcode.encode import renditions
from matinee.transcode.ladder import built_in
from matinee.transcode.making import failure, limits_of
from matinee.transcode.plan import plan

STANDARD = built_in()["standard"]
SOURCE = built_in()["source"]


def ended(stderr: str, reason="exit") -> ProcessError:
    completed = Completed(
        returncode=1, stdout=b"", stderr=stderr, cpu_seconds=0, peak_memory=0, wall_seconds=0
    )
    return ProcessError("ffmpeg", reason, completed)


def test_renditions_say_where_what_is(sources):
    film = sources.film([sources.video()], [sources.audio(1, language="en", label="English")])
    made = renditions(plan(film, STANDARD), "in/film.mp4", "work")
    assert [one.key for one in made] == [
        "work/video-720p.mp4", "work/video-480p.mp4", "work/video-360p.mp4",
        "work/video-240p.mp4", "work/audio-0-stereo.mp4",
    ]  # fmt: skip
    assert {one.source_index for one in made if one.kind == "video"} == {0}
    assert all(one.colour.matrix == "bt709" for one in made if one.kind == "video")
    audio = made[-1]
    assert (audio.language, audio.label, audio.channels, audio.source_index) == (
        "en", "English", 2, 1,
    )  # fmt: skip


def test_copied_tracks_of_an_mp4_stay_where_they_are(sources):
    film = sources.film(
        [sources.video(320, 180), sources.video(1280, 720, index=1)],
        [sources.audio(2), sources.audio(3, language="fr")],
    )
    made = renditions(plan(film, SOURCE), "in/film.mp4", "work")
    assert [(one.key, one.kind, one.track_index) for one in made] == [
        ("in/film.mp4", "video", 1), ("in/film.mp4", "audio", 0), ("in/film.mp4", "audio", 1),
    ]  # fmt: skip
    assert made[0].name == "720p"


def test_copied_tracks_of_other_containers_get_files(sources):
    film = sources.film([sources.video()], [sources.audio()], container="matroska")
    made = renditions(plan(film, SOURCE), "in/film.mkv", "work")
    assert [(one.key, one.track_index) for one in made] == [
        ("work/video-source.mp4", 0), ("work/audio-0-stereo.mp4", 0),
    ]  # fmt: skip


def test_limits_grow_with_the_film_and_are_always_there(sources):
    short = limits_of(plan(sources.film([sources.video()], duration=10.0), STANDARD))
    long = limits_of(plan(sources.film([sources.video()], duration=10_000.0), STANDARD))
    assert long.wall_seconds > short.wall_seconds > 900
    assert long.file_bytes > short.file_bytes > 64 << 20
    assert long.memory_bytes == short.memory_bytes
    large = limits_of(plan(sources.film([sources.video(7680, 4320)]), STANDARD))
    assert large.memory_bytes > short.memory_bytes
    sound = limits_of(plan(sources.film([], [sources.audio()]), STANDARD))
    assert None not in (sound.wall_seconds, sound.stall_seconds, sound.memory_bytes)


@pytest.mark.parametrize(
    ("said", "kind", "code"),
    [
        ("av_interleaved_write_frame(): No space left on device", UpstreamError, "disk-full"),
        ("Decoding requested, but no decoder found for: none", MediaError, "unsupported-codec"),
        ("Error: Invalid data found when processing input", MediaError, "damaged"),
    ],
)
def test_failures_are_told_by_who_must_act(said, kind, code):
    found = failure(ended(said))
    assert type(found) is kind
    assert found.code == code


def test_a_limit_that_was_hit_is_not_the_films_fault():
    assert failure(ended("Invalid data found when processing input", "timeout")) is None


def test_words_that_nobody_knows_stay_as_they_are():
    assert failure(ended("what is this")) is None
