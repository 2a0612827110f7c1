"""Which channels become texts; the pictures themselves are read in the integration tests."""

from pathlib import Path

from matinee.formats.captions import webvtt
from matinee.ingest.picture_captions import ChannelText, _distinct, copy_command
from matinee.toolchain.tools import Toolchain


def channel(name: str, *words: str, in_picture: bool = True) -> ChannelText:
    text = "\n\n".join(
        ["WEBVTT", *(f"00:0{n}.000 --> 00:0{n}.900\n{one}" for n, one in enumerate(words))]
    )
    return ChannelText(channel=name, cues=webvtt.parse(text), in_picture=in_picture)


def test_a_service_stands_for_the_channel_it_was_made_of() -> None:
    found = _distinct(
        [channel("CC1", "Good", "evening"), channel("CC3", "Bonsoir"),
         channel("SERVICE1", "<i>good</i>", "Evening")]
    )  # fmt: skip
    assert [(one.channel, one.repeated) for one in found] == [
        ("CC3", ()),
        ("SERVICE1", ("CC1",)),
    ]


def test_channels_that_differ_stay() -> None:
    found = _distinct([channel("CC1", "a b c d"), channel("SERVICE1", "a b x y")])
    assert [one.channel for one in found] == ["CC1", "SERVICE1"]


def test_only_the_video_is_copied_with_its_own_times() -> None:
    tools = Toolchain(Path("/bin/ffmpeg"), Path("/bin/ffprobe"))
    command = copy_command(tools, ("-i", "film.ts"), 3, Path("/s/c.mp4"))
    assert command[command.index("-map") + 1] == "0:3"
    assert "-copyts" in command
    assert command[-1] == "file:/s/c.mp4"
