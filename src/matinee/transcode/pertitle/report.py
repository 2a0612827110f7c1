"""What a search found, as files for people and programs: `ladder.json` and `ladder.svg`; pure."""

import msgspec

from matinee.errors import InputError
from matinee.transcode.pertitle.plot import Mark, Series, plot
from matinee.transcode.pertitle.points import Chosen

FORMAT = 1
"""Raised when a field of `ladder.json` changes its meaning."""


class LadderReport(msgspec.Struct, frozen=True, kw_only=True):
    """`ladder.json`. Rates are bits a second, times seconds, costs CPU seconds."""

    format: int = FORMAT
    chosen: Chosen
    search_share: float | None
    """The search's cost over the fixed ladder's encode, both by forecast and measurement."""


def report_json(chosen: Chosen) -> bytes:
    """Return the table behind the choice as JSON, indented."""
    report = LadderReport(chosen=chosen, search_share=chosen.search_share)
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


def read_report(text: bytes) -> Chosen:
    """Return what `report_json` was given.

    Raises:
        InputError: *text* is no such report.
    """
    try:
        return msgspec.json.decode(text, type=LadderReport).chosen
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError("This is no ladder report.", code="bad-ladder-report") from error


def report_svg(chosen: Chosen) -> bytes:
    """Return a picture of VMAF over bit rate: measured points, hull, and the rungs.

    It holds no script and refers to nothing outside; colours follow the reader's light or dark
    theme. Without measurements it says so.
    """
    hull = sorted((point for point in chosen.hull if point.on_hull), key=lambda point: point.rate)
    series = (
        Series(
            kind="measured",
            name="measured",
            marks=tuple(
                Mark(point.rate, point.vmaf, hint=f"{point.height}p, CRF {point.crf:g}")
                for point in chosen.hull
            ),
        ),
        Series(
            kind="hull",
            name="convex hull",
            line=True,
            marks=tuple(Mark(point.rate, point.vmaf) for point in hull),
        ),
        Series(
            kind="fixed",
            name="fixed ladder",
            line=True,
            marks=tuple(Mark(rung.rate, rung.vmaf, rung.name) for rung in chosen.fixed),
        ),
        Series(
            kind="classic",
            name="classic ladder",
            line=True,
            marks=tuple(
                Mark(rung.rate, rung.vmaf, hint=rung.name)
                for one in chosen.comparisons
                if one.against == "classic"
                for rung in one.rungs
            ),
        ),
        Series(
            kind="chosen",
            name="chosen rungs",
            marks=tuple(
                Mark(rung.rate, rung.vmaf, rung.name, _hint(rung.crf)) for rung in chosen.rungs
            ),
        ),
    )
    return plot("Quality over bit rate", series, empty=" ".join(chosen.notes)).encode()


def _hint(crf: float | None) -> str:
    return "" if crf is None else f"CRF {crf:g}"
