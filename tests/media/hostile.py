"""Bytes that no honest encoder writes."""

import random
import struct
import zlib

SECRET = "/etc/passwd"
"""A file of the machine that no hostile input may make us read."""

PLAYLIST = f"""#EXTM3U
#EXT-X-TARGETDURATION:10
#EXT-X-MEDIA-SEQUENCE:0
#EXTINF:10.0,
concat:http://127.0.0.1:9/header.m3u8|file://{SECRET}
#EXTINF:10.0,
file://{SECRET}
#EXT-X-ENDLIST
""".encode()
CONCAT = f"ffconcat version 1.0\nfile '{SECRET}'\nfile 'http://127.0.0.1:9/x.mp4'\n".encode()
MPD = f"""<?xml version="1.0"?>
<!DOCTYPE MPD [<!ENTITY x SYSTEM "file://{SECRET}">]>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT10S"
     profiles="urn:mpeg:dash:profile:isoff-on-demand:2011">
 <Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1" codecs="avc1">
  <BaseURL>file://{SECRET}</BaseURL>&x;
 </Representation></AdaptationSet></Period>
</MPD>
""".encode()
SDP = b"""v=0
o=- 0 0 IN IP4 127.0.0.1
s=x
c=IN IP4 127.0.0.1
t=0 0
m=video 9 RTP/AVP 96
a=rtpmap:96 H264/90000
"""
SVG = f"""<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file://{SECRET}">]>
<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"><text>&x;</text>
<image href="file://{SECRET}"/></svg>
""".encode()


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, name) + content


FTYP = box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")


def nested_boxes(depth: int = 20_000) -> bytes:
    """A moov in a trak in a moov ..., to exhaust a recursive reader's stack."""
    sizes = (8 * (depth - level) for level in range(depth))
    return FTYP + b"".join(
        struct.pack(">I4s", size, b"trak" if level % 2 else b"moov")
        for level, size in enumerate(sizes)
    )


def box_past_end() -> bytes:
    """A moov that claims 8 EiB."""
    return FTYP + struct.pack(">I4sQ", 1, b"moov", (1 << 63) - 1) + b"\0" * 64


def flipped(whole: bytes) -> bytes:
    """Damage the media data, and leave all tables as they are."""
    data = bytearray(whole)
    start = data.index(b"mdat") + 200
    chance = random.Random(1)  # noqa: S311 - reproducible damage, no secret
    for _ in range(max(200, (len(data) - start) // 200)):
        data[chance.randrange(start, len(data))] ^= 0xFF
    return bytes(data)


def holed(whole: bytes) -> bytes:
    """Leave ten stretches of a transport stream out, as bad reception does: 1 % of it."""
    packets = [whole[at : at + 188] for at in range(0, len(whole), 188)]
    stretch = max(1, len(packets) // 1000)
    tenth = len(packets) // 10
    kept = [one for n, one in enumerate(packets) if n % tenth >= stretch or n < tenth]
    return b"".join(kept)


def noise(_: bytes) -> bytes:
    return random.Random(2).randbytes(200_000)  # noqa: S311


def huge_table(whole: bytes) -> bytes:
    """A sample-size table that claims four thousand million entries."""
    data = bytearray(whole)
    at = data.index(b"stsz") + 12  # after version, flags and sample_size
    data[at : at + 4] = b"\xff\xff\xff\xfe"
    return bytes(data)


def absurd_dimensions(whole: bytes) -> bytes:
    """An AVI of PNG pictures that claim 16000 x 16000: a gigabyte each, if one believes them."""
    data = bytearray(whole)
    size = 16_000
    header = data.index(b"strf") + 8 + 4  # biWidth and biHeight of the BITMAPINFOHEADER
    struct.pack_into("<II", data, header, size, size)
    at = data.find(b"IHDR")
    while at >= 0:
        struct.pack_into(">II", data, at + 4, size, size)
        struct.pack_into(">I", data, at + 17, zlib.crc32(data[at : at + 17]))
        at = data.find(b"IHDR", at + 4)
    return bytes(data)


def external_data(whole: bytes) -> bytes:
    """A data reference that names a file of the machine; the moov must be last in the file."""
    path = f"file://{SECRET}".encode() + b"\0"
    old = struct.pack(">I4sI", 12, b"url ", 1)
    new = struct.pack(">I4sI", 12 + len(path), b"url ", 0) + path
    at = whole.index(old, whole.index(b"dref"))
    data = bytearray(whole[:at] + new + whole[at + len(old) :])
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        head = whole.index(name) - 4
        (size,) = struct.unpack_from(">I", data, head)
        struct.pack_into(">I", data, head, size + len(path))
    return bytes(data)
