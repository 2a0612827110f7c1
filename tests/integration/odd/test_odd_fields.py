"""Interlaced, telecined, and flagged wrongly: the pictures that come out, against clean ones."""

import msgspec
import pytest
from tests.integration.odd.conftest import LADDER, Room
from tests.media.clips import ODD_SECONDS, moving

from matinee.model.media import Ratio

pytestmark = pytest.mark.integration
FILM = Ratio(24_000, 1001)


@pytest.mark.parametrize("name", ["telecined", "telecined-unflagged"])
def test_telecined_film_is_film_again(room: Room, name: str) -> None:
    shown = room.show(name)
    assert shown.video[0].frame_rate == FILM
    assert len(shown.grey()) == pytest.approx(ODD_SECONDS * 23.976, abs=2)
    # Left in, the combed frames bring this to 0.947.
    assert shown.likeness(*moving("24000/1001", "352x480")) > 0.985
    assert max(map(abs, shown.apart())) < 20
    assert "Telecined film is brought back to 23.976" in shown.notes


@pytest.mark.parametrize("name", ["soft-telecined", "soft-telecined-mkv"])
def test_repeated_fields_are_not_shown(room: Room, name: str) -> None:
    shown = room.show(name)
    assert shown.video[0].frame_rate == FILM
    assert len(shown.grey()) == pytest.approx(ODD_SECONDS * 23.976, abs=2)
    assert shown.likeness(*moving("24000/1001", "352x480")) > 0.985
    assert "variable" not in shown.notes
    assert max(map(abs, shown.apart())) < 20


def test_half_telecined_is_deinterlaced_as_video(room: Room) -> None:
    shown = room.show("half-telecined")
    assert shown.video[0].frame_rate == Ratio(30_000, 1001)
    assert "Interlaced fields become whole frames." in shown.notes
    assert max(map(abs, shown.apart())) < 20


@pytest.mark.parametrize("name", ["fields", "fields-unflagged"])
def test_fields_become_frames_whatever_the_flag_says(room: Room, name: str) -> None:
    shown = room.show(name)
    assert shown.video[0].frame_rate == Ratio(25)
    # Woven fields have 0.949.
    assert shown.likeness(*moving("50", "352x576"), after="framestep=2") > 0.97
    assert ("flagged as progressive, but is interlaced" in shown.notes) is (name != "fields")
    assert max(map(abs, shown.apart())) < 20


def test_each_field_can_become_a_frame(room: Room) -> None:
    shown = room.show("fields", msgspec.structs.replace(LADDER, field_rate=True))
    assert shown.video[0].frame_rate == Ratio(50)
    assert shown.likeness(*moving("50", "352x576")) > 0.97
    assert max(map(abs, shown.apart())) < 20


def test_frames_that_are_flagged_as_fields_keep_all_their_lines(room: Room) -> None:
    shown = room.show("frames-flagged-as-fields")
    assert "flagged as interlaced, but is progressive" in shown.notes
    assert shown.likeness(*moving(size="352x576")) > 0.985
