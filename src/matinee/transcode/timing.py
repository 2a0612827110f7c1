"""Frame rates, GOPs and timescales that make every boundary a whole tick."""

from fractions import Fraction
from math import lcm

from matinee.model.media import VideoTrackInfo

STANDARD_RATES = tuple(
    Fraction(*pair)
    for pair in (
        (5, 1), (10, 1), (12, 1), (15, 1), (20, 1), (24_000, 1001), (24, 1), (25, 1),
        (30_000, 1001), (30, 1), (48_000, 1001), (48, 1), (50, 1), (60_000, 1001), (60, 1),
        (100, 1), (120_000, 1001), (120, 1),
    )
)  # fmt: skip
_SAME = 0.0002
"""Relative distance below which a rate is only the rounded writing of a standard one."""
_NEAR = 0.02
_HAIR = 0.01
"""Share by which a rung may pass its limit of frames a second."""
_LEAST = Fraction(1)
_LEAST_TIMESCALE = 10_000


MOST_CUT = 0.25
"""Seconds of sound before the first picture that are cut off, so that a film starts with one; much
as the packager does with copied tracks. MPEG-TS and AVI have a little of it from encoder delays."""


def first_picture(late: float, rate: Fraction) -> float:
    """Return when to show a first picture that comes *late* seconds after the film's start.

    At once, or where the sound before it is more than `MOST_CUT`, on a whole frame at *rate*: the
    sound has to move as far as the picture then, so as not to be off by up to half a frame.
    """
    return 0.0 if late <= MOST_CUT else float(round(late * rate) / rate)


def constant_rate(track: VideoTrackInfo) -> Fraction:
    """Return the constant frame rate to bring *track* to, before any limit of a rung.

    A constant rate is kept: exactly, or as the standard rate that it spells in decimals (23.976 is
    24000/1001). A variable one becomes the standard rate next to its average, or the next above it
    where none is near, so that no moment loses its frames.
    """
    average = track.frame_rate.value
    nearest = min(STANDARD_RATES, key=lambda rate: abs(rate - average))
    if abs(nearest - average) <= average * _SAME:
        return nearest
    if not track.variable_frame_rate:
        return max(_LEAST, average.limit_denominator(1001))
    if abs(nearest - average) <= average * _NEAR:
        return nearest
    whole = (rate for rate in STANDARD_RATES if rate > average and rate.denominator == 1)
    return next(whole, STANDARD_RATES[-1])


def is_interlaced(track: VideoTrackInfo) -> bool:
    """Whether the pictures of *track* are two fields each, of two moments."""
    return track.field_order in {"tff", "bff"} and not track.telecined


def picture_rate(track: VideoTrackInfo, *, each_field: bool) -> Fraction:
    """Return the rate of the whole pictures made of *track*, before any limit of a rung.

    Telecined film has four pictures in five frames. Interlaced video has one a frame, or two where
    *each_field* becomes one, which keeps its motion.
    """
    rate = constant_rate(track)
    if track.telecined:
        return rate * 4 / 5
    return rate * 2 if each_field and is_interlaced(track) else rate


def frame_step(rate: Fraction, most: float) -> int:
    """Return the least n for which every nth frame of *rate* is about *most* a second at most.

    Cameras and recorders that mean 30 make 30.12: a hair above is not worth half the pictures.
    """
    step = 1
    while rate / step > most * (1 + _HAIR):
        step += 1
    return step


def gop_frames(rate: Fraction, seconds: float, steps: tuple[int, ...]) -> int:
    """Return the frames of a GOP of about *seconds*, a multiple of every one of *steps*."""
    together = lcm(*steps) if steps else 1
    return max(1, round(seconds * rate / together)) * together


def timescale(rate: Fraction) -> int:
    """Return a timescale in which a frame of *rate* is a whole number of ticks.

    90 kHz, in which MPEG counts, where that is one; else the numerator, doubled until it is fine
    enough to be near audio.
    """
    if (90_000 / rate).denominator == 1:
        return 90_000
    scale = rate.numerator
    while scale < _LEAST_TIMESCALE:
        scale *= 2
    return scale
