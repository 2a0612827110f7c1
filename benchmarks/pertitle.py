"""Ladders chosen for each film against the fixed one: bits at equal VMAF, and the search's cost.

`python -m benchmarks.pertitle [--film FILE] [--only NAME] [--seconds N]`

Both ladders are encoded in full by the product's own command; every rung is compared with the
source over the whole film (libvmaf, every fifth frame), so that nothing of the search's own
measuring is taken on trust.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import msgspec
from benchmarks.process import CACHE, cached, machine
from benchmarks.table import Table

from matinee.apps.sample import sample_film
from matinee.ingest.probe import probe
from matinee.model.ladder import Ladder
from matinee.model.media import MediaInfo
from matinee.model.progress import Control
from matinee.storage.local import LocalStore
from matinee.toolchain.run import run
from matinee.toolchain.sandbox import Limits
from matinee.toolchain.tools import Toolchain
from matinee.transcode.command import encode_command, video_file
from matinee.transcode.ladder import load
from matinee.transcode.pertitle.choose import choose_ladder
from matinee.transcode.pertitle.curve import bd_rate
from matinee.transcode.pertitle.measure import read_vmaf
from matinee.transcode.plan import plan

SECONDS = 64
_NO_LIMITS = Limits()
_LOSSLESS_ENOUGH = ("-an", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
                    "-f", "mp4")  # fmt: skip


def films(film: Path, toolchain: Toolchain, seconds: int) -> dict[str, Path]:
    """Return the films by name: a cut of the real one, and what encoders find easy and hard."""
    start = ["-v", "error", "-y", "-nostdin"]

    def of_film(picture: str, crf: int, at: int, length: int = seconds) -> list[str | Path]:
        return [
            toolchain.ffmpeg, *start, "-ss", str(at), "-t", str(length), "-i", film,
            "-vf", f"scale=960:540:flags=lanczos,{picture}", "-map", "0:v:0", "-crf", str(crf),
            *_LOSSLESS_ENOUGH,
        ]  # fmt: skip

    flat = (
        f"gradients=s=960x540:r=24:d={seconds}:speed=0.02:n=4:seed=7,"
        "drawbox=x='mod(80+150*t,760)':y=150:w=160:h=160:color=red:t=fill,"
        "drawbox=x=380:y='mod(110*t,440)':w=90:h=90:color=white:t=fill"
    )
    return {
        "Big Buck Bunny": cached(
            f"pertitle-bunny-{seconds}.mp4",
            [toolchain.ffmpeg, *start, "-ss", "60", "-t", str(seconds), "-i", film,
             "-map", "0:v:0", "-c", "copy", "-f", "mp4"],
        ),
        "flat cartoon": cached(
            f"pertitle-flat-{seconds}.mp4",
            [toolchain.ffmpeg, *start, "-f", "lavfi", "-i", flat, "-crf", "10", *_LOSSLESS_ENOUGH],
        ),
        "grain": cached(
            f"pertitle-grain-{seconds}.mp4",
            of_film("noise=alls=8:allf=t:all_seed=7", 14, 200),
        ),
        "slides": cached(
            f"pertitle-slides-{seconds}.mp4",
            of_film("fps=1/8,fps=24", 10, 300),
        ),
        "sport-like motion": cached(
            f"pertitle-motion-{seconds}.mp4",
            of_film("setpts=PTS/4,fps=24", 14, 100, 4 * seconds),
        ),
    }  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What a ladder costs to encode, and the (bits a second, VMAF) of each of its rungs."""

    cpu_seconds: float
    rungs: tuple[tuple[float, float], ...]


def outcome(film: Path, info: MediaInfo, ladder: Ladder, toolchain: Toolchain) -> Outcome:
    made = msgspec.structs.replace(plan(info, ladder), audio=())
    assert made.video is not None
    with tempfile.TemporaryDirectory(dir=film.parent) as folder:
        command = encode_command(made, toolchain.ffmpeg, film, Path(folder), cores=2)
        done = run(command.argv, limits=_NO_LIMITS, on_line=lambda _: None)
        files = [Path(folder) / video_file(output) for output in made.video.outputs]
        scores = vmafs(film, files, made.video.outputs[0], str(made.video.frame_rate), toolchain)
        rates = [8 * file.stat().st_size / info.duration for file in files]
    return Outcome(done.cpu_seconds, tuple(zip(rates, scores, strict=True)))


def vmafs(film: Path, files: list[Path], top, rate: str, toolchain: Toolchain) -> list[float]:  # noqa: ANN001
    """Return the VMAF of each of *files* against *film* at the size of the largest rung."""
    scale = f"scale=w={top.width}:h={top.height}:flags=bicubic"
    count = len(files)
    chains = [f"[0:v:0]fps={rate}:start_time=0,{scale}:out_range=tv,format=yuv420p,split={count}"
              + "".join(f"[r{n}]" for n in range(count))]  # fmt: skip
    chains += [
        f"[{n + 1}:v:0]fps={rate},framestep=5,{scale},fps={rate}[d{n}];"
        f"[d{n}][r{n}]libvmaf=n_subsample=5:log_fmt=json:log_path=v{n}.json[s{n}]"
        for n in range(count)
    ]
    inputs = [word for file in (film, *files) for word in ("-threads", "1", "-i", str(file))]
    folder = files[0].parent
    sinks = [word for n in range(count) for word in ("-map", f"[s{n}]", "-f", "null", "-")]
    run(
        [toolchain.ffmpeg, "-v", "error", "-nostdin", *inputs,
         "-filter_complex_threads", "1", "-filter_complex",
         ";".join(chains), *sinks],
        limits=_NO_LIMITS, cwd=folder,
    )  # fmt: skip
    return [read_vmaf(folder / f"v{n}.json") for n in range(count)]


def row(name: str, film: Path, toolchain: Toolchain) -> tuple[str, ...]:
    info = probe(film, toolchain)
    base = msgspec.structs.replace(load("auto"), audio=load("auto").audio[:1])
    store = LocalStore(film.parent)
    with tempfile.TemporaryDirectory(dir=film.parent) as scratch:
        chosen = choose_ladder(
            info, film.name, base, store=store, scratch=Path(scratch), toolchain=toolchain,
            control=Control(),
        )  # fmt: skip
    fixed = outcome(film, info, msgspec.structs.replace(base, per_title=False), toolchain)
    own = outcome(film, info, chosen.ladder, toolchain)
    rate = bd_rate(fixed.rungs, own.rungs)
    print(name, "forecast", [(r.name, r.crf, round(r.rate / 1000), round(r.vmaf, 1))
                             for r in chosen.rungs], chosen.notes, flush=True)  # fmt: skip
    for title, one in (("fixed", fixed), ("chosen", own)):
        print(" ", title, [(round(bits / 1000), round(score, 1)) for bits, score in one.rungs])
    return (
        name,
        f"{len(chosen.hull)} x {sum(one.seconds for one in chosen.samples):.0f} s",
        f"{chosen.search_cpu_seconds:.1f}",
        f"{fixed.cpu_seconds:.1f}",
        f"{100 * chosen.search_cpu_seconds / fixed.cpu_seconds:.0f} %",
        f"{own.cpu_seconds:.1f}",
        f"{len(fixed.rungs)} / {len(own.rungs)}",
        "-" if chosen.saving is None else f"{chosen.saving:+.0f} %",
        "-" if rate is None else f"{rate:+.1f} %",
    )


def table(rows: list[tuple[str, ...]], seconds: int) -> Table:
    return Table(
        name="pertitle",
        title="Ladders chosen for each film against the fixed ladder, at equal VMAF",
        columns=("", "points x samples", "search CPU s", "fixed CPU s", "search share",
                 "chosen CPU s", "rungs", "BD-rate forecast", "BD-rate measured"),
        rows=tuple(rows),
        note=(
            f"{seconds} s each, 24 frames a second, 720p (Big Buck Bunny) and 540p (the rest), "
            "x264 veryfast. BD-rate: bits at equal VMAF over the whole film, "
            f"monotone cubics; negative is fewer bits. One round; {machine()}."
        ),
    )  # fmt: skip


def measure(
    *, quick: bool = False, film: Path | None = None, only: str = "", seconds: int = SECONDS
) -> list[Table]:
    toolchain = Toolchain.find()
    source = film or sample_film(CACHE.parent, toolchain).path
    found = films(source, toolchain, seconds)
    named = {name: path for name, path in found.items() if only in name}
    if quick:  # shorter films have no search
        named = dict(list(named.items())[:1])
    return [table([row(name, path, toolchain) for name, path in named.items()], seconds)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--film", type=Path)
    parser.add_argument("--only", default="", help="part of a film's name")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="of each film")
    given = parser.parse_args()
    for one in measure(film=given.film, only=given.only, seconds=given.seconds):
        print(f"{one.text()}\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
