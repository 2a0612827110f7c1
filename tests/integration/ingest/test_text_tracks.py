"""Embedded subtitles, by real ffmpeg, and side-cars to WebVTT."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from matinee.errors import CancelledError, MediaError
from matinee.formats.captions import webvtt
from matinee.ingest.probe import probe
from matinee.ingest.text import extract_text
from matinee.model.progress import Control, Progress
from matinee.model.rendition import Rendition
from matinee.model.title import SideCar
from matinee.storage.memory import MemoryStore
from matinee.toolchain.tools import Toolchain

pytestmark = pytest.mark.integration

Clip = Callable[[str], Path]
ASS = """[Script Info]
ScriptType: v4.00+
[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,20
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:00.50,0:00:01.50,Default,,0,0,0,,{\\i1}Good{\\i0} evening\\Nall & sundry
"""


class Bench:
    def __init__(self, toolchain: Toolchain, scratch: Path) -> None:
        self.store = MemoryStore()
        self.toolchain = toolchain
        self.scratch = scratch
        self.told: list[Progress] = []

    def extract(self, film: Path, *side_cars: SideCar) -> tuple[Rendition, ...]:
        self.store.put("source", film.read_bytes())
        return extract_text(
            probe(film, self.toolchain), "source", side_cars,
            store=self.store, folder="job/text", scratch=self.scratch,
            toolchain=self.toolchain, control=Control(report=self.told.append),
        )  # fmt: skip

    def payloads(self, rendition: Rendition) -> list[str]:
        return [cue.payload for cue in webvtt.parse(self.store.get(rendition.key).decode())]


@pytest.fixture
def bench(toolchain: Toolchain, tmp_path: Path) -> Bench:
    return Bench(toolchain, tmp_path)


def test_mov_text(bench: Bench, clip: Clip) -> None:
    (english,) = bench.extract(clip("subtitles"))
    assert (english.key, english.name, english.language) == ("job/text/text-en.vtt", "en", "en")
    assert english.roles == ("subtitle",)
    assert english.source_index == 2
    cues = webvtt.parse(bench.store.get(english.key).decode())
    assert [(float(cue.start), float(cue.end)) for cue in cues] == [(0.5, 1.5), (2.0, 3.5)]
    assert cues[1].payload == "<i>The curtain</i> rises &amp;\nfalls again."
    assert bench.told[-1].fraction == 1.0


def test_srt_in_matroska_with_two_languages_and_a_side_car(bench: Bench, clip: Clip) -> None:
    bench.store.put("car", "1\n00:00:01,000 --> 00:00:02,000\nBonsoir\n".encode("utf-16"))
    side_car = SideCar(key="car", filename="film.fr.srt", language="fre")
    again = SideCar(key="car", filename="film.en.srt", language="en")
    found = bench.extract(clip("subtitles-mkv"), side_car, again)
    assert [one.name for one in found] == ["en", "de", "fr", "en-2"]
    assert [one.roles for one in found][:2] == [("subtitle",), ("caption",)]
    assert bench.payloads(found[1])[0] == "Guten Abend."
    assert bench.payloads(found[2]) == ["Bonsoir"]
    assert list(bench.scratch.iterdir()) == []


def test_srt_in_matroska_keeps_what_it_says(
    bench: Bench, clip: Clip, tmp_path_factory: pytest.TempPathFactory
) -> None:
    work = tmp_path_factory.mktemp("films")
    (work / "x.srt").write_text(
        "1\n00:00:01,000 --> 00:00:02,000\n{\\an8}EXIT: a < b & c --> <i>d</i>\n"
    )
    subprocess.run(
        [bench.toolchain.ffmpeg, "-v", "error", "-y", "-i", clip("subtitles-mkv"),
         "-i", work / "x.srt", "-map", "0:v", "-map", "1:s", "-c", "copy", work / "film.mkv"],
        check=True, timeout=60,
    )  # fmt: skip
    (rendition,) = bench.extract(work / "film.mkv")
    (cue,) = webvtt.parse(bench.store.get(rendition.key).decode())
    assert cue.payload == "EXIT: a &lt; b &amp; c --&gt; <i>d</i>"
    assert (float(cue.start), float(cue.end)) == (1.0, 2.0)
    assert cue.settings == "line:0"


def test_substation_is_flattened_and_pictures_are_left_out(
    bench: Bench, clip: Clip, tmp_path_factory: pytest.TempPathFactory
) -> None:
    work = tmp_path_factory.mktemp("films")
    (work / "x.ass").write_text(ASS)
    subprocess.run(
        [bench.toolchain.ffmpeg, "-v", "error", "-y", "-i", clip("subtitles-mkv"),
         "-i", work / "x.ass", "-map", "0:v", "-map", "1:s", "-c", "copy", work / "film.mkv"],
        check=True, timeout=60,
    )  # fmt: skip
    (rendition,) = bench.extract(work / "film.mkv")
    assert rendition.name == "und"
    assert bench.payloads(rendition) == ["<i>Good</i> evening\nall &amp; sundry"]


def test_a_film_that_starts_late_keeps_its_text_in_step(
    bench: Bench, clip: Clip, tmp_path_factory: pytest.TempPathFactory
) -> None:
    film = tmp_path_factory.mktemp("films") / "late.mkv"
    subprocess.run(
        [bench.toolchain.ffmpeg, "-v", "error", "-y", "-i", clip("subtitles-mkv"),
         "-map", "0:v", "-map", "0:s:0", "-c", "copy", "-output_ts_offset", "5", film],
        check=True, timeout=60,
    )  # fmt: skip
    (rendition,) = bench.extract(film)
    first = webvtt.parse(bench.store.get(rendition.key).decode())[0]
    assert float(first.start) == pytest.approx(0.5, abs=0.03)


def test_a_film_without_text_has_none(bench: Bench, clip: Clip) -> None:
    assert bench.extract(clip("tiny")) == ()


def test_a_bad_side_car_is_an_error(bench: Bench, clip: Clip) -> None:
    bench.store.put("car", b"#EXTM3U\nfile:///etc/passwd\n")
    with pytest.raises(MediaError, match=r"evil\.srt") as caught:
        bench.extract(clip("tiny"), SideCar(key="car", filename="evil.srt", language="en"))
    assert caught.value.code == "bad-subtitles"


def test_cancelling(bench: Bench, clip: Clip) -> None:
    film = clip("subtitles")
    bench.store.put("source", film.read_bytes())
    with pytest.raises(CancelledError):
        extract_text(
            probe(film, bench.toolchain), "source", (), store=bench.store, folder="x",
            scratch=bench.scratch, toolchain=bench.toolchain,
            control=Control(cancelled=lambda: True),
        )  # fmt: skip
    assert list(bench.scratch.iterdir()) == []
