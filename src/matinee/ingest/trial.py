"""A trial decode of a few pictures from three places: ffmpeg ends well on films full of damage."""

import re
from pathlib import Path
from typing import NamedTuple

from matinee.ingest import fields
from matinee.ingest.ffprobe import damaged
from matinee.model.media import MediaInfo
from matinee.toolchain.ffmpeg import (
    FFMPEG_OPTIONS,
    PROGRESS_OPTIONS,
    EncodeProgress,
    ProgressReader,
    input_options,
)
from matinee.toolchain.run import ProcessError, run
from matinee.toolchain.sandbox import Limits
from matinee.toolchain.tools import Toolchain

LIMITS = Limits(
    wall_seconds=90, cpu_seconds=120, memory_bytes=8 << 30, file_bytes=0, stdout_bytes=1 << 20
)
_SCAN_LIMITS = Limits(wall_seconds=900, stall_seconds=60, memory_bytes=3 << 30, file_bytes=0)
_SECONDS = "2"
_PICTURES = "48"
_BAD = 0.6  # share of faulty pictures or sounds that makes a place unwatchable
_NOTABLE = 0.1

_STATISTICS = re.compile(
    r"Input stream #(\d+):\d+ \((video|audio)\): (\d+) packets read.*?"
    r"(\d+) frames decoded; (\d+) decode errors"
)
_CORRUPT = re.compile(r"^\[([va])ist#(\d+):\d+/[^\]]*\].*corrupt decoded frame", re.MULTILINE)


class Place(NamedTuple):
    """What decoding met at one place: pictures (or sounds) that came out, and that did not."""

    packets: int
    decoded: int
    failed: int
    corrupt: int
    """Of those that came out, the ones the decoder marked as broken."""

    @property
    def share(self) -> float:
        """Share of what was tried that is faulty; all of it where nothing came out."""
        if not self.decoded:
            return float(self.packets > 0)
        return min(1.0, (self.failed + self.corrupt) / (self.decoded + self.failed))


class Trial(NamedTuple):
    """What decoding here and there told."""

    warnings: tuple[str, ...] = ()
    """Of damage; none for a whole film."""
    windows: tuple[fields.Window, ...] = ()
    """What is to be seen of fields at each place."""


def try_decoding(
    path: Path, info: MediaInfo, toolchain: Toolchain, most_damage: float | None = None
) -> Trial:
    """Decode two seconds at the start, middle and end; *most_damage* is as `probe` has it.

    Raises:
        MediaError: most places are unwatchable, or cost more than `LIMITS` (`damaged`).
    """
    command: list[str | Path] = [
        toolchain.ffmpeg, *FFMPEG_OPTIONS, "-v", "verbose", "-max_error_rate", "1",
    ]  # fmt: skip
    starts = [0.0] if info.duration < 1 else [0.0, info.duration * 0.5, info.duration * 0.9]
    for start in starts:
        # Not seeking accurately keeps ffmpeg from decoding all since the last key picture.
        seek = ("-noaccurate_seek", "-ss", f"{start:.3f}") if start else ()
        command += [*seek, "-threads", "2", *input_options(path, info.container)]
    for number in range(len(starts)):
        leading = [one.index for one in info.video[:1]] + [one.index for one in info.audio[:1]]
        for index in leading:
            command += ["-map", f"{number}:{index}"]
        command += ["-filter:v", fields.filter_of(number)] if info.video else []
        command += ["-t", _SECONDS, "-frames:v", _PICTURES, "-f", "null", "-"]
    try:
        stderr = run(command, limits=LIMITS, check=False).stderr
    except ProcessError as error:
        raise damaged("decoding a few seconds takes more time or memory than it may") from error
    found = places(stderr, "video" if info.video else "audio")
    warnings = judge(found, repair=bool(most_damage))
    return Trial(warnings, fields.windows(stderr, len(starts)) if info.video else ())


def places(stderr: str, kind: str) -> list[Place]:
    """Read ffmpeg's statistics of each input from what it said at level `verbose`."""
    corrupt = [int(found[2]) for found in _CORRUPT.finditer(stderr) if kind.startswith(found[1])]
    return [
        Place(int(found[3]), int(found[4]), int(found[5]), corrupt.count(int(found[1])))
        for found in _STATISTICS.finditer(stderr)
        if found[2] == kind
    ]


def judge(found: list[Place], *, repair: bool = False) -> tuple[str, ...]:
    """Return warnings, or raise where most places are unwatchable.

    A bad place after the first may be a seek into the middle of a group of pictures, so one alone
    forbids nothing, and only the first gives a warning. Where nothing came out and nothing failed
    either, as in MPEG-TS far from a key picture, nothing was learnt. With *repair* anything that
    can be decoded will do: how much it is shows in the encode.

    Raises:
        MediaError: `damaged`.
    """
    told = [*found[:1], *(place for place in found[1:] if place.decoded or place.failed)]
    bad = sum(place.share > _BAD for place in told)
    hopeless = bad * 2 > len(told) if not repair else not any(place.decoded for place in told)
    if not told or hopeless:
        raise damaged("most of what was decoded on trial is broken")
    if found[0].share > _NOTABLE:
        return ("Some pictures or sounds are damaged; they may show.",)
    return ()


def measured_duration(path: Path, container: str, toolchain: Toolchain) -> float | None:
    """Return the duration in seconds found by reading all packets, without decoding.

    For files whose container does not tell, or only guesses.

    Raises:
        MediaError: it cannot be read to its end (`damaged`).
    """
    reached = 0.0

    def note(progress: EncodeProgress) -> None:
        nonlocal reached
        reached = max(reached, progress.out_time)

    command: list[str | Path] = [
        toolchain.ffmpeg, *FFMPEG_OPTIONS, "-v", "error", *PROGRESS_OPTIONS,
        *input_options(path, container),
        "-map", "0:V?", "-map", "0:a?", "-c", "copy", "-f", "null", "-",
    ]  # fmt: skip
    try:
        run(command, limits=_SCAN_LIMITS, on_line=ProgressReader(note))
    except ProcessError as error:
        raise damaged("it cannot be read to its end") from error
    return reached or None
