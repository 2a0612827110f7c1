"""Sound through the whole chain, to the sample: priming, length, and lip sync by flash and beep."""

import subprocess
from array import array
from fractions import Fraction
from math import ceil
from pathlib import Path

import pytest

from matinee.ingest.probe import probe
from matinee.model.ladder import AudioRung, Ladder, Rung
from matinee.model.presentation import Track
from matinee.model.progress import Control
from matinee.packager import PackageRequest, package
from matinee.storage.local import LocalStore
from matinee.toolchain.tools import Toolchain
from matinee.transcode.encode import encode
from matinee.transcode.making import Workplace
from matinee.transcode.plan import plan

pytestmark = pytest.mark.integration

RATE = 48_000
AAC = AudioRung()
OPUS = AudioRung(name="opus", codec="opus", rate=96_000)


class Chain:
    """Source files in, packaged tracks out, and what a decoder makes of them."""

    def __init__(self, folder: Path, toolchain: Toolchain) -> None:
        self.folder = folder
        self.toolchain = toolchain
        self.store = LocalStore(folder / "store")

    def ffmpeg(self, *arguments: str) -> bytes:
        command = [str(self.toolchain.ffmpeg), "-v", "error", "-nostdin", "-y", *arguments]
        done = subprocess.run(command, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def clip(self, name: str, *arguments: str) -> Path:
        path = self.folder / name
        self.ffmpeg(*arguments, str(path))
        return path

    def packaged(self, source: Path, *audio: AudioRung, loudness: float | None) -> list[Track]:
        ladder = Ladder(
            name="test",
            preset="ultrafast",
            video=(Rung(name="180p", height=180, max_rate=400_000),),
            audio=audio,
            loudness=loudness,
        )
        self.store.put("in/source", source.read_bytes())
        made = encode(
            plan(probe(source, self.toolchain), ladder), "in/source",
            Workplace(store=self.store, folder="work", scratch=self.folder / "scratch",
                      toolchain=self.toolchain),
            Control(),
        ).renditions  # fmt: skip
        request = PackageRequest(
            presentation_id="film", version=1, renditions=made, folder="out", segment_seconds=4.0
        )
        presentation = package(request, self.store, self.folder / "scratch", Control())
        sets = presentation.periods[0].selection_sets
        return [track for one in sets for track in one.tracks if track.kind in {"audio", "video"}]

    def path(self, track: Track) -> str:
        return str(self.store.path(f"out/{track.key}"))

    def samples(self, track: Track, channels: int = 1) -> "array[int]":
        """16-bit samples at 48 kHz from the start of the film, as a player's decoder gives them."""
        mixed = ("-ac", "1") if channels == 1 else ()
        told = self.ffmpeg("-i", self.path(track), *mixed, "-ar", f"{RATE}", "-f", "s16le", "-")
        return array("h", told)

    def brightness(self, track: Track) -> bytes:
        """One byte for each picture."""
        see = "crop=60:60:10:10,scale=1:1:flags=area,format=gray"
        return self.ffmpeg("-i", self.path(track), "-vf", see, "-f", "rawvideo", "-")


@pytest.fixture
def chain(tmp_path: Path, toolchain: Toolchain) -> Chain:
    return Chain(tmp_path, toolchain)


@pytest.mark.parametrize("loudness", [None, -16.0])
@pytest.mark.parametrize("rate", [48_000, 44_100])
def test_sound_keeps_its_length_and_its_place(
    chain: Chain, rate: int, loudness: float | None
) -> None:
    """A click at 1 s is heard at 1 s, and the track is as long as the source, whatever the codec.

    With a loudness to reach the click passes the limiter.
    """
    length = Fraction(5 * rate + 123, rate)
    click = f"0.02*sin(2*PI*300*t)+0.8*between(t,1,1+{2 / rate:.8f})"
    source = chain.clip(
        "click.wav", "-f", "lavfi",
        "-i", f"aevalsrc='{click}|{click}':s={rate}:d={float(length):.8f}",
    )  # fmt: skip
    tracks = chain.packaged(source, AAC, OPUS, loudness=loudness)
    assert {track.codec.lower().partition(".")[0] for track in tracks} == {"mp4a", "opus"}
    for track in tracks:
        samples = chain.samples(track)
        loudest = max(range(len(samples)), key=lambda at: abs(samples[at]))
        assert abs(loudest - RATE) <= RATE // 1000, track.codec
        assert abs(samples[loudest]) > 4 * max(map(abs, samples[2 * RATE : 3 * RATE]))
        extra = len(samples) - length * RATE
        # A decoder gives the rest of the last frame; what the file and the manifests say is exact.
        assert 0 <= extra < 1024
        assert abs(track.duration.seconds - length) <= Fraction(1, RATE)


def test_channels_stay_apart_where_a_stereo_track_holds_two_monos(chain: Chain) -> None:
    source = chain.clip(
        "dual.wav", "-f", "lavfi",
        "-i", "aevalsrc='0.3*sin(2*PI*500*t)*lt(t,1)|0.3*sin(2*PI*900*t)*gte(t,1)':s=48000:d=2",
    )  # fmt: skip
    (track,) = chain.packaged(source, AAC, loudness=-16.0)
    samples = chain.samples(track, channels=2)
    left, right = samples[::2], samples[1::2]
    soft, loud = 300, 5000
    for side, playing in ((left, 0), (right, 1)):
        for second in (0, 1):
            peak = max(map(abs, side[second * RATE + 4800 : (second + 1) * RATE - 4800]))
            assert (peak > loud) if second == playing else (peak < soft)


LENGTH = 12


def flashes(rate: str = "25", late: float = 0) -> tuple[str, ...]:
    """Pictures white for 0.1 s at every full second of the film, in which they begin *late*."""
    white = f"drawbox=color=white:t=fill:enable='lt(mod(t+{late},1),0.1)'"
    graph = f"color=black:size=320x180:rate={rate}:duration={LENGTH - late},{white}"
    return ("-f", "lavfi", "-i", graph)


def beeps(late: float = 0, rate: int = RATE) -> tuple[str, ...]:
    """Sound for 0.1 s at every full second of the film, in which it begins *late*."""
    wave = f"0.4*sin(2*PI*1000*t)*lt(mod(t+{late},1),0.1)"
    return ("-f", "lavfi", "-i", f"aevalsrc='{wave}|{wave}':s={rate}:d={LENGTH - late}")


H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p")
BOTH = (*H264, "-bf", "2", "-c:a", "aac")


def held_back(seconds: float) -> tuple[str, ...]:
    """Output options that start the pictures late, to the millisecond and not to a frame."""
    later = f"settb=1/1000,setpts=PTS+{seconds}/TB"
    return ("-filter:v", later, "-enc_time_base:v", "1:1000", "-fps_mode", "vfr")


SOURCES: dict[str, tuple[tuple[str, ...], str]] = {
    "plain": ((*flashes(), *beeps(), *BOTH), "mp4"),
    "film-rate": ((*flashes("24000/1001"), *beeps(), *BOTH), "mp4"),
    "late-audio": ((*flashes(), "-itsoffset", "1.53", *beeps(1.53), *BOTH), "mp4"),
    "late-audio-mkv": (
        (*flashes(), "-itsoffset", "0.37", *beeps(0.37), *H264, "-c:a", "pcm_s16le"), "mkv",
    ),
    "early-audio": ((*flashes(late=1.33), *beeps(), *BOTH, *held_back(1.33)), "mp4"),
    "slightly-early-audio": (
        (*flashes(late=0.11), *beeps(), *H264, "-c:a", "pcm_s16le", *held_back(0.11)), "mkv",
    ),
    "cd-rate": ((*flashes(), *beeps(rate=44_100), *BOTH), "mp4"),
    "ts": ((*flashes(), *beeps(), *BOTH, "-muxdelay", "1.4"), "ts"),
    "ts-hours-in": ((*flashes(), *beeps(rate=44_100), *BOTH, "-output_ts_offset", "36000"), "ts"),
    "webm": ((*flashes(), *beeps(), *H264, "-c:a", "libopus"), "mkv"),
    "avi": ((*flashes(), *beeps(), "-c:v", "mpeg4", "-c:a", "pcm_s16le"), "avi"),
}  # fmt: skip

LATE_PICTURES = {"early-audio": 1.33, "slightly-early-audio": 0.11}


def begins(loud: list[bool], quiet: int) -> list[int]:
    """Places where something begins after *quiet* places of nothing."""
    found, last = [], -quiet
    for place, one in enumerate(loud):
        if one:
            if place - last > quiet:
                found.append(place)
            last = place
    return found


def apart(
    chain: Chain, source: Path, rate: Fraction = Fraction(25), late: float = 0
) -> list[float]:
    """Seconds by which each beep comes after its flash, for each audio track made of *source*.

    Its pictures begin *late*, *rate* a second: a flash waits for the first one in its second.
    """
    video, *sounds = chain.packaged(source, AAC, OPUS, loudness=-16.0)
    light = [value > 128 for value in chain.brightness(video)]
    seen = [float(place / rate) for place in begins(light, 5)]
    assert len(seen) >= LENGTH - 4
    found = []
    for sound in sounds:
        samples = chain.samples(sound)
        limit = max(samples) / 4
        heard = [place / RATE for place in begins([abs(one) > limit for one in samples], RATE // 3)]
        pairs = [(min(seen, key=lambda at, one=one: abs(at - one)), one) for one in heard]
        # A late track has a beep or two less.
        assert len(pairs) >= LENGTH - 4
        waits = [ceil((round(at) - late) * rate) / rate + late - round(at) for at, _ in pairs]
        found += [
            float(one - at + wait)
            for (at, one), wait in zip(pairs, waits, strict=True)
            # Before the first picture there is nothing to be in step with, and what begins
            # midway is not a whole flash or beep.
            if at > 0.05 and one > max(0.05, seen[0] - 0.5)
        ]
    return found


@pytest.mark.parametrize("name", SOURCES)
def test_beeps_stay_on_their_flashes_from_start_to_end(chain: Chain, name: str) -> None:
    arguments, suffix = SOURCES[name]
    source = chain.clip(f"{name}.{suffix}", *arguments)
    rate = Fraction(24_000, 1001) if name == "film-rate" else Fraction(25)
    found = apart(chain, source, rate, LATE_PICTURES.get(name, 0))
    assert max(map(abs, found)) < 0.020


def test_a_clock_that_starts_again_midway_adds_nothing(chain: Chain) -> None:
    """MPEG-TS counts 26.5 hours with 33 bits; this film passes the end of them after 3 s."""
    offset = str(2**33 / 90_000 - 3)
    source = chain.clip("wrap.ts", *flashes(), *beeps(), *BOTH, "-output_ts_offset", offset)
    assert max(map(abs, apart(chain, source))) < 0.020
    for track in chain.packaged(source, AAC, loudness=None):
        assert float(track.duration.seconds) == pytest.approx(LENGTH, abs=0.1)


def test_beeps_stay_on_their_flashes_after_a_cut(chain: Chain) -> None:
    """A cut without encoding leaves pictures before the start, which an edit list hides."""
    whole = chain.clip("whole.mp4", *flashes(), *beeps(), *BOTH)
    cut = chain.clip("cut.mp4", "-ss", "2.6", "-i", str(whole), "-c", "copy")
    found = apart(chain, cut)
    assert max(map(abs, found)) < 0.020
