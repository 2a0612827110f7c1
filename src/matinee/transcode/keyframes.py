"""How far apart a source's key frames are, which decides whether its video may be copied."""

from pathlib import Path

from matinee.model.progress import Control
from matinee.toolchain.ffmpeg import input_options
from matinee.toolchain.run import run
from matinee.toolchain.sandbox import Limits
from matinee.toolchain.tools import Toolchain
from matinee.transcode.plan import VideoPlan

MOST_SECONDS_BETWEEN = 10.0
"""Key frames further apart would make segments that no player can start or switch on in time."""


class _Gaps:
    """Reads ffprobe's `time,flags` lines."""

    def __init__(self) -> None:
        self.first_is_key: bool | None = None
        self.longest = 0.0
        self._last_key: float | None = None
        self._end = 0.0

    def __call__(self, line: str) -> None:
        time, _, flags = line.partition(",")
        try:
            at = float(time)
        except ValueError:  # N/A
            return
        key = flags.startswith("K")
        if self.first_is_key is None:
            self.first_is_key = key
        self._end = max(self._end, at)
        if key:
            if self._last_key is not None:
                self.longest = max(self.longest, at - self._last_key)
            self._last_key = at

    def finish(self) -> float:
        """Return the longest gap, the stretch after the last key frame included."""
        return max(self.longest, self._end - (self._last_key or 0.0))


def longest_gap(
    source: Path, container: str, video: VideoPlan, *, toolchain: Toolchain, control: Control
) -> float | None:
    """Return the seconds between the key frames furthest apart, None if the first frame is none.

    Raises:
        UpstreamError: ffprobe fails.
        CancelledError: *control* said so.
    """
    gaps = _Gaps()
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
    return gaps.finish() if gaps.first_is_key else None
