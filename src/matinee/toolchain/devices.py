"""Which devices of this machine a hardware encoder could work on: names in `/dev`, nothing run."""

import os
from pathlib import Path

import msgspec

_CARDS = "nvidia[0-9]*"
_RENDER_NODES = "renderD*"


class Devices(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to encode on. `closed` are devices that we may not open."""

    nvidia: tuple[Path, ...] = ()
    """Cards of the NVIDIA driver."""
    render: tuple[Path, ...] = ()
    """Render nodes of the kernel's graphics drivers, which VAAPI and Quick Sync use."""
    closed: tuple[Path, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.nvidia or self.render)

    @property
    def lack(self) -> str:
        """Say in a few words why there is nothing, "" where there is something."""
        if self:
            return ""
        if self.closed:
            names = ", ".join(str(path) for path in self.closed)
            return f"{names} may not be opened by this user"
        return "no NVIDIA driver, no /dev/dri"


def find_devices(root: Path = Path("/dev")) -> Devices:
    """Return the devices below *root* that this process may open; it takes less than 1 ms."""
    nvidia = sorted(root.glob(_CARDS))
    render = sorted((root / "dri").glob(_RENDER_NODES))
    closed = [path for path in (*nvidia, *render) if not os.access(path, os.R_OK | os.W_OK)]
    return Devices(
        nvidia=tuple(path for path in nvidia if path not in closed),
        render=tuple(path for path in render if path not in closed),
        closed=tuple(closed),
    )
