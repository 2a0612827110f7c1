"""Bars, turned and mirrored pictures, pixels that are not square, odd and extreme sizes."""

import msgspec
import pytest
from tests.integration.odd.conftest import LADDER, Room
from tests.media.clips import H264, moving

from matinee.errors import MediaError

pytestmark = pytest.mark.integration
CROPPING = msgspec.structs.replace(LADDER, crop="auto")


def test_black_bars_are_cut_off_by_choice(room: Room) -> None:
    shown = room.show("letterboxed", CROPPING)
    assert shown.size() == (320, 136)
    assert shown.likeness(*moving(size="320x136")) > 0.97
    assert max(map(abs, shown.apart())) < 20
    assert "The black bars are cut off: 320x136 of 320x180 are shown." in shown.notes


def test_black_bars_stay_otherwise_and_are_told(room: Room) -> None:
    shown = room.show("letterboxed")
    assert shown.size() == (320, 180)
    assert 'crop = "auto" in the ladder cuts them off' in shown.notes


def test_bars_of_a_turned_picture_are_at_its_sides(room: Room) -> None:
    shown = room.show("letterboxed-turned", CROPPING)
    assert shown.size() == (136, 320)
    assert shown.likeness(*moving(size="320x136", after="transpose=cclock")) > 0.97


def test_bars_and_pixels_that_are_not_square(room: Room) -> None:
    """540 of 720 pixels of 64:45, so 768 of 1024 square ones, at 360 lines 480."""
    shown = room.show("pillarboxed-anamorphic", CROPPING)
    assert shown.size() == (480, 360)
    assert shown.likeness(*moving(size="540x576"), after="scale=480:360:flags=bicubic") > 0.97


def test_nothing_is_cut_off_a_dark_film(room: Room) -> None:
    shown = room.show("night", CROPPING)
    assert shown.size() == (320, 180)
    assert "black bars" not in shown.notes


_PLAIN = "s=160x90:r=25:d=2"
_GRAPH = (
    f"color=red:{_PLAIN}[a];color=lime:{_PLAIN}[b];[a][b]hstack[t];"
    f"color=blue:{_PLAIN}[c];color=white:{_PLAIN}[d];[c][d]hstack[u];[t][u]vstack"
)
QUARTERS = ("-f", "lavfi", "-i", _GRAPH)
"""Red and green above blue and white."""


def corners(shown) -> str:
    """The colours of the upper left, upper right, lower left and lower right corner."""
    return "".join(
        name_of(shown.colour(x, y)) for y in ("ih/8", "ih*3/4") for x in ("iw/8", "iw*3/4")
    )


def name_of(colour: tuple[int, int, int]) -> str:
    return {
        (True, False, False): "r", (False, True, False): "g",
        (False, False, True): "b", (True, True, True): "w",
    }[colour[0] > 128, colour[1] > 128, colour[2] > 128]  # fmt: skip


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
@pytest.mark.parametrize(
    ("marks", "seen"),
    [
        ((), "rgbw"),
        (("-display_rotation:v:0", "-90"), "brwg"),
        (("-display_rotation:v:0", "90"), "gwrb"),
        (("-display_rotation:v:0", "180"), "wbgr"),
        (("-display_hflip:v:0",), "grwb"),
        (("-display_vflip:v:0",), "bwrg"),
        (("-display_rotation:v:0", "-90", "-display_hflip:v:0"), "rbgw"),
        (("-display_rotation:v:0", "90", "-display_hflip:v:0"), "wgbr"),
    ],
    ids=["upright", "right", "left", "180", "mirror", "flip", "right-mirror", "left-mirror"],
)
def test_every_orientation_is_upright(
    room: Room, marks: tuple[str, ...], seen: str, suffix: str
) -> None:
    flat = room.make("flat.mkv", *QUARTERS, *H264)
    # The marks, and not the pictures, are what is tested; players show them so (`seen`).
    turned = room.make(f"turned.{suffix}", *marks, "-i", str(flat), "-c", "copy")
    shown = room.show(turned)
    sideways = any(mark in marks for mark in ("90", "-90"))
    assert shown.size() == ((180, 320) if sideways else (320, 180))
    assert corners(shown) == seen


@pytest.mark.parametrize(
    ("size", "aspect", "given"),
    [
        ("127x73", "1", (126, 72)),
        ("73x127", "1", (72, 126)),
        ("720x576", "64/45", (640, 360)),
        ("720x576", "16/15", (480, 360)),
        ("720x480", "8/9", (480, 360)),
        ("480x480", "1/2", (240, 480)),
        ("2048x64", "1", (640, 20)),
    ],
)
def test_sizes_and_pixel_shapes(room: Room, size: str, aspect: str, given: tuple[int, int]) -> None:
    film = room.make(
        "film.mkv", *moving(size=size, seconds=1, after=f"setsar={aspect}"), "-c:v", "ffv1"
    )
    shown = room.show(film)
    assert shown.size() == given
    scaled = f"scale={given[0]}:{given[1]}:flags=bicubic"
    assert shown.likeness(*moving(size=size, seconds=1), after=scaled) > 0.95


@pytest.mark.parametrize("size", ["8x8", "2048x8", "8200x16"])
def test_sizes_beyond_reason_are_refused(room: Room, size: str) -> None:
    film = room.make("film.mkv", *moving(size=size, seconds=0.5, after="null"), "-c:v", "ffv1")
    with pytest.raises(MediaError) as refusal:
        room.show(film)
    assert refusal.value.code == "absurd-dimensions"


def test_alpha_is_laid_over_nothing(room: Room) -> None:
    """Transparency is dropped: the colours below it are shown."""
    shown = room.show("alpha")
    assert shown.likeness(*moving()) > 0.97
    assert max(map(abs, shown.apart())) < 20
