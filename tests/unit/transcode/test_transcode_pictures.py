import random

from matinee.transcode.pictures import GREY_BYTES, best_place, score

_DICE = random.Random(1)  # noqa: S311 - a repeatable picture
GOOD = bytes(_DICE.randrange(30, 220) for _ in range(GREY_BYTES))
BLACK = bytes(GREY_BYTES)
WHITE = bytes([255]) * GREY_BYTES
FLAT = bytes([128]) * GREY_BYTES
TITLE = bytes(235 if place % 97 == 0 else 16 for place in range(GREY_BYTES))


def test_dark_bright_flat_and_titles_are_poor():
    for poor in (BLACK, WHITE, FLAT, TITLE):
        assert score(poor) < 0.5
    assert score(GOOD) > 1


def test_the_best_of_the_early_stretch_wins():
    film = [BLACK] * 4 + [TITLE, FLAT, GOOD] + [FLAT] * 10 + [GOOD] * 3
    assert best_place(film) == 6


def test_a_poor_stretch_is_left_for_the_whole_film():
    assert best_place([FLAT] * 18 + [GOOD] + [FLAT]) == 18


def test_very_short_films():
    assert best_place([BLACK]) == 0
    assert best_place([BLACK, GOOD]) == 1
