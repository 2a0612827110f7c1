"""The proof that hardware must give, given by software; and what is said where there is none."""

import re
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import msgspec
import pytest

from matinee.model.ladder import Rung
from matinee.model.media import MediaInfo, Ratio, VideoTrackInfo
from matinee.toolchain.devices import Devices
from matinee.toolchain.run import run
from matinee.toolchain.sandbox import Limits
from matinee.toolchain.tools import Toolchain
from matinee.transcode import proving
from matinee.transcode.assignment import assigned
from matinee.transcode.codecs import PRESETS
from matinee.transcode.command import EncodeCommand, encode_command
from matinee.transcode.hardware import FORMS, Finding, Form, HardwareEncoder
from matinee.transcode.hardware_arguments import hardware_options
from matinee.transcode.ladder import built_in
from matinee.transcode.plan import EncodePlan, VideoOutput, plan
from matinee.transcode.proving import (
    TRIAL_SECONDS,
    found_hardware,
    make_film,
    trial_plan,
    try_command,
    try_hardware,
)

pytestmark = pytest.mark.integration
AVC = Form("h264", 8)


@pytest.fixture(scope="module")
def film(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(toolchain, tmp_path_factory.mktemp("trial"))


class Trial:
    def __init__(self, toolchain: Toolchain, film: Path, folder: Path) -> None:
        self.toolchain, self.film, self.folder = toolchain, film, folder

    def command(self, some: EncodePlan) -> EncodeCommand:
        return encode_command(some, self.toolchain.ffmpeg, self.film, self.folder)

    def fault(self, some: EncodePlan, **changes: Callable[[str], str] | str) -> str:
        """Try *some* with options changed; an option of x264 by its words."""
        command = self.command(some)
        argv = list(command.argv)
        for place, word in enumerate(command.argv[:-1]):
            change = changes.get(re.sub(r"\W", "_", word.removeprefix("-")))
            if word.startswith("-") and change is not None:
                old = argv[place + 1]
                argv[place + 1] = change if isinstance(change, str) else change(old)
        changed = msgspec.structs.replace(command, argv=tuple(argv))
        return try_command(some, changed, self.film, self.toolchain, self.folder)


@pytest.fixture
def trial(
    toolchain: Toolchain, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Trial:
    # Software takes its time, on a busy machine more than hardware may.
    monkeypatch.setattr(proving, "TRIAL_SECONDS", 10 * TRIAL_SECONDS)
    return Trial(toolchain, film, tmp_path)


@pytest.mark.parametrize("form", FORMS)
def test_encoders_that_do_as_told_pass(trial: Trial, form: Form) -> None:
    assert trial.fault(trial_plan(form)) == ""


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"g": "17", "keyint_min": "17"}, "360p: no key frame at picture 24, where a GOP of 24"),
        ({"sc_threshold": "40", "keyint_min": "1", "g": "24"}, "360p: (no|a) key frame at picture"),
        ({"g": "12", "keyint_min": "12"}, "360p: a key frame at picture 12, inside a GOP of 24"),
        (
            {
                "flags_v": "-cgop+bitexact",
                "x264_params": lambda told: told.replace("open-gop=0", "open-gop=1"),
            },
            r"360p: pictures before the key frame at 24 refer to it \(open GOP\)",
        ),
        (
            {"crf": "10", "maxrate": "9000000", "bufsize": "9000000"},
            "360p: above its cap of 0.50 Mb/s: 2",
        ),
        ({"profile_v": "main"}, "360p: avc1.4d.*, not h264 high at level 3"),
        ({"level_v": "4.1"}, "360p: avc1.640029, not h264 high at level 3"),
        ({"crf": "51"}, "360p: 2.* dB from the source, less than 30"),
        (
            {"filter_complex": lambda graph: graph.replace("w=640:h=360", "w=480:h=270")},
            "360p: pictures of 480x270, not 640x360",
        ),
        (
            {"filter_complex": lambda graph: graph.replace("fps=fps=24", "fps=fps=12")},
            "360p: (60|61) pictures, not 120",
        ),
        ({"movflags": "+faststart"}, "360p: an edit list moves the pictures"),
        ({"x264_params": "open-gop=nonsense:ref=nonsense:bframes"}, ".+"),
    ],
)
def test_an_encoder_that_does_not_do_as_told_is_refused_for_it(
    trial: Trial, changes: dict[str, Callable[[str], str] | str], fault: str
) -> None:
    assert re.match(fault, trial.fault(trial_plan(AVC), **changes))


def test_a_key_frame_that_is_no_idr_is_told_from_one(trial: Trial) -> None:
    """Open GOPs of x265, whose key frames are CRAs; without B-frames nothing else shows it."""
    fault = trial.fault(
        trial_plan(Form("hevc", 8)),
        x265_params=lambda told: told.replace("open-gop=0", "open-gop=1") + ":bframes=0",
        flags_v="-cgop+bitexact",
    )
    assert fault == "360p: the key frame at picture 24 is no IDR (open GOP)"


def test_parameter_sets_in_the_stream_are_seen(trial: Trial) -> None:
    fault = trial.fault(trial_plan(AVC), x264_params=lambda told: f"{told}:repeat-headers=1")
    assert fault == "360p: parameter sets at picture 0, which belong into the header"


def test_an_encoder_that_hangs_is_left(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "TRIAL_SECONDS", 0.3)
    started = time.monotonic()
    assert trial.fault(trial_plan(AVC), preset="veryslow").endswith("took longer than it may")
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("devices", "words"),
    [
        (Devices(nvidia=(Path("/dev/nvidia-of-no-machine"),)), "(libcuda|[Nn]o .*device)"),
        (Devices(render=(Path("/dev/dri/renderD-of-no-machine"),)), "No VA display found"),
    ],
)
def test_where_a_device_does_not_work_ffmpeg_s_own_words_say_so(
    toolchain: Toolchain, tmp_path: Path, devices: Devices, words: str
) -> None:
    if Path("/dev/nvidiactl").exists():
        pytest.skip("this machine has an NVIDIA driver")
    finding = try_hardware(devices, toolchain, tmp_path)
    assert finding.encoders == ()
    assert finding.nothing == ""
    assert len(finding.refusals) == len(FORMS) * (1 if devices.nvidia else 2)
    assert all(re.search(words, one.fault) for one in finding.refusals), finding.refusals
    assert not any("\n" in one.fault or len(one.fault) > 100 for one in finding.refusals)
    assert list(tmp_path.iterdir()) == []


def test_without_a_device_nothing_is_run(toolchain: Toolchain, tmp_path: Path) -> None:
    started = time.monotonic()
    finding = try_hardware(Devices(), toolchain, tmp_path / "scratch")
    assert time.monotonic() - started < 0.01
    assert finding == Finding(nothing="no NVIDIA driver, no /dev/dri")
    assert not (tmp_path / "scratch").exists()


def test_it_is_found_out_once_in_a_process(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []

    def look() -> Devices:
        looked.append(1)
        return Devices()

    monkeypatch.setattr(proving, "find_devices", look)
    assert found_hardware(toolchain, tmp_path) is found_hardware(toolchain, tmp_path)
    assert looked == [1]


def test_no_more_is_tried_when_time_is_up(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "MOST_SECONDS", 0.0)
    finding = try_hardware(Devices(nvidia=(Path("/dev/nvidia9"),)), toolchain, tmp_path)
    assert {one.fault for one in finding.refusals} == {"no time was left to try it"}


GENERAL = {
    "c", "b", "maxrate", "bufsize", "g", "bf", "flags", "global_quality", "pix_fmt", "bsf", "tag",
    "force_key_frames",
}  # fmt: skip
"""Options of ffmpeg or of every encoder."""


@lru_cache
def help_of(ffmpeg: Path, encoder: str) -> str:
    limits = Limits(wall_seconds=30)
    return run([ffmpeg, "-h", f"encoder={encoder}"], limits=limits).stdout.decode()


def options_of(told: str) -> dict[str, tuple[str, set[str]]]:
    """Option -> its own line, and the names that its values have."""
    found: dict[str, tuple[str, set[str]]] = {}
    line = ""
    for text in told.splitlines():
        if option := re.match(r"  -(\S+) +<", text):
            line = option[1]
            found[line] = (text, set())
        elif line and (name := re.match(r" {5}(\S+) ", text)):
            found[line][1].add(name[1])
    return found


def allowed(value: str, line: str, names: set[str]) -> bool:
    """Whether ffmpeg's help lets an option of *line* have *value*."""
    if "<boolean>" in line:
        return value in {"0", "1"}
    if "<flags>" in line:
        return set(value.split("+")) <= names
    if value in names:
        return True
    bounds = re.search(r"\(from (-?\w+) to (\S+)\)", line)
    if bounds is None or re.fullmatch(r"-?\d+(\.\d+)?", value) is None:
        return False
    least, most = (float("inf") if "MAX" in one else float(one) for one in bounds.groups())
    return least <= float(value) <= most


def outputs_of(form: Form) -> list[VideoOutput]:
    """Outputs that ask for all that may differ: presets, profiles, levels, rates."""
    some: list[VideoOutput] = []
    profiles = ("main", "high") if form.codec == "h264" else (None,)
    track = VideoTrackInfo(
        index=0, codec="h264", width=3840, height=2160, frame_rate=Ratio(50), duration=60.0
    )
    info = MediaInfo(container="mp4", duration=60.0, size=1, bit_rate=1, video=(track,), audio=())
    for preset in PRESETS:
        for profile in profiles:
            for crf, height in ((0.0, 2160), (23.0, 1080), (51.0, 360), (None, 240)):
                rung = Rung(
                    name="r", height=height, max_rate=8_000_000, codec=form.codec,
                    bit_depth=form.bit_depth, profile=profile, crf=crf,
                    rate=None if crf is not None else 1_000_000,
                )  # fmt: skip
                ladder = msgspec.structs.replace(
                    built_in()["standard"], video=(rung,), preset=preset
                )
                made = plan(info, ladder).video
                assert made is not None
                some += made.outputs
    return some


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["nvenc", "qsv", "vaapi"])
def test_ffmpeg_knows_every_option_that_hardware_is_given(
    toolchain: Toolchain, kind: str, form: Form
) -> None:
    told = help_of(toolchain.ffmpeg, f"{form.codec}_{kind}")
    known = options_of(told)
    formats = re.search(r"Supported pixel formats: (.*)", told)
    assert formats is not None
    for low_power in (False, True):
        encoder = msgspec.convert(
            {"kind": kind, "form": form, "device": "/dev/x", "low_power": low_power},
            HardwareEncoder,
        )
        for output in outputs_of(form):
            chosen = msgspec.structs.replace(output, hardware=encoder.kind)
            words = hardware_options(chosen, (encoder,))
            given = {name.removeprefix("-").removesuffix(":v"): value
                     for name, value in zip(words[::2], words[1::2], strict=True)}  # fmt: skip
            for name, value in given.items():
                if name in known:
                    assert allowed(value, *known[name]), (name, value)
                elif name == "level" and kind == "qsv":
                    assert value.isdecimal(), "a number: it has no names for it"
                else:
                    assert name in GENERAL, name
            if "pix_fmt" in given:
                assert given["pix_fmt"] in formats[1].split()
            else:
                assert formats[1] == "vaapi"


def test_the_trial_is_by_the_very_options_of_a_film(toolchain: Toolchain, tmp_path: Path) -> None:
    encoder = HardwareEncoder(kind="nvenc", form=AVC, device="/dev/nvidia0")
    chosen, _ = assigned(trial_plan(AVC), Finding(encoders=(encoder,)))
    assert chosen.video is not None
    command = encode_command(
        chosen, toolchain.ffmpeg, tmp_path / "in", tmp_path, equipment=(encoder,)
    )
    for output in chosen.video.outputs:
        options = " ".join(hardware_options(output, (encoder,)))
        assert options in " ".join(command.argv)
