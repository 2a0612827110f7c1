from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.formats.isobmff.movies import AVCC, HVCC

from matinee.errors import MediaError
from matinee.formats.isobmff import box, video_config
from matinee.formats.isobmff.video_config import Nclx


def test_avc():
    assert video_config.avc("avc1", AVCC) == ("avc1.64001e", 8)
    high10 = bytes([AVCC[0], 110, *AVCC[2:]]).replace(b"\xfd\xf8\xf8", b"\xfd\xfa\xfa")
    assert video_config.avc("avc1", high10) == ("avc1.6e001e", 10)
    assert video_config.avc("avc3", AVCC[:7]) == ("avc3.64001e", 8)
    assert video_config.has_avc_parameter_sets(AVCC)
    assert not video_config.has_avc_parameter_sets(bytes.fromhex("0164001effe000"))


def test_hevc():
    assert video_config.hevc("hvc1", HVCC) == ("hvc1.1.6.L93.90", 8)
    main10 = bytes([HVCC[0], 0x22, 0x20, 0, 0, 0, *HVCC[6:17], 0xFA, *HVCC[18:]])
    assert video_config.hevc("hvc1", main10) == ("hvc1.2.4.H93.90", 10)
    assert [kind for _, kind in video_config.hevc_arrays(HVCC)] == [32, 33, 34]


@pytest.mark.parametrize(
    ("config", "colour", "codec"),
    [
        ("81080c00", None, "av01.0.08M.08"),
        ("812d4c00", Nclx(9, 16, 9, full_range=False), "av01.1.13M.10.0.110.09.16.09.0"),
        ("8100 1c 00", None, "av01.0.00M.08.1.110.01.01.01.0"),
        ("810d ec 00", Nclx(1, 1, 1, full_range=True), "av01.0.13H.12.0.110.01.01.01.1"),
    ],
)
def test_av1(config, colour, codec):
    assert video_config.av1(bytes.fromhex(config), colour).codec == codec


def test_vp9():
    facts, colour = video_config.vp9("vp09", bytes.fromhex("021fa2 0910 09 0000"))
    assert facts == ("vp09.02.31.10.01.09.16.09.00", 10)
    assert colour == (9, 16, 9, False)


@pytest.mark.parametrize(
    "door",
    [
        lambda data: video_config.avc("avc1", data),
        lambda data: video_config.hevc("hvc1", data),
        lambda data: video_config.av1(data, None),
        lambda data: video_config.vp9("vp09", data)[0],
        video_config.hevc_arrays,
    ],
)
@given(data=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(door, data):
    with suppress(MediaError):
        box.guarded("config")(door)(data)
