"""What ten places of a film say, and what is made of it."""

import pytest

from matinee.ingest.glances import (
    Edges,
    Glance,
    active_area,
    channels_in,
    glances,
    heard,
    picture_changes,
)
from matinee.model.media import Area, AudioTrackInfo

SAID = """
[graph 0 input from stream 0:0 @ 0x7f] w:320 h:180 pixfmt:yuv420p tb:1/90000 fr:25/1 sar:1/1 \
csp:bt709 range:tv alpha:unspecified
[graph 1 input from stream 1:0 @ 0x7f] w:640 h:480 pixfmt:yuv420p tb:1/90000 fr:25/1 sar:1/1 \
csp:unknown range:unknown alpha:unspecified
[graph_1_in_0:1 @ 0x7f] tb:1/24000 samplefmt:fltp samplerate:24000 chlayout:mono
[graph_1_in_0:1 @ 0x7f] tb:1/48000 samplefmt:fltp samplerate:48000 chlayout:stereo
[cropdetect@black0 @ 0x7f] x1:0 x2:319 y1:22 y2:157 w:320 h:136 x:0 y:22 pts:0 t:0.0 limit:0.07
[cropdetect@dark0 @ 0x7f] x1:1 x2:318 y1:23 y2:156 w:318 h:134 x:1 y:23 pts:0 t:0.0 limit:0.15
[graph 9 input from stream 9:0 @ 0x7f] w:320 h:180 pixfmt:yuv420p
"""


def test_each_place_is_read() -> None:
    first, second = glances(SAID, 2)
    assert first == Glance(
        picture="w:320 h:180 pixfmt:yuv420p csp:bt709 range:tv",
        sound="48000 Hz stereo",
        black=Edges(0, 319, 22, 157),
        dark=Edges(1, 318, 23, 156),
    )
    assert second == Glance(picture="w:640 h:480 pixfmt:yuv420p csp:unknown range:unknown")
    assert picture_changes([first, second])
    assert not picture_changes([first, Glance(), first])


STEREO, SURROUND = Glance(sound="48000 Hz stereo"), Glance(sound="48000 Hz 5.1(side)")
TRACK = AudioTrackInfo(
    index=1, codec="ac3", sample_rate=48_000, channels=2, channel_layout="stereo"
)


def test_sound_that_changes_is_as_wide_as_its_widest_part() -> None:
    track, warning = heard(TRACK, [STEREO, Glance(), SURROUND])
    assert (track.channels, track.channel_layout, track.changes) == (6, "5.1(side)", True)
    assert "48000 Hz stereo, 48000 Hz 5.1(side)" in warning
    slower, warning = heard(TRACK, [STEREO, Glance(sound="44100 Hz stereo")])
    assert (slower.channels, slower.changes) == (2, True)
    assert "44100 Hz" in warning


def test_sound_that_is_stereo_only_at_its_very_start_changes_too() -> None:
    track, warning = heard(TRACK, [SURROUND, SURROUND])
    assert (track.channels, track.changes) == (6, True)
    assert "48000 Hz stereo, 48000 Hz 5.1(side)" in warning


def test_sound_that_keeps_its_format_is_left_as_it_is() -> None:
    for seen in ([STEREO, Glance(), STEREO], [Glance()], [], [Glance(sound="48000 Hz ?")]):
        assert heard(TRACK, seen) == (TRACK, "")


@pytest.mark.parametrize(
    ("layout", "channels"),
    [("mono", 1), ("stereo", 2), ("5.1(side)", 6), ("7.1", 8), ("5.1.4", 10), ("quad", 4),
     ("3.0", 3), ("6 channels (FL+FR+FC+LFE+BL+BR)", 6), ("16 channels", 16), ("?", 0), ("", 0)],
)  # fmt: skip
def test_layouts_are_counted(layout: str, channels: int) -> None:
    assert channels_in(layout) == channels


WIDE, HIGH = 1920, 1080


def box(left: int = 0, right: int = WIDE - 1, top: int = 0, bottom: int = HIGH - 1) -> Edges:
    return Edges(left, right, top, bottom)


NIGHT = box(900, 880, 500, 480)
LETTERBOX = box(top=138, bottom=941)
BRIGHT = Glance(black=LETTERBOX, dark=LETTERBOX)
DIM = Glance(black=LETTERBOX, dark=box(300, 1500, 400, 800))
DARK = Glance(black=box(200, 1700, 300, 900), dark=NIGHT)
BLACK = Glance(black=NIGHT, dark=NIGHT)
WITH_TEXT = Glance(black=box(top=138, bottom=1010), dark=box(top=138, bottom=1010))


@pytest.mark.parametrize(
    ("seen", "area"),
    [
        ([BRIGHT] * 10, Area(width=1920, height=804, x=0, y=138)),
        ([BRIGHT] * 3 + [DARK] * 5 + [BLACK] * 2, Area(width=1920, height=804, x=0, y=138)),
        ([Glance(black=box(), dark=box())] * 10, None),
        ([DARK] * 10, None),
        ([DIM] * 10, None),
        ([BRIGHT] * 2 + [DIM] * 8, None),
        ([BRIGHT] * 9 + [Glance(black=box(), dark=box())], None),
        ([BRIGHT] * 4 + [BLACK] * 6, None),
        ([BRIGHT] * 7 + [WITH_TEXT] * 3, Area(width=1920, height=940, x=0, y=70)),
        ([Glance(black=box(240, 1679), dark=box(242, 1677))] * 10,
         Area(width=1440, height=1080, x=240, y=0)),
        ([Glance(black=box(8, 1911), dark=box(8, 1911))] * 10, None),
        ([Glance(black=box(top=138), dark=box(top=138))] * 10, None),
        ([Glance()] * 10, None),
        ([], None),
    ],
    ids=["letterbox", "some-dark", "full", "night", "fades", "two-sharp", "once-full",
         "mostly-black", "text-in-bar", "pillarbox", "rounding", "one-side", "nothing", "none"],
)  # fmt: skip
def test_only_what_is_black_everywhere_and_ends_sharply_is_a_bar(
    seen: list[Glance], area: Area | None
) -> None:
    assert active_area(seen, WIDE, HIGH) == area
