"""Cues through the whole chain stay on their pictures, whatever moved these."""

import subprocess
from fractions import Fraction
from pathlib import Path

import pytest
from tests.media import caption_data

from matinee.formats.captions import webvtt
from matinee.ingest.probe import probe
from matinee.ingest.text import extract_text
from matinee.model.ladder import Ladder, Rung
from matinee.model.presentation import Track
from matinee.model.progress import Control
from matinee.model.title import SideCar
from matinee.packager import PackageRequest, package
from matinee.storage.local import LocalStore
from matinee.toolchain.tools import Toolchain
from matinee.transcode import ladder as ladders
from matinee.transcode.encode import encode
from matinee.transcode.making import Workplace
from matinee.transcode.plan import plan

pytestmark = pytest.mark.integration

SECONDS = 6
LADDER = Ladder(
    name="test", preset="ultrafast", video=(Rung(name="180p", height=180, max_rate=400_000),)
)
BOTH = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-bf", "2", "-pix_fmt", "yuv420p",
        "-c:a", "aac")  # fmt: skip


class Chain:
    """A film and its texts in; when the pictures flash and when the cues are shown, out."""

    def __init__(self, folder: Path, toolchain: Toolchain) -> None:
        self.folder = folder
        self.toolchain = toolchain
        self.store = LocalStore(folder / "store")

    def ffmpeg(self, *arguments: str | Path) -> bytes:
        command = [str(self.toolchain.ffmpeg), "-v", "error", "-nostdin", "-y", *arguments]
        done = subprocess.run(command, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def film(
        self, suffix: str, late: float = 0, offset: float = 0, sound: float | None = None
    ) -> Path:
        """White for a fifth of every second; pictures begin *late*, the clock at *offset*."""
        path = self.folder / f"film.{suffix}"
        white = "drawbox=color=white:t=fill:enable='lt(mod(n,25),5)'"
        graph = f"color=black:size=320x180:rate=25:duration={SECONDS},{white}"
        subtitles = ("-c:s", "mov_text") if suffix == "mp4" else ("-c:s", "srt")
        self.cues(self.folder / "film.srt", late)
        self.ffmpeg(
            "-f", "lavfi", "-i", graph,
            "-f", "lavfi", "-i", f"anullsrc=r=48000:d={sound or SECONDS}",
            "-i", self.folder / "film.srt", "-map", "0:v", "-map", "1:a", "-map", "2:s",
            *BOTH, *subtitles, *(("-c:a", "pcm_s16le") if offset else ()),
            "-filter:v", f"settb=1/1000,setpts=PTS+{late}/TB", "-enc_time_base:v", "1:1000",
            "-fps_mode", "vfr", "-output_ts_offset", str(offset), path,
        )  # fmt: skip
        return path

    @staticmethod
    def cues(path: Path, late: float) -> None:
        """A cue on each flash, to the millisecond."""
        lines = []
        for second in range(SECONDS):
            begin = round(1000 * (second + late))
            lines += [
                str(second + 1),
                f"00:00:{begin / 1000:06.3f} --> 00:00:{begin / 1000 + 0.2:06.3f}".replace(
                    ".", ","
                ),
                f"Flash {second}",
                "",
            ]
        path.write_text("\n".join(lines))

    def published(self, source: Path, ladder: Ladder, *side_cars: SideCar) -> list[list[float]]:
        """Return when pictures flash, then when the cues of each text track begin."""
        info = probe(source, self.toolchain)
        self.store.put("in/source", source.read_bytes())
        chosen = plan(info, ladder)
        where = {
            "store": self.store, "scratch": self.folder, "toolchain": self.toolchain,
            "control": Control(),
        }  # fmt: skip
        workplace = Workplace(
            store=self.store, folder="work", scratch=self.folder, toolchain=self.toolchain
        )
        made = encode(chosen, "in/source", workplace, Control()).renditions
        texts = extract_text(info, "in/source", side_cars, folder="text", **where)
        request = PackageRequest(
            presentation_id="film", version=1, renditions=made + texts, folder="out"
        )
        presentation = package(request, self.store, self.folder / "scratch", Control())
        sets = presentation.periods[0].selection_sets
        tracks = [track for one in sets for track in one.tracks]
        video = next(track for track in tracks if track.kind == "video")
        shown = [self.flashes(video)]
        for text in (track for track in tracks if track.kind == "text"):
            cues = webvtt.parse(self.store.get(f"out/{text.key}").decode())
            shown.append([float(cue.start) for cue in cues])
        return shown

    def flashes(self, track: Track) -> list[float]:
        """Instants at which the published pictures turn white."""
        path = self.store.path(f"out/{track.key}")
        told = self.ffmpeg(
            "-i", path, "-vf", "crop=60:60:10:10,scale=1:1:flags=area,format=gray",
            "-fps_mode", "passthrough", "-f", "rawvideo", "-",
        )  # fmt: skip
        rate = Fraction(25) if track.frame_rate is None else track.frame_rate.value
        light = [value > 128 for value in told]
        found = [n for n, one in enumerate(light) if one and not (n and light[n - 1])]
        return [float(n / rate) for n in found]


@pytest.fixture
def chain(tmp_path: Path, toolchain: Toolchain) -> Chain:
    return Chain(tmp_path, toolchain)


FILMS: dict[str, dict[str, object]] = {
    "plain-mp4": {"suffix": "mp4"},
    "late-pictures-mp4": {"suffix": "mp4", "late": 0.11, "sound": SECONDS + 0.11},
    "much-later-pictures-mkv": {"suffix": "mkv", "late": 1.33, "sound": SECONDS + 1.33},
    "late-pictures-mkv": {"suffix": "mkv", "late": 0.23},
    "clock-at-5-mkv": {"suffix": "mkv", "offset": 5},
}


@pytest.mark.parametrize("ladder", [LADDER, ladders.load("source")], ids=["encoded", "copied"])
@pytest.mark.parametrize("name", FILMS)
def test_cues_stay_on_their_flashes(chain: Chain, name: str, ladder: Ladder) -> None:
    """The embedded track and a side-car, which is written for the film as players show it."""
    given = FILMS[name]
    source = chain.film(**given)  # type: ignore[arg-type]
    chain.store.put("in/car", (chain.folder / "film.srt").read_bytes())
    car = SideCar(key="in/car", filename="film.srt", language="de")
    flashes, embedded, beside = chain.published(source, ladder, car)
    assert len(flashes) == len(embedded) == len(beside) == SECONDS
    frame = 1 / 25
    for cues in (embedded, beside):
        apart = [cue - flash for cue, flash in zip(cues, flashes, strict=True)]
        if given.get("late"):  # the first picture may stand from the start
            apart = apart[1:]
        assert max(map(abs, apart)) < frame / 2, apart


@pytest.mark.parametrize("ladder", [LADDER, ladders.load("source")], ids=["encoded", "copied"])
def test_cues_stay_on_their_flashes_after_a_cut(chain: Chain, ladder: Ladder) -> None:
    """A cut without encoding leaves pictures before the start, which an edit list hides."""
    whole = chain.film("mp4")
    cut = chain.folder / "cut.mp4"
    chain.ffmpeg("-ss", "2.6", "-i", whole, "-map", "0", "-c", "copy", cut)
    flashes, cues = chain.published(cut, ladder)
    assert len(cues) >= 3
    # A cue that begins before the cut begins with the film.
    apart = [min(abs(cue - flash) for flash in flashes) for cue in cues if cue > 0.01]
    assert max(apart) < 0.02, (flashes, cues)


def captioned(chain: Chain, suffix: str) -> Path:
    """A film with a caption on each of its flashes: pop-on in CC1, and a window of service 1."""
    white = "drawbox=color=white:t=fill:enable='lt(mod(n,25),5)'"
    graph = f"color=black:size=320x180:rate=25:duration={SECONDS},{white}"
    plain, marked = chain.folder / "plain.h264", chain.folder / "captioned.h264"
    chain.ffmpeg(
        "-f", "lavfi", "-i", graph, "-c:v", "libx264", "-preset", "ultrafast", "-g", "25",
        "-x264-params", "threads=1", "-pix_fmt", "yuv420p", "-f", "h264", plain,
    )  # fmt: skip
    # A control code comes twice, and the first one counts: the caption ends a picture later.
    pairs = {25 * n + 1: caption_data.pop_on([f"Flash {n}"]) for n in range(1, SECONDS)}
    pairs |= {25 * n + 10: caption_data.command(caption_data.EDM) for n in range(1, SECONDS)}
    frames = caption_data.scheduled(25 * SECONDS, pairs)
    for n in range(1, SECONDS):
        window = caption_data.window_708([f"Window {n}"])
        frames[25 * n - 10] += caption_data.packets(1, window)
        frames[25 * n] += caption_data.packets(1, b"\x89\x01")
        frames[25 * n + 9] += caption_data.packets(1, b"\x8a\x01")
    marked.write_bytes(caption_data.in_pictures(plain.read_bytes(), frames))
    path = chain.folder / f"captioned.{suffix}"
    chain.ffmpeg(
        "-r", "25", "-f", "h264", "-i", marked, "-f", "lavfi", "-i",
        f"anullsrc=r=48000:d={SECONDS}", "-c:v", "copy", "-c:a", "aac",
        "-metadata:s:a:0", "language=eng", path,
    )  # fmt: skip
    return path


@pytest.mark.parametrize("ladder", [LADDER, ladders.load("source")], ids=["encoded", "copied"])
@pytest.mark.parametrize("suffix", ["mp4", "ts", "mkv"])
def test_captions_in_pictures_become_text_on_their_flashes(
    chain: Chain, suffix: str, ladder: Ladder
) -> None:
    flashes, *tracks = chain.published(captioned(chain, suffix), ladder)
    assert len(tracks) == 2
    for cues in tracks:
        assert len(cues) == SECONDS - 1
        apart = [cue - flash for cue, flash in zip(cues, flashes[1:], strict=True)]
        assert max(map(abs, apart)) < 0.5 / 25, apart


def test_a_caption_track_of_quicktime(chain: Chain) -> None:
    """ffmpeg takes CEA-608 out of the pictures into a `c608` track."""
    film, track = captioned(chain, "ts"), chain.folder / "track.mov"
    chain.ffmpeg(
        "-f", "lavfi", "-i", f"movie={film}[out+subcc]", "-i", film, "-map", "1:v", "-map", "0:s",
        "-c:v", "copy", "-bsf:v", "filter_units=remove_types=6", "-c:s", "copy",
        "-metadata:s:s:0", "language=fra", track,
    )  # fmt: skip
    flashes, cues = chain.published(track, LADDER)
    apart = [cue - flash for cue, flash in zip(cues, flashes[1:], strict=True)]
    assert max(map(abs, apart)) < 1.5 / 25, apart
