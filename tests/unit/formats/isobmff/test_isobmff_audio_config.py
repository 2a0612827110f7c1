import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.formats.isobmff.movies import ESDS_PAYLOAD

from matinee.errors import MediaError
from matinee.formats.isobmff import audio_config, box


@pytest.mark.parametrize(
    ("config", "facts"),
    [
        ("1190", ("mp4a.40.2", 2, 48000)),
        ("1210", ("mp4a.40.2", 2, 44100)),
        ("11b0", ("mp4a.40.2", 6, 48000)),
        ("131056e500", ("mp4a.40.2", 2, 24000)),  # sync extension, SBR absent
        ("131056e598", ("mp4a.40.5", 2, 48000)),  # backward compatible SBR
        ("131056e59d4880", ("mp4a.40.29", 2, 48000)),  # and PS
        ("2b118800", ("mp4a.40.5", 2, 48000)),  # SBR, hierarchical
        ("eb098800", ("mp4a.40.29", 2, 48000)),  # PS: one channel coded, two heard
        ("17805dc010", ("mp4a.40.2", 2, 48000)),  # a rate spelt out in 24 bits
        ("f94840", ("mp4a.40.42", 2, 44100)),  # escaped object type: USAC
    ],
)
def test_audio_specific_config(config, facts):
    assert audio_config.audio_specific(bytes.fromhex(config)) == facts


def test_a_program_config_counts_its_channels():
    # AAC LC, 48 kHz, layout 0; PCE: 1 CPE + 1 SCE front, 1 CPE back, 1 LFE: 5.1
    bits = "0001000110000000"
    bits += "0000010011001000000001010000000000"
    bits += "0000010000100010000"
    bits = bits.ljust(-(-len(bits) // 8) * 8, "0") + "0" * 8
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    assert audio_config.audio_specific(data).channels == 6


def test_esds_gives_object_type_and_config():
    assert audio_config.descriptor(ESDS_PAYLOAD) == (0x40, bytes.fromhex("1190"))
    assert audio_config.mpeg4_audio(ESDS_PAYLOAD) == ("mp4a.40.2", 2, 48000)


@pytest.mark.parametrize(("object_type", "codec"), [(0x6B, "mp4a.6b"), (0x69, "mp4a.69")])
def test_mp3_is_told_by_its_object_type(object_type, codec):
    payload = ESDS_PAYLOAD.replace(b"\x40\x15", bytes([object_type, 0x15]))
    assert audio_config.mpeg4_audio(payload).codec == codec


def test_other_codecs():
    assert audio_config.opus(bytes.fromhex("0002013800000bb800000000"[:22])) == ("Opus", 2, 48000)
    assert audio_config.ac3(bytes.fromhex("103dc0")) == ("ac-3", 6, 48000)
    assert audio_config.ec3(bytes.fromhex("0800200f00")) == ("ec-3", 6, 48000)
    streaminfo = bytes.fromhex("80000022 1000 1000 000000 000000 0bb802f0")
    assert audio_config.flac(streaminfo) == ("fLaC", 2, 48000)
    cookie = bytes.fromhex("00001000 00 10 28 0a 0e 02 00ff 00000000 00000000 0000ac44")
    assert audio_config.alac(cookie) == ("alac", 2, 44100)


DOORS = [
    audio_config.audio_specific, audio_config.mpeg4_audio, audio_config.opus, audio_config.ac3,
    audio_config.ec3, audio_config.flac, audio_config.alac,
]  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
@given(data=st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(door, data):
    try:
        facts = box.guarded("config")(door)(data)
    except MediaError:
        return
    assert facts.channels >= 0
    assert facts.sample_rate >= 0
