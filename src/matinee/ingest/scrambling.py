"""Whether a transport stream is scrambled (ISO/IEC 13818-1 §2.4.3.2, Table 2-4)."""

from pathlib import Path

from matinee.errors import MediaError

_WINDOW = 512 * 1024
_SHARE = 0.5  # of the packets; audio and video of a film are nearly all of them


def check_scrambling(path: Path) -> None:
    """Look at packets of the middle of the transport stream at *path*.

    Raises:
        MediaError: most are scrambled (`encrypted`).
    """
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size // 2 - _WINDOW // 2))
        if scrambled_share(file.read(_WINDOW)) > _SHARE:
            raise MediaError(
                "The film is encrypted: its transport stream is scrambled.",
                fix="Give it without DRM.",
                code="encrypted",
            )


def scrambled_share(data: bytes) -> float:
    """Return the share of the packets with payload in *data* that are scrambled."""
    for length in (188, 192, 204):
        for start in range(min(length, len(data))):
            syncs = data[start::length]
            if len(syncs) < 5 or syncs.count(0x47) < len(syncs) * 0.95:
                continue
            flags = data[start + 3 :: length]
            filled = [flag for flag in flags if flag & 0x10]
            return sum(flag >> 6 != 0 for flag in filled) / len(filled) if filled else 0.0
    return 0.0
