"""VMAF as a phone's screen shows it: the transform of libvmaf's phone model; pure.

`vmaf_v0.6.1.json` carries it as `score_transform` (p0, p1, p2, `out_gte_in`): what libvmaf
applies where `enable_transform` is asked for. It is a function of the score alone, so nothing has
to be measured twice.
"""

from math import sqrt

_P0, _P1, _P2 = 1.70674692, 1.72643844, -0.00705305
SMALL = 480
"""Lines up to which a rung is mostly seen on a phone."""


def phone_vmaf(vmaf: float) -> float:
    """Return what *vmaf*, judged at three picture heights, is on a phone; 0 to 100, never less."""
    return min(100.0, max(vmaf, _P0 + _P1 * vmaf + _P2 * vmaf * vmaf))


def one_step_below(vmaf: float, height: int, step: float) -> float:
    """Return the VMAF that is *step* worse than *vmaf* to who watches a rung of *height* lines.

    Small rungs are judged on a phone, where differences near the top are harder to see and those
    near the bottom easier.
    """
    if height > SMALL:
        return vmaf - step
    wanted = phone_vmaf(vmaf) - step
    if wanted <= _P0:
        return 0.0
    # The lower root of p0 + p1 x + p2 x^2 = wanted; there is one up to about 107.
    return min(vmaf, (-_P1 + sqrt(_P1 * _P1 - 4 * _P2 * (_P0 - wanted))) / (2 * _P2))
