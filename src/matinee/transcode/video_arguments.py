"""Options of the video encoders: libx264, libx265, SVT-AV1. Every flag with its reason.

All three put an IDR (AV1: a key frame) every `gop_frames` frames and nowhere else, refer to
nothing across it, stay under the cap, and give equal bytes for equal input.
"""

import re

from matinee.transcode.codecs import SVT_AV1_PRESETS
from matinee.transcode.hardware import HardwareEncoder
from matinee.transcode.hardware_arguments import hardware_options
from matinee.transcode.plan import VideoOutput

_POINT = re.compile(r"(G|B|R|WP)\((\d+),(\d+)\)")
_LUMINANCE = re.compile(r"L\((\d+),(\d+)\)")


def codec_options(
    output: VideoOutput, threads: int, equipment: tuple[HardwareEncoder, ...] = ()
) -> list[str]:
    """Return what chooses and steers the encoder of *output*: one of *equipment*, or software."""
    if output.hardware is not None:
        return hardware_options(output, equipment)
    options = {"h264": _x264, "hevc": _x265, "av1": _svt_av1}[output.codec]
    pixels = "yuv420p" if output.colour.bit_depth == 8 else "yuv420p10le"
    return [*options(output, threads), "-pix_fmt", pixels]


def _found(output: VideoOutput) -> str:
    """Return the file of what the first pass has found, in the folder that ffmpeg is run in."""
    return f"{output.name}.passes"


def _rate_control(output: VideoOutput) -> list[str]:
    # VBV: never more than max_rate over any stretch of the buffer's length.
    bounds = ["-maxrate", str(output.max_rate), "-bufsize", str(output.buffer_size)]
    if output.crf is not None:
        return ["-crf", f"{output.crf:g}", *bounds]
    return ["-b:v", str(output.rate), *bounds]


def _x264(output: VideoOutput, slices: int) -> list[str]:
    # The first of two passes is a quick one: it leaves out what hardly changes where bits go.
    careful = output.pass_number != 1
    parameters = [
        f"open-gop=0:{f'ref={output.references}:' if careful else ''}threads={slices}",
        *(["sliced-threads=1"] if slices > 1 else []),
        # Over veryfast: a fifth more CPU of the encoder, a tenth fewer bits at equal VMAF.
        *(["trellis=1"] if output.trellis and careful else []),
        # A frame is worth more bits the longer those after it refer to it (macroblock tree).
        *([f"rc-lookahead={output.lookahead}"] if output.lookahead is not None else []),
        # Stitchable: headers do not follow from what the first pass has found in one chunk.
        *([f"stats={_found(output)}:stitchable=1"] if output.pass_number else []),
    ]
    return [
        "-c:v", "libx264",
        # Captions in the pictures become text tracks; rungs of fewer frames would lose pieces.
        "-a53cc", "0",
        "-preset", output.preset,
        "-profile:v", output.profile,
        "-level:v", output.level,
        *_rate_control(output),
        # An IDR every so many frames and nowhere else, at the same times in all rungs.
        "-g", str(output.gop_frames),
        "-keyint_min", str(output.gop_frames),
        "-sc_threshold", "0",
        # No frame refers across an IDR, so a player can switch or seek there.
        "-flags:v", f"+cgop+bitexact{f'+pass{output.pass_number}' if output.pass_number else ''}",
        "-x264-params", ":".join(parameters),
    ]  # fmt: skip


def _x265(output: VideoOutput, threads: int) -> list[str]:
    parameters = [
        f"keyint={output.gop_frames}:min-keyint={output.gop_frames}:scenecut=0:open-gop=0",
        # The settings as text in the stream would only tell of this machine.
        "info=0:log-level=warning",
        # The least level of the Main tier: what devices have.
        "high-tier=0",
        # Frame threads see each other's rates too late under VBV; rows of one picture do not.
        "frame-threads=1",
        f"pools={threads}:wpp=1" if threads > 1 else "pools=none:wpp=0",
        *([f"pass={output.pass_number}:stats={_found(output)}"] if output.pass_number else []),
    ]
    colour = output.colour
    if colour.video_range == "PQ":
        if colour.mastering_display:
            parameters.append(f"master-display={colour.mastering_display}")
        if colour.content_light_level:
            parameters.append(f"max-cll={colour.content_light_level}")
    return [
        "-c:v", "libx265",
        "-preset", output.preset,
        "-profile:v", output.profile,
        *_rate_control(output),
        "-g", str(output.gop_frames),
        "-flags:v", "+cgop+bitexact",
        "-x265-params", ":".join(parameters),
        # Parameter sets belong into the header alone (hvc1); with HDR x265 repeats them.
        "-bsf:v", "filter_units=remove_types=32-34",
        "-tag:v", "hvc1",
    ]  # fmt: skip


def _svt_av1(output: VideoOutput, _threads: int) -> list[str]:
    parameters = [
        f"crf={output.crf:g}",
        # Key frames, not forward ones: nothing before one is needed after it.
        "irefresh-type=2:scd=0:enable-overlays=0",
        # By default half as much again as the cap is let through.
        "mbr-overshoot-pct=0",
        # With more than one thread a capped rate makes the bytes differ from run to run.
        "lp=1",
    ]
    if output.film_grain:
        parameters.append(f"film-grain={output.film_grain}:film-grain-denoise=1")
    colour = output.colour
    if colour.video_range == "PQ":
        if colour.mastering_display:
            parameters.append(f"mastering-display={_decimal(colour.mastering_display)}")
        if colour.content_light_level:
            parameters.append(f"content-light={colour.content_light_level}")
    return [
        "-c:v", "libsvtav1",
        "-preset", str(SVT_AV1_PRESETS[output.preset]),
        "-maxrate", str(output.max_rate),
        "-bufsize", str(output.buffer_size),
        "-g", str(output.gop_frames),
        "-flags:v", "+cgop+bitexact",
        "-svtav1-params", ":".join(parameters),
    ]  # fmt: skip


def _decimal(display: str) -> str:
    """Return a mastering display in SVT-AV1's decimals, from x265's units."""
    points = "".join(
        f"{name}({int(x) / 50_000:g},{int(y) / 50_000:g})" for name, x, y in _POINT.findall(display)
    )
    limits = "".join(
        f"L({int(most) / 10_000:g},{int(least) / 10_000:g})"
        for most, least in _LUMINANCE.findall(display)
    )
    return points + limits
