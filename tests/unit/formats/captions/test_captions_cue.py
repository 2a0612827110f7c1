"""Cues and the bounds of any subtitle file."""

from fractions import Fraction

import pytest

from matinee.errors import MediaError
from matinee.formats.captions.cue import (
    MAX_BYTES,
    MAX_SECONDS,
    Cue,
    bad,
    check_size,
    milliseconds,
    ordered,
)


def cue(start: int, end: int, payload: str = "x") -> Cue:
    return Cue(start=Fraction(start), end=Fraction(end), payload=payload)


def test_only_cues_that_can_be_shown_are_kept_by_start() -> None:
    given = [cue(5, 6), cue(1, 2), cue(3, 3), cue(4, 3), cue(-1, 2), cue(7, 8, "")]
    beyond = cue(MAX_SECONDS, MAX_SECONDS + 1)
    assert ordered([*given, beyond]) == (cue(1, 2), cue(5, 6))


def test_equal_starts_keep_their_order() -> None:
    assert [one.payload for one in ordered([cue(1, 9, "a"), cue(1, 2, "b")])] == ["a", "b"]


def test_times_are_rounded_to_milliseconds() -> None:
    assert milliseconds(Fraction(1, 3)) == Fraction(333, 1000)


def test_size_is_bounded() -> None:
    check_size(MAX_BYTES)
    with pytest.raises(MediaError) as caught:
        check_size(MAX_BYTES + 1)
    assert caught.value.code == bad("").code == "bad-subtitles"
