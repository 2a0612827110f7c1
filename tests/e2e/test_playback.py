"""Films with every odd trait, packaged by us, in three players: what a viewer gets to see."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.browser import PLAYERS, PlayerPage
from tests.e2e.service import LADDER, Platform, matinee
from tests.e2e.static import serve
from tests.media.clips import counting_srt


@dataclass(frozen=True)
class Seen:
    """What must be seen and heard of a clip."""

    aspect: float | None = 16 / 9
    """Width by height on the screen, None without a picture."""
    sound: bool = True
    seconds: float = 4.0


CLIPS = {
    "plain": Seen(),
    "portrait": Seen(aspect=9 / 16),
    "rotated": Seen(aspect=9 / 16),
    "film-rate": Seen(),
    "fast": Seen(),
    "variable-rate": Seen(),
    "interlaced": Seen(aspect=720 / 576),
    "anamorphic": Seen(aspect=720 / 576 * 16 / 11),
    "odd-size": Seen(),
    "no-audio": Seen(sound=False),
    "mono": Seen(),
    "surround": Seen(),
    "late-audio": Seen(),
    "short-audio": Seen(),
    "short-video": Seen(),
    "still": Seen(),
    "audio-m4a": Seen(aspect=None),
    "audio-mp3": Seen(aspect=None),
    "cover": Seen(aspect=None, seconds=1.0),
    "hdr10": Seen(seconds=2.0),
    "mov": Seen(),
    "webm": Seen(),
    "ts": Seen(),
    "avi": Seen(),
    "mxf": Seen(),
}
ALL_FOUR = frozenset(
    {
        "plain",
        "rotated",
        "audio-m4a",
        "no-audio",
        "late-audio",
        "short-audio",
        "short-video",
        "still",
    }
)
"""Shaka Player's HLS reader is tried on these; on the rest, its DASH reader and the other two."""
PLAYS = [
    (clip, name)
    for clip, name in itertools.product(CLIPS, PLAYERS)
    if name != "shaka-hls" or clip in ALL_FOUR
]


@pytest.fixture(scope="module")
def packaged(
    tmp_path_factory: pytest.TempPathFactory, clip: Callable[[str], Path]
) -> Iterator[Callable[..., str]]:
    """`packaged("portrait")` is the URL of that clip's folder on a plain static web server."""
    root = tmp_path_factory.mktemp("packaged")

    def url_of(name: str, *options: object) -> str:
        if not (root / name).is_dir():
            done = matinee("package", clip(name), root / name, "--ladder", LADDER, *options)
            assert done.status == 0, done.out + done.err
        return f"{url}/{name}"

    with serve(root) as url:
        yield url_of


@pytest.mark.parametrize(("name", "by"), PLAYS)
def test_an_odd_film_plays_to_its_end(
    name: str, by: str, packaged: Callable[..., str], player: Callable[[str], PlayerPage]
) -> None:
    seen, page = CLIPS[name], player(by)
    page.load(f"{packaged(name)}/{PLAYERS[by]}")
    page.play_past(seen.seconds / 4)
    page.seek(seen.seconds / 2)
    end = page.wait(lambda now: now["ended"], "the end")
    assert end["time"] == pytest.approx(seen.seconds, abs=0.3)
    assert (end["audioBytes"] > 0) == seen.sound
    assert (end["frames"] > 10) == (seen.aspect is not None)
    if seen.aspect is not None:
        assert end["width"] / end["height"] == pytest.approx(seen.aspect, rel=0.02)
    assert not end["errors"]


@pytest.mark.parametrize("by", ["shaka-hls", "shaka-dash"])
def test_a_seek_bar_finds_its_tile(
    by: str, packaged: Callable[..., str], player: Callable[[str], PlayerPage]
) -> None:
    """Both manifests lead to the same tile of the same sheet, measured in the sheet's pixels."""
    page = player(by)
    page.load(f"{packaged('long')}/{PLAYERS[by]}")
    tile = page.page.evaluate("window.act('thumbnail', 13)")
    assert (tile["imageWidth"], tile["imageHeight"]) == (1200, 680)
    assert (tile["width"], tile["height"]) == (240, 136)
    assert (tile["positionX"], tile["positionY"]) == (240, 136)
    assert (tile["startTime"], tile["duration"]) == (12, 2)
    assert tile["uris"][0].endswith("/thumbnails/00001.jpg")


@pytest.fixture(scope="module")
def side_cars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("side-cars") / "zeilen.srt"
    path.write_text(counting_srt("Zeile"))
    return path


@pytest.fixture(scope="module")
def published(platform: Platform, clip: Callable[[str], Path], side_cars: Path) -> dict[str, Any]:
    """The links of a feature on the running platform."""
    body = platform.publish(clip("feature"), "--subtitles", f"{side_cars}:de")
    return dict(body["links"])


def watch_a_feature(page: PlayerPage, url: str) -> None:
    """Rungs, a seek, both captions and both languages, as a viewer would try them."""
    page.load(url)
    began = page.play_past(1.0)
    assert [rung["height"] for rung in began["rungs"]] == [180, 360]
    assert set(began["audio"]) == {"en", "de"}
    assert set(began["text"]) == {"en", "de"}
    assert began["duration"] == pytest.approx(20, abs=0.2)
    page.seek(9.0)
    for language, word in (("en", "Line"), ("de", "Zeile")):
        page.captions(language)
        page.wait(
            lambda now, word=word: now["cues"] == [f"{word} {int(now['time']) // 2}"],
            f"the right cue in {language}",
        )
    page.pick_rung(1)
    page.pick_rung(0)
    page.seek(2.0)
    page.act("pickAudio", "de")
    heard = page.wait(lambda now: now["currentAudio"] == "de", "German sound")
    page.play_past(heard["time"] + 1)
    page.seek(18.0)
    page.wait(lambda now: now["ended"], "the end")


@pytest.mark.parametrize("by", PLAYERS)
def test_a_feature_from_a_static_folder(
    by: str, packaged: Callable[..., str], side_cars: Path, player: Callable[[str], PlayerPage]
) -> None:
    url = packaged("feature", "--subtitles", f"{side_cars}:de")
    watch_a_feature(player(by), f"{url}/{PLAYERS[by]}")


@pytest.mark.parametrize("by", PLAYERS)
def test_a_feature_from_the_platform(
    by: str, published: dict[str, Any], player: Callable[[str], PlayerPage]
) -> None:
    kind = "dash" if PLAYERS[by].endswith(".mpd") else "hls"
    watch_a_feature(player(by), published[kind])
