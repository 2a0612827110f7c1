from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.formats.isobmff.movies import AVC1, AVCC, HVCC, MP4A, sound, u32, visual

from matinee.errors import MediaError
from matinee.formats.isobmff import box
from matinee.formats.isobmff.entry import SampleEntry, cmaf_entry, read_entry


def read(data: bytes, handler: str) -> SampleEntry:
    view = memoryview(data)
    return read_entry(view, box.header(view, 0, len(data)), handler)


def kinds(entry: bytes, fields: int) -> list[str]:
    view = memoryview(entry)
    return [one.type for one in box.boxes(view, 8 + fields, len(entry))]


def test_a_picture_entry():
    colr = box.build("colr", b"nclx", bytes.fromhex("000900100009 80"))
    entry = read(
        visual("avc1", box.build("avcC", AVCC), colr, box.build("pasp", u32(16, 11))), "vide"
    )
    assert entry.codec == "avc1.64001e"
    assert (entry.width, entry.height, entry.pixel_aspect) == (640, 360, Fraction(16, 11))
    assert entry.colour == (9, 16, 9, True)


def test_the_decoder_configuration_leads_over_the_fields():
    entry = read(sound("mp4a", MP4A[36:], channels=1, rate=24000), "soun")
    assert (entry.channels, entry.sample_rate) == (2, 48000)


def test_quicktime_sound_is_understood_and_written_as_iso():
    wave = box.build("wave", box.build("frma", b"mp4a"), MP4A[36:], bytes(8))
    fields = bytes.fromhex("000000000000 0001 0001 0000 00000000 0002 0010 fffe 0000 bb800000")
    quicktime = box.build("mp4a", fields, bytes(16), wave)
    entry = read(quicktime, "soun")
    assert entry.codec == "mp4a.40.2"
    assert cmaf_entry(entry) == MP4A


def test_what_cmaf_has_no_use_for_stays_behind():
    assert kinds(AVC1, 78) == ["avcC", "pasp", "gama"]
    assert kinds(cmaf_entry(read(AVC1, "vide")), 78) == ["avcC", "pasp"]


def test_quicktime_colour_becomes_iso_colour():
    nclc = box.build("colr", b"nclc", bytes.fromhex("000100010001"))
    entry = read(visual("avc1", box.build("avcC", AVCC), nclc), "vide")
    again = read(cmaf_entry(entry), "vide")
    assert again.boxes["colr"] == b"nclx" + bytes.fromhex("00010001000100")


@pytest.mark.parametrize("tag", ["hvc1", "hev1"])
def test_hevc_is_tagged_hvc1_with_complete_parameter_sets(tag):
    written = read(cmaf_entry(read(visual(tag, box.build("hvcC", HVCC)), "vide")), "vide")
    assert written.codec == "hvc1.1.6.L93.90"
    arrays = written.boxes["hvcC"][23:]
    assert [arrays[at] for at in (0, 7, 14)] == [0xA0, 0xA1, 0xA2]


@pytest.mark.parametrize(
    ("data", "handler"),
    [
        (visual("avc3", box.build("avcC", bytes.fromhex("0164001effe000"))), "vide"),
        (visual("hev1", box.build("hvcC", HVCC[:22] + b"\0")), "vide"),
        (visual("avc1"), "vide"),
        (visual("apch"), "vide"),
        (sound("twos"), "soun"),
        (sound("mp4a"), "soun"),
    ],
)
def test_what_cannot_be_carried_is_refused(data, handler):
    with pytest.raises(MediaError) as refused:
        cmaf_entry(read(data, handler))
    assert refused.value.code == "unsupported-codec"


def test_encrypted_entries_tell_scheme_and_key_and_are_not_packaged():
    tenc = box.build_full("tenc", 0, 0, bytes.fromhex("00000108"), bytes(range(16)))
    sinf = box.build(
        "sinf",
        box.build("frma", b"avc1"),
        box.build_full("schm", 0, 0, b"cbcs", u32(0x10000)),
        box.build("schi", tenc),
    )
    entry = read(visual("encv", box.build("avcC", AVCC), sinf), "vide")
    assert (entry.codec, entry.scheme) == ("avc1.64001e", "cbcs")
    assert entry.key_id == bytes(range(16)).hex()
    with pytest.raises(MediaError) as refused:
        cmaf_entry(entry)
    assert refused.value.code == "encrypted"


@pytest.mark.parametrize(("data", "handler"), [(AVC1, "vide"), (MP4A, "soun")])
def test_writing_is_stable(data, handler):
    once = cmaf_entry(read(data, handler))
    assert cmaf_entry(read(once, handler)) == once


@given(st.sampled_from([AVC1, MP4A]), st.data())
def test_damage_is_read_or_refused(data, draw):
    broken = bytearray(data)
    for _ in range(3):
        broken[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    for handler in ("vide", "soun", "text"):
        try:
            entry = box.guarded("entry")(read)(bytes(broken), handler)
            cmaf_entry(entry)
        except MediaError:
            continue
        assert msgspec.structs.asdict(entry)["handler"] == handler
