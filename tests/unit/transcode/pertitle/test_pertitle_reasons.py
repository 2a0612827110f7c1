import msgspec

from matinee.transcode.ladder import built_in
from matinee.transcode.pertitle.points import RungPoint
from matinee.transcode.pertitle.reasons import why
from matinee.transcode.pertitle.rungs import DEFAULT_WISHES

BASE = built_in()["standard"]


def rung(height, vmaf, preset=BASE.preset):
    return RungPoint(
        name=f"{height}p", height=height, crf=23.0, max_rate=1, rate=1e6, vmaf=vmaf, preset=preset
    )


def test_every_choice_is_given_its_reason():
    top, beaten, unknown, own = why(
        BASE, [rung(1080, 95.2), rung(360, 70, "medium")], {1080, 720, 480, 360}, DEFAULT_WISHES
    )
    assert top.startswith("1080p is the cheapest rung that reaches VMAF 95")
    assert beaten.startswith("720p, 480p left out: where a rung was wanted")
    assert unknown.startswith("240p left out: the film is too short")
    assert own == "Presets of their own, in place of the ladder's veryfast: 360p by medium."


def test_a_top_at_its_cap_is_said_to_be_so():
    ladder = msgspec.structs.replace(BASE, video=BASE.video[:1])
    assert why(ladder, [rung(1080, 88.4)], {1080}, DEFAULT_WISHES) == (
        "1080p is the best within the caps and CRFs searched: VMAF 88.",
    )
