"""A bench for encodes: synthesised clips in, what ffprobe says of the renditions out."""

import json
import subprocess
from pathlib import Path

import msgspec
import pytest

from matinee.model.ladder import Ladder, Rung
from matinee.model.media import MediaInfo
from matinee.model.progress import Control, Progress
from matinee.model.rendition import Rendition
from matinee.storage.local import LocalStore
from matinee.toolchain.tools import Toolchain
from matinee.transcode.encode import Encoded, encode
from matinee.transcode.making import Workplace
from matinee.transcode.plan import EncodePlan, plan

LADDER = Ladder(
    name="test",
    preset="ultrafast",
    gop_seconds=1.0,
    segment_seconds=2.0,
    video=(
        Rung(name="360p", height=360, max_rate=900_000),
        Rung(name="240p", height=240, max_rate=480_000),
        Rung(name="144p", height=144, max_rate=200_000, profile="main"),
    ),
)


class Frames(msgspec.Struct, frozen=True):
    """One track as a decoder sees it; times in seconds."""

    stream: dict[str, object]
    times: list[float]
    keys: list[float]

    def size(self) -> tuple[object, object]:
        return self.stream["width"], self.stream["height"]


class Bench:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.toolchain = Toolchain.find()
        self.store = LocalStore(folder / "store")
        self.scratch = folder / "scratch"
        self.reports: list[Progress] = []
        self.ladder = LADDER

    def clip(self, name: str, *arguments: str) -> Path:
        path = self.folder / name
        self.ffmpeg(*arguments, "-y", str(path))
        return path

    def ffmpeg(self, *arguments: str) -> None:
        command = [str(self.toolchain.ffmpeg), "-v", "error", "-nostdin", *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=120)

    def put(self, path: Path) -> str:
        key = f"sources/{path.name}"
        self.store.put(key, path.read_bytes())
        return key

    def encode(self, path: Path, info: MediaInfo, ladder: Ladder = LADDER) -> Encoded:
        return self.run(path, plan(info, ladder))

    def run(self, path: Path, made: EncodePlan) -> Encoded:
        workplace = Workplace(
            store=self.store, folder="work/r", scratch=self.scratch, toolchain=self.toolchain
        )
        control = Control(report=self.reports.append)
        return encode(made, self.put(path), workplace, control)

    def look(self, rendition: Rendition) -> Frames:
        with self.store.local(rendition.key) as path:
            return self.look_at(path)

    def look_at(self, path: Path) -> Frames:
        command = [
            str(self.toolchain.ffprobe), "-v", "error", "-show_streams", "-show_frames",
            "-show_entries", "frame=pts_time,key_frame", "-of", "json", str(path),
        ]  # fmt: skip
        done = subprocess.run(command, check=True, capture_output=True, timeout=120)
        told = json.loads(done.stdout)
        frames = told["frames"]
        return Frames(
            stream=told["streams"][0],
            times=[float(frame["pts_time"]) for frame in frames],
            keys=[float(frame["pts_time"]) for frame in frames if frame["key_frame"]],
        )

    def samples(self, rendition: Rendition) -> memoryview:
        """Mono 16-bit samples at 8 kHz."""
        with self.store.local(rendition.key) as path:
            command = [
                str(self.toolchain.ffmpeg), "-v", "error", "-i", str(path),
                "-ac", "1", "-ar", "8000", "-f", "s16le", "pipe:1",
            ]  # fmt: skip
            done = subprocess.run(command, check=True, capture_output=True, timeout=120)
        return memoryview(done.stdout).cast("h")

    def pixel(self, rendition: Rendition, x: int, y: int) -> tuple[int, int, int]:
        """Red, green and blue of one pixel of the first picture."""
        with self.store.local(rendition.key) as path:
            command = [
                str(self.toolchain.ffmpeg), "-v", "error", "-i", str(path), "-frames:v", "1",
                "-vf", f"crop=2:2:{x}:{y}", "-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:1",
            ]  # fmt: skip
            done = subprocess.run(command, check=True, capture_output=True, timeout=120)
        red, green, blue = done.stdout[:3]
        return red, green, blue


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
