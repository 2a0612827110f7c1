"""A screening room: a clip through probe, plan and encode, and what independent eyes see of it.

Everything that is judged is decoded from the encoded files by plain ffmpeg, and held against
pictures and beeps whose times and colours are known, not against anything that we say.
"""

import re
import subprocess
from array import array
from fractions import Fraction
from pathlib import Path

import pytest
from tests.media.clips import clip

from matinee.ingest.probe import probe
from matinee.model.ladder import AudioRung, Ladder, Rung
from matinee.model.media import MediaInfo
from matinee.model.progress import Control
from matinee.model.rendition import Rendition
from matinee.storage.local import LocalStore
from matinee.toolchain.tools import Toolchain
from matinee.transcode import chunks
from matinee.transcode.encode import encode
from matinee.transcode.making import Workplace
from matinee.transcode.plan import plan

SAMPLE_RATE = 48_000
LADDER = Ladder(
    name="test",
    preset="ultrafast",
    segment_seconds=2.0,
    video=(Rung(name="360p", height=360, max_rate=4_000_000, crf=14),),
)


@pytest.fixture(autouse=True)
def many_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every film that may be cut is cut, however short."""
    monkeypatch.setattr(chunks, "SHORT_CHUNK_SECONDS", 1)


class Shown:
    """One published clip."""

    def __init__(
        self, room: "Room", info: MediaInfo, renditions: tuple[Rendition, ...], notes: list[str]
    ) -> None:
        self.room = room
        self.info = info
        self.notes = " ".join(notes)
        self.video = [one for one in renditions if one.kind == "video"]
        self.audio = [one for one in renditions if one.kind == "audio"]

    @property
    def rate(self) -> Fraction:
        rate = self.video[0].frame_rate
        assert rate is not None
        return rate.value

    def path(self, rendition: Rendition | None = None) -> str:
        return str(self.room.store.path((rendition or self.video[0]).key))

    def size(self) -> tuple[int, int]:
        told = self.room.ffmpeg(
            "-v", "info", "-i", self.path(), "-frames:v", "1", "-vf", "showinfo", "-f", "null", "-"
        )[1]
        found = re.search(r" s:(\d+)x(\d+) ", told)
        assert found is not None
        return int(found[1]), int(found[2])

    def grey(self, at: str = "iw/2:ih/2:iw/4:ih/4") -> bytes:
        """Mean brightness of a part of each picture."""
        see = f"crop={at},scale=1:1:flags=area,format=gray"
        return self.room.ffmpeg("-i", self.path(), "-vf", see, "-f", "rawvideo", "-")[0]

    def flashes(self) -> list[float]:
        # White is 235, and the soft pattern never comes near it.
        return [float(n / self.rate) for n in begins([v > 215 for v in self.grey()], 5)]

    def samples(self, place: int = 0, channels: int = 1) -> "array[int]":
        told = self.room.ffmpeg(
            "-i", self.path(self.audio[place]), "-ac", str(channels), "-ar", f"{SAMPLE_RATE}",
            "-f", "s16le", "-",
        )[0]  # fmt: skip
        return array("h", told)

    def beeps(self, place: int = 0) -> list[float]:
        samples = self.samples(place)
        limit = max(samples) / 4
        loud = [abs(one) > limit for one in samples]
        return [n / SAMPLE_RATE for n in begins(loud, SAMPLE_RATE // 3)]

    def apart(self) -> list[float]:
        """Milliseconds by which beeps come after the flashes next to them."""
        heard = self.beeps()
        assert heard
        return [1000 * min((beep - flash for beep in heard), key=abs) for flash in self.flashes()]

    def likeness(self, *reference: str, after: str = "null") -> float:
        """SSIM (1 is equal) with the pictures of other input arguments, one by one."""
        each = "settb=1/1000,setpts=N*40"
        told = self.room.ffmpeg(
            "-v", "info", "-i", self.path(), *reference, "-lavfi",
            f"[0:v]{each}[a];[1:v]{after},{each}[b];[a][b]ssim=shortest=1", "-f", "null", "-",
        )[1]  # fmt: skip
        found = re.search(r"All:([\d.]+)", told)
        assert found is not None
        return float(found[1])

    def colour(self, x: str, y: str, second: float = 0.5) -> tuple[int, int, int]:
        """Red, green and blue at a place of the picture at *second*, as a player converts them."""
        told = self.room.ffmpeg(
            "-ss", str(second), "-i", self.path(), "-frames:v", "1",
            "-vf", f"crop=8:8:{x}:{y},scale=1:1:flags=area+accurate_rnd,format=rgb24",
            "-f", "rawvideo", "-",
        )[0]  # fmt: skip
        return told[0], told[1], told[2]


class Room:
    def __init__(self, folder: Path, toolchain: Toolchain) -> None:
        self.folder = folder
        self.toolchain = toolchain
        self.store = LocalStore(folder / "store")

    def ffmpeg(self, *arguments: str) -> tuple[bytes, str]:
        command = [
            str(self.toolchain.ffmpeg), "-v", "error", "-nostdin", "-hide_banner", "-y", *arguments
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, timeout=120, check=False)
        said = done.stderr.decode(errors="replace")
        assert done.returncode == 0, said[-2000:]
        return done.stdout, said

    def make(self, name: str, *arguments: str) -> Path:
        path = self.folder / name
        self.ffmpeg(*arguments, str(path))
        return path

    def show(
        self, source: str | Path, ladder: Ladder = LADDER, most_damage: float | None = None
    ) -> Shown:
        """Publish a clip by its name, or a file."""
        path = clip(source) if isinstance(source, str) else source
        self.store.put("in", path.read_bytes())
        info = probe(path, self.toolchain, most_damage)
        planned = plan(info, ladder, most_damage)
        made = encode(
            planned, "in",
            Workplace(
                store=self.store, folder="work", scratch=self.folder / "scratch",
                toolchain=self.toolchain,
            ),
            Control(),
        )  # fmt: skip
        notes = [*info.warnings, *planned.notes, *made.notes]
        return Shown(self, info, made.renditions, notes)


def begins(loud: list[bool], quiet: int) -> list[int]:
    """Places where something begins after *quiet* places of nothing; not what is there at once."""
    found, last = [], 0
    for place, one in enumerate(loud):
        if one:
            if place - last > quiet:
                found.append(place)
            last = place
    return found


@pytest.fixture
def room(tmp_path: Path, toolchain: Toolchain) -> Room:
    return Room(tmp_path, toolchain)


AUDIO = AudioRung()
