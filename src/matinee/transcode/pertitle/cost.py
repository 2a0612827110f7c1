"""How dear encodes and searches are, and the dearest search that a film can afford; pure.

Costs are CPU seconds on the machine that the figures were measured on; only their ratios matter,
and those are much the same on others.
"""

from math import floor

import msgspec

from matinee.transcode.plan import VideoOutput, VideoPlan

SHARE = 0.3
"""Most that a search may cost, as a share of the encode with the fixed ladder."""
_AIM = 0.16
"""What is planned for: of an easy film fewer rungs are left, and their encode may cost half."""
_AIM_IN_DOUBT = 0.22
"""Where the choice is in doubt after that: of such a film about as many rungs are left."""

_DECODE = 0.0035
"""CPU seconds for decoding a megapixel, bringing it to a rate and scaling it."""
_ENCODE = {
    "ultrafast": 0.0045, "superfast": 0.007, "veryfast": 0.0105, "faster": 0.017, "fast": 0.022,
    "medium": 0.026, "slow": 0.040, "slower": 0.085, "veryslow": 0.15,
}  # fmt: skip
_TRELLIS = 1.18
"""With the lookahead that goes with it, over presets that have neither."""
_COMPARE = 0.005
"""A megapixel of the reference, of every frame, though every fifth is compared in full."""
_PROCESS = 0.15
"""CPU seconds to start ffmpeg with its encoders and models, and to let them run out."""

LEAST_WINDOWS = 2
"""All points share the samples: few of them compare heights well, though not whole films."""
_GOOD_WINDOWS = 4
"""As many are wanted before the grid gets finer than its coarsest."""
MOST_SECONDS = 40.0
"""More samples than this hardly change a ladder."""
_POINT_BYTES = 84
"""Resident for a pixel of the reference: encoder, decoder, comparer and queues of one point."""
_MOST_MEMORY = 2_000_000_000
_LEAST_POINTS = 4


class Grid(msgspec.Struct, frozen=True, kw_only=True):
    """Which points are measured: every height at every CRF."""

    heights: tuple[int, ...]
    crfs: tuple[float, ...]


class SearchPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A search that the film can afford."""

    grid: Grid
    windows: int
    more: int = 0
    """Windows to measure too where the choice is in doubt after those."""
    cost: float
    """Forecast, in CPU seconds, without `more`."""


def encode_cost(video: VideoPlan, seconds: float) -> float:
    """Return the CPU seconds that encoding *seconds* of film to *video*'s outputs takes."""
    rate = float(video.frame_rate.value)
    return seconds * (_source_cost(video) + _outputs_cost(video, rate))


def _source_cost(video: VideoPlan) -> float:
    """Return the cost of decoding a second of the source."""
    source = video.source
    return _DECODE * source.width * source.height / 1e6 * float(source.frame_rate.value)


def _outputs_cost(video: VideoPlan, rate: float) -> float:
    return rate * sum(
        _pixel_cost(out) * out.width * out.height / 1e6 / out.frame_step for out in video.outputs
    )


def _pixel_cost(output: VideoOutput) -> float:
    """Return the CPU seconds that encoding a megapixel takes."""
    each = _ENCODE.get(output.preset, _ENCODE["medium"])
    return each * _TRELLIS if output.trellis and each <= _ENCODE["veryfast"] else each


def search_cost(video: VideoPlan, grid: Grid, windows: int, seconds: float) -> float:
    """Return the CPU seconds of measuring *grid* on *windows* of *seconds* each.

    *video* is the plan of the fixed ladder, whose heights *grid* takes some of.
    """
    rate = float(video.frame_rate.value)
    heights = set(grid.heights)
    outputs = tuple(
        output
        for output in video.outputs
        if min(output.width, output.height) in heights or lines_of(output.name) in heights
    )
    part = msgspec.structs.replace(video, outputs=outputs)
    reference = video.outputs[0].width * video.outputs[0].height / 1e6
    points = len(grid.crfs) * len(outputs)
    groups = -(-points // points_at_once(video))
    a_second = (
        2 * groups * _source_cost(video)  # to encode it, and to compare with it
        + len(grid.crfs) * _outputs_cost(part, rate)
        + points * _COMPARE * reference * rate
    )
    return windows * (seconds * a_second + _PROCESS * groups)


def lines_of(name: str) -> int:
    """Return the lines that a rung's *name* such as `720p` says, 0 where it says none."""
    digits = name.partition("p")[0]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 0


def points_at_once(video: VideoPlan) -> int:
    """Return how many points of a search of *video* one process takes, so that memory is bounded.

    Each holds the pictures of an encoder and a comparer.
    """
    point = _POINT_BYTES * video.outputs[0].width * video.outputs[0].height
    return max(_LEAST_POINTS, _MOST_MEMORY // point)


def grids(heights: tuple[int, ...]) -> tuple[Grid, ...]:
    """Return the grids to choose from for *heights* (falling), finest first."""
    # The lowest one is rarely on the hull above 100 kb/s.
    upper = heights[:-1] if len(heights) > 2 else heights
    found = [
        Grid(heights=heights, crfs=(19.0, 25.0, 31.0, 38.0)),
        Grid(heights=heights, crfs=(21.0, 28.0, 36.0)),
        Grid(heights=upper, crfs=(21.0, 28.0, 36.0)),
        Grid(heights=upper, crfs=(22.0, 34.0)),
    ]
    return tuple(dict.fromkeys(found))


def afford(
    video: VideoPlan, heights: tuple[int, ...], film: float, seconds: float
) -> SearchPlan | None:
    """Return the best search for a *film* of so many seconds, in windows of *seconds*.

    A finer grid first, as long as it leaves a few windows; then as many of them as the budget
    holds. None where not even the coarsest grid is within the budget.
    """
    whole = encode_cost(video, film)
    most = max(1, min(floor(MOST_SECONDS / seconds), floor(film / seconds)))
    choices = grids(heights)

    def windows(grid: Grid, share: float) -> int:
        fitting = (
            count
            for count in range(1, most + 1)
            if search_cost(video, grid, count, seconds) <= share * whole
        )
        return max(fitting, default=0)

    for grid in choices:
        least = min(most, LEAST_WINDOWS if grid == choices[-1] else _GOOD_WINDOWS)
        count = windows(grid, _AIM)
        if count >= least:
            return SearchPlan(
                grid=grid,
                windows=count,
                more=windows(grid, _AIM_IN_DOUBT) - count,
                cost=search_cost(video, grid, count, seconds),
            )
    return None
