import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.errors import UpstreamError
from matinee.transcode.pertitle.measure import Tally, read_vmaf


def test_sizes_of_packets_add_up_by_point():
    tally = Tally(2)
    for line in ("point 0 100", "point 1 7", "point 0 20", "rung 0 9"):
        tally(line)
    assert tally.sizes == [120, 7]


@given(st.text(max_size=40))
def test_other_lines_are_no_sign_of_life(line):
    tally = Tally(1)
    assert tally(line) is False
    assert tally("point 1 5") is False
    assert tally("point x 5") is False
    assert tally.sizes == [0]


@pytest.mark.parametrize(
    ("text", "score"),
    [
        (b'{"pooled_metrics":{"vmaf":{"mean":91.25,"min":3}},"frames":[]}', 91.25),
        (b'{"pooled_metrics":{"vmaf":{"mean":100.4}}}', 100.0),
    ],
)
def test_the_mean_of_a_log_is_its_score(tmp_path, text, score):
    (tmp_path / "log").write_bytes(text)
    assert read_vmaf(tmp_path / "log") == score


@pytest.mark.parametrize("text", [None, b"", b"{}", b'{"pooled_metrics":{"vmaf":{"mean":1e999}}}'])
def test_a_log_without_a_score_is_a_fault_of_the_program(tmp_path, text):
    if text is not None:
        (tmp_path / "log").write_bytes(text)
    with pytest.raises(UpstreamError):
        read_vmaf(tmp_path / "log")
