"""The media programs we run (ffmpeg, ffprobe) and the sandbox they run in."""

from matinee.toolchain.run import Completed, ProcessError, run
from matinee.toolchain.sandbox import BACKGROUND, Limits
from matinee.toolchain.tools import Toolchain

__all__ = ["BACKGROUND", "Completed", "Limits", "ProcessError", "Toolchain", "run"]
