"""MPEG-2 film with repeated fields: what DVDs and broadcasts call soft telecine."""


def pulled_down(stream: bytes) -> bytes:
    """Return an MPEG-2 video of 24000/1001 a second, without B pictures, as one of 30000/1001.

    Every second picture has `repeat_first_field`, and `top_field_first` goes along (ISO/IEC 13818-2
    §6.3.10); the sequence may hold interlaced pictures, each of which says that it is progressive.
    """
    data = bytearray(stream)
    pictures = 0
    at = data.find(b"\0\0\1")
    while 0 <= at < len(data) - 9:
        kind, extension = data[at + 3], data[at + 4] >> 4
        if kind == 0xB3:
            data[at + 7] = data[at + 7] & 0xF0 | 4  # frame_rate_code
        elif kind == 0xB5 and extension == 1:
            data[at + 5] &= ~0x08  # progressive_sequence
        elif kind == 0xB5 and extension == 8:
            top_first, repeated = pictures % 4 < 2, pictures % 2
            data[at + 7] = data[at + 7] & 0x7D | top_first << 7 | repeated << 1
            data[at + 8] |= 0x80  # progressive_frame
            pictures += 1
        at = data.find(b"\0\0\1", at + 4)
    return bytes(data)
