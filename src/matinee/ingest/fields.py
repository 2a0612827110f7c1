"""Fields: progressive, interlaced or telecined, judged by the pictures and not by flags alone.

Flags lie both ways: films are flagged as interlaced by cameras and editors that always do, and
interlaced video loses its flag in careless conversions. ffmpeg's `idet` looks at the lines of a
few windows of the film; a flag is overruled only where nearly all of them say the same.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from matinee.model.media import MediaInfo, VideoTrackInfo
from matinee.toolchain.ffmpeg import FFMPEG_OPTIONS, input_options
from matinee.toolchain.run import ProcessError, run
from matinee.toolchain.sandbox import Limits
from matinee.toolchain.tools import Toolchain

LIMITS = Limits(
    wall_seconds=120, cpu_seconds=120, memory_bytes=8 << 30, file_bytes=0, stdout_bytes=1 << 20
)
_WINDOWS = 8
_FRAMES = 60
_WINDOW_SECONDS = 3
_SHORT = 20.0
"""Seconds of film up to which it is one window, whole."""
_FASTEST = 31
"""Frames a second above which nothing is interlaced: its fields would be 60 a second or more."""

_LINES = frozenset({480, 486, 512, 576, 608, 1080, 1088})
"""Of interlaced video; 512 and 608 with what is hidden above, 1088 in whole blocks."""
_NEVER = frozenset({"av1", "vp8", "vp9", "theora"})

_LINE = re.compile(
    r"\[idet@place(\d+) [^\]]*\] (Repeated Fields|Single frame detection): (?:Neither|TFF): *(\d+) "
    r"(?:Top|BFF): *(\d+) (?:Bottom|Progressive): *(\d+)"
)
_ENOUGH = 12  # frames of a window that idet must be sure of to say anything
_SUSPECT = 0.3  # share of interlaced frames that is worth a closer look
_CLEARLY_INTERLACED = 0.7
_LIKELY_INTERLACED = 0.4
_OTHER_PARITY = 0.05  # of the frames sure of; fine lines that are no fields give both parities
_CLEARLY_PROGRESSIVE = 0.98
_WRONG_PARITY = 0.9
_PULLDOWN = (0.12, 0.28)
"""Share of frames that repeat a top field, and a bottom one: a fifth each in 3:2 pulldown."""


class Window(NamedTuple):
    """What `idet` counted in one stretch of film, in frames."""

    tff: int = 0
    bff: int = 0
    progressive: int = 0
    neither: int = 0
    """Frames that repeat no field of the frame before; `top` and `bottom` repeat that one."""
    top: int = 0
    bottom: int = 0

    @property
    def sure(self) -> int:
        """Frames whose fields `idet` could tell."""
        return self.tff + self.bff + self.progressive

    def share(self, frames: int) -> float:
        """Return *frames* as a share of those that `idet` was sure of."""
        return frames / self.sure if self.sure else 0.0

    @property
    def telecined(self) -> bool:
        """Whether fields repeat as 3:2 pulldown repeats them, in frames that are interlaced."""
        least, most = _PULLDOWN
        frames = self.neither + self.top + self.bottom
        repeats = (self.top / frames, self.bottom / frames) if frames else (0.0, 0.0)
        woven = self.tff + self.bff
        return (
            all(least <= one <= most for one in repeats)
            and self.share(woven) >= _SUSPECT
            and min(self.tff, self.bff) <= woven / 4
        )


class Fields(NamedTuple):
    """A judgement: the field order, whether film was telecined into it, and what is odd of it."""

    order: str
    telecined: bool = False
    warning: str = ""


def filter_of(place: int) -> str:
    """Return the filter that counts for window *place*."""
    return f"idet@place{place}"


def windows(stderr: str, count: int) -> tuple[Window, ...]:
    """Read what `filter_of` said of *count* windows; a filter set up twice speaks twice."""
    found = [[0] * 6 for _ in range(count)]
    for line in _LINE.finditer(stderr):
        if int(line[1]) < count:
            offset = 3 if line[2].startswith("Repeated") else 0
            for place in range(3):
                found[int(line[1])][offset + place] += int(line[3 + place])
    return tuple(Window(*counts) for counts in found)


def suspect(track: VideoTrackInfo, seen: Sequence[Window]) -> bool:
    """Say whether the fields of *track* are worth a closer look than *seen*.

    Without a flag only where video is ever interlaced: the lines of television, in its codecs.
    """
    if track.frame_rate.value > _FASTEST:
        return False
    if track.field_order in {"tff", "bff"}:
        return True
    if track.height not in _LINES or track.codec in _NEVER:
        return False
    return any(
        one.sure >= _ENOUGH and (one.telecined or one.share(max(one.tff, one.bff)) >= _SUSPECT)
        for one in seen
    )


def judge(flagged: str, seen: Sequence[Window]) -> Fields:
    """Return the field order of a film that is *flagged* so and looks like *seen*.

    Film and video in one (`telecined` in some windows, video in others) is taken as video.
    """
    told = [one for one in seen if one.sure >= _ENOUGH]
    whole = Window(*(sum(counts) for counts in zip(*told, strict=True)))
    interlaced = flagged in {"tff", "bff"}
    if not told:
        return Fields(flagged)
    order = _parity(flagged, whole)
    woven = [one for one in told if one.share(one.tff + one.bff) >= _SUSPECT]
    if woven and all(one.telecined for one in woven):
        return Fields(order, telecined=True)
    if interlaced and whole.share(whole.progressive) >= _CLEARLY_PROGRESSIVE:
        return Fields("progressive", warning="It is flagged as interlaced, but is progressive.")
    if interlaced and order != flagged:
        return Fields(order, warning="Its fields are flagged in the wrong order.")
    least = _LIKELY_INTERLACED if flagged == "unknown" else _CLEARLY_INTERLACED
    more, less = max(whole.tff, whole.bff), min(whole.tff, whole.bff)
    alike = sum(one.share(max(one.tff, one.bff)) >= least for one in told)
    if (
        not interlaced
        and alike * 2 > len(told)
        and whole.share(more) >= least
        and whole.share(less) <= _OTHER_PARITY
    ):
        warning = "It is flagged as progressive, but is interlaced."
        return Fields(order, warning=warning if flagged == "progressive" else "")
    return Fields(flagged)


def _parity(flagged: str, whole: Window) -> str:
    """Return which field comes first: as flagged, unless nearly all frames say otherwise."""
    seen = "tff" if whole.tff >= whole.bff else "bff"
    if flagged not in {"tff", "bff"}:
        return seen
    woven = whole.tff + whole.bff
    sure = woven >= _FRAMES and max(whole.tff, whole.bff) >= _WRONG_PARITY * woven
    return seen if sure else flagged


def look_closer(path: Path, info: MediaInfo, toolchain: Toolchain) -> tuple[Window, ...]:
    """Decode some windows from all over the film, and return what `idet` counted in each.

    Empty where that fails or takes too long: then the flags are all there is.
    """
    track = info.video[0]
    if info.duration <= _SHORT:
        starts, frames, seconds = [0.0], round(_SHORT * _FASTEST), _SHORT
    else:
        share = info.duration / _WINDOWS
        starts = [share * (number + 0.4) for number in range(_WINDOWS)]
        frames, seconds = _FRAMES, _WINDOW_SECONDS
    command: list[str | Path] = [toolchain.ffmpeg, *FFMPEG_OPTIONS, "-v", "info"]
    for start in starts:
        seek = ("-noaccurate_seek", "-ss", f"{start:.3f}") if start else ()
        command += [*seek, "-threads", "1", *input_options(path, info.container)]
    for place in range(len(starts)):
        command += [
            "-map", f"{place}:{track.index}", "-filter:v", filter_of(place),
            "-frames:v", str(frames), "-t", str(seconds), "-f", "null", "-",
        ]  # fmt: skip
    try:
        return windows(run(command, limits=LIMITS, check=False).stderr, len(starts))
    except ProcessError:
        return ()
