"""The search on a real clip, by real programs."""

import msgspec
import pytest

from matinee.errors import CancelledError
from matinee.ingest.probe import probe
from matinee.model.ladder import Ladder, Rung
from matinee.model.progress import Control
from matinee.toolchain.run import run
from matinee.toolchain.sandbox import Limits
from matinee.toolchain.tools import Toolchain
from matinee.transcode.pertitle import choose as choosing
from matinee.transcode.pertitle.choose import choose_ladder
from matinee.transcode.pertitle.cost import Grid, SearchPlan
from matinee.transcode.pertitle.phone import phone_vmaf
from matinee.transcode.pertitle.report import read_report, report_json, report_svg
from matinee.transcode.plan import plan

pytestmark = pytest.mark.integration

BASE = Ladder(
    name="auto",
    preset="ultrafast",
    gop_seconds=1.0,
    segment_seconds=2.0,
    per_title=True,
    video=(
        Rung(name="360p", height=360, max_rate=3_000_000),
        Rung(name="180p", height=180, max_rate=900_000, profile="main"),
    ),
)
SEARCH = SearchPlan(grid=Grid(heights=(270, 180), crfs=(20.0, 28.0, 38.0)), windows=2, cost=1.0)


@pytest.fixture
def clip(bench):
    return bench.clip(
        "clip.mp4", "-f", "lavfi", "-i", "testsrc2=s=480x270:r=24:d=6,noise=alls=4:allf=t",
        "-c:v", "libx264", "-preset", "ultrafast", "-g", "24", "-crf", "12",
        "-pix_fmt", "yuv420p",
    )  # fmt: skip


def choose(bench, clip, control=None, toolchain=None, base=BASE):
    return choose_ladder(
        probe(clip, bench.toolchain),
        bench.put(clip),
        base,
        store=bench.store,
        scratch=bench.scratch,
        toolchain=toolchain or bench.toolchain,
        control=control or Control(report=bench.reports.append),
    )


def test_encoders_that_look_ahead_by_different_lengths_are_measured(bench, clip, monkeypatch):
    monkeypatch.setattr(choosing, "afford", lambda *_: SEARCH)
    presets = ("faster", "slow")
    rungs = tuple(
        msgspec.structs.replace(rung, preset=preset)
        for rung, preset in zip(BASE.video, presets, strict=True)
    )
    base = msgspec.structs.replace(BASE, video=rungs, gop_seconds=4.0, segment_seconds=4.0)
    chosen = choose(bench, clip, base=base)
    assert len(chosen.hull) == 6, chosen.notes


def test_what_is_measured_is_what_the_encode_then_gives(bench, clip, monkeypatch):
    monkeypatch.setattr(choosing, "afford", lambda *_: SEARCH)
    monkeypatch.setattr(choosing, "worth", lambda *_: True)
    chosen = choose(bench, clip)
    assert [(one.height, one.crf) for one in chosen.hull] == [
        (height, crf) for height in (270, 180) for crf in (20, 28, 38)
    ]  # fmt: skip
    for height in (270, 180):
        own = [one for one in chosen.hull if one.height == height]
        assert own[0].rate > own[1].rate > own[2].rate
        assert own[0].vmaf > own[1].vmaf > own[2].vmaf
    assert len(chosen.samples) == 2
    assert chosen.reference == (480, 270)
    assert chosen.search_cpu_seconds > 0
    assert [one.name for one in chosen.fixed] == ["270p", "180p"]
    assert not chosen.ladder.per_title
    assert [one.against for one in chosen.comparisons] == ["fixed", "classic"]
    assert chosen.comparisons[0].bd_rate == chosen.saving
    assert chosen.saving_error is not None
    assert chosen.reasons

    info = probe(clip, bench.toolchain)
    outputs = plan(info, chosen.ladder).video.outputs
    assert [one.name for one in outputs] == [one.name for one in chosen.rungs]
    made = bench.encode(clip, info, chosen.ladder)
    for rendition, expected in zip(made.renditions, chosen.rungs, strict=True):
        with bench.store.local(rendition.key) as path:
            rate = 8 * path.stat().st_size / info.duration
        assert rate == pytest.approx(expected.rate, rel=0.25)
    assert read_report(report_json(chosen)) == chosen
    assert report_svg(chosen).startswith(b"<svg")
    assert not list(bench.scratch.glob("pertitle-*"))
    assert any("choosing the ladder" in one.detail for one in bench.reports)


def test_a_choice_that_saves_nothing_leaves_the_fixed_ladder(bench, clip, monkeypatch):
    monkeypatch.setattr(choosing, "afford", lambda *_: SEARCH)
    monkeypatch.setattr(choosing, "worth", lambda *_: False)
    chosen = choose(bench, clip)
    assert [(one.height, one.crf) for one in chosen.ladder.video] == [(270, 23.0), (180, 23.0)]
    assert chosen.rungs == chosen.fixed
    assert chosen.comparisons[0].bd_rate == pytest.approx(0)
    assert chosen.notes[-1].startswith("The fixed ladder stays")


def test_more_is_measured_only_in_doubt(bench, clip, monkeypatch):
    search = msgspec.structs.replace(SEARCH, more=1)
    monkeypatch.setattr(choosing, "afford", lambda *_: search)
    monkeypatch.setattr(choosing, "sure", lambda *_: True)
    certain = choose(bench, clip)
    monkeypatch.setattr(choosing, "sure", lambda *_: False)
    doubtful = choose(bench, clip)
    assert (len(certain.samples), len(doubtful.samples)) == (2, 3)
    assert set(certain.samples) < set(doubtful.samples)
    assert any("in doubt" in one.detail for one in bench.reports)


def test_a_short_film_keeps_the_fixed_ladder_and_says_so(bench, clip):
    chosen = choose(bench, clip)
    assert chosen.ladder == msgspec.structs.replace(BASE, per_title=False)
    assert "too short" in chosen.notes[0]


def test_a_toolchain_that_fails_leaves_the_fixed_ladder(bench, clip, monkeypatch, tmp_path):
    monkeypatch.setattr(choosing, "afford", lambda *_: SEARCH)
    broken = tmp_path / "ffmpeg"
    broken.write_text("#!/bin/sh\necho ' ... libvmaf  VV->V  x'\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(Toolchain, "has_filter", lambda *_: True)
    toolchain = Toolchain(ffmpeg=broken, ffprobe=bench.toolchain.ffprobe)
    chosen = choose(bench, clip, toolchain=toolchain)
    assert chosen.ladder.video == BASE.video
    assert "failed" in chosen.notes[0]


def test_an_ffmpeg_without_libvmaf_leaves_the_fixed_ladder(bench, clip, monkeypatch):
    monkeypatch.setattr(choosing, "afford", lambda *_: SEARCH)
    monkeypatch.setattr(Toolchain, "has_filter", lambda *_: False)
    assert "libvmaf" in choose(bench, clip).notes[0]


def test_cancelling_stops_the_search(bench, clip, monkeypatch):
    monkeypatch.setattr(choosing, "afford", lambda *_: SEARCH)
    with pytest.raises(CancelledError):
        choose(bench, clip, Control(cancelled=lambda: True))
    assert not list(bench.scratch.glob("pertitle-*"))


def test_the_phone_model_is_that_of_libvmaf(bench, clip, tmp_path):
    logs = {}
    for name, model in (("usual", ""), ("phone", ":enable_transform=true")):
        log = tmp_path / f"{name}.json"
        escaped = model.replace(":", "\\\\:")
        graph = (
            "[0:v]trim=end_frame=6,scale=iw/4:ih/4,scale=480:270[a];[1:v]trim=end_frame=6[b];"
            f"[a][b]libvmaf=log_fmt=json:log_path={log}:model=version=vmaf_v0.6.1{escaped}"
        )
        run(
            [bench.toolchain.ffmpeg, "-v", "error", "-nostdin", "-i", clip, "-i", clip,
             "-lavfi", graph, "-f", "null", "-"],
            limits=Limits(),
        )  # fmt: skip
        logs[name] = msgspec.json.decode(log.read_bytes())["frames"]
    for usual, phone in zip(logs["usual"], logs["phone"], strict=True):
        expected = phone_vmaf(usual["metrics"]["vmaf"])
        assert phone["metrics"]["vmaf"] == pytest.approx(expected, abs=0.01)
