"""Options of hardware encoders: NVENC, Quick Sync, VAAPI. Every flag with its reason.

They are to do what the software encoders do: an IDR (AV1: a key frame) every `gop_frames` and
nowhere else, nothing that refers across it, constant quality under the cap. None of this has been
run on such hardware by us; `proving.py` tries on each machine whether it comes out so.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from matinee.errors import InvariantError
from matinee.transcode.codecs import PRESETS
from matinee.transcode.hardware import HardwareEncoder, Kind
from matinee.transcode.plan import VideoOutput

_VAAPI_NAME, _QSV_NAME = "render", "quick"
"""Our names of ffmpeg's devices; they mean nothing outside one command."""


class _Scale(NamedTuple):
    """How a rung's `crf` becomes the encoder's own number: times *factor*, at most *most*."""

    factor: float
    most: int


QUALITY: Mapping[tuple[Kind, str], _Scale] = MappingProxyType(
    {
        # H.264 and HEVC: all count like the quantiser, 0 to 51, as x264 and x265 do.
        ("nvenc", "h264"): _Scale(1.0, 51),
        ("nvenc", "hevc"): _Scale(1.0, 51),
        ("qsv", "h264"): _Scale(1.0, 51),
        ("qsv", "hevc"): _Scale(1.0, 51),
        ("vaapi", "h264"): _Scale(1.0, 51),
        ("vaapi", "hevc"): _Scale(1.0, 51),
        # AV1: SVT-AV1 counts to 63, as NVENC does; Quick Sync to 51; VAAPI is given the index of
        # the quantiser, to 255.
        ("nvenc", "av1"): _Scale(1.0, 63),
        ("qsv", "av1"): _Scale(51 / 63, 51),
        ("vaapi", "av1"): _Scale(4.0, 255),
    }
)
"""Stretched to the encoder's scale and no more: not calibrated, for want of the hardware."""

_NVENC_PRESETS = dict(
    zip(PRESETS, ("p1", "p2", "p3", "p4", "p4", "p5", "p6", "p7", "p7"), strict=True)
)
_QSV_PRESETS = dict(zip(PRESETS, ("veryfast", "veryfast", *PRESETS[2:]), strict=True))
_AIM = 0.75
"""Share of the cap that quality-defined rate control aims at, which must be below the cap."""


def quality(kind: Kind, output: VideoOutput) -> int:
    """Return the `crf` of *output* on the scale of *kind*."""
    if output.crf is None:
        raise InvariantError(f"{output.name} has an average rate, no quality")
    scale = QUALITY[kind, output.codec]
    return max(1, min(scale.most, round(output.crf * scale.factor)))


def device_options(equipment: tuple[HardwareEncoder, ...]) -> list[str]:
    """Return what opens the device of *equipment*, before the inputs."""
    if not equipment:
        return []
    device = equipment[0].device
    if equipment[0].kind == "vaapi":
        # The filters that bring pictures to the device go by it, too.
        return [
            "-init_hw_device", f"vaapi={_VAAPI_NAME}:{device}",
            "-filter_hw_device", _VAAPI_NAME,
        ]  # fmt: skip
    if equipment[0].kind == "qsv":
        child = f"child_device={device},child_device_type=vaapi"
        return ["-init_hw_device", f"qsv={_QSV_NAME}:hw,{child}"]
    return []  # NVENC opens its card itself


def upload_filters(output: VideoOutput) -> list[str]:
    """Return the filters that bring pictures into the memory of the encoder of *output*."""
    if output.hardware != "vaapi":
        return []
    return [f"format={_pixels(output)}", "hwupload"]


def hardware_options(output: VideoOutput, equipment: tuple[HardwareEncoder, ...]) -> list[str]:
    """Return what chooses and steers the hardware encoder of *output*."""
    found = [
        one
        for one in equipment
        if one.kind == output.hardware and one.form == (output.codec, output.colour.bit_depth)
    ]
    if not found:
        raise InvariantError(f"{output.name} is for hardware that was not given")
    encoder = found[0]
    own = _OPTIONS[encoder.kind]
    return [
        "-c:v", encoder.name,
        *own(output, encoder),
        "-maxrate", str(output.max_rate),
        "-bufsize", str(output.buffer_size),
        "-g", str(output.gop_frames),
        "-bf", str(encoder.b_frames),
        # Said once more frame by frame: encoders count GOPs each in their own way.
        "-force_key_frames", f"expr:not(mod(n,{output.gop_frames}))",
        # No frame refers across an IDR.
        "-flags:v", "+cgop+bitexact",
        *_in_the_header(output),
    ]  # fmt: skip


def _in_the_header(output: VideoOutput) -> list[str]:
    """Return what keeps parameter sets in the header alone, as avc1 and hvc1 demand."""
    if output.codec == "h264":
        return ["-bsf:v", "filter_units=remove_types=7|8"]
    if output.codec == "hevc":
        return ["-bsf:v", "filter_units=remove_types=32|33|34", "-tag:v", "hvc1"]
    return []


def _pixels(output: VideoOutput) -> str:
    return "nv12" if output.colour.bit_depth == 8 else "p010le"


def _nvenc(output: VideoOutput, _encoder: HardwareEncoder) -> list[str]:
    level = {"6": "6.0"}.get(output.level, output.level)
    return [
        "-preset", _NVENC_PRESETS[output.preset],
        "-tune", "hq",
        *([] if output.codec == "av1" else ["-profile:v", output.profile]),
        *(["-level:v", level] if level else []),
        *([] if output.codec == "h264" else ["-tier", {"hevc": "main", "av1": "0"}[output.codec]]),
        "-rc", "vbr",
        # A quality to aim at, with no average rate beside it.
        *(
            ["-b:v", str(output.rate)]
            if output.crf is None
            else ["-cq", str(quality("nvenc", output)), "-b:v", "0"]
        ),
        # What x264 has by default at most presets: bits where they are seen, looking ahead.
        "-spatial-aq", "1",
        "-rc-lookahead", "20",
        # With lookahead the encoder would put key frames at cuts.
        "-no-scenecut", "1",
        # Forced key frames are IDRs.
        "-forced-idr", "1",
        # Bits are not moved from one GOP to the next.
        "-strict_gop", "1",
        # Captions in the pictures become text tracks; nor anything else of the source's.
        "-a53cc", "0",
        "-s12m_tc", "0",
        "-extra_sei", "0",
        "-pix_fmt", "yuv420p" if output.colour.bit_depth == 8 else "p010le",
    ]  # fmt: skip


def _qsv(output: VideoOutput, _encoder: HardwareEncoder) -> list[str]:
    return [
        "-preset", _QSV_PRESETS[output.preset],
        "-profile:v", output.profile,
        # A number for this encoder: 3.1 is 31.
        *(["-level:v", str(round(float(output.level) * 10))] if output.level else []),
        # By default the high tier.
        *(["-tier", "main"] if output.codec == "hevc" else []),
        # With a quality, an aim and a cap: quality-defined variable rate (QVBR).
        *(
            ["-b:v", str(output.rate)]
            if output.crf is None
            else ["-global_quality:v", str(quality("qsv", output)), "-b:v", _aim(output)]
        ),
        # I- and B-frames where the GOP has them, not where the encoder would like them.
        "-adaptive_i", "0",
        "-adaptive_b", "0",
        "-forced_idr", "1",
        *(["-a53cc", "0"] if output.codec == "h264" else []),
        "-pix_fmt", _pixels(output),
    ]  # fmt: skip


def _vaapi(output: VideoOutput, encoder: HardwareEncoder) -> list[str]:
    return [
        "-profile:v", output.profile,
        *(["-level:v", output.level] if output.level else []),
        *([] if output.codec == "h264" else ["-tier", "main"]),
        *(
            ["-rc_mode", "VBR", "-b:v", str(output.rate)]
            if output.crf is None
            else [
                "-rc_mode", "QVBR",
                "-global_quality:v", str(quality("vaapi", output)),
                "-b:v", _aim(output),
            ]
        ),
        # Every I-frame is an IDR.
        "-idr_interval", "0",
        *(["-low_power", "1"] if encoder.low_power else []),
        # Neither captions nor the name of this program in the stream.
        *({"h264": ["-sei", "timing"], "hevc": ["-sei", "hdr"]}.get(output.codec, [])),
    ]  # fmt: skip


def _aim(output: VideoOutput) -> str:
    return str(round(output.max_rate * _AIM))


_OPTIONS: Mapping[Kind, Callable[[VideoOutput, HardwareEncoder], list[str]]] = MappingProxyType(
    {"nvenc": _nvenc, "qsv": _qsv, "vaapi": _vaapi}
)
