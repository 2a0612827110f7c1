"""What a video decoder configuration says: codec string and bit depth.

ISO/IEC 14496-15 §5.3.3.1 (avcC) and §8.3.3.1 (hvcC), the AV1 and VP9 ISO media file bindings;
the strings are those of RFC 6381 and of each binding's codecs parameter section.
"""

from typing import NamedTuple

from matinee.formats.isobmff.box import damaged

_HEVC_SPACE = ("", "A", "B", "C")
_HIGH_AVC_PROFILES = {100, 110, 122, 144}


class Nclx(NamedTuple):
    """Colour code points of ITU-T H.273 (ISO/IEC 14496-12 §12.1.5)."""

    primaries: int
    transfer: int
    matrix: int
    full_range: bool


BT709 = Nclx(1, 1, 1, full_range=False)


class VideoFacts(NamedTuple):
    """Codec string of RFC 6381 and bits of a luma sample."""

    codec: str
    bit_depth: int


def avc(name: str, config: bytes) -> VideoFacts:
    """Return the facts of an `avcC` body."""
    if len(config) < 7:
        raise damaged("'avcC' is too short")
    depth = 8
    if config[1] in _HIGH_AVC_PROFILES:
        at = _after_avc_sets(config)
        if at + 2 < len(config):  # the extension is missing in many real files
            depth = 8 + (config[at + 1] & 7)
    return VideoFacts(f"{name}.{config[1:4].hex()}", depth)


def _after_avc_sets(config: bytes) -> int:
    """Return where the high profile extension of `avcC` begins."""
    at, count = 6, config[5] & 31
    for _ in range(2):  # sequence, then picture parameter sets
        for _ in range(count):
            at += 2 + int.from_bytes(config[at : at + 2], "big")
        if at >= len(config):
            return at
        count, at = config[at], at + 1
    return at - 1


def has_avc_parameter_sets(config: bytes) -> bool:
    """Whether `avcC` holds a sequence parameter set, as the tag avc1 demands."""
    return len(config) > 8 and config[5] & 31 > 0


def hevc(name: str, config: bytes) -> VideoFacts:
    """Return the facts of an `hvcC` body; ISO/IEC 14496-15 §E.3."""
    if len(config) < 23:
        raise damaged("'hvcC' is too short")
    space, tier, profile = config[1] >> 6, config[1] >> 5 & 1, config[1] & 31
    compatible = int(f"{int.from_bytes(config[2:6], 'big'):032b}"[::-1], 2)
    parts = [
        name,
        f"{_HEVC_SPACE[space]}{profile}",
        f"{compatible:X}",
        f"{'H' if tier else 'L'}{config[12]}",
        *(f"{byte:X}" for byte in config[6:12].rstrip(b"\0")),
    ]
    return VideoFacts(".".join(parts), 8 + (config[17] & 7))


def hevc_arrays(config: bytes) -> tuple[tuple[int, int], ...]:
    """Return (offset of the array's first byte, NAL unit type) of each array in `hvcC`."""
    found, at = [], 23
    for _ in range(config[22]):
        found.append((at, config[at] & 63))
        count = int.from_bytes(config[at + 1 : at + 3], "big")
        at += 3
        for _ in range(count):
            at += 2 + int.from_bytes(config[at : at + 2], "big")
            if at > len(config):
                raise damaged("a parameter set is longer than its 'hvcC'")
    return tuple(found)


def av1(config: bytes, colour: Nclx | None) -> VideoFacts:
    """Return the facts of an `av1C` body; AV1 in ISOBMFF §5: long form where it tells more."""
    if len(config) < 4:
        raise damaged("'av1C' is too short")
    profile, level = config[1] >> 5, config[1] & 31
    tier, high, twelve = config[2] >> 7, config[2] >> 6 & 1, config[2] >> 5 & 1
    monochrome, chroma = config[2] >> 4 & 1, config[2] & 15
    depth = (12 if twelve else 10) if high else 8
    short = f"av01.{profile}.{level:02d}{'H' if tier else 'M'}.{depth:02d}"
    subsampling = f"{chroma >> 3}{chroma >> 2 & 1}{chroma & 3 if chroma >> 2 == 3 else 0}"
    shown = colour or BT709
    if monochrome == 0 and shown == BT709 and subsampling == "110":
        return VideoFacts(short, depth)
    return VideoFacts(
        f"{short}.{monochrome}.{subsampling}.{shown.primaries:02d}.{shown.transfer:02d}"
        f".{shown.matrix:02d}.{int(shown.full_range)}",
        depth,
    )


def vp9(name: str, config: bytes) -> tuple[VideoFacts, Nclx]:
    """Return the facts and colour of a `vpcC` body (after version and flags), version 1."""
    if len(config) < 6:
        raise damaged("'vpcC' is too short")
    profile, level, packed, primaries, transfer, matrix = config[:6]
    depth, chroma, full = packed >> 4, packed >> 1 & 7, packed & 1
    codec = (
        f"{name}.{profile:02d}.{level:02d}.{depth:02d}.{chroma:02d}"
        f".{primaries:02d}.{transfer:02d}.{matrix:02d}.{full:02d}"
    )
    return VideoFacts(codec, depth), Nclx(primaries, transfer, matrix, bool(full))
