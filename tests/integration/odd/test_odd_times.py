"""Joined recordings, jumping clocks, gaps, edits: time stays right, or the film is refused."""

import pytest
from tests.integration.odd.conftest import Room
from tests.media.clips import H264, beeping, moving

from matinee.errors import MediaError

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("joined", 12), ("joined-mkv", 12), ("joined-from-zero", 12), ("joined-rates", 8),
        ("gap", 12),
        ("raw-avi", 6), ("cut", 4.4), ("cut-between-frames", 4.4),
        ("negative-times", 4.5), ("late-sound-edit", 6), ("late-sound-ts", 6),
        ("late-picture-ts", 6.3), ("half-rate-sound", 6),
    ],
)  # fmt: skip
def test_sound_stays_on_its_picture(room: Room, name: str, seconds: float) -> None:
    shown = room.show(name)
    assert len(shown.grey()) / shown.rate == pytest.approx(seconds, abs=0.15)
    assert len(shown.samples()) / 48_000 == pytest.approx(seconds, abs=0.15)
    apart = shown.apart()
    assert len(apart) >= seconds - 2 - (6 if name == "gap" else 0)
    if name.startswith("joined"):
        # Pictures after a joint are between those of before: they move by up to half of one. And
        # one part's sound may reach into the next one's first flash.
        assert sum(abs(one) > 20 + 15 for one in apart) <= 2, apart
        assert abs(apart[0]) < 20
    else:
        assert max(map(abs, apart)) < 20, apart


def test_a_gap_holds_its_last_picture_and_keeps_its_sound(room: Room) -> None:
    shown = room.show("gap")
    assert shown.beeps() == pytest.approx(range(1, 12), abs=0.02)
    assert shown.flashes() == pytest.approx([1, 2, 9, 10, 11], abs=0.02)


def test_jumping_clocks_are_told(room: Room) -> None:
    shown = room.show("joined-from-zero")
    assert "The clock jumps on the way" in shown.notes
    assert shown.info.duration == pytest.approx(12, abs=0.2)


def test_pictures_of_another_shape_are_fitted_in(room: Room) -> None:
    """16:9, then 4:3: the second part has bars at its sides, and is not stretched."""
    shown = room.show("joined-sizes")
    assert shown.size() == (320, 180)
    assert "format of the picture changes" in shown.notes
    assert max(map(abs, shown.apart())) < 60
    side, middle = shown.grey("30:180:0:0"), shown.grey("180:160:70:10")
    assert min(side[10:90]) > 40
    assert max(side[110:190]) < 20
    assert min(middle[110:190]) > 40
    assert not shown.info.video[0].damaged or "Some of the source is broken" in shown.notes


def test_what_cannot_be_one_film_is_refused(room: Room) -> None:
    with pytest.raises(MediaError, match=r"from H\.264 to MPEG-2") as refusal:
        room.show("joined-codecs")
    assert refusal.value.code == "format-changes"


@pytest.mark.parametrize(
    ("codec", "suffix"),
    [("ac3", "ts"), ("aac", "ts"), ("mp2", "ts"), ("ac3", "mpg"), ("mp2", "mpg")],
)
def test_no_silence_is_added_to_sound_that_is_there(room: Room, codec: str, suffix: str) -> None:
    """Beeps until the very end: the last one ends with the film, and nothing comes after it."""
    film = room.make(
        f"film.{suffix}", *moving(seconds=6.1), *beeping(6.1), *H264, "-bf", "2",
        "-c:a", codec, "-b:a", "128k",
    )  # fmt: skip
    shown = room.show(film)
    samples = shown.samples()
    assert "silence" not in shown.notes
    assert len(samples) / 48_000 == pytest.approx(6.1, abs=0.03)
    assert shown.beeps()[-1] == pytest.approx(6, abs=0.02)
    last = max(place for place, one in enumerate(samples) if abs(one) > 2000)
    assert last / 48_000 == pytest.approx(6.1, abs=0.02)
