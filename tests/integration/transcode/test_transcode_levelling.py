"""Loudness measured by ffmpeg on what we encoded, whatever we said of it ourselves."""

import re
import subprocess

import msgspec
import pytest

from matinee.errors import CancelledError
from matinee.model.ladder import AudioRung, Ladder, Rung
from matinee.model.media import AudioTrackInfo, MediaInfo
from matinee.model.progress import Control
from matinee.transcode.levelling import levelled
from matinee.transcode.plan import plan

pytestmark = pytest.mark.integration

LADDER = Ladder(
    name="test",
    video=(Rung(name="180p", height=180, max_rate=300_000),),
    audio=(
        AudioRung(),
        AudioRung(name="surround", channels=6, rate=384_000),
        AudioRung(name="opus", codec="opus"),
    ),
    loudness=-16.0,
)
PINK = "anoisesrc=d=8:r=48000:c=pink:seed=3"
SPREAD = "pan=5.1|FL=c0|FR=c0|FC=c0|LFE=c0|BL=c0|BR=c0"
SEVEN = f"{SPREAD}|SL=c0|SR=c0".replace("5.1", "7.1")


def sound(bench, graph, channels=2, seconds=8.0):
    path = bench.clip("sound.mka", "-f", "lavfi", "-i", graph, "-c:a", "pcm_s16le")
    track = AudioTrackInfo(
        index=0, codec="pcm_s16le", sample_rate=48_000, channels=channels, duration=seconds
    )
    return path, MediaInfo(
        container="matroska", duration=seconds, size=1, bit_rate=1, audio=(track,)
    )


def loudness(bench, rendition):
    """Integrated loudness and true peak, by ffmpeg's other meter."""
    with bench.store.local(rendition.key) as path:
        command = [
            str(bench.toolchain.ffmpeg), "-hide_banner", "-nostdin", "-i", str(path),
            "-af", "loudnorm=print_format=json", "-f", "null", "-",
        ]  # fmt: skip
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    told = dict(re.findall(r'"(input_\w+)" : "([-\w.]+)"', done.stderr))
    return float(told["input_i"]), float(told["input_tp"])


@pytest.mark.parametrize(
    ("graph", "channels"),
    [
        (f"{PINK}:a=0.1,aformat=channel_layouts=stereo", 2),
        (f"{PINK}:a=1,aformat=channel_layouts=stereo", 2),
        ("anoisesrc=d=8:r=48000:a=0.1:seed=3,aformat=channel_layouts=stereo", 2),
        (f"{PINK}:a=0.3", 1),
        (f"{PINK}:a=0.3,{SPREAD}", 6),
        (f"{PINK}:a=0.9,{SEVEN}", 8),
    ],
    ids=["soft", "loud", "white", "mono", "5.1", "7.1"],
)
def test_every_track_comes_to_the_target(bench, graph, channels):
    made = bench.encode(*sound(bench, graph, channels), LADDER)
    assert [one.channels for one in made.renditions] == ([2, 6, 2] if channels > 2 else [2, 2])
    (note,) = made.notes
    assert note.startswith("Audio is brought to -16 LUFS (highest true peak ")
    for one in made.renditions:
        integrated, peak = loudness(bench, one)
        assert integrated == pytest.approx(-16.0, abs=0.5), (one.name, note)
        assert peak <= -1.0
        assert f"track 1 {one.name} by" in note


def test_peaks_are_limited_and_a_wide_range_stays_wide(bench):
    """A soft hum with hard hits: the hits leave no room, and are not squeezed into the hum."""
    hits = "0.01*sin(2*PI*300*t)+0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.004)"
    path, info = sound(bench, f"aevalsrc='{hits}|{hits}':s=48000:d=8")
    made = bench.encode(path, info, LADDER)
    for one, note in zip(made.renditions, made.notes, strict=True):
        integrated, peak = loudness(bench, one)
        assert -3.0 < peak <= -0.9
        assert integrated < -17
        assert f"Audio track 1 {one.name} is at" in note
        assert "not -16 LUFS: its peaks leave no room for more" in note
    samples = bench.samples(made.renditions[0])
    hit = max(map(abs, samples[16_000:16_400]))
    hum = max(map(abs, samples[18_000:22_000]))
    # 34 dB apart before, and at most 6 dB less now; coding smears a little.
    assert hit > hum * 10 ** (27 / 20)


@pytest.mark.parametrize(
    ("graph", "seconds"),
    [
        ("anullsrc=r=48000:cl=stereo:d=8", 8.0),
        ("sine=r=48000:d=0.2,aformat=channel_layouts=stereo", 0.2),
    ],
)
def test_silence_and_a_moment_keep_their_level(bench, graph, seconds):
    made = bench.encode(*sound(bench, graph, seconds=seconds), LADDER)
    assert all("silent or too short to level" in note for note in made.notes)
    assert len(made.notes) == 2


def test_no_target_no_change_and_no_word(bench):
    ladder = msgspec.structs.replace(LADDER, loudness=None)
    path, info = sound(bench, f"{PINK}:a=0.05,aformat=channel_layouts=stereo")
    before = levelled(plan(info, ladder), path, bench.toolchain, Control())
    assert before.plan == plan(info, ladder)
    assert before.found == {}
    assert bench.encode(path, info, ladder).notes == ()


def test_measuring_reports_and_can_be_cancelled(bench):
    path, info = sound(bench, f"{PINK}:a=0.1,aformat=channel_layouts=stereo")
    told = []
    levelled(plan(info, LADDER), path, bench.toolchain, Control(report=told.append))
    assert told[-1].detail == "Measuring loudness, 100%."
    with pytest.raises(CancelledError):
        levelled(plan(info, LADDER), path, bench.toolchain, Control(cancelled=lambda: True))


def test_what_cannot_be_measured_keeps_its_level(bench):
    path, info = sound(bench, f"{PINK}:a=0.1,aformat=channel_layouts=stereo")
    path.write_bytes(b"not a film at all" * 1000)
    metered = levelled(plan(info, LADDER), path, bench.toolchain, Control())
    assert {one.level for one in metered.plan.audio} == {None}
