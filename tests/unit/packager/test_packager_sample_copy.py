import os
from array import array
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matinee.errors import MediaError
from matinee.packager import sample_copy
from matinee.packager.sample_copy import FileSource, SampleCopier

DATA = bytes(range(256)) * 400


@contextmanager
def opened(tmp_path, data=DATA):
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(data)
    descriptor = os.open(target, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    try:
        with FileSource(source) as file:
            yield SampleCopier(file, descriptor), target
    finally:
        os.close(descriptor)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    samples=st.lists(st.tuples(st.integers(0, len(DATA) - 3000), st.integers(0, 3000)), min_size=1),
    limits=st.sampled_from([(8 << 10, 4 << 20, 512 << 10), (50, 4000, 2500), (0, 3000, 1)]),
)
def test_samples_come_out_in_order_whatever_the_limits(samples, limits, tmp_path, monkeypatch):
    for name, value in zip(("GAP", "BUFFER", "DIRECT"), limits, strict=True):
        monkeypatch.setattr(sample_copy, name, value)
    with opened(tmp_path) as (copier, target):
        copier.write(b"head")
        copier.copy(array("Q", [at for at, _ in samples]), array("I", [n for _, n in samples]))
        copier.write(b"tail")
        copier.flush()
        expected = b"".join(DATA[at : at + size] for at, size in samples)
        assert target.read_bytes() == b"head" + expected + b"tail"


def test_a_file_system_that_cannot_send_is_written_to(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(22, "Invalid argument")

    for name, value in (("GAP", 0), ("BUFFER", 300), ("DIRECT", 100)):
        monkeypatch.setattr(sample_copy, name, value)
    monkeypatch.setattr(os, "sendfile", refuse)
    with opened(tmp_path) as (copier, target):
        copier.copy(array("Q", [0, 2000]), array("I", [1000, 1000]))
        copier.flush()
        assert target.read_bytes() == DATA[:1000] + DATA[2000:3000]


def test_partial_writes_are_finished(tmp_path, monkeypatch):
    real = os.writev

    def grudging(target, parts):
        return real(target, [bytes(parts[0])[:3]]) if len(parts[0]) > 3 else real(target, parts[:1])

    monkeypatch.setattr(os, "writev", grudging)
    with opened(tmp_path) as (copier, target):
        copier.write(b"abcdefgh")
        copier.write(b"ij")
        copier.copy(array("Q", [0, 50]), array("I", [5, 5]))
        copier.flush()
        assert target.read_bytes() == b"abcdefghij" + DATA[:5] + DATA[50:55]


@pytest.mark.parametrize("direct", [1, 1 << 20])
def test_a_source_that_shrank_is_told(tmp_path, monkeypatch, direct):
    monkeypatch.setattr(sample_copy, "DIRECT", direct)
    with opened(tmp_path, b"short") as (copier, _), pytest.raises(MediaError) as refused:
        copier.copy(array("Q", [2]), array("I", [10]))
    assert refused.value.code == "truncated"


def test_reading_beyond_the_end_gives_nothing(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    with FileSource(tmp_path / "file") as source:
        assert source.size == 3
        assert source.read(1, 10) == b"bc"
        assert source.read(9, 10) == b""
