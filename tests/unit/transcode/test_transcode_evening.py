"""Where the graphs of sound take it from."""

import msgspec

from matinee.transcode.audio_plan import audio_outputs
from matinee.transcode.evening import feeds_of
from matinee.transcode.ladder import built_in
from matinee.transcode.order import Order, pieces_of
from matinee.transcode.plan import plan


def test_each_track_that_may_change_is_an_output_of_its_own_that_is_decoded_again(sources):
    film = sources.film(
        [], [sources.audio(1), sources.audio(2, codec="ac3"), sources.audio(3, codec="mp2")]
    )
    ladder = msgspec.structs.replace(built_in()["fast"], copy_audio=False)
    outputs = [(place + 5, one) for place, one in enumerate(audio_outputs(film, ladder, []))]
    feeds = feeds_of(outputs)
    assert feeds.links == {5: "[0:1]", 6: "[dec:0]", 7: "[dec:1]"}
    told = list(feeds.arguments)
    assert [told[n + 1] for n, word in enumerate(told) if word == "-map"] == ["0:2", "0:3"]
    assert [told[n + 1] for n, word in enumerate(told) if word == "-dec"] == ["0:0", "1:0"]
    assert feeds_of([]).arguments == ()


def test_such_sound_is_made_apart_from_pictures_that_are_made_in_one_piece(sources):
    def kinds(*tracks, pictures=True):
        film = sources.film([sources.video()] if pictures else [], tracks, duration=10.0)
        chosen = plan(film, built_in()["fast"])
        return [
            (piece.number, piece.kind)
            for piece in pieces_of(
                Order(plan=chosen, source_key="", folder="", cores=2, segment_seconds=4.0)
            )
        ]

    assert kinds(sources.audio(1)) == [(0, "whole")]
    assert kinds(sources.audio(1, codec="ac3")) == [(0, "sound"), (1, "whole")]
    assert kinds(sources.audio(1, codec="ac3"), pictures=False) == [(0, "whole")]
