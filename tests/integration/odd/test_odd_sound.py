"""Mono, dual mono, many channels and odd rates: every channel where it belongs, at its level."""

import math
from array import array

import msgspec
import pytest
from tests.integration.odd.conftest import LADDER, SAMPLE_RATE, Room
from tests.media.clips import H264, moving

from matinee.model.ladder import AudioRung

pytestmark = pytest.mark.integration
SURROUND = AudioRung(name="surround", channels=6, rate=384_000)
BOTH = msgspec.structs.replace(LADDER, audio=(SURROUND, AudioRung()))
FULL = 32768


def tones(layout: str, *waves: str) -> tuple[str, ...]:
    """A second of sound, a wave a channel."""
    return ("-f", "lavfi", "-i", f"aevalsrc='{'|'.join(waves)}':c={layout}:s=48000:d=1")


def sine(hertz: int, level: float = 0.25) -> str:
    return f"{level}*sin(2*PI*{hertz}*t)"


def level(samples: "array[int]", hertz: int) -> float:
    """Amplitude of one frequency in the middle half second, by its Fourier coefficient."""
    middle = samples[SAMPLE_RATE // 4 : SAMPLE_RATE * 3 // 4]
    step = 2 * math.pi * hertz / SAMPLE_RATE
    real = sum(one * math.cos(step * n) for n, one in enumerate(middle))
    imaginary = sum(one * math.sin(step * n) for n, one in enumerate(middle))
    return 2 * math.hypot(real, imaginary) / len(middle) / FULL


SPEAKERS = {"FL": 400, "FR": 500, "FC": 600, "LFE": 60, "BL": 700, "BR": 800, "SL": 900, "SR": 1000}


def test_seven_one_is_five_one_and_stereo_with_all_its_channels(room: Room) -> None:
    waves = [sine(hertz, 0.1) for hertz in SPEAKERS.values()]
    film = room.make("film.mkv", *tones("7.1", *waves), "-c:a", "flac")
    shown = room.show(film, BOTH)
    assert [one.channels for one in shown.audio] == [6, 2]
    told = shown.samples(0, channels=6)
    left, right, centre, low, back_left, back_right = (told[n::6] for n in range(6))
    for channel, name in ((left, "FL"), (right, "FR"), (centre, "FC"), (low, "LFE")):
        assert level(channel, SPEAKERS[name]) == pytest.approx(0.1, rel=0.1), name
    for channel, names in ((back_left, ("BL", "SL")), (back_right, ("BR", "SR"))):
        found = [level(channel, SPEAKERS[name]) for name in names]
        assert found[0] == pytest.approx(found[1], rel=0.1)
        assert 0.06 < found[0] < 0.11
    told = shown.samples(1, channels=2)
    for side, own, other in ((told[::2], "L", "R"), (told[1::2], "R", "L")):
        assert level(side, SPEAKERS[f"F{own}"]) == pytest.approx(0.1, rel=0.1)
        # ITU-R BS.775: the centre and what is beside and behind at 0.707, without the low effects.
        for name in ("FC", f"B{own}", f"S{own}"):
            assert level(side, SPEAKERS[name]) == pytest.approx(0.0707, rel=0.12), name
        for name in (f"F{other}", f"B{other}", f"S{other}", "LFE"):
            assert level(side, SPEAKERS[name]) < 0.005, name


def test_mono_is_heard_on_both_sides_at_its_level(room: Room) -> None:
    film = room.make("film.wav", *tones("mono", sine(440)))
    told = room.show(film).samples(channels=2)
    assert level(told[::2], 440) == pytest.approx(level(told[1::2], 440), rel=0.01)
    # As loud as it was: from two speakers, each 3 dB less.
    assert level(told[::2], 440) == pytest.approx(0.25 * math.sqrt(0.5), rel=0.02)


@pytest.mark.parametrize("loudness", [None, -16.0])
def test_two_monos_in_stereo_stay_apart(room: Room, loudness: float | None) -> None:
    film = room.make("film.wav", *tones("stereo", sine(500), sine(900)))
    told = room.show(film, msgspec.structs.replace(LADDER, loudness=loudness)).samples(channels=2)
    left, right = told[::2], told[1::2]
    assert level(left, 500) == pytest.approx(level(right, 900), rel=0.05)
    assert level(left, 900) < level(left, 500) / 100
    assert level(right, 500) < level(right, 900) / 100


def test_channels_of_opposite_phase_do_not_vanish(room: Room) -> None:
    film = room.make("film.wav", *tones("stereo", sine(440), f"-({sine(440)})"))
    told = room.show(film).samples(channels=2)
    assert level(told[::2], 440) == pytest.approx(0.25, rel=0.05)
    assert level(told[1::2], 440) == pytest.approx(0.25, rel=0.05)


@pytest.mark.parametrize(
    ("rate", "codec", "suffix"),
    [
        (8_000, "pcm_s16le", "wav"), (11_025, "pcm_u8", "wav"), (22_050, "aac", "ts"),
        (32_000, "mp2", "ts"), (44_100, "pcm_s24le", "mov"), (96_000, "flac", "mkv"),
        (192_000, "pcm_s32le", "wav"),
    ],
)  # fmt: skip
def test_every_sample_rate_keeps_pitch_and_length(
    room: Room, rate: int, codec: str, suffix: str
) -> None:
    film = room.make(
        f"film.{suffix}", *tones("stereo", sine(1000), sine(1000)), "-c:a", codec,
        "-ar", f"{rate}",
    )  # fmt: skip
    samples = room.show(film).samples()
    assert len(samples) / SAMPLE_RATE == pytest.approx(1, abs=0.08)
    assert level(samples, 1000) == pytest.approx(0.25, rel=0.1)


def test_seven_one_stays_on_its_picture(room: Room) -> None:
    shown = room.show("seven-one", BOTH)
    assert max(map(abs, shown.apart())) < 20


def test_a_film_whose_sound_has_no_layout(room: Room) -> None:
    film = room.make(
        "film.avi", *moving(seconds=2), *tones("stereo", sine(440), sine(440)), *H264,
        "-c:a", "pcm_s16le",
    )  # fmt: skip
    told = room.show(film).samples(channels=2)
    assert level(told[::2], 440) == pytest.approx(0.25, rel=0.05)
