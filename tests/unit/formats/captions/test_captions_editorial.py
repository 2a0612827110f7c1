from fractions import Fraction

import pytest

from matinee.formats.captions import Cue, editorial


def cue(start: float, end: float, payload: str = "Good evening.", settings: str = "") -> Cue:
    ends = (Fraction(at).limit_denominator(1000) for at in (start, end))
    return Cue(start=next(ends), end=next(ends), payload=payload, settings=settings)


@pytest.mark.parametrize(
    ("cues", "kinds"),
    [
        ([cue(1, 3), cue(3.08, 5)], []),
        ([cue(1, 3, "<i>" + "x" * 42 + "</i>")], ["reading-speed"]),
        ([cue(1, 4, "x" * 43)], ["line-length"]),
        ([cue(1, 4, "a\nb\nc")], ["lines"]),
        ([cue(1, 1.5, "x")], ["duration"]),
        ([cue(1, 9)], ["duration"]),
        ([cue(1, 3), cue(3.04, 5)], ["gap"]),
        ([cue(1, 3), cue(2.5, 5)], ["overlap"]),
        ([cue(1, 3), cue(2.5, 5, settings="line:0")], []),
    ],
)
def test_what_an_editor_says(cues: list[Cue], kinds: list[str]):
    assert [remark.kind for remark in editorial.check(cues)] == kinds


def test_styles_are_values():
    long = [cue(1, 4, "x" * 40)]
    assert not editorial.check(long)
    assert [one.kind for one in editorial.check(long, editorial.STYLES["teletext"])] == [
        "line-length"
    ]


def test_a_summary_counts():
    remarks = editorial.check([cue(n, n + 0.4, "x") for n in range(3)])
    (words,) = editorial.summary(remarks).values()
    assert words == (
        "at 00:00:00.000 it is shown for 0.40 s, usual are 0.83 to 7 s, and 2 more like it"
    )
