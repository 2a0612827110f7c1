import struct
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from matinee.formats.captions import tx3g, webvtt


def sample(text: bytes, *styles: tuple[int, int, int]) -> bytes:
    records = b"".join(struct.pack(">HHHBBI", a, b, 1, face, 18, 0) for a, b, face in styles)
    box = struct.pack(">I4sH", 10 + len(records), b"styl", len(styles)) + records
    return struct.pack(">H", len(text)) + text + (box if styles else b"")


def one(data: bytes) -> str:
    (cue,) = tx3g.parse([(Fraction(1), Fraction(2), data)])
    return cue.payload


def test_styles_become_markup():
    assert one(sample(b"Good evening & all", (0, 4, 2), (5, 12, 3))) == (
        "<i>Good</i> <b><i>evening</i></b> &amp; all"
    )


def test_encodings():
    assert one(sample("Süß".encode())) == "Süß"
    assert one(sample("Süß".encode("utf-16"))) == "Süß"
    assert one(sample("Süß".encode("mac_roman"))) == "Süß"


def test_an_empty_sample_is_a_pause():
    assert tx3g.parse([(Fraction(0), Fraction(1), b"\0\0")]) == ()


@given(st.binary(max_size=200))
def test_hostile_bytes_make_clean_cues_or_none(data: bytes):
    cues = tx3g.parse([(Fraction(1), Fraction(2), data)])
    assert webvtt.parse(webvtt.render(cues)) == cues
