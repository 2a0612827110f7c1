"""Titles in several codecs, in a browser that has H.264 and AV1 but no HEVC."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from tests.e2e.browser import PLAYERS, PlayerPage
from tests.e2e.service import matinee
from tests.e2e.static import serve

from matinee.transcode.ladder import load, to_toml

LADDER = Path(__file__).parent / "codecs.toml"


def with_codecs(*codecs: str) -> str:
    """The ladder with the rungs of *codecs* alone, as TOML."""
    ladder = load(LADDER.read_text())
    rungs = tuple(rung for rung in ladder.video if rung.codec in codecs)
    return to_toml(msgspec.structs.replace(ladder, video=rungs))


@pytest.fixture(scope="module")
def folders(
    tmp_path_factory: pytest.TempPathFactory, clip: Callable[[str], Path]
) -> Iterator[Callable[[str, str], str]]:
    """URL of a clip packaged by a ladder, which is given as TOML."""
    root = tmp_path_factory.mktemp("codecs")

    def url_of(name: str, toml: str) -> str:
        folder = root / f"{name}-{len(toml)}"
        if not folder.is_dir():
            ladder = root / f"{folder.name}.toml"
            ladder.write_text(toml)
            done = matinee("package", clip(name), folder, "--ladder", ladder)
            assert done.status == 0, done.out + done.err
        return f"{url}/{folder.name}"

    with serve(root) as url:
        yield url_of


def families(report: dict) -> set[str]:
    return {rung["codec"].partition(".")[0] for rung in report["rungs"]}


@pytest.mark.parametrize("clip_name", ["plain", "hdr10"])
@pytest.mark.parametrize("by", PLAYERS)
def test_a_player_takes_the_codecs_that_it_has_and_plays_to_the_end(
    by: str,
    clip_name: str,
    folders: Callable[[str, str], str],
    player: Callable[[str], PlayerPage],
) -> None:
    page = player(by)
    page.load(f"{folders(clip_name, LADDER.read_text())}/{PLAYERS[by]}")
    began = page.play_past(0.3)
    assert families(began) <= {"avc1", "av01"}
    assert any(rung["active"] for rung in began["rungs"])
    end = page.wait(lambda now: now["ended"], "the end")
    assert (end["frames"] > 20, end["errors"]) == (True, [])


@pytest.mark.parametrize("by", PLAYERS)
def test_without_hevc_there_is_still_h264(
    by: str, folders: Callable[[str, str], str], player: Callable[[str], PlayerPage]
) -> None:
    page = player(by)
    page.load(f"{folders('plain', with_codecs('hevc', 'h264'))}/{PLAYERS[by]}")
    began = page.play_past(0.5)
    assert families(began) == {"avc1"}
    end = page.wait(lambda now: now["ended"], "the end")
    assert (end["frames"] > 20, end["errors"]) == (True, [])


@pytest.mark.parametrize("by", PLAYERS)
def test_av1_is_shown_by_players_that_have_it(
    by: str, folders: Callable[[str, str], str], player: Callable[[str], PlayerPage]
) -> None:
    page = player(by)
    page.load(f"{folders('plain', LADDER.read_text())}/{PLAYERS[by]}")
    page.wait(
        lambda now: (
            any(rung["active"] and rung["codec"].startswith("av01") for rung in now["rungs"])
            and now["time"] > 0.2
        ),
        "AV1",
    )
