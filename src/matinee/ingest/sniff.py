"""Which container a file is, by its own bytes: the only thing that chooses ffmpeg's demuxer.

Names and content types are not asked. What is not on the list is refused, and what people often
give by mistake, or to harm, is named in the refusal.
"""

import re
from pathlib import Path
from typing import NoReturn

from matinee.errors import MediaError

HEAD = 64 * 1024 + 1024
"""Bytes looked at; an MXF run-in may be 64 KiB long (SMPTE ST 377-1 §6.5)."""

_WANTED = "Give a film as MP4, MOV, MKV, WebM, MPEG-TS, AVI or MXF, or an audio file."
_MXF_KEY = bytes.fromhex("060e2b34020501010d0102010102")
_EBML = b"\x1a\x45\xdf\xa3"
_MP4_FIRST = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"})
_MP4_SEGMENT = frozenset({b"styp", b"moof", b"sidx", b"emsg", b"prft"})
_MP4_IMAGES = frozenset({b"avif", b"avis", b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1",
                         b"crx ", b"jxl "})  # fmt: skip
_RIFF = {b"AVI ": "avi", b"WAVE": "wav"}
_PLAIN = ((b"FLV\x01", "flv"), (b"OggS", "ogg"), (b"fLaC", "flac"), (b"caff", "caf"),
          (b"\x00\x00\x01\xba", "mpeg"))  # fmt: skip
_OTHERS: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG", "a PNG image", ""),
    (b"\xff\xd8\xff", "a JPEG image", ""),
    (b"GIF8", "a GIF image", "Convert it first: `ffmpeg -i in.gif out.mp4`."),
    (b"BM", "a BMP image", ""),
    (b"II*\0", "a TIFF image", ""),
    (b"MM\0*", "a TIFF image", ""),
    (b"8BPS", "a Photoshop image", ""),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 image", ""),
    (b"\0\0\0\x0cJXL ", "a JPEG XL image", ""),
    (b"PK\x03\x04", "a ZIP archive", "Unpack it and give the film inside."),
    (b"PK\x05\x06", "a ZIP archive", "Unpack it and give the film inside."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it and give the film inside."),
    (b"BZh", "a bzip2 archive", "Unpack it and give the film inside."),
    (b"\xfd7zXZ", "an xz archive", "Unpack it and give the film inside."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it and give the film inside."),
    (b"Rar!", "a RAR archive", "Unpack it and give the film inside."),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", "Unpack it and give the film inside."),
    (b"%PDF", "a PDF document", ""),
    (b"%!PS", "a PostScript document", ""),
    (b"\x7fELF", "a program", ""),
    (b"MZ", "a program", ""),
    (b"#!", "a script", ""),
)
_UNSUPPORTED: tuple[tuple[bytes, str], ...] = (
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "ASF (WMV, WMA)"),
    (b".RMF", "RealMedia"),
    (b"DKIF", "IVF"),
    (b"YUV4MPEG2", "YUV4MPEG"),
    (b"\x00\x00\x01\xb3", "a bare MPEG video stream"),
    (b"\x00\x00\x00\x01", "a bare H.264 or H.265 stream"),
    (b"\x00\x00\x01", "a bare video stream"),
    (b"\x0b\x77", "a bare AC-3 stream"),
    (b"\x7f\xfe\x80\x01", "a bare DTS stream"),
    (b"\x1f\x07\x00", "raw DV"),
    (b"nut/multimedia", "NUT"),
)
_PLAYLISTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"#EXTM3U|#EXT-X-|#EXTINF"), "an M3U or HLS playlist"),
    (re.compile(r"ffconcat\s"), "an ffconcat list"),
    (re.compile(r"(?:#[^\n]*\n\s*)*file\s+['\"/\w.]"), "a list of files"),
    (re.compile(r"v=0\r?\n"), "an SDP description"),
    (re.compile(r"\[(?:playlist|reference|internetshortcut)\]", re.IGNORECASE), "a playlist"),
    (re.compile(r"(?:\w+ [^\n]*\n){0,20}?\s*FILE\s+[^\n]+\n\s*TRACK "), "a cue sheet"),
    (re.compile(r"(?:https?|rtmps?|rtsp|srt|udp|file)://\S", re.IGNORECASE), "a list of addresses"),
)
_XML: tuple[tuple[str, str, bool], ...] = (
    ("mpd", "a DASH manifest", True),
    ("smoothstreamingmedia", "a Smooth Streaming manifest", True),
    ("playlist", "an XSPF playlist", True),
    ("asx", "an ASX playlist", True),
    ("smil", "a SMIL playlist", True),
    ("rss", "a feed", True),
    ("feed", "a feed", True),
    ("svg", "an SVG image", False),
    ("html", "a web page", False),
    ("head", "a web page", False),
    ("script", "a web page", False),
    ("body", "a web page", False),
    ("tt", "a TTML subtitle file", False),
)


def sniff(path: Path) -> str:
    """Return the container of the file at *path*, a key of `toolchain.ffmpeg.DEMUXERS`.

    Raises:
        MediaError: it is empty, a playlist, or nothing that is taken (`empty-file`,
            `playlist-refused`, `unsupported-container`, `not-media`).
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
        if head.startswith(b"ID3") and len(head) >= 10:
            file.seek(_id3_length(head))
            return _after_id3(file.read(4096))
    return container_of(head)


def container_of(head: bytes) -> str:
    """Return the container of a file that begins with *head*; see `sniff`."""
    if not head:
        raise MediaError(
            "The file is empty.", fix="See whether the upload or export was whole.",
            code="empty-file",
        )  # fmt: skip
    found = (
        _isobmff(head) or _matroska(head) or _riff(head) or _aiff(head)
        or next((name for magic, name in _PLAIN if head.startswith(magic)), None)
        or _transport_stream(head) or _mpeg_audio(head)
        or ("mxf" if _MXF_KEY in head else None)
    )  # fmt: skip
    return found or _refuse(head)


def _id3_length(head: bytes) -> int:
    """Return the length of an ID3v2 tag, whose size has seven bits a byte."""
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size


def _after_id3(head: bytes) -> str:
    if head.startswith(b"fLaC"):
        return "flac"
    return "aac" if _mpeg_audio(head) == "aac" else "mp3"


def _isobmff(head: bytes) -> str | None:
    kind = head[4:8]
    if kind in _MP4_SEGMENT:
        raise MediaError(
            "The file is one segment of a stream, without the header that goes before it.",
            fix="Give the whole film, or join its initialisation segment and all its segments.",
            code="unsupported-container",
        )
    if kind not in _MP4_FIRST:
        return None
    if kind == b"ftyp" and head[8:12] in _MP4_IMAGES:
        raise _not_media("an image (HEIF, AVIF)", "")
    return "mp4"


def _matroska(head: bytes) -> str | None:
    if not head.startswith(_EBML):
        return None
    at = head.find(b"\x42\x82", 0, 256)  # DocType, RFC 8794 §11.2.4
    length = head[at + 2] & 0x7F if 0 < at < len(head) - 2 else 0
    if at > 0 and head[at + 3 : at + 3 + length].rstrip(b"\0") in {b"matroska", b"webm"}:
        return "matroska"
    raise _unsupported("an EBML file that is neither Matroska nor WebM")


def _riff(head: bytes) -> str | None:
    if head[:4] not in {b"RIFF", b"RF64", b"BW64"}:
        return None
    kind = head[8:12]
    if kind == b"WEBP":
        raise _not_media("a WebP image", "")
    if kind not in _RIFF:
        raise _unsupported("a RIFF file that is neither AVI nor WAVE")
    return _RIFF[kind]


def _aiff(head: bytes) -> str | None:
    return "aiff" if head[:4] == b"FORM" and head[8:12] in {b"AIFF", b"AIFC"} else None


def _transport_stream(head: bytes) -> str | None:
    """Find 0x47 at every packet's start: 188 bytes, 192 with time stamps, 204 with parity."""
    for length in (188, 192, 204):
        for start in range(min(length, len(head))):
            if head[start] != 0x47:
                continue
            syncs = head[start : start + length * 8 : length]
            if len(syncs) >= 3 and syncs.count(0x47) == len(syncs):
                return "mpegts"
    return None


def _mpeg_audio(head: bytes) -> str | None:
    """Tell ADTS from MPEG audio by the sync word and layer; the next frame must follow on."""
    if len(head) < 8 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:  # ADTS: 12 bits of sync, layer 0 (ISO/IEC 13818-7 §6.2.1)
        length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
        following = head[length : length + 2]
        fits = length > 7 and (len(following) < 2 or following[0] == 0xFF)
        return "aac" if fits else None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bit_rate, sample_rate = head[2] >> 4, head[2] >> 2 & 3
    # Layer I (3) is not used by films, and FF FE is how UTF-16 text begins.
    sane = version != 1 and layer in {1, 2} and 0 < bit_rate < 15 and sample_rate != 3
    return "mp3" if sane else None


def _refuse(head: bytes) -> NoReturn:
    """Raise the error that says best what the file is."""
    for magic, name in _UNSUPPORTED:
        if head.startswith(magic):
            raise _unsupported(name)
    text = _text(head)
    if text is not None:
        _refuse_text(text)
    if head[257:262] == b"ustar":
        raise _not_media("a tar archive", "Unpack it and give the film inside.")
    for magic, name, fix in _OTHERS:
        if head.startswith(magic):
            raise _not_media(name, fix)
    raise MediaError("The file is not a film that can be recognised.", fix=_WANTED)


def _text(head: bytes) -> str | None:
    """Return the head as text, None where it is binary."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", errors="replace").strip()
    sample = head[:4096].removeprefix(b"\xef\xbb\xbf")
    if any(byte < 9 or (13 < byte < 32 and byte != 27) for byte in sample):
        return None
    return sample.decode("utf-8", errors="replace").strip()


def _refuse_text(text: str) -> None:
    """Raise what kind of text it is; return where it may be something else (`PK`, `%PDF`)."""
    if text.startswith("<"):
        _refuse_xml(text)
    for pattern, name in _PLAYLISTS:
        if pattern.match(text):
            raise _playlist(name)
    if "#EXTM3U" in text or "#EXT-X-" in text:
        raise _playlist("an HLS playlist")
    if text.startswith("WEBVTT") or re.search(r"\d\d:\d\d[,.]\d{3} --> ", text):
        raise _not_media("a subtitle file", "Give it beside a film: `--subtitles FILE:LANGUAGE`.")
    if text.startswith("#!"):
        raise _not_media("a script", "")
    if not text.startswith(("%PDF", "%!PS", "PK", "MZ", "BM", "GIF8", "Rar!", "BZh")):
        raise _not_media("a text file", "")


def _refuse_xml(text: str) -> None:
    elements = re.findall(r"<(?:\w{1,40}:)?([A-Za-z]\w{0,60})", text)[:20]
    names = [element.lower() for element in elements]
    for wanted, name, is_playlist in _XML:
        if wanted in names:
            raise _playlist(name) if is_playlist else _not_media(name, "")
    if re.match(r"<!doctype\s+html", text, re.IGNORECASE):
        raise _not_media("a web page", "")
    raise _not_media("an XML document", "")


def _playlist(name: str) -> MediaError:
    return MediaError(
        f"The file is {name}: it names media but holds none.",
        fix="Give the media file itself.",
        code="playlist-refused",
    )


def _not_media(name: str, fix: str) -> MediaError:
    return MediaError(f"The file is {name}, not a film.", fix=fix or _WANTED, code="not-media")


def _unsupported(name: str) -> MediaError:
    return MediaError(
        f"The file is {name}, which is not taken.",
        fix=f"Convert it, for instance to MKV: `ffmpeg -i in -c copy out.mkv`. {_WANTED}",
        code="unsupported-container",
    )
