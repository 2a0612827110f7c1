import pytest

from matinee.verify.content import sniff


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\0\0\0\x10styp1234", "fmp4"),
        (b"\0\0\0\x10moof1234", "fmp4"),
        (b"\x47" + bytes(187) + b"\x47" + bytes(187), "ts"),
        (b"WEBVTT\n", "text"),
        (b"\xef\xbb\xbfWEBVTT\n", "text"),
        (b"\xff\xd8\xff\xe0", "image"),
        (b"ID3\x04", "audio"),
        (b"\xff\xf1\x50", "audio"),
        (b"", "unknown"),
        (b"\xff", "unknown"),
        (b"\x47" + bytes(300), "unknown"),
        (b"<html>", "unknown"),
    ],
)
def test_segments_are_known_by_their_first_bytes(data, kind):
    assert sniff(data) == kind
