"""A small SVG plot of quality over bit rate, legible in light and dark; pure."""

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import Literal, NamedTuple
from xml.sax.saxutils import escape

import msgspec

Kind = Literal["measured", "hull", "fixed", "classic", "chosen"]


class Mark(NamedTuple):
    """A point: bits a second, VMAF, a label beside it and words shown on pointing at it."""

    rate: float
    vmaf: float
    label: str = ""
    hint: str = ""


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """Marks of one kind, joined by a line where `line` says so."""

    kind: Kind
    name: str
    marks: tuple[Mark, ...]
    line: bool = False


_WIDTH, _HEIGHT = 760, 460
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 736, 68, 396
_LEGEND = 46
_STYLE = """
svg{--ground:#ffffff;--ink:#1b1f24;--faint:#5c6570;--grid:#d9dee4;--own:#0b57c2;--other:#b3400a;
--classic:#6b3fa0}
@media (prefers-color-scheme:dark){svg{--ground:#14171b;--ink:#eef1f4;--faint:#a3adb8;
--grid:#343b43;--own:#7db4ff;--other:#ffa36b;
--classic:#c9a8ff}}
text{font:13px system-ui,sans-serif;fill:var(--ink)}.title{font-weight:600;font-size:15px}
.small{font-size:12px;fill:var(--faint)}.grid{stroke:var(--grid);stroke-width:1}
.ground{fill:var(--ground)}.measured{fill:none;stroke:var(--faint)}
.hull{fill:none;stroke:var(--own);stroke-width:1.5}
.fixed{fill:none;stroke:var(--other);stroke-width:1.5}
line.fixed,polyline.fixed{stroke-dasharray:5 4}
.classic{fill:none;stroke:var(--classic);stroke-width:1.5}
line.classic,polyline.classic{stroke-dasharray:2 3}
.chosen{fill:var(--own);stroke:var(--ground)}text.own{fill:var(--own)}text.other{fill:var(--other)}
""".replace("\n", "")


class _Scale:
    """From rates and VMAF to places in the picture; the rate's axis is logarithmic."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        rates = [mark.rate for mark in marks]
        self.low, self.high = _bounds(min(rates), max(rates))
        self.least = max(0, floor(min(mark.vmaf for mark in marks) / 10) * 10)
        self.least = min(self.least, 90)

    def x(self, rate: float) -> float:
        share = log10(rate / self.low) / log10(self.high / self.low)
        return _LEFT + share * (_RIGHT - _LEFT)

    def y(self, vmaf: float) -> float:
        share = (vmaf - self.least) / (100 - self.least)
        return _BOTTOM - share * (_BOTTOM - _TOP)


def _ticks(low: float, high: float) -> list[float]:
    """Return the 1, 2 and 5 of each decade from *low* to *high*."""
    decades = range(floor(log10(low)) - 1, ceil(log10(high)) + 1)
    found = [digit * 10.0**decade for decade in decades for digit in (1, 2, 5)]
    return [tick for tick in found if low * 0.999 <= tick <= high * 1.001]


def _bounds(low: float, high: float) -> tuple[float, float]:
    """Return the nearest ticks at or outside *low* and *high*, at least two apart."""
    around = _ticks(low / 10, high * 10)
    start = max(tick for tick in around if tick <= low * 1.001)
    end = min(tick for tick in around if tick >= high * 0.999 and tick > start)
    return start, end


def rate_words(rate: float) -> str:
    """Return *rate* (bits a second) as people say it: `800 kb/s`, `1.5 Mb/s`."""
    return f"{rate / 1e6:g} Mb/s" if rate >= 1e6 else f"{rate / 1e3:g} kb/s"


def plot(title: str, series: Sequence[Series], *, empty: str = "") -> str:
    """Return an SVG document of *series* under *title*, or one that says *empty*."""
    marks = [mark for one in series for mark in one.marks]
    words = f"{title}: VMAF over bits a second (logarithmic), {len(marks)} points."
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-labelledby="t d">'
        f'<title id="t">{escape(title)}</title><desc id="d">{escape(words)}</desc>'
        f"<style>{_STYLE}</style>"
        f'<rect class="ground" width="{_WIDTH}" height="{_HEIGHT}"/>'
        f'<text class="title" x="{_LEFT}" y="24">{escape(title)}</text>'
    )
    if not marks:
        said = empty or "Nothing was measured."
        return f'{head}<text x="{_LEFT}" y="{_TOP + 20}">{escape(said)}</text></svg>\n'
    scale = _Scale(marks)
    body = "".join(_series(one, scale) for one in series)
    return f"{head}{_axes(scale)}{_legend(series)}{body}</svg>\n"


def _axes(scale: _Scale) -> str:
    parts = []
    for rate in _ticks(scale.low, scale.high):
        x = f"{scale.x(rate):.1f}"
        parts.append(f'<line class="grid" x1="{x}" y1="{_TOP}" x2="{x}" y2="{_BOTTOM}"/>')
        parts.append(
            f'<text class="small" x="{x}" y="{_BOTTOM + 18}" text-anchor="middle">'
            f"{rate_words(rate)}</text>"
        )
    step = 10 if scale.least >= 40 else 20
    for vmaf in range(ceil(scale.least / step) * step, 101, step):
        y = f"{scale.y(vmaf):.1f}"
        parts.append(f'<line class="grid" x1="{_LEFT}" y1="{y}" x2="{_RIGHT}" y2="{y}"/>')
        parts.append(
            f'<text class="small" x="{_LEFT - 8}" y="{y}" dy="4" text-anchor="end">{vmaf}</text>'
        )
    middle = (_TOP + _BOTTOM) / 2
    parts.append(
        f'<text x="{(_LEFT + _RIGHT) / 2}" y="{_BOTTOM + 44}" text-anchor="middle">'
        "average bit rate (logarithmic)</text>"
        f'<text x="18" y="{middle}" text-anchor="middle" '
        f'transform="rotate(-90 18 {middle})">VMAF, 0 to 100</text>'
    )
    return "".join(parts)


def _legend(series: Sequence[Series]) -> str:
    parts, x = [], float(_LEFT)
    for one in series:
        if not one.marks:
            continue
        if one.line:
            parts.append(
                f'<line class="{one.kind}" x1="{x}" y1="{_LEGEND}" x2="{x + 22}" y2="{_LEGEND}"/>'
            )
        if one.kind != "hull":
            parts.append(_shape(one.kind, x + 11, _LEGEND))
        parts.append(
            f'<text class="small" x="{x + 28}" y="{_LEGEND + 4}">{escape(one.name)}</text>'
        )
        x += 48 + 7 * len(one.name)
    return "".join(parts)


def _series(one: Series, scale: _Scale) -> str:
    places = [(scale.x(mark.rate), scale.y(mark.vmaf), mark) for mark in one.marks]
    parts = []
    if one.line:
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in sorted(places, key=lambda at: at[0]))
        parts.append(f'<polyline class="{one.kind}" points="{corners}"/>')
    for x, y, mark in places:
        words = ", ".join(
            word
            for word in (mark.label, mark.hint, _rounded(mark.rate), f"VMAF {mark.vmaf:.1f}")
            if word
        )
        if one.kind != "hull":
            parts.append(f"<g><title>{escape(words)}</title>{_shape(one.kind, x, y)}</g>")
        if mark.label:
            parts.append(_label(one.kind, x, y, mark.label))
    return "".join(parts)


def _rounded(rate: float) -> str:
    digits = 10 ** (floor(log10(rate)) - 2)
    return rate_words(round(rate / digits) * digits)


def _shape(kind: Kind, x: float, y: float) -> str:
    if kind == "chosen":  # a diamond: kinds differ in shape and not only in colour
        corners = f"{x:.1f},{y - 6:.1f} {x + 6:.1f},{y:.1f} {x:.1f},{y + 6:.1f} {x - 6:.1f},{y:.1f}"
        return f'<polygon class="chosen" points="{corners}"/>'
    if kind == "classic":
        corners = f"{x:.1f},{y - 5:.1f} {x + 5:.1f},{y + 4:.1f} {x - 5:.1f},{y + 4:.1f}"
        return f'<polygon class="classic" points="{corners}"/>'
    if kind == "fixed":
        return f'<rect class="fixed" x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8"/>'
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>'


def _label(kind: Kind, x: float, y: float, words: str) -> str:
    """Chosen rungs are named above to the left, where nothing is better, the fixed ones below."""
    if kind == "chosen":
        place = f'class="own" x="{max(x - 9, 0):.1f}" y="{y - 6:.1f}" text-anchor="end"'
    else:
        place = f'class="other" x="{x + 9:.1f}" y="{y + 14:.1f}"'
    return f"<text {place}>{escape(words)}</text>"
