"""Captions in the pictures of streams are found wherever they begin, by real ffmpeg."""

import subprocess
from pathlib import Path

import pytest
from tests.media import caption_data

from matinee.formats.captions import webvtt
from matinee.ingest.probe import probe
from matinee.ingest.text import extract_text
from matinee.model.progress import Control
from matinee.storage.memory import MemoryStore
from matinee.toolchain.tools import Toolchain

pytestmark = pytest.mark.integration

SECONDS, RATE, BEGINS = 120, 25, 45
"""Of a film that has captions from 45 to 55 s, and nothing of them before and after."""
SHOWN = (BEGINS + 4, BEGINS + 7)


def frames_608() -> list[list[bytes]]:
    # A control code comes twice, and the first one counts.
    pairs = {RATE * at + 1: caption_data.pop_on([f"Caption {at}"]) for at in SHOWN}
    pairs |= {RATE * (at + 2) + 1: caption_data.command(caption_data.EDM) for at in SHOWN}
    frames = caption_data.scheduled(RATE * SECONDS, pairs)
    return [
        frame if BEGINS <= number / RATE < BEGINS + 10 else []
        for number, frame in enumerate(frames)
    ]


def frames_708() -> list[list[bytes]]:
    """A service of CEA-708 without any CEA-608 beside it."""
    frames: list[list[bytes]] = [[] for _ in range(RATE * SECONDS)]
    for at in SHOWN:
        window = caption_data.window_708([f"Caption {at}"])
        frames[RATE * at - 10] += caption_data.packets(1, window)
        frames[RATE * at] += caption_data.packets(1, b"\x89\x01")
        frames[RATE * (at + 2)] += caption_data.packets(1, b"\x8a\x01")
    return frames


class Studio:
    def __init__(self, folder: Path, toolchain: Toolchain) -> None:
        self.folder = folder
        self.toolchain = toolchain

    def ffmpeg(self, *arguments: str | Path) -> None:
        subprocess.run(
            [self.toolchain.ffmpeg, "-v", "error", "-nostdin", "-y", *arguments],
            check=True, timeout=120,
        )  # fmt: skip

    def film(self, frames: list[list[bytes]], name: str, *codec: str) -> Path:
        """A film of H.264 with the triplets of *frames*; *codec* makes another one of it."""
        plain, marked = self.folder / "plain.h264", self.folder / "captioned.h264"
        self.ffmpeg(
            "-f", "lavfi", "-i", f"testsrc2=size=128x96:rate={RATE}:duration={SECONDS}",
            "-c:v", "libx264", "-preset", "ultrafast", "-g", "10", "-bf", "0",
            "-x264-params", "threads=1", "-pix_fmt", "yuv420p", "-f", "h264", plain,
        )  # fmt: skip
        marked.write_bytes(caption_data.in_pictures(plain.read_bytes(), frames))
        path = self.folder / name
        self.ffmpeg(
            "-r", str(RATE), "-f", "h264", "-i", marked, *(codec or ("-c:v", "copy")), path,
        )  # fmt: skip
        return path

    def texts(self, film: Path) -> list[list[tuple[float, str]]]:
        """When cues begin in each text of *film*, and what they say."""
        store = MemoryStore()
        store.put("source", film.read_bytes())
        found = extract_text(
            probe(film, self.toolchain), "source", (), store=store, folder="text",
            scratch=self.folder, toolchain=self.toolchain, control=Control(),
        )  # fmt: skip
        cues = [webvtt.parse(store.get(one.key).decode()) for one in found]
        return [[(float(one.start), one.payload) for one in each] for each in cues]


@pytest.fixture
def studio(tmp_path: Path, toolchain: Toolchain) -> Studio:
    return Studio(tmp_path, toolchain)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("film.ts", ()), ("film.m2ts", ()), ("film.mkv", ()),
        ("mpeg2.ts", ("-c:v", "mpeg2video", "-bf", "2")),
        ("mpeg2.mpg", ("-c:v", "mpeg2video")),
        ("hevc.ts", ("-c:v", "libx265", "-a53cc", "1", "-preset", "ultrafast", "-g", "25")),
    ],
)  # fmt: skip
def test_captions_that_begin_late_are_found(
    studio: Studio, name: str, codec: tuple[str, ...]
) -> None:
    (cues,) = studio.texts(studio.film(frames_608(), name, *codec))
    assert [words for _, words in cues] == [f"Caption {at}" for at in SHOWN]
    assert [start for start, _ in cues] == pytest.approx(SHOWN, abs=1.1 / RATE)


def test_a_service_of_708_alone_is_found(studio: Studio) -> None:
    (cues,) = studio.texts(studio.film(frames_708(), "service.ts"))
    assert [words for _, words in cues] == [f"Caption {at}" for at in SHOWN]
    assert [start for start, _ in cues] == pytest.approx(SHOWN, abs=1.1 / RATE)


def test_a_film_without_captions_is_not_copied(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError

    film = studio.film([], "bare.ts")
    monkeypatch.setattr("matinee.ingest.picture_captions.run", never)
    assert studio.texts(film) == []
