"""Sound that changes channels or rate on the way, as programme against adverts in a broadcast."""

import math
import re
from array import array
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from tests.integration.odd.conftest import LADDER, SAMPLE_RATE, Room, Shown
from tests.media.clips import H264, moving

from matinee.model.ladder import AudioRung

pytestmark = pytest.mark.integration

BOTH = msgspec.structs.replace(
    LADDER, audio=(AudioRung(name="surround", channels=6, rate=384_000), AudioRung())
)
SPEAKERS = {
    "5.1": {"FL": 400, "FR": 500, "FC": 600, "LFE": 100, "SL": 900, "SR": 1000},
    "stereo": {"FL": 700, "FR": 800},
    "mono": {"FC": 1100},
}
LEVEL = 0.1
FOLDED = LEVEL * math.sqrt(0.5)
SECONDS = 4
LEVELS = {
    "ac3": ("-center_mixlev", "0.707", "-surround_mixlev", "0.707"),
    "eac3": ("-loro_cmixlev", "0.707", "-loro_surmixlev", "0.707"),
}
"""AC-3 and E-AC-3 say themselves how they are mixed down; these are the levels of BS.775."""


class Part(NamedTuple):
    layout: str
    rate: int = 48_000
    seconds: int = SECONDS


PROGRAMME, ADVERTS, SLOWER, MONO = (
    Part("5.1"), Part("stereo"), Part("stereo", 44_100), Part("mono"),
)  # fmt: skip


def recording(room: Room, parts: Sequence[Part], codec: str = "ac3") -> Path:
    """Parts joined as a recorder leaves them: one clock, flashes and beeps at every full second."""
    whole, begin = room.folder / "recording.ts", 0
    with whole.open("wb") as file:
        for number, (layout, rate, seconds) in enumerate(parts):
            waves = "|".join(
                f"{LEVEL}*sin(2*PI*{hertz}*t)*lt(mod(t,1),0.1)"
                for hertz in SPEAKERS[layout].values()
            )
            part = room.make(
                f"part-{number}.ts", *moving(seconds=seconds), "-f", "lavfi", "-i",
                f"aevalsrc='{waves}':c={layout}:s={rate}:d={seconds}", *H264, "-g", "25",
                "-c:a", codec, "-b:a", "384k" if layout == "5.1" else "192k",
                *LEVELS.get(codec, ()), "-output_ts_offset", str(begin),
            )  # fmt: skip
            file.write(part.read_bytes())
            begin += seconds
    return whole


@lru_cache(maxsize=2)
def decoded(shown: Shown, place: int) -> "array[int]":
    """All samples of one rung, channel by channel in turn."""
    return shown.samples(place, shown.audio[place].channels or 0)


def beep_level(shown: Shown, place: int, channel: int, second: int, hertz: int) -> float:
    """Amplitude of one frequency within the beep at *second*, by its Fourier coefficient."""
    channels = shown.audio[place].channels or 0
    begin = round((second + 0.02) * SAMPLE_RATE)
    end = begin + round(0.04 * SAMPLE_RATE)
    heard = decoded(shown, place)[begin * channels + channel : end * channels : channels]
    step = 2 * math.pi * hertz / SAMPLE_RATE
    real = sum(one * math.cos(step * n) for n, one in enumerate(heard))
    imaginary = sum(one * math.sin(step * n) for n, one in enumerate(heard))
    return 2 * math.hypot(real, imaginary) / len(heard) / 32768


def levels(shown: Shown, place: int, second: int, layout: str) -> list[dict[str, float]]:
    """Level of each of the speakers of *layout* in each channel of one rung; what is not is 0."""
    return [
        {
            name: round(found, 3)
            for name, hertz in SPEAKERS[layout].items()
            if (found := beep_level(shown, place, channel, second, hertz)) > 0.005
        }
        for channel in range(shown.audio[place].channels or 0)
    ]


def near(expected: dict[str, float]) -> object:
    return pytest.approx(expected, rel=0.15)


def check_stereo(shown: Shown, place: int, second: int, layout: str) -> None:
    left, right = levels(shown, place, second, layout)
    if layout == "5.1":
        assert left == near({"FL": LEVEL, "FC": FOLDED, "SL": FOLDED})
        assert right == near({"FR": LEVEL, "FC": FOLDED, "SR": FOLDED})
    elif layout == "stereo":
        assert (left, right) == (near({"FL": LEVEL}), near({"FR": LEVEL}))
    else:
        assert left == right == near({"FC": FOLDED})


def check_surround(shown: Shown, place: int, second: int, layout: str) -> None:
    left, right, *others = levels(shown, place, second, layout)
    if layout == "5.1":
        assert (left, right) == (near({"FL": LEVEL}), near({"FR": LEVEL}))
        assert others == [near({name: LEVEL}) for name in ("FC", "LFE", "SL", "SR")]
    else:
        assert (left, right) == (near({"FL": LEVEL}), near({"FR": LEVEL}))
        assert others == [{}, {}, {}, {}]


@pytest.mark.parametrize(
    ("parts", "codec"),
    [
        ((PROGRAMME, ADVERTS, PROGRAMME), "ac3"),
        ((ADVERTS, PROGRAMME, ADVERTS), "ac3"),
        ((PROGRAMME, SLOWER, PROGRAMME), "ac3"),
        ((ADVERTS, PROGRAMME, SLOWER), "eac3"),
        ((PROGRAMME, ADVERTS, PROGRAMME), "aac"),
    ],
)  # fmt: skip
def test_both_rungs_are_whole_and_in_step(room: Room, parts: tuple[Part, ...], codec: str) -> None:
    shown = room.show(recording(room, parts, codec), BOTH)
    assert [one.channels for one in shown.audio] == [6, 2]
    assert "The format of the sound changes during the film" in shown.notes
    length = len(parts) * SECONDS
    flashes = shown.flashes()
    # Pictures move by up to one where parts are joined; the first flash is there at once.
    assert flashes == pytest.approx(range(1, length), abs=0.041)
    for place in (0, 1):
        apart = [beep - flash for beep, flash in zip(shown.beeps(place), flashes, strict=True)]
        if codec == "aac":
            # Of AAC the sound of one part reaches into the next one's first beep.
            apart = [one for second, one in enumerate(apart, 1) if second % SECONDS]
        assert max(map(abs, apart)) < 0.02, apart
        assert len(shown.samples(place)) / SAMPLE_RATE == pytest.approx(length, abs=0.15)
    for number, (layout, *_) in enumerate(parts):
        for second in (number * SECONDS + 1, number * SECONDS + SECONDS - 1):
            check_surround(shown, 0, second, layout)
            check_stereo(shown, 1, second, layout)


@pytest.mark.parametrize("container", ["mkv", "mpg"])
def test_recordings_in_other_containers(room: Room, container: str) -> None:
    source = recording(room, (PROGRAMME, ADVERTS, PROGRAMME))
    film = room.make(f"film.{container}", "-i", str(source), "-c", "copy")
    shown = room.show(film, BOTH)
    assert [one.channels for one in shown.audio] == [6, 2]
    for place in (0, 1):
        assert shown.beeps(place) == pytest.approx(shown.flashes(), abs=0.02)
    for second, layout in ((3, "5.1"), (6, "stereo"), (10, "5.1")):
        check_surround(shown, 0, second, layout)
        check_stereo(shown, 1, second, layout)


def test_mono_against_stereo(room: Room) -> None:
    shown = room.show(recording(room, (MONO, ADVERTS, MONO), "mp2"), BOTH)
    assert [one.channels for one in shown.audio] == [2]
    assert shown.beeps() == pytest.approx(range(1, 12), abs=0.02)
    for second, layout in ((2, "mono"), (6, "stereo"), (10, "mono")):
        check_stereo(shown, 0, second, layout)


def test_a_change_between_the_places_looked_at(room: Room) -> None:
    """Ten places of a minute are looked at, and a break of 2 s lies between two of them."""
    parts = (Part("5.1", seconds=16), Part("stereo", seconds=2), Part("5.1", seconds=42))
    shown = room.show(recording(room, parts), BOTH)
    assert "The format of the sound" not in shown.notes
    for place in (0, 1):
        assert shown.beeps(place) == pytest.approx(range(1, 60), abs=0.02)
    for second, layout in ((15, "5.1"), (17, "stereo"), (19, "5.1"), (59, "5.1")):
        check_surround(shown, 0, second, layout)
        check_stereo(shown, 1, second, layout)


def test_it_is_levelled_as_one(room: Room) -> None:
    """One gain for all of it, measured over all of it, and no step where the format changes."""
    ladder = msgspec.structs.replace(BOTH, loudness=-20.0)
    shown = room.show(recording(room, (PROGRAMME, ADVERTS, PROGRAMME)), ladder)
    for place in (0, 1):
        told = room.ffmpeg(
            "-v", "info", "-i", shown.path(shown.audio[place]), "-af", "ebur128", "-f", "null", "-"
        )[1]
        found = re.findall(r"I: +(-[\d.]+) LUFS", told)
        assert float(found[-1]) == pytest.approx(-20, abs=1)
        before, between, after = (
            beep_level(shown, place, 0, second, hertz)
            for second, hertz in ((2, 400), (6, 700), (10, 400))
        )
        assert before == pytest.approx(between, rel=0.1)
        assert before == pytest.approx(after, rel=0.1)
