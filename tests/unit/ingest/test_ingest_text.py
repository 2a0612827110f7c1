"""Text tracks: which are read, how they are named, and the command that reads them."""

from pathlib import Path

import pytest

from matinee.errors import MediaError
from matinee.formats.captions import Cue, webvtt
from matinee.ingest.text import (
    _readable,
    _side_car,
    _stored,
    _Text,
    role_of,
    text_command,
    within,
)
from matinee.model.media import TextTrackInfo
from matinee.model.title import SideCar
from matinee.storage.memory import MemoryStore
from matinee.toolchain.tools import Toolchain

SRT = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"
CUES = webvtt.parse("WEBVTT\n\n00:01.000 --> 00:02.000\nx\n")


def track(index: int, codec: str = "subrip", **more: bool) -> TextTrackInfo:
    return TextTrackInfo(index=index, codec=codec, **more)


def text(language: str | None, cues: tuple[Cue, ...] = CUES) -> _Text:
    return _Text(cues=cues, language=language, label=None, role="subtitle", source_index=None)


@pytest.mark.parametrize(
    ("given", "role"),
    [
        (track(0), "subtitle"),
        (track(0, forced=True, hearing_impaired=True), "forced-subtitle"),
        (track(0, hearing_impaired=True), "caption"),
    ],
)
def test_roles(given: TextTrackInfo, role: str) -> None:
    assert role_of(given) == role


def test_pictures_and_unknown_codecs_are_left_out_and_named() -> None:
    tracks = [
        track(2),
        track(3, "hdmv_pgs_subtitle", bitmap=True),
        track(4, "odd"),
        track(5, "ttml"),
    ]
    readable, notes = _readable(tracks)
    assert [one.index for one in readable] == [2]
    assert [note.split(" (")[0] for note in notes] == [f"Subtitle track {n}" for n in (3, 4, 5)]


def test_names_are_by_language_and_counted() -> None:
    store = MemoryStore()
    found = _stored([text("en"), text("en"), text(None), text("pt-BR"), text("en")], store, "t/1")
    assert [one.name for one in found] == ["en", "en-2", "und", "pt-BR", "en-3"]
    assert [one.key for one in found][:2] == ["t/1/text-en.vtt", "t/1/text-en-2.vtt"]
    assert not any(one.default for one in found)
    assert {one.kind for one in found} == {"text"}
    assert webvtt.parse(store.get("t/1/text-en.vtt").decode()) == CUES


@pytest.mark.parametrize(
    ("filename", "role"),
    [("film.en.srt", "subtitle"), ("film.en.sdh.srt", "caption"), ("Film.CC.vtt", "caption"),
     ("film.forced.srt", "forced-subtitle")],
)  # fmt: skip
def test_side_cars(filename: str, role: str) -> None:
    store = MemoryStore()
    store.put("s", SRT)
    found = _side_car(SideCar(key="s", filename=filename, language="eng"), store)
    assert (found.role, found.language, len(found.cues)) == (role, "en", 1)


@pytest.mark.parametrize(
    "data", [b"", b"#EXTM3U\nfile:///etc/passwd", b"\x89PNG\r\n", b"WEBVTT\n\n", b"x" * 17_000_000]
)
def test_bad_side_cars_are_named(data: bytes) -> None:
    store = MemoryStore()
    store.put("s", data)
    with pytest.raises(MediaError, match=r"x\.srt") as caught:
        _side_car(SideCar(key="s", filename="x.srt", language="en"), store)
    assert caught.value.code == "bad-subtitles"


def test_one_pass_reads_all_tracks() -> None:
    command = text_command(
        Toolchain(Path("/bin/ffmpeg"), Path("/bin/ffprobe")),
        Path("/s/film.mkv"),
        "matroska",
        [track(2, "subrip"), track(5, "ass")],
        Path("/scratch"),
    )
    assert command.count("-i") == 1
    assert command[command.index("-i") + 1] == "file:/s/film.mkv"
    assert [command[at + 1] for at, word in enumerate(command) if word == "-map"] == ["0:2", "0:5"]
    assert [word for word in command if str(word).startswith("file:/scratch")] == [
        "file:/scratch/2.srt", "file:/scratch/5.vtt",
    ]  # fmt: skip
    assert [command[at + 1] for at, word in enumerate(command) if word == "-c:s"] == [
        "copy", "webvtt",
    ]  # fmt: skip


def test_a_programme_that_begins_at_one_hour_begins_with_the_film() -> None:
    cues = webvtt.parse("WEBVTT\n\n01:00:02.000 --> 01:00:04.000\nx\n")
    assert [float(cue.start) for cue in within(cues, 60.0)] == [2.0]
    assert within(cues, 7200.0) == cues
    early = webvtt.parse("WEBVTT\n\n00:59:58.000 --> 01:00:02.000\nx\n")
    assert [(float(cue.start), float(cue.end)) for cue in within(early, 60.0)] == [(0.0, 2.0)]


def test_what_is_said_of_a_side_car_goes_before_its_name() -> None:
    store = MemoryStore()
    store.put("s", SRT)
    car = SideCar(key="s", filename="film.sdh.srt", language="en", purpose="forced")
    assert _side_car(car, store).role == "forced-subtitle"
