"""Sample entries of text tracks (ISO/IEC 14496-30 §6.2 and §7.4, 14496-12 §12.6)."""

import re

from matinee.formats.isobmff.box import Box, boxes, build, build_full

_REFERENCE = b"\0" * 6 + b"\0\1"
"""Reserved, and data_reference_index 1."""
_PROFILE = re.compile(r'codecs="?([a-z0-9]{1,8})"?')


def webvtt_entry(configuration: bytes) -> bytes:
    """Return `wvtt`; *configuration* is the header of the WebVTT file."""
    return build("wvtt", _REFERENCE, build("vttC", configuration))


def ttml_entry(namespace: str, mime_type: str) -> bytes:
    """Return `stpp` for documents in *namespace*; *mime_type* says their profile (`codecs`)."""
    mime = build_full("mime", 0, 0, mime_type.encode(), b"\0")
    return build("stpp", _REFERENCE, namespace.encode(), b"\0\0\0", mime)


def text_codec(data: memoryview, box: Box) -> str:
    """Return the codec string of a text entry: `wvtt`; `stpp`, with its profile where it says it.

    IMSC's registry has `im1t` and others behind `stpp.ttml.` (RFC 6381 §3.3).
    """
    if box.type != "stpp":
        return box.type
    raw = bytes(data[box.body + 8 : box.end])
    at = 0
    for _ in range(3):  # namespace, schema locations, auxiliary types
        end = raw.find(b"\0", at)
        if end < 0:
            return box.type
        at = end + 1
    for one in boxes(data, box.body + 8 + at, box.end):
        if one.type == "mime":
            text = bytes(data[one.body + 4 : one.end]).decode("utf-8", "ignore")
            profile = _PROFILE.search(text)
            return f"stpp.ttml.{profile[1]}" if profile else box.type
    return box.type
