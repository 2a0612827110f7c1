"""HEVC and AV1 through the real encoders, and what the packager makes of them."""

import hashlib
import json
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from matinee.formats import hls
from matinee.formats.isobmff import MemorySource, read_movie, read_samples
from matinee.ingest.probe import probe
from matinee.model.ladder import Ladder, Rung
from matinee.model.presentation import Presentation
from matinee.model.progress import Control
from matinee.packager import PackageRequest, package
from matinee.transcode.encode import Encoded
from matinee.verify.check import verify
from matinee.verify.options import VerifyOptions

pytestmark = pytest.mark.integration

RUNGS = (
    Rung(name="360p", height=360, max_rate=900_000),
    Rung(name="180p", height=180, max_rate=300_000, profile="main"),
    Rung(name="hevc-360p", height=360, max_rate=600_000, codec="hevc", crf=26),
    Rung(name="hevc-180p", height=180, max_rate=200_000, codec="hevc", crf=26),
    Rung(name="av1-360p", height=360, max_rate=500_000, codec="av1", crf=35, film_grain=8),
    Rung(name="av1-180p", height=180, max_rate=160_000, codec="av1", crf=35),
)
LADDER = Ladder(
    name="codecs", preset="ultrafast", gop_seconds=1.0, segment_seconds=1.0, video=RUNGS
)


def packaged(bench, made: Encoded) -> tuple[Presentation, Path]:
    request = PackageRequest(
        presentation_id="t",
        version=1,
        renditions=made.renditions,
        folder="out",
        segment_seconds=LADDER.segment_seconds,
    )
    presentation = package(request, bench.store, bench.scratch, Control())
    return presentation, bench.folder / "store" / "out"


def verified(folder: Path, bench) -> None:
    report = verify(
        str(folder), options=VerifyOptions(), toolchain=bench.toolchain, control=Control()
    )
    assert [one for one in report.findings if one.severity != "info"] == []
    assert report.checked["decoded"] >= 12


def frame(bench, path: Path) -> dict[str, object]:
    """What ffprobe says of the first picture."""
    command = [
        str(bench.toolchain.ffprobe), "-v", "error", "-select_streams", "v", "-show_frames",
        "-read_intervals", "%+#1", "-of", "json", str(path),
    ]  # fmt: skip
    done = subprocess.run(command, check=True, capture_output=True, timeout=60)
    return json.loads(done.stdout)["frames"][0]


def side_data(shown: dict) -> dict[str, dict]:
    return {one["side_data_type"]: one for one in shown.get("side_data_list", [])}


def box(data: bytes, kind: bytes) -> bytes:
    at = data.index(kind)
    size = int.from_bytes(data[at - 4 : at], "big")
    return data[at + 4 : at - 4 + size]


def test_three_codecs_are_in_step_and_verify_finds_nothing(
    bench, clip: Callable[[str], Path]
) -> None:
    path = clip("plain")
    made = bench.encode(path, probe(path, bench.toolchain), LADDER)
    videos = [one for one in made.renditions if one.kind == "video"]
    looks = [bench.look(one) for one in videos]
    assert [one.codec for one in videos] == ["h264", "hevc", "av1"] * 2
    assert {tuple(look.times) for look in looks} == {tuple(looks[0].times)}
    assert {tuple(look.keys) for look in looks} == {(0.0, 1.0, 2.0, 3.0)}
    presentation, folder = packaged(bench, made)
    (video,) = presentation.periods[0].of_kind("video")
    sets = {one.id: [track.id for track in one.tracks] for one in video.switching_sets}
    assert sets["video-hevc"] == ["video-hevc-360p", "video-hevc-180p"]
    assert sets["video-av1"] == ["video-av1-360p", "video-av1-180p"]
    text = (folder / "master.m3u8").read_text()
    variants = hls.parse(text).variants
    assert variants[0].codecs.startswith("avc1.")
    assert {one.codecs.partition(".")[0] for one in variants} == {"avc1", "hvc1", "av01"}
    for track in video.tracks:
        rung = next(one for one in RUNGS if track.id.endswith(f"-{one.name.split('-')[-1]}"))
        assert (track.width, track.height) == (rung.height * 16 // 9, rung.height)
    verified(folder, bench)


def test_equal_input_gives_equal_bytes(bench, clip: Callable[[str], Path]) -> None:
    path = clip("plain")
    ladder = msgspec.structs.replace(LADDER, video=(RUNGS[1], RUNGS[3], RUNGS[5]))
    sums = []
    for _ in range(2):
        made = bench.encode(path, probe(path, bench.toolchain), ladder)
        sums.append(
            [hashlib.sha256(bench.store.get(one.key)).hexdigest() for one in made.renditions]
        )
    assert sums[0] == sums[1]


def test_hdr10_stays_hdr10_beside_sdr(bench, clip: Callable[[str], Path]) -> None:
    path = clip("hdr10")
    made = bench.encode(path, probe(path, bench.toolchain), LADDER)
    presentation, folder = packaged(bench, made)
    (video,) = presentation.periods[0].of_kind("video")
    ranges = {one.id: one.tracks[0].colour.video_range for one in video.switching_sets}
    assert ranges["video-hevc-pq"] == ranges["video-av1-pq"] == "PQ"
    assert ranges["video-h264"] == "SDR"
    for name in ("video-hevc-360p.mp4", "video-av1-360p.mp4"):
        data = (folder / name).read_bytes()
        init = data[: data.index(b"moof")]
        assert box(init, b"colr") == b"nclx" + struct.pack(">HHHB", 9, 16, 9, 0)
        assert struct.unpack(">8H2I", box(init, b"mdcv")) == (
            13250, 34500, 7500, 3000, 34000, 16000, 15635, 16450, 10_000_000, 50,
        )  # fmt: skip
        assert struct.unpack(">2H", box(init, b"clli")) == (1000, 400)
        # In the stream too, which a decoder without the boxes reads.
        raw = bench.folder / "raw.mp4"
        raw.write_bytes(data.replace(b"mdcv", b"free").replace(b"clli", b"free"))
        shown = frame(bench, raw)
        assert shown["pix_fmt"] == "yuv420p10le"
        assert (shown["color_transfer"], shown["color_primaries"]) == ("smpte2084", "bt2020")
        told = side_data(shown)
        assert told["Content light level metadata"]["max_content"] == 1000
        light = told["Mastering display metadata"]["max_luminance"].split("/")
        assert int(light[0]) / int(light[1]) == 1000
    sdr = frame(bench, folder / "video-h264-360p.mp4")
    assert (sdr["pix_fmt"], sdr["color_transfer"]) == ("yuv420p", "bt709")
    kinds = {
        one.codecs.partition(".")[0]: one.video_range
        for one in hls.parse((folder / "master.m3u8").read_text()).variants
    }
    assert kinds == {"avc1": "SDR", "hvc1": "PQ", "av01": "PQ"}
    assert "TransferCharacteristics" in (folder / "manifest.mpd").read_text()
    verified(folder, bench)


def test_hevc_has_its_parameter_sets_in_the_header_alone(
    bench, clip: Callable[[str], Path]
) -> None:
    path = clip("hdr10")
    ladder = msgspec.structs.replace(LADDER, video=(RUNGS[1], RUNGS[2]))
    made = bench.encode(path, probe(path, bench.toolchain), ladder)
    key = next(one.key for one in made.renditions if one.codec == "hevc")
    data = bench.store.get(key)
    source = MemorySource(data)
    movie = read_movie(source)
    table, _ = read_samples(source, movie, movie.of_handler("vide")[0])
    kinds = set()
    for offset, size in zip(table.offsets, table.sizes, strict=True):
        at = offset
        while at < offset + size:
            kinds.add(data[at + 4] >> 1 & 63)
            at += 4 + int.from_bytes(data[at : at + 4], "big")
    assert not kinds & {32, 33, 34}
    assert 39 in kinds  # the mastering display, as SEI
    assert kinds & {19, 20}  # IDR


def test_hlg_is_kept(bench) -> None:
    hlg = (
        "-color_primaries", "bt2020", "-color_trc", "arib-std-b67", "-colorspace", "bt2020nc",
    )  # fmt: skip
    path = bench.clip(
        "hlg.mp4", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=24:duration=2",
        "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1",
        "-x265-params", "colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc", *hlg,
    )  # fmt: skip
    ladder = msgspec.structs.replace(LADDER, video=(RUNGS[1], RUNGS[3], RUNGS[5]))
    made = bench.encode(path, probe(path, bench.toolchain), ladder)
    _, folder = packaged(bench, made)
    kinds = {
        one.codecs.partition(".")[0]: one.video_range
        for one in hls.parse((folder / "master.m3u8").read_text()).variants
    }
    assert kinds == {"avc1": "SDR", "hvc1": "HLG", "av01": "HLG"}
    assert frame(bench, folder / "video-av1-180p.mp4")["color_transfer"] == "arib-std-b67"
