"""Why a ladder is what it is, in sentences for people; pure."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from matinee.model.ladder import Ladder
from matinee.transcode.pertitle.guard import LEAST_SAVING
from matinee.transcode.pertitle.points import RungPoint
from matinee.transcode.pertitle.rungs import Wishes

KEPT = (
    "The fixed ladder is used: what another would save is not beyond the error of the samples "
    f"by {LEAST_SAVING:g} %."
)


def why(
    base: Ladder, rungs: Sequence[RungPoint], measured: AbstractSet[int], wishes: Wishes
) -> tuple[str, ...]:
    """Return in sentences why *rungs* were chosen from *base*, of which *measured* heights were."""
    return (*_sizes(base, rungs, measured, wishes), *_encoders(base, rungs))


def _sizes(
    base: Ladder, rungs: Sequence[RungPoint], measured: AbstractSet[int], wishes: Wishes
) -> tuple[str, ...]:
    top = rungs[0]
    if top.vmaf >= wishes.top:
        reached = f"{top.name} is the cheapest rung that reaches VMAF {wishes.top:g}"
        said = [f"{reached}; above that hardly anybody sees a difference."]
    else:
        said = [f"{top.name} is the best within the caps and CRFs searched: VMAF {top.vmaf:.0f}."]
    kept = {rung.height for rung in rungs}
    dropped = [rung.height for rung in base.video if rung.height not in kept]
    beaten = [f"{height}p" for height in dropped if height in measured]
    unknown = [f"{height}p" for height in dropped if height not in measured]
    if beaten:
        better = "where a rung was wanted, other sizes give more for the same bits"
        said.append(f"{', '.join(beaten)} left out: {better}.")
    if unknown:
        said.append(f"{', '.join(unknown)} left out: the film is too short to measure all sizes.")
    return tuple(said)


def _encoders(base: Ladder, rungs: Sequence[RungPoint]) -> tuple[str, ...]:
    own = [f"{rung.name} by {rung.preset}" for rung in rungs if rung.preset != base.preset]
    if not own:
        return ()
    return (f"Presets of their own, in place of the ladder's {base.preset}: {', '.join(own)}.",)
