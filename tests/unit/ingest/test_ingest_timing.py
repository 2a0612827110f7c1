"""Frame rates, exact and varying."""

from fractions import Fraction

import pytest

from matinee.ingest.timing import frame_rate, gaps, pulled_down, ratio_of, varies
from matinee.model.media import Ratio


def times(rate: Fraction, count: int = 100, digits: int = 6) -> list[tuple[float, float]]:
    shown = [round(float(number / rate), digits) for number in range(count)]
    return [(time - 0.1, time) for time in shown]


@pytest.mark.parametrize(
    ("text", "ratio"),
    [("25/1", Ratio(25)), ("50/2", Ratio(25)), ("24000/1001", Ratio(24000, 1001)),
     ("0/0", None), ("0/1", None), ("", None), (None, None), ("-1/2", None), ("x/y", None)],
)  # fmt: skip
def test_ratios(text: str | None, ratio: Ratio | None) -> None:
    assert ratio_of(text) == ratio


def test_gaps_are_in_the_order_of_showing() -> None:
    decoded = [(0.0, 0.0), (0.04, 0.16), (0.08, 0.08), (0.12, 0.04), (0.16, 0.12)]
    assert gaps(decoded) == pytest.approx([0.04] * 4)


def test_overlapping_samples_are_apart() -> None:
    first = times(Fraction(25), 20)
    second = [(decoding + 0.22, shown + 0.22) for decoding, shown in first]
    assert gaps([*first, *second]) == pytest.approx([0.04] * 19 * 2 + [0.04] * 0, abs=0.03)
    assert not varies(gaps([*first, *[(d - 0.5, s - 0.5 + 0.02) for d, s in second]]))


def test_pictures_without_times_are_counted_by_decoding() -> None:
    half = [(d, s if n % 2 else None) for n, (d, s) in enumerate(times(Fraction(25)))]
    assert not varies(gaps(half))
    assert gaps(half) == pytest.approx([0.04] * 99)


@pytest.mark.parametrize(
    "rate", [Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30),
             Fraction(50), Fraction(60000, 1001), Fraction(60), Fraction(12)],
)  # fmt: skip
@pytest.mark.parametrize("digits", [3, 6])
def test_usual_rates_are_exact_despite_rounding(rate: Fraction, digits: int) -> None:
    distances = gaps(times(rate, 300, digits))
    wrong = Fraction(float(rate) * 0.994).limit_denominator(10_000)
    average = Ratio(wrong.numerator, wrong.denominator)
    expected = Ratio(rate.numerator, rate.denominator)
    assert not varies(distances)
    assert frame_rate(average, None, distances) == expected
    assert frame_rate(None, None, distances) == expected


def test_the_smallest_rate_is_believed_near_the_average() -> None:
    assert frame_rate(Ratio(640000, 25737), Ratio(25), []) == Ratio(25)
    assert frame_rate(Ratio(25), Ratio(50), []) == Ratio(25)


def test_odd_rates_stay() -> None:
    assert frame_rate(Ratio(301, 10), Ratio(301, 10), []) == Ratio(301, 10)


def test_varying_films_keep_their_average() -> None:
    kept = [pair for n, pair in enumerate(times(Fraction(30), 200)) if n % 12 not in {3, 4, 5, 6}]
    distances = gaps(kept)
    assert varies(distances)
    assert frame_rate(Ratio(20), Ratio(30), distances) == Ratio(20)


def test_one_cut_does_not_make_a_film_vary() -> None:
    assert not varies(
        gaps(times(Fraction(25), 50) + [(d + 9, s + 9) for d, s in times(Fraction(25))])
    )


def test_nothing_known_is_the_default() -> None:
    assert frame_rate(None, None, []) == Ratio(25)
    assert not varies([])


@pytest.mark.parametrize("digits", [3, 6])
def test_repeated_fields_are_film_and_not_a_varying_rate(digits: int) -> None:
    field = 1001 / 60000
    shown = [round(field * (5 * (number // 2) + 2 * (number % 2)), digits) for number in range(100)]
    distances = gaps([(None, time) for time in shown])
    assert pulled_down(distances)
    assert not varies(distances)
    assert frame_rate(Ratio(30000, 1001), Ratio(60000, 1001), distances) == Ratio(24000, 1001)


def test_other_uneven_rates_are_no_pulldown() -> None:
    assert not pulled_down([1 / 30] * 80 + [1 / 20] * 20)
    assert not pulled_down([1 / 30, 1 / 20] * 5)
    assert not pulled_down([0.04, 0.08] * 50)
