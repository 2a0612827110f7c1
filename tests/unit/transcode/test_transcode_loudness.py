from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.transcode.loudness import (
    ENCODER_MARGIN,
    MOST_GAIN,
    MOST_LIMITING,
    SILENCE,
    Goal,
    Level,
    Loudness,
    LoudnessReader,
    level_for,
)

GOAL = Goal(loudness=-16.0, true_peak=-1.0)


def measured(integrated, peak, spread=5.0):
    return Loudness(integrated=integrated, range=spread, true_peak=peak)


@pytest.mark.parametrize(
    ("track", "level"),
    [
        (measured(-23.0, -10.0), Level(gain=7.0)),
        (measured(-9.0, 0.5), Level(gain=-7.0)),
        # Peaks at -6 raised by 7 dB would reach +1.
        (measured(-23.0, -6.0), Level(gain=7.0, ceiling=-1.5)),
        # A wide range: only so much of the peaks is taken.
        (measured(-27.0, -3.0), Level(gain=7.5, ceiling=-1.5, bound="peaks")),
        (measured(-50.0, -40.0), Level(gain=24.0, bound="gain")),
        (measured(-16.0, -0.2), Level(gain=0.0, ceiling=-1.5)),
        (measured(SILENCE, -40.0), None),
        (measured(-70.0, -inf), None),
        (measured(-inf, -inf), None),
    ],
)
def test_levels(track, level):
    assert level_for(track, GOAL) == level


def test_what_an_encoder_took_is_given_back():
    track = measured(-20.0, -12.0)
    assert level_for(track, GOAL, lost=1.25) == Level(gain=5.25)
    assert level_for(measured(-20.0, -5.0), GOAL, overshoot=0.6) == Level(gain=4.0, ceiling=-2.1)
    # What is below the goal's peak leaves no more room.
    assert level_for(track, GOAL, overshoot=-3.0) == level_for(track, GOAL)


@given(st.floats(-59.9, 3), st.floats(-59, 6), st.floats(-36, -8), st.floats(-9, 0))
def test_no_level_passes_its_bounds(integrated, peak, target, true_peak):
    level = level_for(measured(integrated, peak), Goal(loudness=target, true_peak=true_peak))
    assert level is not None
    rounding = 0.011
    assert level.gain <= min(MOST_GAIN, target - integrated) + rounding
    excess = peak + level.gain - (true_peak - ENCODER_MARGIN)
    assert excess <= MOST_LIMITING + rounding
    if level.ceiling is None:
        assert excess <= rounding
    if not level.bound:
        assert integrated + level.gain == pytest.approx(target, abs=rounding)


SAID = """\
[Parsed_aresample_0 @ 0x55] whatever
[ebur128@m3 @ 0x7f] Summary:

  Integrated loudness:
    I:         -23.0 LUFS
    Threshold: -33.1 LUFS

  Loudness range:
    LRA:         4.5 LU
    Threshold: -43.0 LUFS
    LRA low:   -25.0 LUFS
    LRA high:  -20.5 LUFS

[out#0/null @ 0x56] video:0KiB audio:1KiB
  True peak:
    Peak:       -0.3 dBFS
[ebur128@m0 @ 0x7f] Summary:
    I:         -70.0 LUFS
    LRA:         0.0 LU
    Peak:       -inf dBFS
[ebur128@m1 @ 0x7f] Summary:
    I:         -20.0 LUFS
"""


def test_reader_takes_the_summary_of_each_filter():
    reader = LoudnessReader()
    for line in SAID.splitlines():
        reader(line)
    assert reader.measured(3) == measured(-23.0, -0.3, 4.5)
    assert reader.measured(0) == measured(-70.0, -inf, 0.0)
    assert reader.measured(0).silent
    assert reader.measured(1) is None  # cut off
    assert reader.measured(2) is None


@given(st.lists(st.text(max_size=60)))
def test_reader_minds_no_line(lines):
    reader = LoudnessReader()
    for line in lines:
        reader(line)
    assert reader.measured(0) is None
