"""Real encodes that are watched while they are made: what players see, and after a crash."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from tests.integration.arrivals import FOLDER, Arrival

from matinee.errors import CancelledError
from matinee.model.presentation import Presentation, Track
from matinee.model.progress import Control
from matinee.toolchain.tools import Toolchain
from matinee.verify import VerifyOptions, verify

SECONDS = 30.0
ROOT = Path(__file__).parents[2]


def tracks(presentation: Presentation) -> dict[str, Track]:
    return {
        track.id: track for one in presentation.periods[0].selection_sets for track in one.tracks
    }


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory, clip: Callable[[str], Path]) -> Arrival:
    """MPEG-4 ASP and MP3 in AVI, arrived: nothing of it can be played as it is."""
    arrival = Arrival(tmp_path_factory.mktemp("grown") / "store", clip("short-reel"))
    arrival.run()
    return arrival


def test_it_is_on_the_air_before_it_is_made(grown: Arrival) -> None:
    first, last = grown.shown[0], grown.shown[-1]
    assert (first.mode, first.ended, first.duration) == ("growing", False, None)
    assert (last.mode, last.ended) == ("growing", True)
    assert float(last.duration.seconds) == pytest.approx(SECONDS, abs=0.1)
    counts = {name: len(track.segments) for name, track in tracks(last).items()}
    assert counts == {"video-h264-360p": 8, "audio-und-stereo": 8}
    assert len(tracks(first)["video-h264-360p"].segments) < 8
    assert not grown.withdrawn


def test_what_players_know_only_grows(grown: Arrival) -> None:
    assert len(grown.store.told) > 2
    for earlier, later in pairwise(grown.store.told):
        assert later.updated_at > earlier.updated_at
        assert later.availability_start == earlier.availability_start
        assert later.target_duration == earlier.target_duration
        for name, track in tracks(earlier).items():
            now = tracks(later)[name]
            assert now.segments[: len(track.segments)] == track.segments
            assert (now.codec, now.init_key) == (track.codec, track.init_key)


def test_a_segment_is_stored_once_and_before_it_is_told_of(grown: Arrival) -> None:
    media = [key for key in grown.store.stored if key.endswith((".mp4", ".m4s"))]
    assert len(media) == len(set(media))


def test_it_keeps_every_rule(grown: Arrival, toolchain: Toolchain) -> None:
    report = verify(
        str(grown.store.path(FOLDER)), options=VerifyOptions(), toolchain=toolchain,
        control=Control(),
    )  # fmt: skip
    assert [one for one in report.findings if one.severity == "error"] == []
    assert {one.rule for one in report.findings} <= {"hls.i-frame-playlists", "hls.peak-ratio"}


def test_it_keeps_every_rule_from_its_first_segments_on(
    clip: Callable[[str], Path], toolchain: Toolchain, tmp_path: Path
) -> None:
    """As a plain web server would serve it at that moment: EVENT playlists, a dynamic MPD."""
    arrival = Arrival(tmp_path / "store", clip("short-reel"))
    moment = tmp_path / "moment"

    def keep(presentation: Presentation) -> None:
        if not presentation.ended:
            shutil.copytree(arrival.store.path(FOLDER), moment)

    arrival.go_live = keep  # type: ignore[method-assign]
    arrival.run()
    assert 'type="dynamic"' in (moment / "manifest.mpd").read_text()
    assert "EVENT" in (moment / "video-h264-360p.m3u8").read_text()
    report = verify(str(moment), options=VerifyOptions(), toolchain=toolchain, control=Control())
    assert [one for one in report.findings if one.severity == "error"] == []
    assert report.checked["segments"] >= 2
    assert {one.rule for one in report.findings} <= {
        "hls.i-frame-playlists", "hls.peak-ratio", "hls.live-date-time", "hls.bandwidth",
    }  # fmt: skip


def test_an_independent_decoder_finds_all_of_it(
    grown: Arrival, toolchain: Toolchain, tmp_path: Path
) -> None:
    media = grown.media()
    for name, rate in (("video-h264-360p", 25), ("audio-und-stereo", 48_000 / 1024)):
        parts = sorted(key for key in media if f"/{name}/" in key and key.endswith(".m4s"))
        whole = tmp_path / f"{name}.mp4"
        whole.write_bytes(
            media[f"{FOLDER}/{name}/init.mp4"] + b"".join(media[key] for key in parts)
        )
        said = subprocess.run(
            [
                toolchain.ffprobe, "-v", "error", "-count_frames", "-show_entries",
                "stream=nb_read_frames", "-of", "json", whole,
            ],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        assert not said.stderr
        frames = int(json.loads(said.stdout)["streams"][0]["nb_read_frames"])
        assert frames == pytest.approx(SECONDS * rate, abs=3)


def test_progress_says_how_much_can_be_watched(grown: Arrival) -> None:
    instant = [one for one in grown.reports if one.stage == "instant"]
    assert any("of 0:30 can be watched" in one.detail for one in instant)
    assert instant[-1].fraction == 1.0
    assert all(a.fraction <= b.fraction for a, b in pairwise(instant))


def test_a_killed_encode_is_made_again_to_the_same_bytes(
    grown: Arrival, clip: Callable[[str], Path], tmp_path: Path
) -> None:
    """kill -9 in the middle; players were told of segments, and those stand."""
    again = Arrival(tmp_path / "store", clip("short-reel"))
    child = subprocess.Popen(
        [
            sys.executable, "-m", "tests.integration.growing_run",
            tmp_path / "store", clip("short-reel"), "standard",
        ],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}, cwd=ROOT,
        process_group=0,
    )  # fmt: skip
    told = again.store.path(f"{FOLDER}/presentation.json")
    deadline = time.monotonic() + 120
    while not told.is_file():
        assert child.poll() is None, "it ended without a word"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(child.pid, signal.SIGKILL)
    child.wait(10)
    before = again.media()
    known = json.loads(told.read_bytes())
    assert not known["ended"], "it was killed too late"

    again.run()
    after = again.media()
    assert {key: after[key] for key in before} == before
    assert after == grown.media()
    first = again.store.told[0]
    assert first.availability_start.isoformat() == known["availability_start"].replace(
        "Z", "+00:00"
    )
    assert len(tracks(first)["video-h264-360p"].segments) >= len(
        known["periods"][0]["selection_sets"][0]["switching_sets"][0]["tracks"][0]["segments"]
    ), "what players know never shrinks"
    assert again.shown[0].ended is False, "players are told at once that it goes on"


def test_done_is_done(grown: Arrival, clip: Callable[[str], Path]) -> None:
    """Killed after its end but before that was noted: nothing is made again."""
    again = Arrival(grown.store.root, clip("short-reel"))
    again.run()
    assert [one.ended for one in again.shown] == [True]
    assert not [key for key in again.store.stored if key.startswith(FOLDER)]


def test_a_cancelled_arrival_is_withdrawn(clip: Callable[[str], Path], tmp_path: Path) -> None:
    arrival = Arrival(tmp_path / "store", clip("short-reel"))
    arrival.go_live = lambda _: setattr(arrival, "cancelled", True)  # type: ignore[method-assign]
    with pytest.raises(CancelledError):
        arrival.run()
    assert arrival.withdrawn == 1


def test_a_damaged_film_is_taken_off_the_air_for_the_ladder_to_judge(
    clip: Callable[[str], Path], tmp_path: Path
) -> None:
    whole = bytearray(clip("short-reel").read_bytes())
    for at in range(len(whole) // 3, len(whole) * 2 // 3, 50):
        whole[at] ^= 0xFF
    film = tmp_path / "damaged.avi"
    film.write_bytes(whole)
    arrival = Arrival(tmp_path / "store", film)
    arrival.run()
    assert arrival.withdrawn == 1
    assert not list(arrival.store.list(FOLDER))
    assert any(one.detail.startswith("no quick version: ") for one in arrival.reports)


@pytest.mark.parametrize(
    "name", ["webm", "hdr10", "no-audio", "audio-mp3", "film-rate", "odd-size"]
)
def test_odd_films_grow_as_well(name: str, clip: Callable[[str], Path], tmp_path: Path) -> None:
    arrival = Arrival(tmp_path / "store", clip(name))
    arrival.run()
    assert arrival.shown, [one.detail for one in arrival.reports]
    assert arrival.shown[-1].ended


def test_what_players_take_goes_on_the_air_as_it_is(
    clip: Callable[[str], Path], tmp_path: Path
) -> None:
    arrival = Arrival(tmp_path / "store", clip("plain"))
    arrival.run()
    assert [one.mode for one in arrival.shown] == ["on-demand"]


def test_a_ladder_that_repackages_has_no_first_look(
    clip: Callable[[str], Path], tmp_path: Path
) -> None:
    arrival = Arrival(tmp_path / "store", clip("webm"), ladder="source")
    arrival.run()
    assert not arrival.shown
    assert "the ladder repackages anyway" in {one.detail for one in arrival.reports}
