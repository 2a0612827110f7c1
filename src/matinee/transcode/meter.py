"""From what ffmpeg writes to standard output to the progress of a stage and its rungs."""

import time
from collections.abc import Callable

from matinee.model.progress import Progress, ReportProgress, RungProgress
from matinee.toolchain.ffmpeg import EncodeProgress, ProgressReader
from matinee.transcode.command import RUNG_LINE, OutputFile
from matinee.transcode.plan import EncodePlan

_MOST_FRACTION = 0.999
"""Until the files are in the store."""


class Meter:
    """Listens to a running encode; give it to `run` as `on_line`.

    Each video rung is counted by its own encoded frames. Audio outputs have no line of their own.
    Speeds are averages since the start.
    """

    def __init__(
        self,
        plan: EncodePlan,
        files: tuple[OutputFile, ...],
        report: ReportProgress,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._duration = max(plan.duration, 0.001)
        self._report = report
        self._clock = clock
        self._started = clock()
        self._reader = ProgressReader(self._on_progress)
        self._frames = {place: 0 for place, file in enumerate(files) if file.video is not None}
        self._names = {
            place: file.video.name for place, file in enumerate(files) if file.video is not None
        }
        rate = plan.video.frame_rate.value if plan.video is not None else 1
        self._frame_seconds = {
            place: float(file.video.frame_step / rate)
            for place, file in enumerate(files)
            if file.video is not None
        }
        self._out_time = 0.0
        self.latest = Progress(stage="transcode", fraction=0.0)
        """The newest snapshot."""

    def __call__(self, line: str) -> bool:
        """Take one line; say whether it is a sign of life."""
        if not line.startswith(f"{RUNG_LINE} "):
            return self._reader(line)
        words = line.split()
        if len(words) == 3 and words[1].isdecimal() and words[2].isdecimal():
            place = int(words[1])
            if place in self._frames:
                self._frames[place] = int(words[2]) + 1
                return True
        return False

    @property
    def produced(self) -> float:
        """Seconds of film that the least far rung, or else the audio, has come to."""
        done = self._done()
        return min(done.values()) if done else self._out_time

    def _done(self) -> dict[int, float]:
        return {place: n * self._frame_seconds[place] for place, n in self._frames.items()}

    def _on_progress(self, progress: EncodeProgress) -> None:
        self._out_time = max(self._out_time, progress.out_time)
        elapsed = max(self._clock() - self._started, 0.001)
        done = self._done()
        average = sum(done.values()) / len(done) if done else self._out_time
        speed = average / elapsed
        left = max(0.0, self._duration - average)
        self.latest = Progress(
            stage="transcode",
            fraction=min(average / self._duration, _MOST_FRACTION),
            speed=speed if average > 0 else None,
            remaining=left / speed if speed > 0 else None,
            rungs=tuple(
                RungProgress(
                    name=self._names[place],
                    done=seconds,
                    speed=seconds / elapsed if seconds > 0 else None,
                )
                for place, seconds in done.items()
            ),
        )
        self._report(self.latest)
