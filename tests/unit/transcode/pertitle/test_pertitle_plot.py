import pytest

from matinee.transcode.pertitle.plot import Mark, Series, plot, rate_words


@pytest.mark.parametrize(
    ("rate", "words"),
    [(800_000, "800 kb/s"), (1_500_000, "1.5 Mb/s"), (2e7, "20 Mb/s"), (50, "0.05 kb/s")],
)
def test_rates_in_words(rate, words):
    assert rate_words(rate) == words


def test_labels_and_titles_are_escaped():
    svg = plot("a < b", [Series(kind="fixed", name="x & y", marks=(Mark(1e5, 50, "<script>"),))])
    assert "<script>" not in svg
    assert "a &lt; b" in svg
    assert "x &amp; y" in svg


def test_more_bits_are_further_right_and_better_is_higher():
    marks = (Mark(1e5, 50), Mark(1e6, 90))
    svg = plot("t", [Series(kind="hull", name="h", line=True, marks=marks)])
    corners = svg.partition('points="')[2].partition('"')[0].split()
    (left, low), (right, high) = (map(float, corner.split(",")) for corner in corners)
    assert left < right
    assert high < low
