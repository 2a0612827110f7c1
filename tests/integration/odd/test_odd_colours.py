"""Known colours in every matrix, range, depth and chroma, as a player converts what comes out."""

from fractions import Fraction

import pytest
from tests.integration.odd.conftest import LADDER, Room, Shown

from matinee.model.ladder import Ladder

pytestmark = pytest.mark.integration

PATCHES = {"red": (200, 30, 40), "green": (40, 180, 60), "blue": (30, 50, 190),
           "skin": (220, 170, 140), "grey": (128, 128, 128), "dark": (20, 20, 20),
           "light": (240, 240, 240), "cyan": (40, 190, 200)}  # fmt: skip


def patches(size: str = "160x180") -> tuple[str, ...]:
    """Eight patches in two rows of four, in full RGB."""
    width, height = (int(one) for one in size.split("x"))
    one = f"s={width}x{height}:r=25:d=1"
    colours = [f"0x{r:02x}{g:02x}{b:02x}" for r, g, b in PATCHES.values()]
    links = "".join(f"color={colour}:{one},format=gbrp[p{n}];" for n, colour in enumerate(colours))
    rows = "[p0][p1][p2][p3]hstack=4[t];[p4][p5][p6][p7]hstack=4[b];[t][b]vstack,format=gbrp"
    return ("-f", "lavfi", "-i", links + rows)


def assert_right(shown: Shown, ladder: Ladder = LADDER, tolerance: int = 5) -> None:
    assert shown.info.video
    for number, (name, wanted) in enumerate(PATCHES.items()):
        x, y = Fraction(number % 4 * 2 + 1, 8), Fraction(number // 4 * 2 + 1, 4)
        seen = shown.colour(f"iw*{x}-4", f"ih*{y}-4")
        assert max(abs(a - b) for a, b in zip(seen, wanted, strict=True)) <= tolerance, (name, seen)


SD, HD = "160x180", "320x360"
MATRICES = {
    "bt601": ("smpte170m", ("smpte170m", "smpte170m", "smpte170m")),
    "bt709": ("bt709", ("bt709", "bt709", "bt709")),
}


@pytest.mark.parametrize("pixels", ["yuv420p", "yuv422p10le", "yuv444p", "yuv444p12le"])
@pytest.mark.parametrize("span", ["tv", "pc"])
@pytest.mark.parametrize("matrix", MATRICES)
def test_matrix_range_depth_and_chroma(room: Room, matrix: str, span: str, pixels: str) -> None:
    name, marks = MATRICES[matrix]
    film = room.make(
        "film.mkv", *patches(),
        "-vf", f"scale=out_color_matrix={name}:out_range={span}:flags=accurate_rnd,format={pixels}",
        "-c:v", "ffv1", "-color_range", span, "-colorspace", marks[0],
        "-color_primaries", marks[1], "-color_trc", marks[2],
    )  # fmt: skip
    assert_right(room.show(film))


@pytest.mark.parametrize(("size", "matrix"), [(SD, "smpte170m"), (HD, "bt709")], ids=["sd", "hd"])
def test_what_is_not_said_is_taken_by_size(room: Room, size: str, matrix: str) -> None:
    film = room.make(
        "film.avi", *patches(size), "-vf", f"scale=out_color_matrix={matrix},format=yuv420p",
        "-c:v", "rawvideo",
    )  # fmt: skip
    assert_right(room.show(film))


@pytest.mark.parametrize("pixels", ["gbrp", "rgb24", "gbrp10le"])
def test_rgb(room: Room, pixels: str) -> None:
    film = room.make("film.mkv", *patches(), "-pix_fmt", pixels, "-c:v", "ffv1")
    assert_right(room.show(film))


def test_motion_jpeg_has_full_range(room: Room) -> None:
    film = room.make("film.avi", *patches(), "-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj422p")
    assert_right(room.show(film))


def test_grey_stays_grey(room: Room) -> None:
    film = room.make(
        "film.mkv", "-f", "lavfi", "-i", "color=0x808080:s=320x180:r=25:d=1,format=gray",
        "-c:v", "ffv1", "-pix_fmt", "gray",
    )  # fmt: skip
    assert room.show(film).colour("iw/2", "ih/2") == pytest.approx((128, 128, 128), abs=4)


def test_bt2020_becomes_bt709(room: Room) -> None:
    """Wide gamut at SDR: colours inside BT.709 come out as they were."""
    film = room.make(
        "film.mkv", *patches(),
        "-vf", "zscale=pin=bt709:tin=bt709:min=gbr:p=bt2020:t=bt2020-10:m=bt2020nc:r=tv,"
        "format=yuv422p10le",
        "-c:v", "ffv1", "-colorspace", "bt2020nc", "-color_primaries", "bt2020",
        "-color_trc", "bt2020-10", "-color_range", "tv",
    )  # fmt: skip
    assert_right(room.show(film), tolerance=8)
