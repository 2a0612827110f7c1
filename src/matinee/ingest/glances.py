"""A key picture and some sound from ten places of a film: formats that change, and black bars.

Costs ten pictures, whatever the film's length. What lies between the places is not seen.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from matinee.errors import CancelledError, MediaError
from matinee.model.media import Area, AudioTrackInfo, MediaInfo
from matinee.toolchain.ffmpeg import FFMPEG_OPTIONS, input_options
from matinee.toolchain.run import ProcessError, run
from matinee.toolchain.sandbox import Limits
from matinee.toolchain.tools import Toolchain

LIMITS = Limits(
    wall_seconds=90, cpu_seconds=90, memory_bytes=8 << 30, file_bytes=0, stdout_bytes=1 << 20
)
PLACES = 10
_LONGEST_READ = "12"  # seconds of film in which a key picture is to be found

_BLACK, _DARK = 18, 40
"""Mean luma of a line, of 255: a bar has no more than `_BLACK` (16, and what coding adds), and the
picture beside it begins at once with more than `_DARK`. Dark films fade into black instead."""
_EDGE = 4  # lines in which it must begin
_ENOUGH_LIT = 5  # places that are not all dark
_ENOUGH_SHARP = 3  # places that show an edge sharply
_LEAST_BARS = 0.02  # share of a side; less is how pictures are rounded
_LEAST_PICTURE = 0.4

_PICTURE = re.compile(
    r"\[graph \S+ input from stream (\d+):\d+ @ [^\]]*\] (w:\d+ h:\d+ pixfmt:\w+).*?"
    r"(csp:\S+ range:\S+)?(?: alpha|$)",
    re.MULTILINE,
)
_SOUND = re.compile(r"\[graph_\S*_in_(\d+):\d+ @ [^\]]*\].* samplerate:(\d+) chlayout:(.+)")
_LAYOUTS = {"mono": 1, "stereo": 2, "downmix": 2, "quad": 4}
_EDGES = re.compile(
    r"\[cropdetect@(black|dark)(\d+) @ [^\]]*\] x1:(-?\d+) x2:(-?\d+) y1:(-?\d+) y2:(-?\d+) "
)


class Edges(NamedTuple):
    """Where a picture begins and ends, in pixels, the last ones included."""

    left: int
    right: int
    top: int
    bottom: int

    @property
    def empty(self) -> bool:
        """Whether nothing is brighter than the limit."""
        return self.left >= self.right or self.top >= self.bottom


class Glance(NamedTuple):
    """What one place shows; "" and None where it shows nothing."""

    picture: str = ""
    """Size, pixel format and colour, as ffmpeg writes them."""
    sound: str = ""
    """Sample rate and channels."""
    black: Edges | None = None
    dark: Edges | None = None


def glance(
    path: Path, info: MediaInfo, toolchain: Toolchain, cancelled: Callable[[], bool]
) -> tuple[Glance, ...]:
    """Look at ten places; empty where that fails, takes too long or is *cancelled*."""
    track, sound = info.video[0], info.audio[0] if info.audio else None
    command: list[str | Path] = [toolchain.ffmpeg, *FFMPEG_OPTIONS, "-v", "verbose"]
    for place in range(PLACES):
        start = info.duration * (place + 0.5) / PLACES
        command += [
            "-skip_frame:v", "nokey", "-noaccurate_seek", "-ss", f"{start:.3f}", "-threads", "1",
            *input_options(path, info.container),
        ]  # fmt: skip
    for place in range(PLACES):
        command += ["-map", f"{place}:{track.index}", "-filter:v", _bars(place)]
        command += ["-frames:v", "1", "-t", _LONGEST_READ, "-f", "null", "-"]
        if sound is not None:
            command += ["-map", f"{place}:{sound.index}", "-filter:a", "anull"]
            command += ["-frames:a", "4", "-t", _LONGEST_READ, "-f", "null", "-"]
    said: list[str] = []

    def keep(line: str) -> None:
        if line.startswith(("[graph", "[cropdetect")):
            said.append(line)

    try:
        run(command, limits=LIMITS, check=False, on_error_line=keep, cancelled=cancelled)
    except (ProcessError, CancelledError):
        return ()
    return glances("\n".join(said), PLACES)


def _bars(place: int) -> str:
    return ",".join(
        f"cropdetect@{name}{place}=limit={limit}/255:round=2:skip=0:reset=1"
        for name, limit in (("black", _BLACK), ("dark", _DARK))
    )


def glances(stderr: str, count: int) -> tuple[Glance, ...]:
    """Read what ffmpeg said of *count* places; of a place that changes, the last counts."""
    pictures = {
        int(one[1]): f"{one[2]} {one[3] or ''}".strip() for one in _PICTURE.finditer(stderr)
    }
    sounds = {int(one[1]): f"{one[2]} Hz {one[3].strip()}" for one in _SOUND.finditer(stderr)}
    edges = {
        (one[1], int(one[2])): Edges(int(one[3]), int(one[4]), int(one[5]), int(one[6]))
        for one in _EDGES.finditer(stderr)
    }
    return tuple(
        Glance(
            picture=pictures.get(place, ""),
            sound=sounds.get(place, ""),
            black=edges.get(("black", place)),
            dark=edges.get(("dark", place)),
        )
        for place in range(count)
    )


def picture_changes(seen: Sequence[Glance]) -> bool:
    """Say whether size, pixel format or colour of the picture change on the way."""
    return len({one.picture for one in seen if one.picture}) > 1


def heard(track: AudioTrackInfo, seen: Sequence[Glance]) -> tuple[AudioTrackInfo, str]:
    """Return the first audio *track* with what all places tell of it, and a warning or "".

    Where it has more channels in one place than in another it is as wide as the widest.
    """
    sounds = list(dict.fromkeys(one.sound for one in seen if one.sound))
    most = max((sound.partition(" Hz ")[2] for sound in sounds), key=channels_in, default="")
    if len(sounds) < 2:
        if channels_in(most) in {0, track.channels}:
            return track, ""
        sounds.insert(0, f"{track.sample_rate} Hz {track.channel_layout or track.channels}")
    if channels_in(most) > track.channels:
        track = msgspec.structs.replace(track, channels=channels_in(most), channel_layout=most)
    warning = f"The format of the sound changes during the film: {', '.join(sounds)}."
    return msgspec.structs.replace(track, changes=True), warning


def channels_in(layout: str) -> int:
    """Return how many channels ffmpeg means by *layout*, 0 where it is none that we know."""
    if layout in _LAYOUTS:
        return _LAYOUTS[layout]
    if dotted := re.match(r"(\d)\.(\d)(?:\.(\d))?(?!\d)", layout):
        return sum(int(part or 0) for part in dotted.groups())
    counted = re.match(r"(\d{1,2}) channels", layout)
    return int(counted[1]) if counted else 0


def format_changes(how: str) -> MediaError:
    """Return the error for a film whose parts do not fit together."""
    return MediaError(
        f"The format changes during the film: {how}.",
        fix="Join its parts by encoding them to one format, or give them one by one.",
        code="format-changes",
    )


def active_area(seen: Sequence[Glance], width: int, height: int) -> Area | None:
    """Return the picture of *width* x *height* without its black bars, None where it has none.

    Bars are on both sides alike: of two that differ the narrower counts twice. They must be black
    in every place, and end sharply in some.
    """
    lit = [one for one in seen if one.black is not None and not one.black.empty]
    if len(lit) < _ENOUGH_LIT:
        return None
    blacks = [one.black for one in lit if one.black is not None]
    darks = [one.dark for one in lit if one.dark is not None and not one.dark.empty]
    left, top = min(one.left for one in blacks), min(one.top for one in blacks)
    right, bottom = max(one.right for one in blacks), max(one.bottom for one in blacks)

    def sharp(edge: int, found: list[int]) -> bool:
        return sum(abs(one - edge) <= _EDGE for one in found) >= _ENOUGH_SHARP

    across = min(left, width - 1 - right)
    if not (sharp(left, [one.left for one in darks]) and sharp(right, [e.right for e in darks])):
        across = 0
    down = min(top, height - 1 - bottom)
    if not (sharp(top, [one.top for one in darks]) and sharp(bottom, [e.bottom for e in darks])):
        down = 0
    across, down = _worth(across, width), _worth(down, height)
    if not across and not down:
        return None
    return Area(
        width=(width - 2 * across) // 2 * 2, height=(height - 2 * down) // 2 * 2, x=across, y=down
    )


def _worth(bar: int, side: int) -> int:
    """Return *bar* rounded up to even, 0 where it is too little, or leaves too little."""
    even = bar + bar % 2
    return even if 2 * bar >= side * _LEAST_BARS and side - 2 * even >= side * _LEAST_PICTURE else 0
