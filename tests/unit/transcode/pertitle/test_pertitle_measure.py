import struct

import pytest

from matinee.errors import UpstreamError
from matinee.transcode.pertitle.measure import media_bytes, read_vmaf


def box(kind, payload):
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


def test_only_the_samples_of_a_file_count(tmp_path):
    data = box(b"ftyp", b"isom\0\0\0\0") + box(b"mdat", b"x" * 321) + box(b"moov", b"y" * 900)
    (tmp_path / "file").write_bytes(data)
    assert media_bytes(tmp_path / "file") == 321


@pytest.mark.parametrize("data", [None, b"", b"no boxes at all", box(b"ftyp", b"")[:-1] + b"\xff"])
def test_a_file_without_samples_is_a_fault_of_the_program(tmp_path, data):
    if data is not None:
        (tmp_path / "file").write_bytes(data)
    with pytest.raises(UpstreamError):
        media_bytes(tmp_path / "file")


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
