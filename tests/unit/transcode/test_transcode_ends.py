import msgspec
import pytest

from matinee.transcode.audio_arguments import audio_chain
from matinee.transcode.ends import shortfalls
from matinee.transcode.filters import video_graph
from matinee.transcode.ladder import built_in
from matinee.transcode.plan import plan

STANDARD = built_in()["standard"]


def lasting(track, seconds, start=0.0):
    return msgspec.structs.replace(track, duration=seconds, start=start)


def test_each_is_short_of_the_longest(sources):
    picture = lasting(sources.video(index=0), 3.0, start=0.7)
    sound = lasting(sources.audio(index=1), 5.0)
    told_nothing = lasting(sources.audio(index=2), None)
    rounded = lasting(sources.audio(index=3), 4.95)
    assert shortfalls([picture, sound, told_nothing, rounded]) == {0: 1.3}
    assert shortfalls([]) == {}


@pytest.mark.parametrize(("pictures", "sounds"), [(2.0, 5.0), (5.0, 2.0), (5.0, 5.05)])
def test_the_shorter_is_lengthened(sources, pictures, sounds):
    film = sources.film(
        [lasting(sources.video(index=0), pictures)], [lasting(sources.audio(index=1), sounds)]
    )
    made = plan(film, STANDARD)
    graph, chain = video_graph(made.video), audio_chain(made.audio[0])
    assert ("tpad=stop_mode=clone:stop_duration=3," in graph) == (pictures == 2.0)
    assert chain.endswith(",apad=pad_dur=3") == (sounds == 2.0)
    told = [note for note in made.notes if "held" in note or "silence" in note]
    assert len(told) == (pictures != 5.0 or sounds == 2.0)


def test_what_is_copied_stays(sources):
    film = sources.film(
        [lasting(sources.video(index=0), 5.0)], [lasting(sources.audio(index=1), 2.0)]
    )
    made = plan(film, built_in()["source"])
    assert made.audio[0].copy
    assert made.audio[0].silence == 0
    assert not any("silence" in note for note in made.notes)
