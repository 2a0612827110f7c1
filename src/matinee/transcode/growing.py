"""The quick encode of a film's first version, which is watched while it is made.

One small rung and one stereo track of each language, from the start of the film, in order. The
files are fragmented MP4 and can be read as they grow. Equal sources give equal files, so an encode
that was killed is made again to the same bytes.
"""

import os
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import msgspec

from matinee.model.ladder import AudioRung, Ladder, Rung
from matinee.model.media import MediaInfo
from matinee.model.progress import Control, ReportProgress
from matinee.model.rendition import Rendition
from matinee.toolchain.run import ProcessError, run
from matinee.toolchain.tools import Toolchain
from matinee.transcode.audio_plan import AudioOutput
from matinee.transcode.command import EncodeCommand, encode_command, files_of
from matinee.transcode.damage import HealthReader
from matinee.transcode.encode import judged, renditions
from matinee.transcode.making import failure, limits_of
from matinee.transcode.meter import Meter
from matinee.transcode.plan import EncodePlan, plan

LADDER = Ladder(
    name="growing",
    description="The first version of a film that must be encoded, watched while it is made",
    # The pictures of a film that is shown at 50 or 60 a second come at half of that.
    video=(Rung(name="360p", height=360, max_rate=900_000, crf=25, max_frame_rate=30),),
    audio=(AudioRung(name="stereo", codec="aac", channels=2, rate=128_000),),
    # Measured on 30 s of Big Buck Bunny (VP9, 720p): 5.7 CPU s, 2.3 MB; ultrafast takes 5.4 s and
    # 3.3 MB, veryfast 7.4 s and 1.4 MB. Most of it is decoding.
    preset="superfast",
)
_LOOK = 0.1
"""Seconds between two looks at the files."""


class GrowingFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is being written. Its rendition's key is its name in the folder."""

    rendition: Rendition
    path: Path
    max_rate: int
    """Bits a second: the cap of video, the rate of audio."""


def growing_plan(info: MediaInfo) -> EncodePlan:
    """Return how *info*'s source is encoded for its first version.

    Loudness is left as it is: to measure it, the whole film would have to be read first.

    Raises:
        MediaError: there is neither video nor audio (`nothing-to-play`).
    """
    chosen = plan(info, LADDER)
    return msgspec.structs.replace(chosen, audio=_one_per_language(chosen.audio))


def _one_per_language(outputs: tuple[AudioOutput, ...]) -> tuple[AudioOutput, ...]:
    """Return of each language the track to hear first: the default, else one without side role."""

    def rank(output: AudioOutput) -> tuple[bool, bool]:
        return not output.default, bool({"commentary", "description"} & set(output.roles))

    chosen: dict[str | None, AudioOutput] = {}
    for output in sorted(outputs, key=rank):
        chosen.setdefault(output.language, output)
    return tuple(one for one in outputs if chosen[one.language] is one)


def segment_duration(chosen: EncodePlan) -> Fraction:
    """Return the exact duration in seconds of a segment: whole GOPs about as long as planned."""
    wanted = Fraction(chosen.segment_seconds).limit_denominator(1000)
    if chosen.video is None:
        return wanted
    gop = chosen.video.gop_seconds
    return gop * max(1, round(wanted / gop))


def growing_files(chosen: EncodePlan, folder: Path) -> tuple[GrowingFile, ...]:
    """Return the files that `encode_growing` writes to *folder*, video first."""
    rates = [output.max_rate for output in chosen.video.outputs] if chosen.video else []
    rates += [output.rate for output in chosen.audio]
    names = [file.file_name for file in files_of(chosen)]
    return tuple(
        GrowingFile(
            rendition=msgspec.structs.replace(made, key=name), path=folder / name, max_rate=rate
        )
        for made, name, rate in zip(renditions(chosen, "", ""), names, rates, strict=True)
    )


_READABLE = (
    # The header comes with the first fragment, when it is known by how much sound is primed; and
    # there is no index at the end.
    "-movflags", "+delay_moov+default_base_moof+skip_trailer",
    # Microseconds of a fragment: a reader is at most so far behind.
    "-frag_duration", "500000",
    "-flush_packets", "1",
)  # fmt: skip


def growing_command(
    chosen: EncodePlan, ffmpeg: Path, source: Path, folder: Path, *, cores: int = 1
) -> EncodeCommand:
    """Return the command of an encode as any other, but for files that can be read as they grow."""
    command = encode_command(chosen, ffmpeg, source, folder, cores=cores)
    outputs = {f"file:{folder / file.file_name}" for file in command.files}
    argv = [
        word for one in command.argv for word in ((*_READABLE, one) if one in outputs else (one,))
    ]
    return msgspec.structs.replace(command, argv=tuple(argv))


class Watching(msgspec.Struct, frozen=True):
    """Who looks at the files as they grow, and is told how far the encode has come."""

    look: Callable[[], object]
    """Called several times a second; may raise, which ends the encode."""
    report: ReportProgress = lambda _: None


def encode_growing(
    chosen: EncodePlan, source: Path, folder: Path, toolchain: Toolchain, watching: Watching,
    control: Control,
) -> tuple[str, ...]:  # fmt: skip
    """Write the files of *chosen* to *folder*; return warnings about the source.

    Raises:
        MediaError: the source is too damaged (`damaged`) or cannot be decoded.
        CancelledError: *control* said so.
        UpstreamError: ffmpeg failed for another reason, or a limit was hit.
    """
    command = growing_command(
        chosen, toolchain.ffmpeg, source, folder, cores=len(os.sched_getaffinity(0))
    )
    meter = Meter(chosen, command.files, watching.report)
    health = HealthReader()
    looked = 0.0

    def on_line(line: str) -> bool:
        nonlocal looked
        alive = meter(line)
        if time.monotonic() - looked >= _LOOK:
            watching.look()
            looked = time.monotonic()
        return alive

    try:
        run(
            command.argv,
            limits=limits_of(chosen),
            on_line=on_line,
            on_error_line=health,
            cancelled=control.cancelled,
        )
    except ProcessError as error:
        if (fault := failure(error)) is None:
            raise
        raise fault from error
    return judged(chosen, health.health(), meter.produced)
