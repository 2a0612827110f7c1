"""The pictures of a title: the poster, and tile sheets for the seek bar."""

import shutil
import tempfile
from hashlib import sha256
from math import ceil
from pathlib import Path

import msgspec

from matinee.errors import InvariantError
from matinee.model.media import MediaInfo
from matinee.model.progress import Control, Progress
from matinee.model.rendition import Rendition, TileSheet
from matinee.storage.store import ObjectStore
from matinee.toolchain.ffmpeg import (
    FFMPEG_OPTIONS,
    PROGRESS_OPTIONS,
    EncodeProgress,
    ProgressReader,
    input_options,
)
from matinee.toolchain.run import ProcessError, run
from matinee.toolchain.sandbox import BACKGROUND, Limits
from matinee.toolchain.tools import Toolchain
from matinee.transcode.pictures import GREY_BYTES, GREY_HEIGHT, GREY_WIDTH, best_place

_MOST_TILES = 600
_SHORTEST_INTERVAL = 2.0
_SMALL_SHEET = 25
_TILE_WIDTH, _PORTRAIT_TILE_WIDTH = 240, 160
_POSTER_WIDTH = 1280
_JPEG = ("-c:v", "mjpeg", "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact")
# JPEG files are full range and BT.601 (JFIF); a video's own range and matrix would look pale.
_JPEG_COLOUR = "out_range=pc:out_color_matrix=bt601,format=yuvj420p,setsar=1"
_WAVE = "0xD8D0C8"
_WAVE_GROUND = "0x14110F"


class Images(msgspec.Struct, frozen=True, kw_only=True):
    """The pictures made; None where there is nothing to show."""

    tiles: TileSheet | None
    poster: str | None
    """Storage key of a JPEG."""


class _Job(msgspec.Struct, frozen=True, kw_only=True):
    """What every step needs: programs, folders, whom to tell."""

    store: ObjectStore
    folder: str
    work: Path
    toolchain: Toolchain
    control: Control
    duration: float

    def ffmpeg(self, arguments: list[str], *, check: bool = True) -> bool:
        """Run ffmpeg in the work folder; say whether it ended well."""
        started = [str(self.toolchain.ffmpeg), *FFMPEG_OPTIONS, "-loglevel", "error"]
        completed = run(
            [*started, *PROGRESS_OPTIONS, *arguments],
            limits=Limits(
                wall_seconds=300 + self.duration,
                stall_seconds=120,
                memory_bytes=8 << 30,
                file_bytes=256 << 20,
                niceness=BACKGROUND,
            ),
            on_line=ProgressReader(self._on_progress),
            cancelled=self.control.cancelled,
            check=check,
        )
        return completed.returncode == 0

    def _on_progress(self, progress: EncodeProgress) -> None:
        fraction = min(0.95, progress.out_time / max(self.duration, 0.1))
        self.control.report(Progress(stage="images", fraction=fraction))

    def stored(self, name: str) -> str:
        """Move the file *name* into the store, and return its key."""
        key = f"{self.folder}/{name}"
        self.store.put(key, self.work / name)
        return key


def make_images(  # noqa: PLR0913 - the contract of every stage: input, then where and how to work
    info: MediaInfo,
    source_key: str,
    video: tuple[Rendition, ...],
    *,
    store: ObjectStore,
    folder: str,
    scratch: Path,
    toolchain: Toolchain,
    control: Control,
) -> Images:
    """Make the poster and the tile sheets below *folder*; running again replaces them.

    Pictures come from *video*, the renditions (largest first), which are upright and progressive
    already, and from those of them that are in SDR and H.264 where there are any: tiles from the
    key frames of the smallest, the poster from the largest. A source without video has its cover
    art or its waveform for a poster, and no tiles.

    Raises:
        CancelledError: *control* said so.
        UpstreamError: ffmpeg failed.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    prefix = f"images-{sha256(folder.encode()).hexdigest()[:12]}-"
    for left in scratch.glob(f"{prefix}*"):  # by a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=prefix, dir=scratch))
    job = _Job(
        store=store,
        folder=folder,
        work=work,
        toolchain=toolchain,
        control=control,
        duration=info.duration,
    )
    try:
        made = _film_images(job, video) if video else _sound_images(job, info, source_key)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    control.report(Progress(stage="images", fraction=1.0, remaining=0.0))
    return made


def tile_interval(duration: float) -> float:
    """Return the seconds that a tile stands for: 2, or the least even number for few enough."""
    return max(_SHORTEST_INTERVAL, 2.0 * ceil(duration / _MOST_TILES / 2))


def _film_images(job: _Job, video: tuple[Rendition, ...]) -> Images:
    interval = tile_interval(job.duration)
    wanted = max(1, ceil(job.duration / interval))
    side = 5 if wanted <= _SMALL_SHEET else 10
    shown = showable(video)
    smallest, largest = shown[-1], shown[0]
    grey = job.work / "grey.raw"
    # Key frames alone are decoded. At each multiple of the interval stands the nearest of them.
    graph = (
        f"[0:v:{smallest.track_index}]fps=fps=1/{interval:g}:start_time=0:eof_action=pass,"
        "split=2[sheets][grey];"
        f"[sheets]scale=w='if(gt(iw,ih),{_TILE_WIDTH},{_PORTRAIT_TILE_WIDTH})':h=-2"
        f":flags=area:{_JPEG_COLOUR},tile={side}x{side}[tiled];"
        f"[grey]scale={GREY_WIDTH}:{GREY_HEIGHT}:flags=area:out_range=pc,format=gray[small]"
    )
    with job.store.local(smallest.key) as path:
        job.ffmpeg(
            [
                "-skip_frame", "nokey", "-threads", "2",
                *input_options(path, "mp4"),
                "-filter_complex", graph,
                "-map", "[tiled]", *_JPEG, "-q:v", "5", "-fps_mode", "passthrough",
                "-f", "image2", "-y", f"file:{job.work}/tiles-%05d.jpg",
                "-map", "[small]", "-c:v", "rawvideo", "-fps_mode", "passthrough",
                "-f", "rawvideo", "-y", f"file:{grey}",
            ]
        )  # fmt: skip
    data = grey.read_bytes()
    greys = [data[at : at + GREY_BYTES] for at in range(0, len(data), GREY_BYTES)]
    if not greys:
        return Images(tiles=None, poster=None)
    poster = _poster(job, largest, (best_place(greys) + 0.5) * interval)
    return Images(tiles=_sheets(job, min(wanted, len(greys)), side, interval), poster=poster)


def showable(video: tuple[Rendition, ...]) -> tuple[Rendition, ...]:
    """Return the renditions in SDR, and of those the H.264 ones: its key frames decode fastest."""
    sdr = [one for one in video if one.colour is None or one.colour.video_range == "SDR"]
    plain = [one for one in sdr if one.codec in {None, "h264"}]
    return tuple(plain or sdr or video)


def _sheets(job: _Job, count: int, side: int, interval: float) -> TileSheet:
    """Store the sheets that hold *count* tiles, and return what is in them."""
    names = [f"tiles-{number:05d}.jpg" for number in range(1, ceil(count / side**2) + 1)]
    width, height = jpeg_size((job.work / names[0]).read_bytes())
    return TileSheet(
        keys=tuple(job.stored(name) for name in names),
        columns=side,
        rows=side,
        tile_width=width // side,
        tile_height=height // side,
        interval=interval,
        count=count,
    )


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Return width and height from the frame header: ITU-T T.81 B.2.2."""
    place = 2
    while place + 9 < len(data):
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if marker in {0xC0, 0xC1, 0xC2}:
            height = int.from_bytes(data[place + 5 : place + 7], "big")
            return int.from_bytes(data[place + 7 : place + 9], "big"), height
        place += 2 + length
    raise InvariantError("ffmpeg wrote a JPEG without a frame header")


def _poster(job: _Job, largest: Rendition, at: float) -> str | None:
    """Store the key frame of *largest* at or before *at* seconds."""
    file = job.work / "poster.jpg"
    with job.store.local(largest.key) as path:
        for position in (at, 0.0):
            job.ffmpeg(
                [
                    "-noaccurate_seek", "-ss", f"{position:.3f}", "-threads", "2",
                    *input_options(path, "mp4"),
                    "-map", f"0:v:{largest.track_index}",
                    "-frames:v", "1",
                    *_still(f"scale=w='min({_POSTER_WIDTH},iw)':h=-2:flags=lanczos", file),
                ]
            )  # fmt: skip
            if file.is_file():  # none if the film ends before the position
                return job.stored(file.name)
    return None


def _still(scale: str, file: Path) -> list[str]:
    """Return the options that write one JPEG."""
    filters = f"{scale}:{_JPEG_COLOUR}"
    return ["-filter:v", filters, *_JPEG, "-q:v", "3", "-f", "image2", "-update", "1", "-y",
            f"file:{file}"]  # fmt: skip


def _sound_images(job: _Job, info: MediaInfo, source_key: str) -> Images:
    """Make a poster of the cover art, else of the waveform."""
    file = job.work / "poster.jpg"
    with job.store.local(source_key) as path:
        opened = input_options(path, info.container)
        cover = ["-map", "0:v:0", "-frames:v", "1"]
        scale = f"scale=w='min({_POSTER_WIDTH},iw)':h=-2:flags=lanczos"
        if not (job.ffmpeg([*opened, *cover, *_still(scale, file)], check=False) and _holds(file)):
            _waveform(job, info, opened, file)
    return Images(tiles=None, poster=job.stored(file.name) if _holds(file) else None)


def _holds(file: Path) -> bool:
    return file.is_file() and file.stat().st_size > 0


def _waveform(job: _Job, info: MediaInfo, opened: tuple[str, ...], file: Path) -> None:
    if not info.audio:
        return
    graph = (
        f"[0:{info.audio[0].index}]aformat=channel_layouts=mono,"
        f"showwavespic=s=1120x420:colors={_WAVE}:scale=sqrt:draw=full[wave];"
        f"color=c={_WAVE_GROUND}:s=1280x720:r=1:d=1[ground];"
        f"[ground][wave]overlay=80:150,scale=1280:720:{_JPEG_COLOUR}[drawn]"
    )
    still = ["-map", "[drawn]", "-frames:v", "1", *_JPEG, "-q:v", "3"]
    arguments = [*opened, "-filter_complex", graph, *still]
    try:
        job.ffmpeg([*arguments, "-f", "image2", "-update", "1", "-y", f"file:{file}"])
    except ProcessError:  # undecodable sound: no poster is better than no title
        file.unlink(missing_ok=True)
