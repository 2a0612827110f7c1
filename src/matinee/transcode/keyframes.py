"""How far apart a source's key frames are, which decides whether its video may be copied."""

from math import isfinite
from pathlib import Path

from matinee.model.progress import Control
from matinee.toolchain.ffmpeg import input_options
from matinee.toolchain.run import run
from matinee.toolchain.sandbox import Limits
from matinee.toolchain.tools import Toolchain
from matinee.transcode.plan import VideoPlan

MOST_SECONDS_BETWEEN = 10.0
"""Key frames further apart would make segments that no player can start or switch on in time."""


class Gaps:
    """Reads ffprobe's `time,flags` lines of packets, in the order of the file."""

    def __init__(self) -> None:
        self._starts_with_key: bool | None = None
        self._longest = 0.0
        self._last_key = 0.0
        self._end = 0.0

    def __call__(self, line: str) -> None:
        """Take one line; those without a time are passed over."""
        time, _, flags = line.partition(",")
        try:
            at = float(time)
        except ValueError:
            return
        if not isfinite(at):
            return
        key = flags.startswith("K")
        if self._starts_with_key is None:
            self._starts_with_key = key
            self._last_key = at
        self._end = max(self._end, at)
        if key:
            self._longest = max(self._longest, at - self._last_key)
            self._last_key = at

    def longest(self) -> float | None:
        """Return the longest gap in seconds, the stretch after the last key frame included.

        None if the first packet is no key frame, or there is none.
        """
        if not self._starts_with_key:
            return None
        return max(self._longest, self._end - self._last_key)


def longest_gap(
    source: Path, container: str, video: VideoPlan, *, toolchain: Toolchain, control: Control
) -> float | None:
    """Return the seconds between the key frames furthest apart, None if the first frame is none.

    Raises:
        UpstreamError: ffprobe fails.
        CancelledError: *control* said so.
    """
    gaps = Gaps()
    run(
        [
            toolchain.ffprobe,
            "-hide_banner", "-loglevel", "error",
            *input_options(source, container),
            "-select_streams", str(video.source.index),
            "-show_entries", "packet=pts_time,flags",
            "-of", "csv=p=0",
        ],
        limits=Limits(wall_seconds=900, stall_seconds=120, memory_bytes=4 << 30, file_bytes=0),
        on_line=gaps,
        cancelled=control.cancelled,
    )  # fmt: skip
    return gaps.longest()
