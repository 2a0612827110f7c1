"""What is known of this machine's hardware encoders, as values: `Finding`. Nothing is run here."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

import msgspec

Kind = Literal["nvenc", "qsv", "vaapi"]
"""NVIDIA's NVENC, Intel's Quick Sync Video, and VAAPI of Linux' graphics drivers (AMD, Intel)."""
KINDS: tuple[Kind, ...] = ("nvenc", "qsv", "vaapi")
"""The one that comes first is taken where several would do."""
KIND_NAMES: Mapping[Kind, str] = MappingProxyType(
    {"nvenc": "NVENC", "qsv": "Quick Sync", "vaapi": "VAAPI"}
)


class Form(NamedTuple):
    """What an encoder is to make."""

    codec: str
    bit_depth: int


FORMS = (Form("h264", 8), Form("hevc", 8), Form("hevc", 10), Form("av1", 8), Form("av1", 10))
"""All that ladders can ask for."""


class HardwareEncoder(msgspec.Struct, frozen=True, kw_only=True):
    """One encoder of one device, and how it is to be used."""

    kind: Kind
    form: Form
    device: str
    """Path of the render node; for NVENC, whose driver chooses the card, that of the first."""
    b_frames: int = 3
    """Most B-frames in a row; older devices have none."""
    low_power: bool = False
    """VAAPI: the entry point of fixed functions, which is the only one of some Intel devices."""

    @property
    def name(self) -> str:
        """As ffmpeg names it."""
        return f"{self.form.codec}_{self.kind}"


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why an encoder is not used, in few words: ffmpeg's own, or the point that it failed."""

    encoder: HardwareEncoder
    fault: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What was found on one machine. Only what proved itself there is in `encoders`."""

    encoders: tuple[HardwareEncoder, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    nothing: str = ""
    """Why nothing was tried, "" where something was."""

    def equipment(self, kind: Kind, forms: Iterable[Form]) -> tuple[HardwareEncoder, ...]:
        """Return the encoders of one device of *kind* that make all *forms*, () where none does."""
        wanted = set(forms)
        devices = dict.fromkeys(one.device for one in self.encoders if one.kind == kind)
        for device in devices:
            there = {
                one.form: one
                for one in self.encoders
                if one.kind == kind and one.device == device and one.form in wanted
            }
            if wanted and wanted == set(there):
                return tuple(there[form] for form in FORMS if form in there)
        return ()


def nothing_sought() -> Finding:
    """Return the finding of who does not look."""
    return Finding(nothing="not looked for")
