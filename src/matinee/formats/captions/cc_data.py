"""Captions carried in pictures: ATSC `cc_data` (ANSI/CTA-708-E §4.4) to cues of each channel.

The data come in the SEI messages of H.264 and HEVC (ITU-T T.35, provider 0x0031, `GA94`; ATSC A/53
Part 4 §6.2.3), in the user data of MPEG-2 pictures, in caption distribution packets (SMPTE ST
334-2), or as bare byte pairs in the `c608` tracks of QuickTime.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from matinee.formats.captions.cea608 import Field
from matinee.formats.captions.cea708 import Packets
from matinee.formats.captions.cue import Cue

_T35 = 4
ANNOUNCED = b"GA94\x03"
"""What all captions of ATSC begin with: its identifier, and `user_data_type_code` for captions."""
_ATSC = b"\xb5\x00\x31" + ANNOUNCED
_USER_DATA = b"\x00\x00\x01\xb2" + ANNOUNCED
MARKS = (_ATSC, _USER_DATA)
"""The same with what stands before it: in SEI messages of H.264 and HEVC, and in MPEG-2."""
_MAX_NALS = 4096
_MAX_MESSAGES = 256

Captions = dict[str, tuple[Cue, ...]]
"""Cues by the channel's name as HLS INSTREAM-ID has it: CC1 to CC4, SERVICE1 to SERVICE6."""


def decode(pictures: Iterable[tuple[Fraction, bytes]], end: Fraction) -> Captions:
    """Return the captions of a film by channel; channels that show nothing are left out.

    Args:
        pictures: when each is shown, in seconds and in that order, and its `cc_data` triplets.
        end: when the film ends.

    Raises:
        MediaError: there are more captions than any film has (`bad-subtitles`).
    """
    fields, packets = (Field(), Field()), Packets()
    for at, triplets in pictures:
        for place in range(0, len(triplets) - 2, 3):
            head, first, second = triplets[place : place + 3]
            if not head & 4:  # cc_valid
                continue
            kind = head & 3
            if kind < 2:
                fields[kind].take(at, first, second)
            else:
                packets.take(at, first, second, start=kind == 3)
    found = {
        f"CC{2 * number + place + 1}": channel.finish(end)
        for number, one in enumerate(fields)
        for place, channel in enumerate(one.channels)
    }
    found |= {f"SERVICE{n}": service.finish(end) for n, service in packets.services.items()}
    return {name: cues for name, cues in found.items() if cues}


def triplets_of(cc_data: bytes) -> bytes:
    """Return the triplets of a `cc_data()` structure, from its flags on."""
    if len(cc_data) < 2 or not cc_data[0] & 0x40:  # process_cc_data_flag
        return b""
    count = cc_data[0] & 0x1F
    body = cc_data[2 : 2 + 3 * count]
    return body[: len(body) // 3 * 3]


def of_sample(sample: bytes, length_size: int, *, hevc: bool) -> bytes:
    """Return the triplets in the SEI messages of an H.264 or HEVC sample before its first slice.

    NAL units have lengths of *length_size* bytes before them (ISO/IEC 14496-15). What is cut short
    or malformed is passed over.
    """
    found = bytearray()
    at = 0
    for _ in range(_MAX_NALS):
        if at + length_size >= len(sample):
            break
        length = int.from_bytes(sample[at : at + length_size], "big")
        at += length_size
        head = sample[at]
        kind = head >> 1 & 0x3F if hevc else head & 0x1F
        if kind < 32 if hevc else 1 <= kind <= 5:  # a slice: prefix messages are over
            break
        if kind == (39 if hevc else 6):
            for message in _messages(_unescaped(sample[at + (2 if hevc else 1) : at + length])):
                found += message
        at += length
    return bytes(found)


def _unescaped(nal: bytes) -> bytes:
    """Return a NAL unit's payload without its emulation prevention bytes."""
    parts, start = [], 0
    at = nal.find(b"\0\0\3")
    while at >= 0:
        parts.append(nal[start : at + 2])
        start = at + 3
        at = nal.find(b"\0\0\3", start)
    return b"".join((*parts, nal[start:]))


def _messages(payload: bytes) -> Iterator[bytes]:
    """Yield the triplets of each caption message of an SEI payload (H.264 §7.3.2.3.1)."""
    at = 0
    for _ in range(_MAX_MESSAGES):
        values = []
        for _ in range(2):
            value = 0
            while at < len(payload) and payload[at] == 0xFF:
                value, at = value + 255, at + 1
            if at >= len(payload):
                return
            values.append(value + payload[at])
            at += 1
        kind, size = values
        body = payload[at : at + size]
        if kind == _T35 and body.startswith(_ATSC):
            yield triplets_of(body[len(_ATSC) :])
        at += size
        if at >= len(payload) - 1:  # only the stop bit is left
            return


def of_mpeg2(sample: bytes) -> bytes:
    """Return the triplets in the user data of an MPEG-2 picture."""
    at = sample.find(_USER_DATA)
    return triplets_of(sample[at + len(_USER_DATA) :]) if at >= 0 else b""


def of_packet(packet: bytes) -> bytes:
    """Return the triplets of a caption distribution packet (SMPTE ST 334-2 §5)."""
    if len(packet) < 9 or packet[:2] != b"\x96\x69":
        return b""
    at = 7
    if packet[4] & 0x80 and at < len(packet) and packet[at] == 0x71:  # time code
        at += 5
    if at + 1 < len(packet) and packet[at] == 0x72:
        count = packet[at + 1] & 0x1F
        body = packet[at + 2 : at + 2 + 3 * count]
        return body[: len(body) // 3 * 3]
    return b""


def of_track_sample(
    sample: bytes, start: Fraction, end: Fraction
) -> Iterator[tuple[Fraction, bytes]]:
    """Yield times and triplets of a sample of a `c608` or `c708` track (QuickTime File Format).

    Pairs of one sample are those of pictures one after the other.
    """
    at = 0
    while at + 8 <= len(sample):
        size, kind = int.from_bytes(sample[at : at + 4], "big"), sample[at + 4 : at + 8]
        if size < 8 or at + size > len(sample):
            return
        body = sample[at + 8 : at + size]
        if kind == b"ccdp":
            yield start, of_packet(body)
        elif kind in {b"cdat", b"cdt2"}:
            head = 0xFC if kind == b"cdat" else 0xFD
            pairs = len(body) // 2
            for number in range(pairs):
                pair = body[2 * number : 2 * number + 2]
                yield start + (end - start) * Fraction(number, pairs), bytes((head,)) + pair
        at += size
