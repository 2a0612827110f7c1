"""Caption data whose truth is known: CEA-608 and 708 written from texts, and put into pictures."""

from collections.abc import Iterable, Sequence

from matinee.formats.captions import cea608

PADDING = (0xFC80_80).to_bytes(3, "big")

RCL, RDC, RU2, EDM, CR, ENM, EOC = 0x20, 0x29, 0x25, 0x2C, 0x2D, 0x2E, 0x2F
_ROWS = {
    1: (0x11, 0x40), 2: (0x11, 0x60), 3: (0x12, 0x40), 4: (0x12, 0x60), 5: (0x15, 0x40),
    6: (0x15, 0x60), 7: (0x16, 0x40), 8: (0x16, 0x60), 9: (0x17, 0x40), 10: (0x17, 0x60),
    11: (0x10, 0x40), 12: (0x13, 0x40), 13: (0x13, 0x60), 14: (0x14, 0x40), 15: (0x14, 0x60),
}  # fmt: skip
_STANDARD = {cea608.character(code): code for code in range(0x20, 0x80)}
Pair = tuple[int, int]


def odd(byte: int) -> int:
    """Return *byte* with odd parity."""
    return byte & 0x7F if (byte & 0x7F).bit_count() & 1 else byte & 0x7F | 0x80


def command(code: int, channel: int = 0, field: int = 0) -> list[Pair]:
    """A miscellaneous control code, twice."""
    return [(0x14 | field | channel << 3, code)] * 2


def address(row: int, column: int = 0, channel: int = 0) -> list[Pair]:
    """A preamble address code for *row* (1 to 15) and tab offsets to *column*."""
    a, b = _ROWS[row]
    found = [(a | channel << 3, b | 0x10 | column // 4 << 1)] * 2
    if column % 4:
        found += [(0x17 | channel << 3, 0x20 + column % 4)] * 2
    return found


def italics(channel: int = 0) -> list[Pair]:
    """A mid-row code for italics."""
    return [(0x11 | channel << 3, 0x2E)] * 2


def text(words: str, channel: int = 0) -> list[Pair]:
    """Characters, two to a pair; those that need a code of their own are written so."""
    pairs: list[Pair] = []
    waiting: list[int] = []

    def flush() -> None:
        if waiting:
            pairs.append((waiting[0], waiting[1] if len(waiting) > 1 else 0))
            waiting.clear()

    for char in words:
        if char in _STANDARD:
            waiting.append(_STANDARD[char])
            if len(waiting) == 2:
                flush()
            continue
        flush()
        if char in cea608.SPECIAL:
            pairs += [(0x11 | channel << 3, 0x30 + cea608.SPECIAL.index(char))] * 2
            continue
        for place, table in enumerate(cea608.EXTENDED):
            if char in table:
                # A stand-in for receivers that know no extended characters goes before it.
                pairs.append((_STANDARD["?"], 0))
                pairs += [(0x12 + place | channel << 3, 0x20 + table.index(char))] * 2
                break
        else:
            raise ValueError(char)
    flush()
    return pairs


def pop_on(lines: Sequence[str], row: int = 14, channel: int = 0, field: int = 0) -> list[Pair]:
    """Load *lines*, centred, from *row* on; the caption is shown with the last pair."""
    pairs = command(RCL, channel, field) + command(ENM, channel, field)
    for number, line in enumerate(lines):
        pairs += address(row + number, max(0, (32 - len(line)) // 2), channel)
        pairs += text(line, channel)
    return pairs + command(EOC, channel, field)


def roll_up(line: str, depth: int = 2, channel: int = 0) -> list[Pair]:
    """Begin a new line of a roll-up caption at the bottom."""
    return [
        *command(0x23 + depth, channel), *command(CR, channel), *address(15, 0, channel),
        *text(line, channel),
    ]  # fmt: skip


def triplet(pair: Pair, field: int = 0) -> bytes:
    return bytes((0xFC | field, odd(pair[0]), odd(pair[1])))


def packets(service: int, data: bytes) -> list[bytes]:
    """DTVCC packets, as triplets, that bring *data* to a service (blocks of at most 31 bytes)."""
    found: list[bytes] = []
    for at in range(0, len(data), 31):
        block = data[at : at + 31]
        body = bytes((service << 5 | len(block),)) + block
        size = (1 + len(body) + 1) // 2
        body = bytes((size,)) + body + bytes(2 * size - 1 - len(body))
        found.append(bytes((0xFF,)) + body[:2])
        found += [bytes((0xFE,)) + body[n : n + 2] for n in range(2, len(body), 2)]
    return found


def window_708(lines: Sequence[str], row: int = 60) -> bytes:
    """A centred window with *lines*, anchored at its bottom middle, hidden until shown."""
    define = bytes((0x98, 0x00, 0x80 | row, 50, 0x70 | len(lines) - 1, 41, 0x00))
    centred = bytes((0x97, 0, 0, 2, 0))
    body = "\r".join(lines).encode("latin-1")
    return define + centred + bytes((0x88, 1, 0x92, 0, 0)) + body + b"\x03"


def sei(triplets: Iterable[bytes]) -> bytes:
    """An H.264 SEI NAL unit with cc_data, with emulation prevention."""
    body = b"".join(triplets)
    data = b"\xb5\x00\x31GA94\x03" + bytes((0xC0 | len(body) // 3, 0xFF)) + body + b"\xff"
    payload = bytes((4, len(data))) + data + b"\x80"
    escaped, zeros = bytearray(), 0
    for byte in payload:
        if zeros >= 2 and byte <= 3:
            escaped.append(3)
            zeros = 0
        escaped.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return b"\x06" + bytes(escaped)


def in_pictures(stream: bytes, frames: Sequence[Sequence[bytes]]) -> bytes:
    """Put the triplets of each of *frames* before the slices of an Annex B H.264 *stream*.

    The stream has one slice a picture and none out of order.
    """
    parts: list[bytes] = []
    picture = 0
    for piece in stream.split(b"\x00\x00\x01")[1:]:
        nal = piece.rstrip(b"\0")
        if nal[0] & 0x1F in {1, 5}:
            if picture < len(frames) and frames[picture]:
                parts.append(sei(frames[picture]))
            picture += 1
        parts.append(nal)
    return b"".join(b"\x00\x00\x00\x01" + one for one in parts)


def scheduled(
    count: int, field1: dict[int, list[Pair]], field2: dict[int, list[Pair]] | None = None
) -> list[list[bytes]]:
    """Return the triplets of *count* pictures: *field1* and *field2* say what ends at a picture.

    Pairs go one to a picture, so that the last one comes with the picture named.
    """
    frames: list[list[bytes]] = [[] for _ in range(count)]
    for number, field in enumerate((field1, field2 or {})):
        line: list[Pair] = [(0, 0)] * count
        for end, pairs in field.items():
            first = end - len(pairs) + 1
            assert first >= 0, (end, len(pairs))
            line[first : end + 1] = pairs
        for frame, pair in zip(frames, line, strict=True):
            frame.append(triplet(pair, number))
    return frames


def counting(stream: bytes, seconds: int = 20, rate: int = 25) -> bytes:
    """Put a caption into CC1 of *stream* every 2 s that says its own number, for 1.8 s."""
    pairs: dict[int, list[Pair]] = {}
    for number in range(1, seconds // 2):
        # A control code comes twice, and the first one counts.
        pairs[2 * rate * number + 1] = pop_on([f"Caption {number}"])
        pairs[2 * rate * number + 46] = command(EDM)
    return in_pictures(stream, scheduled(seconds * rate, pairs))
