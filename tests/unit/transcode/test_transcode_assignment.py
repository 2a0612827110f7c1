"""Hardware for all of a film, or software for all of it."""

import msgspec
import pytest

from matinee.model.ladder import Rung
from matinee.model.media import Colour
from matinee.transcode.assignment import (
    HardwareError,
    assigned,
    by_software,
    equipment_for,
    kind_of,
)
from matinee.transcode.hardware import FORMS, Finding, HardwareEncoder
from matinee.transcode.ladder import built_in
from matinee.transcode.making import limits_of
from matinee.transcode.plan import plan

STANDARD = built_in()["standard"]


def all_of(*kinds, forms=FORMS):
    return Finding(
        encoders=tuple(
            HardwareEncoder(kind=kind, form=form, device="/dev/one")
            for kind in kinds
            for form in forms
        )
    )


def ladder(*rungs):
    return msgspec.structs.replace(
        STANDARD,
        video=tuple(
            Rung(**{"name": f"r{place}", "height": 720 - 180 * place, "max_rate": 10**6, **rung})
            for place, rung in enumerate(rungs)
        ),
    )


def planned(sources, *rungs, **video):
    return plan(sources.film([sources.video(**video)]), ladder(*rungs) if rungs else STANDARD)


def test_the_first_kind_that_makes_all_is_taken(sources):
    film = planned(sources)
    chosen, notes = assigned(film, all_of("vaapi", "nvenc"))
    assert {one.hardware for one in chosen.video.outputs} == {"nvenc"}
    assert notes == ("The pictures are encoded by hardware (NVENC).",)
    assert assigned(film, all_of("vaapi", "nvenc")) == (chosen, notes), "the same every time"
    assert by_software(chosen) == film


def test_without_hardware_the_plan_stays_as_it_is(sources):
    film = planned(sources)
    assert assigned(film, Finding()) == (film, ())


def test_hardware_that_lacks_one_rung_makes_none(sources):
    film = planned(sources, {}, {"codec": "av1"})
    avc = all_of("nvenc", forms=FORMS[:1])
    assert assigned(film, avc) == (film, ())
    assert kind_of(assigned(film, all_of("nvenc"))[0]) == "nvenc"


def test_bit_depth_counts(sources):
    film = planned(sources, {"codec": "hevc", "bit_depth": 10})
    assert assigned(film, all_of("qsv", forms=FORMS[:2])) == (film, ())
    assert kind_of(assigned(film, all_of("qsv", forms=FORMS[2:3]))[0]) == "qsv"


@pytest.mark.parametrize(
    ("rung", "video"),
    [
        ({"codec": "av1", "film_grain": 8}, {}),
        ({"trellis": True}, {}),
        ({"lookahead": 30}, {}),
        ({"profile": "baseline"}, {}),
        ({"codec": "hevc"}, {"colour": Colour(video_range="HLG", bit_depth=10)}),
    ],
)
def test_what_only_software_does_stays_with_it(sources, rung, video):
    film = planned(sources, {}, rung, **video)
    assert assigned(film, all_of("nvenc", "qsv", "vaapi")) == (film, ())


def test_sound_alone_and_copied_pictures_need_none(sources):
    sound = plan(sources.film(audio=[sources.audio()]), STANDARD)
    copied = plan(sources.film([sources.video()], [sources.audio()]), built_in()["source"])
    for film in (sound, copied):
        assert assigned(film, all_of("nvenc")) == (film, ())
        assert kind_of(film) is None


def test_drivers_may_reserve_what_address_space_they_like(sources):
    film = planned(sources)
    chosen, _ = assigned(film, all_of("nvenc"))
    software, hardware = limits_of(film), limits_of(chosen)
    assert (hardware.memory_bytes, hardware.resident_bytes) == (None, software.memory_bytes)
    assert software.resident_bytes is None


def test_whoever_makes_it_must_have_the_hardware(sources):
    chosen, _ = assigned(planned(sources), all_of("nvenc"))
    assert [one.name for one in equipment_for(chosen, all_of("nvenc"))] == ["h264_nvenc"]
    with pytest.raises(HardwareError, match="has no such NVENC encoder"):
        equipment_for(chosen, all_of("qsv"))
    assert equipment_for(by_software(chosen), Finding()) == ()
