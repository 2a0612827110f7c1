"""Why a ladder is what it is, in sentences for people; pure."""

from collections.abc import Sequence

from matinee.model.ladder import Ladder
from matinee.transcode.pertitle.guard import LEAST_SAVING
from matinee.transcode.pertitle.points import RungPoint
from matinee.transcode.pertitle.rungs import Wishes


def why(
    base: Ladder, rungs: Sequence[RungPoint], wishes: Wishes, *, better: bool
) -> tuple[str, ...]:
    """Return in sentences why the ladder is what it is; *better* says that *rungs* are used."""
    if not better:
        words = "what another would save is not beyond the error of the samples"
        return (f"The fixed ladder is used: {words} by {LEAST_SAVING:g} %.",)
    top = rungs[0]
    if top.vmaf >= wishes.top:
        first = (
            f"{top.name} is the cheapest rung that reaches VMAF {wishes.top:g}; above "
            "that hardly anybody sees a difference."
        )
    else:
        first = f"{top.name} is the best that the caps allow: VMAF {top.vmaf:.0f}."
    kept = {rung.height for rung in rungs}
    dropped = [f"{rung.height}p" for rung in base.video if rung.height not in kept]
    said = [first]
    if dropped:
        said.append(f"{', '.join(dropped)} left out: other sizes look better at every rate.")
    slower = [f"{one.name} by {one.preset}" for one in rungs if one.preset != base.preset]
    if slower:
        said.append(f"Small rungs get a slower preset, which costs little: {', '.join(slower)}.")
    return tuple(said)
