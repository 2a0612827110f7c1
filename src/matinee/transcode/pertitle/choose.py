"""`choose_ladder`: samples, measures and chooses; falls back to the fixed ladder with a note."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from matinee.errors import MediaError, UpstreamError
from matinee.model.ladder import Ladder
from matinee.model.media import MediaInfo
from matinee.model.progress import Control, Progress
from matinee.storage.store import ObjectStore
from matinee.toolchain.tools import Toolchain
from matinee.transcode.pertitle.classic import classic_ladder, classic_points
from matinee.transcode.pertitle.command import Clip
from matinee.transcode.pertitle.compare import comparison
from matinee.transcode.pertitle.complexity import Stretch, even_stretches, parted, pick
from matinee.transcode.pertitle.cost import Grid, SearchPlan, afford, encode_cost, points_at_once
from matinee.transcode.pertitle.curve import bd_rate
from matinee.transcode.pertitle.guard import keys, mean_points, standard_error, sure, worth
from matinee.transcode.pertitle.hull import at_crf, marked
from matinee.transcode.pertitle.measure import Film, Measured, Result, measure, stretches
from matinee.transcode.pertitle.points import Chosen, Comparison, Point, RungPoint, Window
from matinee.transcode.pertitle.reasons import KEPT, why
from matinee.transcode.pertitle.rungs import DEFAULT_WISHES, choose, expected, ladder_of
from matinee.transcode.pertitle.settle import grid_plan, settled, video_plan
from matinee.transcode.plan import VideoPlan
from matinee.transcode.tracks import film_start


def choose_ladder(  # noqa: PLR0913 - the contract of every stage: input, then where and how to work
    info: MediaInfo,
    source_key: str,
    base: Ladder,
    *,
    store: ObjectStore,
    scratch: Path,
    toolchain: Toolchain,
    control: Control,
) -> Chosen:
    """Return the ladder for this film, chosen by the quality measured on samples of it.

    *base* gives the heights to choose from, their caps and profiles, and all that is not video;
    with its own CRFs it is also the fixed ladder that the choice is compared with. What `ladder`
    holds is ready for `plan`. Where a search is not to be had (no video, a film too short for its
    cost, an ffmpeg without libvmaf, samples that cannot be decoded) it is *base* itself, and a
    note says why.

    Raises:
        MediaError: the film has neither video nor audio.
        CancelledError: *control* said so.
    """
    plain = msgspec.structs.replace(base, per_title=False)
    if not info.video:
        return Chosen(ladder=plain, notes=("There is no video to choose a ladder for.",))
    size = video_plan(info, plain).source.display_size
    settled_base = settled(plain, *size)
    video = video_plan(info, settled_base)
    seconds = float(video.gop_seconds)
    heights = tuple(rung.height for rung in settled_base.video)
    forecast = encode_cost(video, info.duration)
    search = afford(video, heights, info.duration, seconds)
    if search is None:
        words = f"The film is too short ({info.duration:.0f} s) for a search that pays"
        return Chosen(
            ladder=plain,
            encode_cpu_seconds=forecast,
            notes=(f"{words}: the fixed ladder is used.",),
        )
    if not toolchain.has_filter("libvmaf"):
        note = "This ffmpeg has no libvmaf: the fixed ladder is used."
        return Chosen(ladder=plain, encode_cpu_seconds=forecast, notes=(note,))
    with store.local(source_key) as source:
        film = Film(
            clip=Clip(path=source, container=info.container),
            toolchain=toolchain,
            scratch=scratch,
            control=control,
        )
        try:
            return _searched(film, info, settled_base, search)
        except (UpstreamError, MediaError) as error:
            note = f"The search failed, the fixed ladder is used: {error.message}"
            return Chosen(ladder=plain, encode_cpu_seconds=forecast, notes=(note,))


def _searched(film: Film, info: MediaInfo, base: Ladder, search: SearchPlan) -> Chosen:
    fixed_plan = video_plan(info, base)
    seconds = float(fixed_plan.gop_seconds)
    _tell(film.control, 0.0, "looking for samples")
    found, probe_cpu = stretches(film, fixed_plan, seconds, film_start(info))
    windows = samples(found, search.windows + search.more, seconds, info.duration)
    first, more = parted(windows, search.windows)
    grid = grid_plan(info, base, search.grid)
    at_once = points_at_once(fixed_plan)
    _tell(film.control, 0.02, f"measuring {len(grid.outputs)} points on {len(first)} samples")
    measured = measure(film, grid, first, at_once)
    choice = _choice(base, search.grid, measured)
    if more and not sure(choice.saving, choice.error):
        _tell(film.control, 0.06, f"in doubt, measuring {len(more)} samples more")
        measured = measured.and_more(measure(film, grid, more, at_once))
        choice = _choice(base, search.grid, measured)
    else:
        windows = first
    better = worth(choice.saving, choice.error)
    ladder, rungs = (choice.ladder, choice.rungs) if better else (base, choice.fixed)
    reasons = why(base, rungs, set(search.grid.heights), DEFAULT_WISHES) if better else (KEPT,)
    error = choice.error if better else None
    return Chosen(
        ladder=ladder,
        rungs=rungs,
        hull=marked(choice.points),
        fixed=choice.fixed,
        samples=windows,
        reference=(grid.outputs[0].width, grid.outputs[0].height),
        search_cpu_seconds=probe_cpu + measured.cpu_seconds,
        encode_cpu_seconds=encode_cost(fixed_plan, info.duration),
        saving=choice.saving,
        saving_error=choice.error,
        comparisons=comparisons(base, fixed_plan, choice.points, rungs, error),
        notes=_notes(windows, choice.saving, choice.error),
        reasons=reasons,
    )


class _Choice(msgspec.Struct, frozen=True, kw_only=True):
    """The best ladder by some samples, and how sure it is to be better than the fixed one."""

    points: tuple[Point, ...]
    ladder: Ladder
    rungs: tuple[RungPoint, ...]
    fixed: tuple[RungPoint, ...]
    saving: float | None
    error: float | None


def _choice(base: Ladder, grid: Grid, measured: Measured) -> _Choice:
    per_sample = sample_points(measured.results, grid)
    points = mean_points(per_sample)
    caps = {rung.height: rung.max_rate for rung in base.video}
    ladder, rungs = ladder_of(base, choose(points, caps, DEFAULT_WISHES))
    fixed = fixed_points(base, points)
    return _Choice(
        points=points,
        ladder=ladder,
        rungs=rungs,
        fixed=fixed,
        saving=bd_rate(
            [(rung.rate, rung.vmaf) for rung in fixed], [(rung.rate, rung.vmaf) for rung in rungs]
        ),
        error=standard_error(keys(fixed), keys(rungs), per_sample),
    )


def sample_points(results: Sequence[Result], grid: Grid) -> tuple[tuple[Point, ...], ...]:
    """Return the points of *grid* as each sample alone would have them."""
    order = [(height, crf) for height in grid.heights for crf in grid.crfs]
    count = len(results[0].scores)
    return tuple(
        tuple(
            Point(height=height, crf=crf, rate=score.rate, vmaf=score.vmaf)
            for (height, crf), result in zip(order, results, strict=True)
            for score in (result.scores[sample],)
        )
        for sample in range(count)
    )


def comparisons(
    base: Ladder,
    video: VideoPlan,
    points: Sequence[Point],
    rungs: Sequence[RungPoint],
    error: float | None,
) -> tuple[Comparison, ...]:
    """Return what *rungs* save against *base*'s own rungs, and against the classic ladder."""
    classic = classic_ladder(base, *video.source.display_size)
    fixed = fixed_points(base, points)
    return (
        comparison("fixed", "its own rungs at constant quality under a cap", fixed, rungs, error),
        comparison("classic", "fixed sizes at fixed rates", classic_points(classic, points), rungs),
    )


def samples(
    found: Sequence[Stretch], count: int, seconds: float, duration: float
) -> tuple[Window, ...]:
    """Return *count* windows of *found*, or evenly spread ones where it has too few."""
    windows = pick(found, count, seconds, duration)
    if len(windows) >= min(count, 2):
        return windows
    # One key frame in all, or packets without times: any second is as good as another.
    return pick(even_stretches(duration, seconds), count, seconds, duration + seconds)


def fixed_points(base: Ladder, points: Sequence[Point]) -> tuple[RungPoint, ...]:
    """Return what the rungs of *base* cost and give, by the curves through *points*."""
    found: list[RungPoint] = []
    for rung in base.video:
        point = None if rung.crf is None else at_crf(points, rung.height, rung.crf)
        if point is not None:
            found.append(expected(rung, point, base.preset))
    return tuple(found)


def _notes(windows: Sequence[Window], saving: float | None, error: float | None) -> tuple[str, ...]:
    total = sum(one.seconds for one in windows)
    measured = f"Quality was measured on {len(windows)} samples, {total:.0f} s in all."
    if saving is None:
        return (measured, "The fixed ladder stays: no rung of it can be compared with others.")
    words = f"{abs(saving):.0f} % {'fewer' if saving <= 0 else 'more'} bits at equal VMAF"
    if error is not None:
        words += f" (standard error {error:.0f} %)"
    if worth(saving, error):
        return (measured, f"The ladder chosen for this film is forecast to need {words}.")
    return (measured, f"The fixed ladder stays: one for this film is forecast to need {words}.")


def _tell(control: Control, fraction: float, detail: str) -> None:
    control.report(
        Progress(stage="transcode", fraction=fraction, detail=f"choosing the ladder: {detail}")
    )
