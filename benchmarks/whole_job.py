"""The whole job, from a film to a folder that plays over HLS and DASH: Matinee, Shaka Streamer, and
one ffmpeg command as an engineer would write it by hand.

`python -m benchmarks.whole_job [--film FILE] [--seconds N] [--preset P] [--rounds N]`

All encode the same source to the same sizes at the same average rates, GOP, profiles and x264
preset, with stereo AAC beside, and package it; none draws pictures or verifies. Shaka Streamer
(its own Python API, its own ffmpeg and packager) writes `-preset slow` whatever it is asked for, so
for another preset that one word is replaced in the command it makes. The ffmpeg command is our
ffmpeg, with its own DASH muxer, which writes HLS playlists beside.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.process import CACHE, Cost, cached, machine, measured, median
from benchmarks.table import Table, ratio

from matinee.apps.sample import sample_film
from matinee.ingest.probe import probe
from matinee.model.ladder import AudioRung, Ladder, Rung
from matinee.model.progress import Control
from matinee.packager.package import PackageRequest, package
from matinee.settings import default_slots
from matinee.storage.local import LocalStore
from matinee.toolchain.tools import Toolchain
from matinee.transcode.encode import encode
from matinee.transcode.making import Workplace
from matinee.transcode.plan import plan

ROUNDS = 3
SECONDS = 30
PRESETS = ("veryfast", "slow")
SEGMENT_SECONDS = 4
RUNGS = ((1080, 4_000_000), (720, 2_000_000), (480, 1_000_000), (360, 400_000), (240, 200_000))
AUDIO_RATE = 128_000
SHAKA = "Shaka Streamer 1.5.1"
BY_HAND = "one ffmpeg command"


def cut(film: Path | None, seconds: int) -> Path:
    """Return *seconds* of *film*, or of the sample film from its second minute, not encoded."""
    toolchain = Toolchain.find()
    start = "0" if film else "60"
    source = film or sample_film(CACHE.parent, toolchain).path
    name = re.sub(r"[^A-Za-z0-9]+", "-", source.stem)
    return cached(
        f"{name}-from-{start}-{seconds}-seconds.mp4",
        [
            toolchain.ffmpeg, "-v", "error", "-y", "-ss", start, "-i", source, "-t", str(seconds),
            "-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", "-f", "mp4",
        ],
    )  # fmt: skip


def contenders(preset: str) -> dict[str, Callable[[Path, Path], Cost]]:
    def child(which: str) -> Callable[[Path, Path], Cost]:
        return lambda film, out: measured(
            [sys.executable, "-m", "benchmarks.whole_job", "--child", which, "--preset", preset,
             "--film", film, "--out", out]
        )  # fmt: skip

    return {"Matinee": child("ours"), SHAKA: child("shaka"), BY_HAND: child("by-hand")}


def table(film: Path, preset: str, rounds: int) -> Table:
    """Each contender in turn, in alternating order, so that all meet the same machine."""
    runs = contenders(preset)
    costs: dict[str, list[Cost]] = {name: [] for name in runs}
    sizes: dict[str, int] = {}
    for number in range(rounds):
        for name in list(runs) if number % 2 == 0 else reversed(list(runs)):
            out = Path(tempfile.mkdtemp(dir=film.parent))
            try:
                costs[name].append(runs[name](film, out / "out"))
                sizes[name] = media_bytes(out / "out")
            finally:
                shutil.rmtree(out)
    peer = median(costs[SHAKA])
    rows = tuple(
        (
            name,
            f"{cost.cpu_seconds:.1f}",
            f"{cost.wall_seconds:.1f}",
            f"{sizes[name] / 1e6:.1f}",
            ratio(cost.cpu_seconds, peer.cpu_seconds),
            ratio(cost.wall_seconds, peer.wall_seconds),
        )
        for name, cost in ((name, median(of)) for name, of in costs.items())
    )
    return Table(
        name=f"whole-job-{preset}",
        title=f"{film.stem} to HLS and DASH, x264 {preset}",
        columns=("", "CPU s", "wall s", "media MB", "CPU ratio", "wall ratio"),
        rows=rows,
        note=f"Median of {rounds} alternating rounds; {machine()}.",
    )


def media_bytes(folder: Path) -> int:
    """Bytes of the media files that players fetch."""
    return sum(
        path.stat().st_size
        for path in folder.rglob("*")
        if path.suffix in {".mp4", ".m4s"} and "work" not in path.parts
    )


def measure(*, quick: bool = False) -> list[Table]:
    film = cut(None, 8 if quick else SECONDS)
    presets = PRESETS[:1] if quick else PRESETS
    return [table(film, preset, 1 if quick else ROUNDS) for preset in presets]


def ours(film: Path, out: Path, preset: str) -> None:
    ladder = Ladder(
        name="bench",
        preset=preset,
        gop_seconds=float(SEGMENT_SECONDS),
        segment_seconds=float(SEGMENT_SECONDS),
        video=tuple(
            Rung(
                name=f"{height}p",
                height=height,
                crf=None,
                rate=rate,
                passes=1,
                max_rate=2 * rate,
                buffer_seconds=2.0,
                profile="high" if height >= 720 else "main",
            )
            for height, rate in RUNGS
        ),
        audio=(AudioRung(rate=AUDIO_RATE),),
    )
    toolchain = Toolchain.find()
    store = LocalStore(out)
    (out / "work").mkdir(parents=True)
    (out / "work" / "film.mp4").symlink_to(film)
    made = plan(probe(film, toolchain), ladder)
    scratch = out / "work" / "scratch"
    workplace = Workplace(
        store=store,
        folder="work/renditions",
        scratch=scratch,
        toolchain=toolchain,
        slots=default_slots(),
    )
    renditions = encode(made, "work/film.mp4", workplace, Control()).renditions
    request = PackageRequest(
        presentation_id="film",
        version=1,
        renditions=renditions,
        segment_seconds=ladder.segment_seconds,
    )
    package(request, store, scratch, Control())


def by_hand(film: Path, out: Path, preset: str) -> None:
    toolchain = Toolchain.find()
    info = probe(film, toolchain)
    track = info.video[0]
    rungs = [(lines, rate) for lines, rate in RUNGS if lines <= track.height]
    gop = round(SEGMENT_SECONDS * track.frame_rate.value)
    taken = "".join(f"[s{place}]" for place in range(len(rungs)))
    scaled = ";".join(
        f"[s{place}]scale=-2:{lines}[v{place}]" for place, (lines, _) in enumerate(rungs)
    )
    command: list[str | Path] = [
        toolchain.ffmpeg, "-v", "error", "-nostdin", "-i", film,
        "-filter_complex", f"[0:v:0]split={len(rungs)}{taken};{scaled}",
    ]  # fmt: skip
    for place, (lines, rate) in enumerate(rungs):
        command += [
            "-map", f"[v{place}]", f"-b:v:{place}", str(rate), f"-maxrate:v:{place}", str(2 * rate),
            f"-bufsize:v:{place}", str(4 * rate),
            f"-profile:v:{place}", "high" if lines >= 720 else "main",
        ]  # fmt: skip
    sound = ["-map", "0:a:0", "-c:a", "aac", "-ac", "2", "-b:a", str(AUDIO_RATE)]
    command += [
        "-c:v", "libx264", "-preset", preset, "-g", str(gop), "-keyint_min", str(gop),
        "-sc_threshold", "0", "-pix_fmt", "yuv420p",
        *(sound if info.audio else []),
        "-f", "dash", "-seg_duration", str(SEGMENT_SECONDS), "-single_file", "1",
        "-hls_playlist", "1", "-adaptation_sets", "id=0,streams=v id=1,streams=a" if info.audio
        else "id=0,streams=v", out / "manifest.mpd",
    ]  # fmt: skip
    out.mkdir(parents=True)
    subprocess.run([str(word) for word in command], check=True)


def shaka(film: Path, out: Path, preset: str) -> None:
    from streamer import node_base  # noqa: PLC0415 - only the child that measures it needs it
    from streamer.controller_node import ControllerNode  # noqa: PLC0415
    from streamer.transcoder_node import TranscoderNode  # noqa: PLC0415

    original = TranscoderNode._create_process  # noqa: SLF001

    def create(self, args, *rest, **more):  # noqa: ANN001, ANN002, ANN003, ANN202
        words = [preset if before == "-preset" else word
                 for before, word in zip(["", *args], args, strict=False)]  # fmt: skip
        return original(self, words, *rest, **more)

    TranscoderNode._create_process = create  # noqa: SLF001
    toolchain = Toolchain.find()
    info = probe(film, toolchain)
    height = info.video[0].height
    tracks = [{"name": str(film), "media_type": "video"}]
    if info.audio:
        tracks.append({"name": str(film), "media_type": "audio"})
    rungs = [(lines, rate) for lines, rate in RUNGS if lines <= height]
    resolutions = {
        f"{lines}p": {
            "max_width": round(lines * 16 / 9 / 2) * 2,
            "max_height": lines,
            "bitrates": {"h264": f"{rate // 1000}k"},
        }
        for lines, rate in rungs
    }
    stereo = {"max_channels": 2, "bitrates": {"aac": f"{AUDIO_RATE // 1000}k"}}
    out.mkdir(parents=True)
    with ControllerNode() as controller:
        controller.start(
            str(out),
            {"inputs": tracks},
            {
                "streaming_mode": "vod",
                "quiet": True,
                "resolutions": list(resolutions),
                "channel_layouts": ["stereo"],
                "audio_codecs": ["aac"],
                "video_codecs": ["h264"],
                "manifest_format": ["dash", "hls"],
                "segment_size": SEGMENT_SECONDS,
                "segment_per_file": False,
            },
            {"video_resolutions": resolutions, "audio_channel_layouts": {"stereo": stereo}},
        )
        while controller.check_status() == node_base.ProcessStatus.RUNNING:
            time.sleep(0.1)
        if controller.check_status() != node_base.ProcessStatus.FINISHED:
            raise subprocess.SubprocessError("Shaka Streamer failed")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--film", type=Path)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument(
        "--preset", choices=("ultrafast", "superfast", "veryfast", "medium", "slow")
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--child", choices=("ours", "shaka", "by-hand"), help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child = {"ours": ours, "shaka": shaka, "by-hand": by_hand}[given.child]
        child(given.film, given.out, given.preset)
        return 0
    film = cut(given.film, given.seconds)
    for preset in (given.preset,) if given.preset else PRESETS:
        print(f"{table(film, preset, given.rounds).text()}\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
