"""Captions in every form, in three players: the right cue is on the screen, and once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.e2e.browser import PLAYERS, PlayerPage
from tests.e2e.service import LADDER, matinee
from tests.e2e.static import serve
from tests.media.clips import counting_srt


@pytest.fixture(scope="module")
def packaged(
    tmp_path_factory: pytest.TempPathFactory, clip: Callable[[str], Path]
) -> Iterator[Callable[..., tuple[Path, str]]]:
    """`packaged("captions")` is the folder of that clip, and its URL on a static web server."""
    root = tmp_path_factory.mktemp("captions")

    def made(name: str, form: str = "webvtt") -> tuple[Path, str]:
        folder = root / f"{name}-{form}"
        if not folder.is_dir():
            ladder = root / f"{form}.toml"
            ladder.write_text(f'dash_text = "{form}"\n{LADDER.read_text()}')
            lines = root / "lines.srt"
            lines.write_text(counting_srt("Zeile"))
            options = ["--subtitles", f"{lines}:de"] if name == "feature" else []
            if form == "copied":
                ladder = Path("source")
            done = matinee("package", clip(name), folder, "--ladder", ladder, *options)
            assert done.status == 0, done.out + done.err
        return folder, f"{url}/{folder.name}"

    with serve(root) as url:
        yield made


def right_cues(page: PlayerPage, language: str, word: str) -> None:
    """Wait, at two places of the film, until the cue that belongs there stands there alone."""
    page.play_past(0.3)
    page.captions(language)
    for second in (5.0, 13.0):
        page.seek(second)
        page.wait(
            lambda now, second=second: (
                now["time"] > second and now["cues"] == [f"{word} {int(now['time']) // 2}"]
            ),
            f"the right cue, once, at {second} s",
        )


@pytest.mark.parametrize("form", ["webvtt", "copied"])
@pytest.mark.parametrize("by", PLAYERS)
def test_captions_of_the_pictures(
    by: str, form: str, packaged: Callable[..., tuple[Path, str]],
    player: Callable[[str], PlayerPage],
) -> None:  # fmt: skip
    """CEA-608 as a text track; where the pictures keep theirs, they are not shown beside it."""
    _, url = packaged("captions", form)
    page = player(by)
    page.load(f"{url}/{PLAYERS[by]}")
    right_cues(page, "en", "Caption")


def test_what_stays_in_the_pictures_is_signalled(
    packaged: Callable[..., tuple[Path, str]],
) -> None:
    encoded, _ = packaged("captions", "webvtt")
    copied, _ = packaged("captions", "copied")
    hls = (encoded / "master.m3u8").read_text()
    assert "CLOSED-CAPTIONS=NONE" in hls
    assert "INSTREAM-ID" not in hls
    assert "scte:dash:cc" not in (encoded / "manifest.mpd").read_text()
    hls = (copied / "master.m3u8").read_text()
    assert 'CLOSED-CAPTIONS="captions"' in hls
    assert 'TYPE=CLOSED-CAPTIONS,GROUP-ID="captions"' in hls
    assert 'INSTREAM-ID="CC1"' in hls
    mpd = (copied / "manifest.mpd").read_text()
    assert 'schemeIdUri="urn:scte:dash:cc:cea-608:2015" value="CC1=en"' in mpd


@pytest.mark.parametrize("form", ["wvtt", "imsc"])
@pytest.mark.parametrize("by", PLAYERS)
def test_text_tracks_of_cmaf(
    by: str, form: str, packaged: Callable[..., tuple[Path, str]],
    player: Callable[[str], PlayerPage],
) -> None:  # fmt: skip
    folder, url = packaged("feature", form)
    codec = {"wvtt": "wvtt", "imsc": "stpp.ttml.im1t"}[form]
    assert (folder / "manifest.mpd").read_text().count(f'codecs="{codec}"') == 2
    page = player(by)
    page.load(f"{url}/{PLAYERS[by]}")
    assert sorted(page.play_past(0.5)["text"]) == ["de", "en"]
    right_cues(page, "de", "Zeile")
    page.seek(3.0)
    right_cues(page, "en", "Line")
