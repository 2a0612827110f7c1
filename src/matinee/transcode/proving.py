"""Finding out what hardware encoders this machine has: each must encode a trial film as told.

Where there is no device nothing is run. A driver that is there, or an encoder that ffmpeg knows,
counts for nothing: what counts is the file that comes out, made by the very command that a film
would get, and read by `proof.py`.
"""

import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import msgspec

from matinee.errors import UpstreamError
from matinee.model.ladder import Ladder, Rung
from matinee.model.media import MediaInfo, Ratio, VideoTrackInfo
from matinee.toolchain.devices import Devices, find_devices
from matinee.toolchain.ffmpeg import FFMPEG_OPTIONS, input_options, last_words
from matinee.toolchain.run import ProcessError, run
from matinee.toolchain.sandbox import BACKGROUND, Limits
from matinee.toolchain.tools import Toolchain
from matinee.transcode.assignment import assigned
from matinee.transcode.command import EncodeCommand, encode_command, video_file
from matinee.transcode.filters import SCALER
from matinee.transcode.hardware import FORMS, Finding, Form, HardwareEncoder, Refusal
from matinee.transcode.making import limits_of
from matinee.transcode.plan import EncodePlan, VideoOutput, plan
from matinee.transcode.proof import encoder_words, fault_of

TRIAL_SECONDS = 20.0
"""A trial takes a second or two; a driver that hangs is no encoder."""
LEAST_PSNR = 30.0
"""Decibels of the trial film against its source; software makes 38 and more of it."""
MOST_SECONDS = 90.0
"""After this no other encoder is tried: an encode is waiting."""
_FILM_SECONDS = 60.0
_SHOTS = (37, 40, 43)
"""Frames of its shots: cuts lie inside GOPs, where no key frame may be."""
_FRAMES = sum(_SHOTS)
_RATE = 24
_SIZE = "640x360"

_lock = threading.Lock()


def found_hardware(toolchain: Toolchain, scratch: Path) -> Finding:
    """Return what hardware encoders this machine has; tried once in the life of a process."""
    with _lock:
        return _found(toolchain, scratch)


@lru_cache(maxsize=4)
def _found(toolchain: Toolchain, scratch: Path) -> Finding:
    return try_hardware(find_devices(), toolchain, scratch)


def try_hardware(devices: Devices, toolchain: Toolchain, scratch: Path) -> Finding:
    """Try every encoder that *devices* might have, and return which did as told."""
    if not devices:
        return Finding(nothing=devices.lack)
    encoders: list[HardwareEncoder] = []
    refusals: list[Refusal] = []
    scratch.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="proving-", dir=scratch))
    deadline = time.monotonic() + MOST_SECONDS
    try:
        film = make_film(toolchain, work)
        for ways in candidates(devices):
            fault = ""
            for encoder in ways:
                fault = "no time was left to try it"
                if time.monotonic() < deadline:
                    fault = try_out(encoder, film, toolchain, work)
                if not fault:
                    encoders.append(encoder)
                    break
            if fault:
                refusals.append(Refusal(encoder=ways[0], fault=fault))
    except UpstreamError as error:
        return Finding(nothing=f"the trial film cannot be made: {error.message}")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Finding(encoders=tuple(encoders), refusals=tuple(refusals))


def candidates(devices: Devices) -> Iterator[tuple[HardwareEncoder, ...]]:
    """Yield what might be there: each encoder with the ways to use it, the best first."""
    for form in FORMS if devices.nvidia else ():
        # NVENC chooses among the cards by itself.
        card = str(devices.nvidia[0])
        usual = HardwareEncoder(kind="nvenc", form=form, device=card)
        yield usual, msgspec.structs.replace(usual, b_frames=0)
    for node in devices.render:
        for form in FORMS:
            usual = HardwareEncoder(kind="qsv", form=form, device=str(node))
            yield usual, msgspec.structs.replace(usual, b_frames=0)
        for form in FORMS:
            usual = HardwareEncoder(kind="vaapi", form=form, device=str(node))
            yield usual, msgspec.structs.replace(usual, low_power=True)


def try_out(encoder: HardwareEncoder, film: Path, toolchain: Toolchain, folder: Path) -> str:
    """Have *encoder* encode *film* in *folder*; return why it will not do, "" if it does."""
    if encoder.name not in toolchain.encoders():
        return "this ffmpeg has no such encoder"
    trial, _ = assigned(trial_plan(encoder.form), Finding(encoders=(encoder,)))
    command = encode_command(trial, toolchain.ffmpeg, film, folder, equipment=(encoder,))
    return try_command(trial, command, film, toolchain, folder)


def try_command(
    trial: EncodePlan, command: EncodeCommand, film: Path, toolchain: Toolchain, folder: Path
) -> str:
    """Run *command*, which makes *trial* of *film* in *folder*; return what is wrong, or ""."""
    # Errors alone: the last of them says what was the matter.
    argv = ["error" if word == "verbose" else word for word in command.argv]
    limits = msgspec.structs.replace(
        limits_of(trial), wall_seconds=TRIAL_SECONDS, stall_seconds=None
    )
    try:
        run(argv, limits=limits)
        if trial.video is None:
            return ""
        for output in trial.video.outputs:
            path = folder / video_file(output)
            fault = fault_of(path, trial.video, output, _FRAMES)
            if not fault and (found := psnr(path, output, film, toolchain)) < LEAST_PSNR:
                fault = f"{found:.1f} dB from the source, less than {LEAST_PSNR:.0f}"
            if fault:
                return f"{output.name}: {fault}"
    except ProcessError as error:
        if error.reason != "exit":
            return f"it {error.message.partition(' ')[2]}".rstrip(".")
        said = error.completed.stderr
        return encoder_words(said) or last_words(said, lines=1) or error.message
    except UpstreamError as error:
        return error.message
    return ""


def trial_plan(form: Form) -> EncodePlan:
    """Return the plan of the trial film for *form*: two rungs, the larger one held by its cap."""
    codec, bit_depth = form
    ladder = Ladder(
        name="trial",
        gop_seconds=1.0,
        segment_seconds=1.0,
        audio=(),
        video=tuple(
            Rung(
                name=f"{height}p",
                height=height,
                max_rate=rate,
                codec=codec,
                bit_depth=bit_depth,
                crf={"h264": 23.0, "hevc": 26.0, "av1": 38.0}[codec],
            )
            for height, rate in ((360, 500_000), (180, 400_000))
        ),
    )
    width, _, height = _SIZE.partition("x")
    picture = VideoTrackInfo(
        index=0,
        codec="ffv1",
        width=int(width),
        height=int(height),
        frame_rate=Ratio(_RATE, 1),
        duration=_FRAMES / _RATE,
    )
    return plan(
        MediaInfo(
            container="matroska",
            duration=_FRAMES / _RATE,
            size=1,
            bit_rate=1,
            video=(picture,),
            audio=(),
        ),
        ladder,
    )


def make_film(toolchain: Toolchain, folder: Path) -> Path:
    """Make the trial film in *folder*, lossless: three shots with much motion, five GOPs.

    Raises:
        UpstreamError: ffmpeg cannot.
    """
    film = folder / "film.mkv"
    shots = (
        f"testsrc2=size={_SIZE}:rate={_RATE}",
        f"mandelbrot=size={_SIZE}:rate={_RATE}",
        f"testsrc2=size={_SIZE}:rate={_RATE},hflip,negate",
    )
    graph = "".join(
        f"{shot},format=yuv420p,setsar=1,trim=end_frame={frames},setpts=PTS-STARTPTS[{place}];"
        for place, (shot, frames) in enumerate(zip(shots, _SHOTS, strict=True))
    )
    links = "".join(f"[{place}]" for place in range(len(shots)))
    run(
        [
            toolchain.ffmpeg, *FFMPEG_OPTIONS, "-loglevel", "error",
            "-filter_complex", f"{graph}{links}concat=n={len(shots)}",
            "-c:v", "ffv1", "-y", "-f", "matroska", f"file:{film}",
        ],
        limits=_light(file_bytes=1 << 28),
    )  # fmt: skip
    return film


def psnr(path: Path, output: VideoOutput, film: Path, toolchain: Toolchain) -> float:
    """Return how near the pictures of *output* at *path* are to those of *film*, in decibels.

    Raises:
        ProcessError: they cannot be decoded.
    """
    pixels = "yuv420p" if output.colour.bit_depth == 8 else "yuv420p10le"
    size = f"scale=w={output.width}:h={output.height}:flags={SCALER}"
    # Picture by picture, whatever the time that each container gives them.
    counted = f"settb=1/{_RATE},setpts=N"
    told = run(
        [
            toolchain.ffmpeg, *FFMPEG_OPTIONS, "-loglevel", "info", "-xerror",
            *input_options(path, "mp4"), *input_options(film, "matroska"),
            "-filter_complex",
            f"[0:v]{counted}[made];[1:v]{size},format={pixels},{counted}[source];[made][source]psnr",
            "-f", "null", "-",
        ],
        limits=_light(file_bytes=0),
    )  # fmt: skip
    found = re.findall(r"PSNR .*\baverage:(\d+(?:\.\d+)?|inf)", told.stderr)
    if not found:
        raise UpstreamError("ffmpeg did not say how near two films are.")
    return float(found[-1])


def _light(file_bytes: int) -> Limits:
    return Limits(
        wall_seconds=_FILM_SECONDS,
        memory_bytes=6 << 30,
        file_bytes=file_bytes,
        niceness=BACKGROUND,
    )
