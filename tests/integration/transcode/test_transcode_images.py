import struct

import pytest

from matinee.model.media import AudioTrackInfo, MediaInfo
from matinee.model.progress import Control
from matinee.model.rendition import Rendition
from matinee.transcode.images import make_images

pytestmark = pytest.mark.integration


def jpeg_size(data: bytes) -> tuple[int, int]:
    assert data[:2] == b"\xff\xd8"
    place = 2
    while data[place + 1] not in {0xC0, 0xC2}:
        place += 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
    height, width = struct.unpack(">HH", data[place + 5 : place + 9])
    return width, height


def grey(bench, key: str, x: int, y: int) -> int:
    """Mean level of 16x16 pixels of a picture."""
    with bench.store.local(key) as path:
        raw = bench.folder / "grey.raw"
        bench.ffmpeg("-i", str(path), "-vf", f"crop=16:16:{x}:{y},format=gray", "-f", "rawvideo",
                     "-y", str(raw))  # fmt: skip
    return round(sum(raw.read_bytes()) / 256)


def make(bench, info: MediaInfo, source: str, *video: Rendition):
    return make_images(
        info,
        source,
        video,
        store=bench.store,
        folder="work/images",
        scratch=bench.scratch,
        toolchain=bench.toolchain,
        control=Control(report=bench.reports.append),
    )


def film(bench, name: str, duration: float, *arguments: str, **more: object) -> Rendition:
    path = bench.clip(
        name, *arguments, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
        "-g", "48", "-t", str(duration),
    )  # fmt: skip
    return Rendition(key=bench.put(path), kind="video", name=name, **more)


def info(duration: float, *audio: AudioTrackInfo, container: str = "mp4") -> MediaInfo:
    return MediaInfo(container=container, duration=duration, size=1, bit_rate=1, audio=audio)


def test_tiles_show_their_moments_and_the_poster_a_good_one(bench):
    """Black for 6 s, a pattern for 6 s, white for 4 s."""
    scenes = (
        "-f", "lavfi", "-i", "color=black:s=640x360:r=24:d=6",
        "-f", "lavfi", "-i", "testsrc2=s=640x360:r=24:d=6",
        "-f", "lavfi", "-i", "color=white:s=640x360:r=24:d=4",
        "-filter_complex", "[0][1][2]concat=n=3",
    )  # fmt: skip
    large = film(bench, "large.mp4", 16, *scenes)
    small = film(bench, "small.mp4", 16, *scenes[:-1], "[0][1][2]concat=n=3,scale=320:180")
    made = make(bench, info(16.0), large.key, large, small)
    tiles = made.tiles
    assert (tiles.columns, tiles.rows, tiles.interval, tiles.count) == (5, 5, 2.0, 8)
    assert tiles.keys == ("work/images/tiles-00001.jpg",)
    sheet = bench.store.get(tiles.keys[0])
    assert jpeg_size(sheet) == (tiles.tile_width * 5, tiles.tile_height * 5)
    assert 160 <= tiles.tile_width <= 320
    assert tiles.tile_width / tiles.tile_height == pytest.approx(16 / 9, rel=0.02)
    levels = [
        grey(
            bench,
            tiles.keys[0],
            tiles.tile_width * (place % 5) + 8,
            tiles.tile_height * (place // 5) + 8,
        )
        for place in range(9)
    ]
    assert all(level < 5 for level in levels[:3])
    assert all(level > 30 for level in levels[3:6])
    assert all(level > 250 for level in levels[6:8])
    assert levels[8] < 5  # empty
    assert jpeg_size(bench.store.get(made.poster)) == (640, 360)
    assert 30 < grey(bench, made.poster, 8, 8) < 240
    assert bench.reports[-1].fraction == 1.0
    assert list(bench.scratch.iterdir()) == []


def test_many_tiles_fill_several_sheets(bench):
    """A minute of two frames a second with a key frame each: 10x10 sheets from 26 tiles on."""
    path = bench.clip(
        "long.mp4", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=1:d=210", "-c:v", "libx264",
        "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "2",
    )  # fmt: skip
    one = Rendition(key=bench.put(path), kind="video", name="x")
    tiles = make(bench, info(210.0), one.key, one).tiles
    assert (tiles.columns, tiles.count, len(tiles.keys)) == (10, 105, 2)


def test_portrait_tiles_and_a_poster_no_wider_than_1280(bench):
    one = film(bench, "a.mp4", 2, "-f", "lavfi", "-i", "testsrc2=s=360x640:r=24")
    tiles = make(bench, info(2.0), one.key, one).tiles
    assert tiles.tile_height > tiles.tile_width == 160
    wide = film(bench, "b.mp4", 1, "-f", "lavfi", "-i", "testsrc2=s=1600x400:r=24")
    made = make(bench, info(1.0), wide.key, wide)
    assert jpeg_size(bench.store.get(made.poster)) == (1280, 320)


def test_second_video_track_of_a_file(bench):
    path = bench.clip(
        "two.mp4", "-f", "lavfi", "-i", "color=black:s=320x180:r=24:d=2",
        "-f", "lavfi", "-i", "color=white:s=640x360:r=24:d=2", "-map", "0", "-map", "1",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
    )  # fmt: skip
    one = Rendition(key=bench.put(path), kind="video", name="x", track_index=1)
    made = make(bench, info(2.0), one.key, one)
    assert jpeg_size(bench.store.get(made.poster)) == (640, 360)
    assert grey(bench, made.poster, 100, 100) > 250


SOUND = AudioTrackInfo(index=0, codec="aac", sample_rate=48_000, channels=2)


def test_sound_has_its_waveform_for_a_poster(bench):
    path = bench.clip(
        "sound.m4a", "-f", "lavfi", "-i", "sine=frequency=440:duration=3,volume=8", "-c:a", "aac"
    )
    made = make(bench, info(3.0, SOUND), bench.put(path))
    assert made.tiles is None
    assert jpeg_size(bench.store.get(made.poster)) == (1280, 720)
    assert grey(bench, made.poster, 640, 352) > 120  # the wave
    assert grey(bench, made.poster, 8, 8) < 40  # the ground


def test_sound_with_a_cover_has_that(bench):
    cover = bench.clip("cover.png", "-f", "lavfi", "-i", "color=white:s=500x500", "-frames:v", "1")
    path = bench.clip(
        "sound.mp3", "-f", "lavfi", "-i", "sine=duration=2", "-i", str(cover), "-map", "0",
        "-map", "1", "-c:v", "copy", "-c:a", "libmp3lame", "-disposition:v", "attached_pic",
    )  # fmt: skip
    made = make(bench, info(2.0, SOUND, container="mp3"), bench.put(path))
    assert jpeg_size(bench.store.get(made.poster)) == (500, 500)
    assert grey(bench, made.poster, 250, 250) > 250


def test_silence_and_undecodable_sound_do_not_stop_a_title(bench):
    path = bench.clip("silent.wav", "-f", "lavfi", "-i", "anullsrc", "-t", "1")
    assert make(bench, info(1.0, SOUND, container="wav"), bench.put(path)).poster is not None
    broken = bench.folder / "broken.wav"
    broken.write_bytes(b"RIFF")
    made = make(bench, info(1.0, SOUND, container="wav"), bench.put(broken))
    assert (made.tiles, made.poster) == (None, None)
