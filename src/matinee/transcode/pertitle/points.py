"""The values of a per-title search: what is measured, where, and what comes of it."""

import msgspec

from matinee.model.ladder import Ladder


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of the film, in seconds from its start; `bits` are those of the source in it."""

    start: float
    seconds: float
    bits: int

    @property
    def rate(self) -> float:
        """Bits a second of the source: how hard this stretch is."""
        return self.bits / self.seconds


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One way to encode the film: a height and a CRF, with what they cost and give.

    `rate` is bits a second on average, `vmaf` from 0 to 100 against the reference picture.
    """

    height: int
    crf: float
    rate: float
    vmaf: float
    on_hull: bool = False


class RungPoint(msgspec.Struct, frozen=True, kw_only=True):
    """What a rung of a ladder is expected to cost and give."""

    name: str
    height: int
    crf: float | None
    max_rate: int
    rate: float
    vmaf: float
    vmaf_phone: float | None = None
    """The same on a phone's screen."""
    preset: str = ""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What the rungs chosen are forecast to save against another ladder. Percent; negative is less.

    Each is None where the two ladders have no quality in common.
    """

    against: str
    """`fixed`: the base ladder's own rungs; `classic`: fixed sizes at fixed rates."""
    words: str
    rungs: tuple[RungPoint, ...]
    bd_rate: float | None
    """Bits at equal VMAF, over the whole range of quality that both have."""
    error: float | None = None
    """Standard error of `bd_rate` by leaving out sample after sample; None where not estimated."""
    top: float | None = None
    """Bits at the VMAF of the lower of the two top rungs."""
    storage: float | None = None
    """Bits of all rungs together."""


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The ladder of one film, and all that led to it."""

    ladder: Ladder
    rungs: tuple[RungPoint, ...] = ()
    """The rungs of `ladder` with what is expected of them."""
    hull: tuple[Point, ...] = ()
    """Every measured point, by falling height and rising CRF."""
    fixed: tuple[RungPoint, ...] = ()
    """The fixed ladder's rungs, measured in the same way."""
    samples: tuple[Window, ...] = ()
    reference: tuple[int, int] | None = None
    """Width and height at which pictures were compared, None where nothing was measured."""
    search_cpu_seconds: float = 0.0
    encode_cpu_seconds: float = 0.0
    """Forecast of what the fixed ladder's encode costs, on the scale of the search's cost."""
    saving: float | None = None
    """Forecast BD-rate against the fixed ladder in percent; negative is fewer bits."""
    saving_error: float | None = None
    """Standard error of `saving` by leaving out sample after sample."""
    comparisons: tuple[Comparison, ...] = ()
    """Of the ladder in use, with the fixed and the classic one."""
    reasons: tuple[str, ...] = ()
    """Why the rungs are what they are, in sentences for people."""
    notes: tuple[str, ...] = ()

    @property
    def search_share(self) -> float | None:
        """The search's cost as a share of the fixed ladder's encode, None where unknown."""
        if self.encode_cpu_seconds <= 0:
            return None
        return self.search_cpu_seconds / self.encode_cpu_seconds
