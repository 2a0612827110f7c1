"""What idet counts, and what is made of it."""

import pytest

from matinee.ingest.fields import Fields, Window, judge, suspect, windows
from matinee.model.media import Ratio, VideoTrackInfo

SAID = """
[idet@place1 @ 0x55] Repeated Fields: Neither:     0 Top:     0 Bottom:     0
[idet@place1 @ 0x55] Single frame detection: TFF:     0 BFF:     0 Progressive:     0 Undet...: 0
[idet@place1 @ 0x7f] Repeated Fields: Neither:    30 Top:    10 Bottom:     9
[idet@place1 @ 0x7f] Single frame detection: TFF:    40 BFF:     2 Progressive:     4 Undet...: 3
[idet@place1 @ 0x7f] Multi frame detection: TFF:    47 BFF:     0 Progressive:     0 Undet...: 2
[idet@place0 @ 0x7e] Single frame detection: TFF:     1 BFF:     2 Progressive:     3 Undet...: 9
[idet@place9 @ 0x7e] Single frame detection: TFF:     1 BFF:     2 Progressive:     3 Undet...: 9
"""

FILM = Window(progressive=58, tff=1, neither=60)
STILL = Window(neither=60)
VIDEO = Window(tff=50, progressive=6, neither=56, top=2, bottom=2)
CALM = Window(tff=20, progressive=30, neither=60)
PULLED = Window(tff=24, progressive=36, neither=36, top=12, bottom=12)
FINE_LINES = Window(tff=23, bff=6, progressive=17, neither=60)
"""Progressive, with patterns as fine as lines."""
BOTTOM = Window(bff=50, tff=1, progressive=6, neither=57)


def test_counts_are_read_for_each_window() -> None:
    assert windows(SAID, 2) == (Window(1, 2, 3), Window(40, 2, 4, 30, 10, 9))


@pytest.mark.parametrize(
    ("flagged", "seen", "order", "telecined"),
    [
        ("progressive", [FILM, FILM], "progressive", False),
        ("tff", [VIDEO, CALM], "tff", False),
        ("tff", [CALM, FILM, FILM], "tff", False),
        ("tff", [FILM, FILM, STILL], "progressive", False),
        ("tff", [STILL, STILL], "tff", False),
        ("tff", [], "tff", False),
        ("tff", [FINE_LINES, FINE_LINES], "tff", False),
        ("progressive", [FINE_LINES, FINE_LINES], "progressive", False),
        ("progressive", [VIDEO, VIDEO], "tff", False),
        ("progressive", [VIDEO, FILM, FILM], "progressive", False),
        ("unknown", [VIDEO, CALM, CALM], "tff", False),
        ("unknown", [FILM, FILM], "unknown", False),
        ("tff", [BOTTOM, BOTTOM], "bff", False),
        ("tff", [PULLED, PULLED, STILL, FILM], "tff", True),
        ("progressive", [PULLED, PULLED], "tff", True),
        ("tff", [PULLED, VIDEO, PULLED], "tff", False),
    ],
)
def test_flags_are_overruled_only_by_nearly_everything(
    flagged: str, seen: list[Window], order: str, telecined: bool
) -> None:
    judged = judge(flagged, seen)
    assert (judged.order, judged.telecined) == (order, telecined)
    changed = judged.order != flagged and not telecined and flagged != "unknown"
    assert bool(judged.warning) is changed


def test_a_judgement_says_what_is_odd() -> None:
    assert judge("tff", [FILM, FILM]) == Fields(
        "progressive", warning="It is flagged as interlaced, but is progressive."
    )


@pytest.mark.parametrize(
    ("order", "rate", "seen", "closer"),
    [
        ("progressive", 25, [FILM], False),
        ("tff", 25, [FILM], True),
        ("progressive", 25, [FILM, VIDEO], True),
        ("progressive", 30, [PULLED], True),
        ("progressive", 50, [VIDEO], False),
        ("unknown", 25, [FILM, STILL], False),
    ],
)
def test_only_what_is_suspect_is_looked_at_again(
    order: str, rate: int, seen: list[Window], closer: bool
) -> None:
    track = VideoTrackInfo(
        index=0, codec="h264", width=720, height=576, frame_rate=Ratio(rate), field_order=order
    )
    assert suspect(track, seen) is closer


@pytest.mark.parametrize(
    ("codec", "height", "order", "closer"),
    [
        ("h264", 720, "progressive", False),
        ("h264", 720, "tff", True),
        ("h264", 1080, "progressive", True),
        ("av1", 1080, "unknown", False),
    ],
)
def test_without_a_flag_only_the_lines_and_codecs_of_television_are(
    codec: str, height: int, order: str, closer: bool
) -> None:
    track = VideoTrackInfo(
        index=0, codec=codec, width=1280, height=height, frame_rate=Ratio(25), field_order=order
    )
    assert suspect(track, [VIDEO]) is closer
