"""The pure parts of ffmpeg commands."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.errors import InvariantError
from matinee.toolchain.ffmpeg import (
    DEMUXERS,
    EncodeProgress,
    InputBounds,
    ProgressReader,
    input_options,
    last_words,
    parse_progress,
    redacted,
)


def option(options: tuple[str, ...], name: str) -> str:
    return options[options.index(name) + 1]


def test_input_is_opened_by_one_demuxer_and_no_network() -> None:
    options = input_options(Path("/films/a.mkv"), "matroska")
    assert option(options, "-f") == "matroska"
    assert option(options, "-format_whitelist") == "matroska"
    assert option(options, "-protocol_whitelist") == "file,pipe"
    assert options[-2:] == ("-i", "file:/films/a.mkv")
    assert "-enable_drefs" not in options


def test_mov_references_to_other_files_are_off() -> None:
    options = input_options(Path("/films/a.mp4"), "mp4")
    assert option(options, "-enable_drefs") == "0"
    assert option(options, "-use_absolute_path") == "0"


@pytest.mark.parametrize("name", ["concat:a|b", "-version", "http://x/y", "a b"])
def test_strange_file_names_mean_nothing(name: str) -> None:
    assert input_options(Path(name), "mp4")[-1] == f"file:{Path(name).absolute()}"


def test_bounds_are_given() -> None:
    bounds = InputBounds(streams=3, probe_bytes=5000, analyze_seconds=0.5)
    options = input_options(Path("/a"), "mp4", bounds=bounds)
    assert option(options, "-max_streams") == "3"
    assert option(options, "-probesize") == "5000"
    assert option(options, "-analyzeduration") == "500000"


@pytest.mark.parametrize("container", ["concat", "hls", "", "mov,mp4"])
def test_unknown_container_is_our_fault(container: str) -> None:
    with pytest.raises(InvariantError):
        input_options(Path("/a"), container)


def test_no_demuxer_that_names_other_files_is_known() -> None:
    assert not {"concat", "hls", "dash", "sdp", "image2", "lavfi", "rtsp"} & set(DEMUXERS.values())


REPORT = """frame=96
fps=48.00
stream_0_0_q=-1.0
bitrate= 685.9kbits/s
total_size=342945
out_time_us=4000000
out_time_ms=4000000
out_time=00:00:04.000000
speed=65.7x
progress=continue"""


def test_progress_is_read() -> None:
    seen: list[EncodeProgress] = []
    reader = ProgressReader(seen.append)
    moved = [reader(line) for line in REPORT.splitlines()]
    assert moved == [False] * 9 + [True]
    assert seen == [EncodeProgress(frame=96, out_time=4.0, speed=65.7, ended=False)]


def test_the_same_report_again_is_no_sign_of_life() -> None:
    reader = ProgressReader(lambda _: None)
    first = [reader(line) for line in REPORT.splitlines()]
    again = [reader(line) for line in REPORT.replace("65.7x", "60.1x").splitlines()]
    more = [reader(line) for line in REPORT.replace("frame=96", "frame=97").splitlines()]
    end = [reader(line) for line in REPORT.replace("continue", "end").splitlines()]
    assert [any(one) for one in (first, again, more, end)] == [True, False, True, True]


def test_what_is_not_known_is_none() -> None:
    fields = {"out_time_us": "N/A", "speed": "N/A", "progress": "continue"}
    assert parse_progress(fields) == EncodeProgress(
        frame=None, out_time=0.0, speed=None, ended=False
    )


@given(st.lists(st.text()))
def test_any_lines_are_taken(lines: list[str]) -> None:
    reader = ProgressReader(lambda _: None)
    for line in [*lines, "progress=end"]:
        reader(line)


@given(st.dictionaries(st.sampled_from(["frame", "out_time_us", "speed"]), st.text()))
def test_any_fields_are_taken(fields: dict[str, str]) -> None:
    assert parse_progress(fields).out_time >= 0


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("file:/srv/data/uploads/film.mp4: Invalid data", "film.mp4: Invalid data"),
        ("Error opening '/srv/a/b.mkv'", "Error opening 'b.mkv'"),
        ("https://user:pw@host/f.mp4?X-Amz-Signature=abc denied", "https://host/f.mp4 denied"),
        ("24000/1001 fps and 3/4", "24000/1001 fps and 3/4"),
    ],
)
def test_paths_and_secrets_are_left_out(text: str, shown: str) -> None:
    assert redacted(text) == shown


def test_last_words_are_the_last_ones_without_noise() -> None:
    stderr = (
        "first\n[mov,mp4 @ 0x55d0] moov atom not found\n[h264 @ 0x1] bad\n[h264 @ 0x2] bad\n"
        "    Last message repeated 3 times\n/var/lib/x/in.mp4: Invalid data\n\n"
    )
    assert last_words(stderr, lines=3) == "moov atom not found\nbad\nin.mp4: Invalid data"
    assert len(last_words("x" * 5000)) == 600
    assert last_words("") == ""
