"""Words of ffmpeg, bits of slices, and buckets; files are judged in the integration tests."""

from array import array

import msgspec
import pytest

from matinee.formats.isobmff import SampleTable
from matinee.transcode import proof
from matinee.transcode.hardware import Form
from matinee.transcode.proof import encoder_words, fault_of, names_encoder
from matinee.transcode.proving import trial_plan

NVENC = """\
[h264_nvenc @ 0x55f2232d57c0] Cannot load libcuda.so.1
[vost#0:0/h264_nvenc @ 0x55f2232d4c40] [enc:h264_nvenc @ 0x55f2232d5700] Error while opening encoder
[vf#0:0 @ 0x55f2232f1140] Error sending frames to consumers: Operation not permitted
"""
VAAPI = """\
[VAAPI @ 0x55969b541e00] No VA display found for device /dev/dri/renderD128.
Device creation failed: -22.
"""
SOURCE = """\
[h264_nvenc @ 0x55f2232d57c0] Loaded Nvenc version 12.2
[vist#0:0/h264 @ 0x1] Error submitting packet to decoder: Invalid data found when processing input
"""
ENCODER = """\
[vost#0:0/hevc_vaapi @ 0x1] Error submitting a frame to the encoder: Invalid data found when \
processing input
"""


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (NVENC, "Cannot load libcuda.so.1"),
        (VAAPI, "No VA display found for device renderD128"),
        ("Conversion failed!", ""),
        ("", ""),
    ],
)
def test_the_words_are_those_of_the_hardware(said, words):
    assert encoder_words(said) == words


def test_invalid_data_is_the_source_s_unless_an_encoder_says_it():
    assert not names_encoder(SOURCE)
    assert names_encoder(ENCODER)


@pytest.mark.parametrize(
    ("data", "is_key"),
    [
        (b"\x12\x00\x0a\x01\x00\x32\x02\x10\x00", True),  # delimiter, sequence, shown key frame
        (b"\x32\x02\x30\x00", False),  # an inter frame
        (b"\x32\x02\x00\x00", False),  # a key frame that is not shown
        (b"\x1a\x01\x90", False),  # an existing frame again
        (b"\x30\x10", True),  # without a size: to the end
        (b"\x12\x00", False),
        (b"\x32", False),
        (b"\x32\xff\xff\xff\xff\xff\xff\xff\xff\xff", False),
        (b"", False),
    ],
)
def test_av1_key_frames(data, is_key):
    assert proof._is_av1_key(data) is is_key


def table(sizes):
    return SampleTable(
        offsets=array("Q", [0] * len(sizes)),
        sizes=array("I", sizes),
        times=array("q", range(len(sizes) + 1)),
    )


def test_a_rate_may_be_at_its_cap_and_a_tenth_above(trial):
    cap = trial.max_rate // 8 // 24
    assert proof._rate_fault(table([cap] * 2400), 24, trial) == ""
    assert proof._rate_fault(table([round(cap * 1.09)] * 2400), 24, trial) == ""
    assert "above its cap of 0.50 Mb/s: 0.60" in proof._rate_fault(
        table([round(cap * 1.2)] * 2400), 24, trial
    )
    whole = trial.buffer_size // 8
    assert proof._rate_fault(table([whole, *[0] * 47] * 9), 24, trial) == ""
    assert proof._rate_fault(table([whole * 2, *[0] * 99] * 9), 24, trial) != ""


@pytest.fixture
def trial():
    return trial_plan(Form("h264", 8)).video.outputs[0]


def test_what_is_no_film_is_a_fault(tmp_path):
    plan = trial_plan(Form("h264", 8))
    for content in (b"", b"no boxes here", b"\0\0\0\x08ftyp"):
        (tmp_path / "x.mp4").write_bytes(content)
        fault = fault_of(tmp_path / "x.mp4", plan.video, plan.video.outputs[0])
        assert fault.startswith("the file cannot be read")
    assert "cannot be read" in fault_of(tmp_path / "none", plan.video, plan.video.outputs[0])


def test_the_trial_is_planned_as_films_are(trial):
    assert (trial.gop_frames, trial.level, trial.profile) == (24, "3", "high")
    assert msgspec.structs.replace(trial, hardware=None) == trial
