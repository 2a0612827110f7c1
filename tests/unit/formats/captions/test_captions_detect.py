"""Formats and encodings are told by content."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.errors import MediaError
from matinee.formats.captions import decode, detect, parse

SRT = "1\n00:00:01,000 --> 00:00:02,000\nGrüße\n"
VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\nGrüße\n"
TTML = (
    '<?xml version="1.0"?><tt xmlns="http://www.w3.org/ns/ttml"><body><div>'
    '<p begin="1s" end="2s">Grüße</p></div></body></tt>'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-16-le"])
@pytest.mark.parametrize(("text", "kind"), [(SRT, "srt"), (VTT, "webvtt")])
def test_unicode_in_any_form(text: str, kind: str, encoding: str) -> None:
    data = text.encode(encoding)
    assert detect(data) == kind
    assert [one.payload for one in parse(data)] == ["Grüße"]


def test_old_code_page() -> None:
    assert [one.payload for one in parse(SRT.encode("windows-1252"))] == ["Grüße"]
    assert decode(b"\x93x\x94\x81") == "“x”�"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_ttml(encoding: str) -> None:
    data = TTML.encode(encoding)
    assert detect(data) == "ttml"
    assert [one.payload for one in parse(data)] == ["Grüße"]


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"<html><body>x --> y</body></html>", b"\x89PNG\r\n\x1a\n" + bytes(99),
     b"#EXTM3U\nfile:///etc/passwd", b"WEBVTTX", bytes(1000)],
)  # fmt: skip
def test_what_is_no_subtitle_file_is_refused(data: bytes) -> None:
    with pytest.raises(MediaError) as caught:
        parse(data)
    assert caught.value.code == "bad-subtitles"
    assert caught.value.fix


@given(st.binary(max_size=300))
def test_hostile_bytes_raise_only_the_typed_error(data: bytes) -> None:
    for head in (b"", b"WEBVTT\n", b"00:00:01,000 --> 00:00:02,000\n", b"<tt "):
        with suppress(MediaError):
            parse(head + data)
