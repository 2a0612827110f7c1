import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.transcode.geometry import sized_rungs
from matinee.transcode.ladder import built_in

STANDARD = built_in()["standard"].video


def sizes(width: int, height: int) -> list[tuple[str, int, int]]:
    made = sized_rungs(STANDARD, width, height)
    return [(one.name, one.size.width, one.size.height) for one in made]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            (1920, 1080),
            [("1080p", 1920, 1080), ("720p", 1280, 720), ("480p", 854, 480), ("360p", 640, 360),
             ("240p", 426, 240)],
        ),
        ((3840, 2160), [("1080p", 1920, 1080), ("720p", 1280, 720), ("480p", 854, 480),
                        ("360p", 640, 360), ("240p", 426, 240)]),
        # Scope fills the box by its width.
        ((1920, 804), [("1080p", 1920, 804), ("720p", 1280, 536), ("480p", 854, 358),
                       ("360p", 640, 268), ("240p", 426, 178)]),
        ((1080, 1920), [("1080p", 1080, 1920), ("720p", 720, 1280), ("480p", 480, 854),
                        ("360p", 360, 640), ("240p", 240, 426)]),
        # 4:3 fills it by its height.
        ((640, 480), [("480p", 640, 480), ("360p", 480, 360), ("240p", 320, 240)]),
        # Between two rungs: cut down and named for what it is.
        ((1024, 576), [("576p", 1024, 576), ("480p", 854, 480), ("360p", 640, 360),
                       ("240p", 426, 240)]),
        # Hardly above a rung: not worth one of its own.
        ((641, 359), [("360p", 640, 358), ("240p", 426, 238)]),
        ((321, 181), [("180p", 320, 180)]),
        ((1, 1), [("2p", 2, 2)]),
        ((480, 480), [("480p", 480, 480), ("360p", 360, 360), ("240p", 240, 240)]),
    ],
)  # fmt: skip
def test_sizes(source, expected):
    assert sizes(*source) == expected


def test_a_rung_cut_down_has_a_lower_cap():
    made = sized_rungs(STANDARD, 1024, 576)
    assert made[0].rung.name == "720p"
    assert 1_700_000 < made[0].max_rate < 3_200_000
    assert made[1].max_rate == 1_700_000


@given(st.integers(2, 8192), st.integers(2, 8192))
def test_never_larger_always_even_always_one_largest_first(width, height):
    made = sized_rungs(STANDARD, width, height)
    assert made
    for one in made:
        assert one.size.width <= width
        assert one.size.height <= height
        assert one.size.width % 2 == one.size.height % 2 == 0
        assert 50_000 <= one.max_rate <= one.rung.max_rate
    areas = [one.size.area for one in made]
    assert areas == sorted(areas, reverse=True)
    assert len({one.name for one in made}) == len(made)
    rates = [one.max_rate for one in made]
    assert rates == sorted(rates, reverse=True)
