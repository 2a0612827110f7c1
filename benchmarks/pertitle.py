"""Ladders chosen for each film against two fixed ones: bits at equal VMAF, and the search's cost.

`python -m benchmarks.pertitle [--film FILE] [--only NAME] [--seconds N]`

`standard` is our own fixed ladder: constant quality under a cap. The classic ladder is what hosted
encoders give to every film: Apple's sizes and average rates, cut to the source, by the encoder
and preset of `standard`. The search has the whole film. All three ladders are then encoded by the
product's own command over every fourth 4 s of it, wherever the search took its samples, and every
rung is compared with the source at the size of the largest rung (libvmaf, every eighth frame, with
and without enhancement gain), so that nothing of the search's own measuring is taken on trust.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
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
from matinee.transcode.pertitle.classic import classic_ladder
from matinee.transcode.pertitle.compare import storage_saving, top_saving
from matinee.transcode.pertitle.curve import bd_rate
from matinee.transcode.pertitle.points import Chosen
from matinee.transcode.plan import VideoOutput, plan

SECONDS = 120
SIZE = "854:480"
_RATE = 24
_STRETCH, _OF = 4, 16
"""Seconds encoded of so many; whole GOPs, so that each has the key frames of the film."""
_EVERY = 8
_NO_LIMITS = Limits()
_LOSSLESS_ENOUGH = ("-an", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
                    "-f", "mp4")  # fmt: skip
_MODELS = "version=vmaf_v0.6.1\\\\:name=vmaf|version=vmaf_v0.6.1neg\\\\:name=neg"


def films(film: Path, toolchain: Toolchain, seconds: int) -> dict[str, Callable[[], Path]]:
    """Return what makes each film: a cut of the real one, and what encoders find easy and hard."""
    start = [toolchain.ffmpeg, "-v", "error", "-y", "-nostdin"]

    def of_film(
        picture: str, crf: int, at: int, length: int = seconds, size: str = SIZE
    ) -> list[str | Path]:
        return [
            *start, "-ss", str(at), "-t", str(length), "-i", film, "-vf",
            f"scale={size}:flags=lanczos,{picture}", "-map", "0:v:0", "-crf", str(crf),
            *_LOSSLESS_ENOUGH,
        ]  # fmt: skip

    flat = (
        f"gradients=s={SIZE.replace(':', 'x')}:r={_RATE}:d={seconds}:speed=0.02:n=4:seed=7,"
        "drawbox=x='mod(80+150*t,660)':y=150:w=160:h=160:color=red:t=fill,"
        "drawbox=x=380:y='mod(110*t,380)':w=90:h=90:color=white:t=fill"
    )
    made = {
        "film as it is": of_film(f"fps={_RATE}", 8, 60),
        "the same at 720p": of_film(f"fps={_RATE}", 8, 60, size="1280:720"),
        "flat cartoon": [*start, "-f", "lavfi", "-i", flat, "-crf", "10", *_LOSSLESS_ENOUGH],
        "grain": of_film("noise=alls=8:allf=t:all_seed=7", 14, 200),
        "slides": of_film(f"fps=1/8,fps={_RATE}", 10, 300),
        "sport-like motion": of_film(f"setpts=PTS/4,fps={_RATE}", 14, 100, 4 * seconds),
    }
    stem = f"pertitle-{film.stem}-{seconds}"
    return {
        name: partial(cached, f"{stem}-{name.replace(' ', '-')}.mp4", argv)
        for name, argv in made.items()
    }


def stretches(film: Path, toolchain: Toolchain) -> Path:
    """Return every fourth 4 s of *film*, joined, without loss."""
    length, every = _STRETCH * _RATE, _OF * _RATE
    kept = f"select='lt(mod(n+{every // 3},{every}),{length})',setpts=N/{_RATE}/TB"
    return cached(
        f"{film.stem}-stretches.mp4",
        [toolchain.ffmpeg, "-v", "error", "-y", "-nostdin", "-i", film, "-vf", kept,
         "-qp", "0", *_LOSSLESS_ENOUGH],
    )  # fmt: skip


@dataclass(frozen=True)
class Rung:
    """One rung encoded in full: bits a second, VMAF, and VMAF without enhancement gain."""

    rate: float
    vmaf: float
    neg: float


@dataclass(frozen=True)
class Outcome:
    """What a ladder costs to encode, for a second of film, and what each of its rungs gives."""

    cpu_seconds: float
    rungs: tuple[Rung, ...]

    @property
    def vmaf(self) -> list[tuple[float, float]]:
        return [(rung.rate, rung.vmaf) for rung in self.rungs]

    @property
    def neg(self) -> list[tuple[float, float]]:
        return [(rung.rate, rung.neg) for rung in self.rungs]


def outcome(film: Path, info: MediaInfo, ladder: Ladder, toolchain: Toolchain) -> Outcome:
    """Encode *film* to *ladder* and measure what came of it."""
    made = msgspec.structs.replace(plan(info, ladder), audio=())
    assert made.video is not None
    with tempfile.TemporaryDirectory(dir=film.parent) as folder:
        command = encode_command(made, toolchain.ffmpeg, film, Path(folder), cores=2)
        done = run(command.argv, limits=_NO_LIMITS, on_line=lambda _: None)
        files = [Path(folder) / video_file(output) for output in made.video.outputs]
        rate = str(made.video.frame_rate)
        scores = compared(film, files, made.video.outputs[0], rate, toolchain)
        rates = [8 * file.stat().st_size / info.duration for file in files]
    return Outcome(
        done.cpu_seconds / info.duration,
        tuple(Rung(rate, *score) for rate, score in zip(rates, scores, strict=True)),
    )


def compared(
    film: Path, files: list[Path], top: VideoOutput, rate: str, toolchain: Toolchain
) -> list[tuple[float, float]]:
    """Return VMAF and its NEG of each of *files* against *film* at the size of the largest rung."""
    scale = f"scale=w={top.width}:h={top.height}:flags=bicubic"
    count = len(files)
    chains = [f"[0:v:0]fps={rate}:start_time=0,{scale}:out_range=tv,format=yuv420p,split={count}"
              + "".join(f"[r{n}]" for n in range(count))]  # fmt: skip
    chains += [
        f"[{n + 1}:v:0]fps={rate},framestep={_EVERY},{scale},fps={rate}[d{n}];"
        f"[d{n}][r{n}]libvmaf=n_subsample={_EVERY}:log_fmt=json:log_path=v{n}.json"
        f":model={_MODELS}[s{n}]"
        for n in range(count)
    ]
    inputs = [word for file in (film, *files) for word in ("-threads", "1", "-i", str(file))]
    sinks = [word for n in range(count) for word in ("-map", f"[s{n}]", "-f", "null", "-")]
    run(
        [toolchain.ffmpeg, "-v", "error", "-nostdin", *inputs,
         "-filter_complex_threads", "1", "-filter_complex",
         ";".join(chains), *sinks],
        limits=_NO_LIMITS, cwd=files[0].parent,
    )  # fmt: skip
    logs = [(files[0].parent / f"v{n}.json").read_bytes() for n in range(count)]
    pooled = [msgspec.json.decode(log)["pooled_metrics"] for log in logs]
    return [(one["vmaf"]["mean"], one["neg"]["mean"]) for one in pooled]


@dataclass(frozen=True)
class Measured:
    """One film by all three ladders."""

    name: str
    chosen: Chosen
    standard: Outcome
    classic: Outcome
    own: Outcome
    seconds: float
    """Of the whole film, for which the search is."""


def measured(name: str, film: Path, toolchain: Toolchain) -> Measured:
    """Choose, encode and compare."""
    info = probe(film, toolchain)
    store = LocalStore(film.parent)
    with tempfile.TemporaryDirectory(dir=film.parent) as scratch:
        chosen = choose_ladder(
            info, film.name, load("auto"), store=store, scratch=Path(scratch),
            toolchain=toolchain, control=Control(),
        )  # fmt: skip
    standard = load("standard")
    classic = classic_ladder(standard, *info.video[0].display_size)
    part = stretches(film, toolchain)
    part_info = probe(part, toolchain)
    found = Measured(
        name,
        chosen,
        outcome(part, part_info, standard, toolchain),
        outcome(part, part_info, classic, toolchain),
        outcome(part, part_info, chosen.ladder, toolchain),
        info.duration,
    )
    print(name, chosen.notes, chosen.reasons, flush=True)
    for title, one in (("standard", found.standard), ("classic", found.classic),
                       ("chosen", found.own)):  # fmt: skip
        rungs = ", ".join(f"{rung.rate / 1000:.0f}k {rung.vmaf:.1f}" for rung in one.rungs)
        print(f"  {title}: {one.cpu_seconds:.2f} CPU s a second: {rungs}", flush=True)
    return found


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:+.1f} %"


def bits_row(one: Measured) -> tuple[str, ...]:
    own = one.own
    return (
        one.name,
        _percent(one.chosen.saving),
        _percent(bd_rate(one.standard.vmaf, own.vmaf)),
        _percent(bd_rate(one.standard.neg, own.neg)),
        _percent(bd_rate(one.classic.vmaf, own.vmaf)),
        _percent(bd_rate(one.classic.neg, own.neg)),
        _percent(top_saving(one.classic.vmaf, own.vmaf)),
        _percent(storage_saving(one.classic.vmaf, own.vmaf)),
    )


def cost_row(one: Measured) -> tuple[str, ...]:
    chosen = one.chosen
    own, standard = one.own.cpu_seconds * one.seconds, one.standard.cpu_seconds * one.seconds
    return (
        one.name,
        f"{len(chosen.hull)} x {sum(sample.seconds for sample in chosen.samples):.0f} s",
        f"{chosen.search_cpu_seconds:.1f}",
        f"{own:.0f}",
        f"{100 * chosen.search_cpu_seconds / own:.0f} %",
        f"{standard:.0f}",
        f"{100 * chosen.search_cpu_seconds / standard:.0f} %",
        f"{len(one.standard.rungs)} / {len(one.classic.rungs)} / {len(one.own.rungs)}",
    )


def tables(found: list[Measured], film: Path, seconds: int) -> list[Table]:
    sizes = SIZE.replace(":", "x")
    return [
        Table(
            name="pertitle",
            title="Ladders chosen for each film (`auto`) against two fixed ladders",
            columns=("", "forecast", "BD-rate to `standard`", "the same by NEG",
                     "BD-rate to classic", "the same by NEG", "top rung", "storage"),
            rows=tuple(bits_row(one) for one in found),
            note=(
                "Bits at equal VMAF, negative is fewer (Bjontegaard, monotone cubics over the "
                "common range of quality); NEG: by VMAF without enhancement gain. `standard`: "
                "constant quality under a cap, 2 s GOPs. Classic: Apple's sizes and average "
                "rates by the encoder and preset of `standard` in one pass; top rung and storage "
                "are against it. The forecast is that to `auto`'s own rungs at CRF 23. "
                f"Films of {seconds} s at {sizes} or 1280x720, {_RATE} frames a second, made from "
                f"{film.stem}; "
                f"encoded and measured over {_STRETCH} s of every {_OF}. One round; {machine()}."
            ),
        ),
        Table(
            name="pertitle-cost",
            title="What choosing a ladder costs",
            columns=("", "points x samples", "search CPU s", "encode CPU s", "share of it",
                     "`standard` CPU s", "share of that", "rungs: standard / classic / chosen"),
            rows=tuple(cost_row(one) for one in found),
            note=(
                "The same films; encodes of the whole are those of the stretches times "
                f"{_OF // _STRETCH}. One round; {machine()}."
            ),
        ),
    ]  # fmt: skip


def measure(
    *, quick: bool = False, film: Path | None = None, only: str = "", seconds: int = SECONDS
) -> list[Table]:
    toolchain = Toolchain.find()
    source = film or sample_film(CACHE.parent, toolchain).path
    found = films(source, toolchain, seconds)
    named = {name: make for name, make in found.items() if only in name}
    if quick:  # shorter films have no search
        named = dict(list(named.items())[:1])
    rows = [measured(name, make(), toolchain) for name, make in named.items()]
    return tables(rows, source, seconds)


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
