"""Files are told by their bytes, and what is no film is named."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.errors import MediaError
from matinee.ingest.sniff import container_of, sniff
from matinee.toolchain.ffmpeg import DEMUXERS

EBML = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01"
ADTS = bytes.fromhex("fff14c8001fffc") + bytes(8)  # 15 bytes long


def ts(length: int, start: int = 0) -> bytes:
    packet = b"\x47" + bytes(187)
    return bytes(start) + (packet + bytes(length - 188)) * 10


@pytest.mark.parametrize(
    ("head", "container"),
    [
        (b"\0\0\0\x18ftypisom\0\0\2\0isomiso2", "mp4"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "mp4"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "mp4"),
        (EBML + b"\x42\x82\x88matroska", "matroska"),
        (EBML + b"\x42\x82\x84webm", "matroska"),
        (ts(188), "mpegts"),
        (ts(192, start=4), "mpegts"),
        (ts(204), "mpegts"),
        (ts(188, start=50), "mpegts"),
        (b"\0\0\x01\xba\x44\0", "mpeg"),
        (b"RIFF\0\0\0\0AVI LIST", "avi"),
        (b"RIFF\0\0\0\0WAVEfmt ", "wav"),
        (b"RF64\xff\xff\xff\xffWAVEds64", "wav"),
        (bytes.fromhex("060e2b34020501010d01020101020400"), "mxf"),
        (b"\0" * 5000 + bytes.fromhex("060e2b34020501010d01020101020400"), "mxf"),
        (b"FLV\x01\x05", "flv"),
        (b"OggS\0", "ogg"),
        (b"fLaC\0", "flac"),
        (b"FORM\0\0\0\0AIFFCOMM", "aiff"),
        (b"caff\0\x01", "caf"),
        (b"\xff\xfb\x90\x64" + bytes(100), "mp3"),
        (ADTS * 3, "aac"),
    ],
)
def test_containers(head: bytes, container: str) -> None:
    assert container_of(head) == container
    assert container in DEMUXERS


@pytest.mark.parametrize(
    ("head", "code", "named"),
    [
        (b"", "empty-file", "empty"),
        (b"#EXTM3U\n#EXT-X-VERSION:3\n", "playlist-refused", "playlist"),
        (b"\xef\xbb\xbf  \n#EXTM3U\n", "playlist-refused", "playlist"),
        (b"a title\n#EXTM3U\nfile:///etc/passwd", "playlist-refused", "HLS"),
        ("#EXTM3U\n".encode("utf-16"), "playlist-refused", "playlist"),
        (b"ffconcat version 1.0\nfile a.mp4", "playlist-refused", "ffconcat"),
        (b"# made\nfile '/etc/passwd'\n", "playlist-refused", "list of files"),
        (b"<?xml version='1.0'?>\n<!-- x --><MPD xmlns='x'>", "playlist-refused", "DASH"),
        (b"<SmoothStreamingMedia>", "playlist-refused", "Smooth"),
        (b"v=0\r\no=- 0 0 IN IP4 1.1.1.1\r\n", "playlist-refused", "SDP"),
        (b"<playlist version='1'>", "playlist-refused", "XSPF"),
        (b"<ASX version='3'>", "playlist-refused", "ASX"),
        (b"[playlist]\nFile1=x", "playlist-refused", "playlist"),
        (b'REM x\nPERFORMER "y"\nFILE "a.wav" WAVE\n  TRACK 01 AUDIO', "playlist-refused", "cue"),
        (b"http://169.254.169.254/latest/meta-data", "playlist-refused", "addresses"),
        (b"<svg xmlns='x'>", "not-media", "SVG"),
        (b"<!DOCTYPE html><html>", "not-media", "web page"),
        (b"<tt xmlns='http://www.w3.org/ns/ttml'>", "not-media", "TTML"),
        (b"WEBVTT\n\n", "not-media", "subtitle"),
        (b"1\n00:00:01,000 --> 00:00:02,000\nx", "not-media", "subtitle"),
        (b"#!/bin/sh\nrm -rf /", "not-media", "script"),
        (b"Dear Sir or Madam,", "not-media", "text"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not-media", "PNG"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "not-media", "JPEG"),
        (b"GIF89a\x01\0\x01\0", "not-media", "GIF"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "not-media", "WebP"),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "not-media", "image"),
        (b"PK\x03\x04\x14\0\0\0\x08\0", "not-media", "ZIP"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "not-media", "gzip"),
        (b"%PDF-1.7\n", "not-media", "PDF"),
        (b"\x7fELF\x02\x01\x01\0", "not-media", "program"),
        (bytes(257) + b"ustar\x0000", "not-media", "tar"),
        (bytes(100_000), "not-media", "recognised"),
        (b"\0\0\x01\xb3\x16\0", "unsupported-container", "MPEG"),
        (b"\0\0\0\x01\x67\x64\0\x1f", "unsupported-container", "H.264"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9", "unsupported-container", "ASF"),
        (b"DKIF\0\0\x20\0", "unsupported-container", "IVF"),
        (EBML + b"\x42\x82\x84abcd", "unsupported-container", "EBML"),
        (EBML, "unsupported-container", "EBML"),
        (b"RIFF\0\0\0\0CDXA", "unsupported-container", "RIFF"),
        (b"\0\0\0\x18stypmsdh\0\0\0\0", "unsupported-container", "segment"),
        (b"\0\0\0\x18moof\0\0\0\0", "unsupported-container", "segment"),
    ],
)
def test_refusals(head: bytes, code: str, named: str) -> None:
    with pytest.raises(MediaError) as caught:
        container_of(head)
    assert caught.value.code == code
    assert named in caught.value.message
    assert caught.value.fix


def id3(size: int) -> bytes:
    digits = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x04\0\0" + digits + bytes(size)


@pytest.mark.parametrize(
    ("rest", "container"),
    [(b"\xff\xfb\x90\x64" + bytes(50), "mp3"), (ADTS * 3, "aac"), (b"fLaC\0\0\0\x22", "flac")],
)
def test_what_follows_an_id3_tag_counts(tmp_path: Path, rest: bytes, container: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(id3(200_000) + rest)
    assert sniff(path) == container


def test_names_say_nothing(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"#EXTM3U\nfile:///etc/passwd")
    with pytest.raises(MediaError, match="playlist"):
        sniff(path)


@given(st.binary(max_size=2000))
def test_any_bytes_are_told_or_refused(head: bytes) -> None:
    for prefix in (
        b"",
        b"RIFF",
        EBML,
        b"\xff\xf1",
        struct.pack(">I4s", 8, b"ftyp"),
        b"<",
        b"file ",
    ):
        try:
            assert container_of(prefix + head) in DEMUXERS
        except MediaError as error:
            assert error.message  # noqa: PT017 - either way is right


def test_text_made_to_be_slow_is_told_quickly() -> None:
    with pytest.raises(MediaError):
        container_of((b"REM a\n" * 10_000)[:60_000])
    with pytest.raises(MediaError):
        container_of(b"#\n \n" * 15_000)
