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


def test_a_top_good_enough_is_said_to_be_the_cheapest():
    said = why(BASE, [rung(1080, 95.2), rung(360, 70, "medium")], DEFAULT_WISHES, better=True)
    assert said[0].startswith("1080p is the cheapest rung that reaches VMAF 95")
    assert said[1].startswith("720p, 480p, 240p left out")
    assert said[2].endswith("360p by medium.")


def test_a_top_at_its_cap_is_said_to_be_so():
    ladder = msgspec.structs.replace(BASE, video=BASE.video[:1])
    assert why(ladder, [rung(1080, 88.4)], DEFAULT_WISHES, better=True) == (
        "1080p is the best that the caps allow: VMAF 88.",
    )


def test_a_ladder_that_stays_says_why():
    (only,) = why(BASE, [rung(1080, 96)], DEFAULT_WISHES, better=False)
    assert "error of the samples" in only
