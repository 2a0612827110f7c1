"""Surround, Opus and the sounds beside the main one, in three players."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.e2e.browser import PLAYERS, PlayerPage
from tests.e2e.service import matinee
from tests.e2e.static import serve

LADDER = Path(__file__).with_name("sound.toml")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, clip: Callable[[str], Path]) -> Path:
    out = tmp_path_factory.mktemp("sound") / "film"
    done = matinee("package", clip("described"), out, "--ladder", LADDER)
    assert done.status == 0, done.out + done.err
    return out


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with serve(folder.parent) as top:
        yield f"{top}/{folder.name}"


def test_manifests_tell_channels_codecs_and_purposes(folder: Path) -> None:
    hls = (folder / "master.m3u8").read_text()
    media = [line for line in hls.splitlines() if "TYPE=AUDIO" in line]
    groups: dict[str, list[str]] = {}
    for line in media:
        groups.setdefault(re.findall(r'GROUP-ID="([^"]+)"', line)[0], []).append(line)
    assert list(groups) == ["audio-aac-stereo", "audio-aac-surround", "audio-opus-stereo"]
    for name, lines in groups.items():
        main, described, commentary = lines
        assert f'CHANNELS="{6 if "surround" in name else 2}"' in main
        assert "DEFAULT=YES,AUTOSELECT=YES" in main
        assert 'CHARACTERISTICS="public.accessibility.describes-video"' in described
        assert "AUTOSELECT=YES" in described
        assert "DEFAULT=YES" not in described
        assert "AUTOSELECT=YES" not in commentary
        assert len({re.findall(r'NAME="([^"]+)"', line)[0] for line in lines}) == len(lines)
    assert re.search(r'CODECS="avc1[^"]+,Opus"', hls)
    dash = (folder / "manifest.mpd").read_text()
    sets = dash.split("<AdaptationSet ")[1:]
    described = [one for one in sets if 'role:2011" value="description"' in one]
    assert all('AudioPurposeCS:2007" value="1"' in one for one in described)
    assert len(described) == sum('role:2011" value="commentary"' in one for one in sets) == 2
    assert sum('audio_channel_configuration:2011" value="6"' in one for one in sets) == 1


@pytest.mark.parametrize("by", PLAYERS)
def test_a_film_with_every_kind_of_sound_plays_to_its_end(
    by: str, url: str, player: Callable[[str], PlayerPage]
) -> None:
    page = player(by)
    page.load(f"{url}/{PLAYERS[by]}")
    page.play_past(1.0)
    page.seek(2.5)
    end = page.wait(lambda now: now["ended"], "the end")
    assert end["time"] == pytest.approx(4, abs=0.1)
    assert end["audioBytes"] > 0
    assert not end["errors"]


@pytest.mark.parametrize("name", ["audio-en-surround", "audio-en-opus"])
def test_each_kind_is_decoded(
    name: str, folder: Path, url: str, player: Callable[[str], PlayerPage]
) -> None:
    """The group with that sound alone, so that the player has no other to take."""
    group = {"audio-en-surround": "audio-aac-surround", "audio-en-opus": "audio-opus-stereo"}[name]
    lines = (folder / "master.m3u8").read_text().splitlines()
    kept = [line for line in lines if line.startswith(("#EXTM3U", "#EXT-X-V"))]
    kept += [line for line in lines if f'GROUP-ID="{group}"' in line]
    place = next(at for at, line in enumerate(lines) if f'AUDIO="{group}"' in line)
    (folder / f"{name}-alone.m3u8").write_text("\n".join([*kept, *lines[place : place + 2], ""]))
    page = player("shaka-hls")
    page.load(f"{url}/{name}-alone.m3u8")
    seen = page.play_past(1.5)
    assert seen["audioBytes"] > 0
    assert not seen["errors"]
