"""Damaged films: mended and told, or refused, by the rule that the operator sets."""

import pytest
from tests.integration.odd.conftest import Room

from matinee.errors import MediaError

pytestmark = pytest.mark.integration


def test_some_damage_is_mended_and_told_with_its_places(room: Room) -> None:
    shown = room.show("holes-ts", most_damage=0.4)
    assert "Some of the source is broken: " in shown.notes
    assert ", about 0:00:0" in shown.notes
    assert len(shown.grey()) / shown.rate == pytest.approx(6, abs=0.3)
    apart = shown.apart()
    # Of a flash or a beep that is hit the first picture or sound may be lost, or all of it; what
    # comes after is in step.
    assert len(apart) >= 3
    assert sum(abs(one) < 20 for one in apart) > len(apart) / 2
    assert abs(apart[-1]) < 20


def test_no_damage_at_all_may_be_the_rule(room: Room) -> None:
    with pytest.raises(MediaError, match=r"about 0:00:0\d") as refusal:
        room.show("holes-ts", most_damage=0.0)
    assert refusal.value.code == "damaged"
    assert "--damage" in refusal.value.fix
    room.show("cut", most_damage=0.0)


def test_what_is_left_of_a_film_that_is_cut_short(room: Room) -> None:
    with pytest.raises(MediaError) as refusal:
        room.show("truncated")
    assert refusal.value.code == "truncated"
    shown = room.show("truncated", most_damage=1.0)
    # 60 % of the bytes of 4 s.
    assert len(shown.grey()) / shown.rate == pytest.approx(2.4, abs=0.5)
    assert "cut short" in shown.notes
    assert "before its stated duration" in shown.notes


def test_a_film_full_of_holes_is_refused_unless_repair_is_asked_for(room: Room) -> None:
    with pytest.raises(MediaError) as refusal:
        room.show("corrupted")
    assert refusal.value.code == "damaged"
    shown = room.show("corrupted", most_damage=1.0)
    assert len(shown.grey()) / shown.rate == pytest.approx(4, abs=0.3)
    assert "Some of the source is broken" in shown.notes
