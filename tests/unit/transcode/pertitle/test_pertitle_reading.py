import struct

import pytest

from matinee.errors import UpstreamError
from matinee.transcode.pertitle.reading import media_bits, read_vmaf


def box(kind, payload):
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


@pytest.mark.parametrize("data", [None, b"", b"no boxes at all", box(b"ftyp", b"")[:-1] + b"\xff"])
def test_a_file_without_samples_is_a_fault_of_the_program(tmp_path, data):
    if data is not None:
        (tmp_path / "file").write_bytes(data)
    with pytest.raises(UpstreamError):
        media_bits(tmp_path / "file")


def log(*scores, every=5):
    frames = ",".join(
        f'{{"frameNum":{every * place},"metrics":{{"vmaf":{score}}}}}'
        for place, score in enumerate(scores)
    )
    return f'{{"version":"3","frames":[{frames}],"pooled_metrics":{{}}}}'.encode()


def test_the_mean_of_a_log_is_its_score(tmp_path):
    (tmp_path / "log").write_bytes(log(90, 92.5))
    assert read_vmaf(tmp_path / "log") == 91.25
    (tmp_path / "log").write_bytes(log(100.4))
    assert read_vmaf(tmp_path / "log") == 100.0


@pytest.mark.parametrize("text", [None, b"", b"{}", b'{"frames":[]}', log("1e999")])
def test_a_log_without_a_score_is_a_fault_of_the_program(tmp_path, text):
    if text is not None:
        (tmp_path / "log").write_bytes(text)
    with pytest.raises(UpstreamError):
        read_vmaf(tmp_path / "log")
