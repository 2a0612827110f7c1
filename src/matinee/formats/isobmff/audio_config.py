"""What an audio decoder configuration says: codec string, channels, sample rate.

The sample entry's own fields are often wrong (QuickTime writes 2 channels for 5.1, the core rate
for HE-AAC), so the configuration leads: ISO/IEC 14496-1 §7.2.6 (esds), 14496-3 §1.6.2.1
(AudioSpecificConfig), ETSI TS 102 366 Annex F (AC-3), the Opus, FLAC and ALAC mappings.
"""

import struct
from typing import NamedTuple

from matinee.formats.isobmff.bits import Bits
from matinee.formats.isobmff.box import damaged

AAC_RATES = (
    96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
)  # fmt: skip
AAC_CHANNELS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 8, 11: 7, 12: 8, 14: 8}
AC3_RATES = (48000, 44100, 32000)
AC3_CHANNELS = (2, 1, 2, 3, 3, 4, 4, 5)
EC3_LOCATION_CHANNELS = (2, 2, 1, 1, 2, 2, 2, 1, 1)
"""Channels that each bit of `chan_loc` adds, lowest bit first (TS 102 366 §F.6.2)."""

_GENERAL_AUDIO = {1, 2, 3, 4, 6, 7, 17, 19, 20, 21, 22, 23}
_SBR, _PS, _USAC = 5, 29, 42


class AudioFacts(NamedTuple):
    """Codec string of RFC 6381, channels and sample rate; 0 where the configuration is silent."""

    codec: str
    channels: int
    sample_rate: int


class Descriptor(NamedTuple):
    """What `esds` holds: the object type indication and the decoder specific information."""

    object_type: int
    config: bytes


def descriptor(payload: bytes) -> Descriptor:
    """Read the ES_Descriptor of an `esds` body (after version and flags)."""
    found = Descriptor(0, b"")
    at, end = 0, len(payload)
    while at < end:
        tag = payload[at]
        size, at = _length(payload, at + 1)
        if at + size > end:
            raise damaged("a descriptor in 'esds' is longer than the box")
        if tag == 3:  # ES_Descriptor: ES_ID, flags, then what the flags announce
            flags = payload[at + 2]
            at += 3 + (2 if flags & 0x80 else 0)
            at += 1 + payload[at] if flags & 0x40 else 0
            at += 2 if flags & 0x20 else 0
        elif tag == 4:  # DecoderConfigDescriptor: step inside, past its 13 bytes of fields
            found = Descriptor(payload[at], b"")
            at += 13
        elif tag == 5:
            return Descriptor(found.object_type, payload[at : at + size])
        else:
            at += size
    return found


def _length(payload: bytes, at: int) -> tuple[int, int]:
    size = 0
    for _ in range(4):
        byte = payload[at]
        at += 1
        size = size << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return size, at


def mpeg4_audio(payload: bytes) -> AudioFacts:
    """Return the facts of an `esds` body (after version and flags)."""
    object_type, config = descriptor(payload)
    if object_type == 0x40 and config:
        return audio_specific(config)
    if object_type in {0x66, 0x67, 0x68} and config:  # MPEG-2 AAC main, LC, SSR
        facts = audio_specific(config)
        return facts._replace(codec=f"mp4a.{object_type:02x}")
    if object_type:
        return AudioFacts(f"mp4a.{object_type:02x}", 0, 0)
    return AudioFacts("mp4a", 0, 0)


def audio_specific(config: bytes) -> AudioFacts:
    """Return the facts of an AudioSpecificConfig, SBR and PS signalled either way included."""
    bits = Bits(config)
    kind = _object_type(bits)
    rate = _rate(bits)
    layout = bits.take(4)
    signalled = kind
    if kind in {_SBR, _PS}:  # explicit, hierarchical: the outer type names the extension
        rate = _rate(bits)
        kind = _object_type(bits)
    channels = AAC_CHANNELS.get(layout, 0)
    if kind in _GENERAL_AUDIO:
        channels = _general_audio(bits, kind, layout) or channels
    if signalled not in {_SBR, _PS} and kind in _GENERAL_AUDIO:
        signalled, rate = _compatible_extension(bits, signalled, rate)
    if signalled == _PS:
        channels = 2
    return AudioFacts(f"mp4a.40.{signalled}", channels, rate)


def _object_type(bits: Bits) -> int:
    kind = bits.take(5)
    return 32 + bits.take(6) if kind == 31 else kind


def _rate(bits: Bits) -> int:
    index = bits.take(4)
    if index == 15:
        return bits.take(24)
    if index >= len(AAC_RATES):
        raise damaged(f"AudioSpecificConfig uses the reserved sample rate {index}")
    return AAC_RATES[index]


def _general_audio(bits: Bits, kind: int, layout: int) -> int:
    """Pass over GASpecificConfig (§4.4.1); return the channels of its program config, or 0."""
    bits.skip(1)
    if bits.take(1):
        bits.skip(14)
    extended = bits.take(1)
    channels = _program_config(bits) if layout == 0 else 0
    if kind in {6, 20}:
        bits.skip(3)
    if extended:
        bits.skip(16 if kind == 22 else 3 if kind in {17, 19, 20, 23} else 0)
        bits.skip(1)
    return channels


def _program_config(bits: Bits) -> int:
    bits.skip(10)
    front, side, back, lfe = bits.take(4), bits.take(4), bits.take(4), bits.take(2)
    data, coupling = bits.take(3), bits.take(4)
    for width in (4, 4, 3):  # mono, stereo and matrix mixdown
        if bits.take(1):
            bits.skip(width)
    channels = lfe
    for _ in range(front + side + back):
        channels += 1 + bits.take(1)
        bits.skip(4)
    bits.skip(lfe * 4 + data * 4 + coupling * 5)
    bits.align()
    bits.skip(8 * bits.take(8))
    return channels


def _compatible_extension(bits: Bits, kind: int, rate: int) -> tuple[int, int]:
    """Read backward compatible SBR and PS signalling, §1.6.6.1."""
    if bits.left < 16 or bits.take(11) != 0x2B7 or _object_type(bits) != _SBR:
        return kind, rate
    if not bits.take(1):
        return kind, rate
    rate = _rate(bits)
    if bits.left >= 12 and bits.take(11) == 0x548 and bits.take(1):
        return _PS, rate
    return _SBR, rate


def opus(payload: bytes) -> AudioFacts:
    """Return the facts of a `dOps` body; Opus always runs at 48 kHz."""
    return AudioFacts("Opus", payload[1], 48000)


def ac3(payload: bytes) -> AudioFacts:
    """Return the facts of a `dac3` body."""
    bits = Bits(payload)
    rate = bits.take(2)
    bits.skip(8)
    mode, lfe = bits.take(3), bits.take(1)
    return AudioFacts("ac-3", AC3_CHANNELS[mode] + lfe, _ac3_rate(rate))


def ec3(payload: bytes) -> AudioFacts:
    """Return the facts of a `dec3` body: its first independent substream and what depends on it."""
    bits = Bits(payload)
    bits.skip(16)
    rate = bits.take(2)
    bits.skip(10)
    mode, lfe = bits.take(3), bits.take(1)
    channels = AC3_CHANNELS[mode] + lfe
    bits.skip(3)
    if bits.take(4):
        location = bits.take(9)
        channels += sum(
            count for bit, count in enumerate(EC3_LOCATION_CHANNELS) if location >> bit & 1
        )
    return AudioFacts("ec-3", channels, _ac3_rate(rate))


def _ac3_rate(index: int) -> int:
    return AC3_RATES[index] if index < len(AC3_RATES) else 0


def flac(payload: bytes) -> AudioFacts:
    """Return the facts of a `dfLa` body (after version and flags): its STREAMINFO comes first."""
    bits = Bits(payload[4 + 10 : 4 + 14])
    rate, channels = bits.take(20), bits.take(3) + 1
    return AudioFacts("fLaC", channels, rate)


def alac(payload: bytes) -> AudioFacts:
    """Return the facts of an `alac` body (after version and flags): ALACSpecificConfig."""
    channels, rate = payload[9], struct.unpack_from(">I", payload, 20)[0]
    return AudioFacts("alac", channels, rate)
