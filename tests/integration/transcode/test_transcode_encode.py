import random
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from matinee.errors import CancelledError, MediaError
from matinee.model.ladder import Ladder, Rung
from matinee.model.media import AudioTrackInfo, Colour, MediaInfo, Ratio, VideoTrackInfo
from matinee.model.progress import Control
from matinee.toolchain.run import Limits, run
from matinee.transcode.command import RUNG_LINE, encode_command
from matinee.transcode.encode import encode
from matinee.transcode.ladder import load
from matinee.transcode.making import Workplace
from matinee.transcode.plan import plan

pytestmark = pytest.mark.integration

SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100:duration=3")
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


def picture(size: str = "640x360", rate: str = "24", seconds: float = 3) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}")


def film(track: VideoTrackInfo | None, *audio: AudioTrackInfo, **more: object) -> MediaInfo:
    facts: dict[str, object] = {
        "container": "mp4",
        "duration": 3.0,
        "size": 1,
        "bit_rate": 1,
        "video": () if track is None else (track,),
        "audio": audio,
    }
    return msgspec.convert(facts | more, MediaInfo)


def video(width: int = 640, height: int = 360, rate: Ratio = Ratio(24), **more: object):  # noqa: B008 - immutable
    facts = {"index": 0, "codec": "h264", "width": width, "height": height, "duration": 3.0}
    return msgspec.convert(
        facts | {"frame_rate": rate, "colour": Colour()} | more, VideoTrackInfo, strict=False
    )


def sound(index: int = 1, **more: object) -> AudioTrackInfo:
    facts = {
        "index": index, "codec": "aac", "profile": "LC", "sample_rate": 44_100, "channels": 2,
        "duration": 3.0,
    }  # fmt: skip
    return msgspec.convert(facts | more, AudioTrackInfo)


def assert_aligned(bench, renditions, rate: Fraction, gop: int) -> list[int]:
    """Every rung has the same frames at the same times, and IDRs each *gop* frames of them."""
    looks = [bench.look(one) for one in renditions if one.kind == "video"]
    for look in looks:
        assert look.stream["sample_aspect_ratio"] == "1:1"
        assert look.stream["pix_fmt"] == "yuv420p"
        assert look.stream["field_order"] == "progressive"
        expected = [float(place / rate) for place in range(len(look.times))]
        assert look.times == pytest.approx(expected, abs=1e-5)
        assert look.keys == look.times[::gop]
    assert len({tuple(look.keys) for look in looks}) == 1
    return [len(look.times) for look in looks]


def test_landscape_film_gets_every_rung_once_in_step(bench):
    path = bench.clip("film.mp4", *picture(), *SOUND, *X264, "-c:a", "aac", "-shortest")
    made = bench.encode(path, film(video(), sound(language="en")))
    assert [one.name for one in made.renditions] == ["360p", "240p", "144p", "stereo"]
    assert [bench.look(one).size() for one in made.renditions[:3]] == [
        (640, 360), (426, 240), (256, 144),
    ]  # fmt: skip
    assert assert_aligned(bench, made.renditions, Fraction(24), 24) == [72, 72, 72]
    assert made.notes == ()
    audio = bench.look(made.renditions[3])
    assert audio.stream["channels"] == 2
    assert audio.stream["sample_rate"] == "48000"
    assert made.renditions[3].language == "en"
    last = bench.reports[-1]
    assert last.fraction == 1.0
    assert [rung.name for rung in last.rungs] == ["360p", "240p", "144p"]
    assert all(rung.done == pytest.approx(3.0) and rung.speed for rung in last.rungs)
    assert list(bench.scratch.iterdir()) == []


def test_running_again_gives_the_same_bytes(bench):
    path = bench.clip("film.mp4", *picture(seconds=1), *X264)
    info = film(video(duration=1.0), duration=1.0)
    first = bench.encode(path, info)
    bytes_first = [bench.store.get(one.key) for one in first.renditions]
    assert bench.encode(path, info) == first
    assert [bench.store.get(one.key) for one in first.renditions] == bytes_first


def test_portrait_film_turns_the_box(bench):
    path = bench.clip("film.mp4", *picture("360x640", "25"), *X264)
    made = bench.encode(path, film(video(360, 640, Ratio(25))))
    sizes = [bench.look(one).size() for one in made.renditions]
    assert sizes == [(360, 640), (240, 426), (144, 256)]
    assert_aligned(bench, made.renditions, Fraction(25), 25)


def test_rotated_film_is_made_upright(bench):
    """A landscape picture with red on its left, marked to be turned, shows red on top."""
    flat = bench.clip(
        "flat.mp4",
        "-f", "lavfi", "-i", "color=red:s=320x360:r=24:d=2,pad=640:360:0:0:blue", *X264,
    )  # fmt: skip
    turned = bench.folder / "turned.mp4"
    bench.ffmpeg("-display_rotation:v:0", "270", "-i", str(flat), "-c", "copy", "-y", str(turned))
    made = bench.encode(turned, film(video(rotation=90, duration=2.0), duration=2.0))
    assert bench.look(made.renditions[0]).size() == (360, 640)
    top, bottom = (bench.pixel(made.renditions[0], 180, y) for y in (100, 540))
    assert (top[0] > 200, top[2] < 60) == (True, True)
    assert (bottom[2] > 200, bottom[0] < 60) == (True, True)


def test_ntsc_rate_stays_exact(bench):
    path = bench.clip("film.mp4", *picture(rate="24000/1001"), *X264)
    made = bench.encode(path, film(video(rate=Ratio(24_000, 1001))))
    counts = assert_aligned(bench, made.renditions, Fraction(24_000, 1001), 24)
    assert counts == [72, 72, 72]
    look = bench.look(made.renditions[0])
    assert look.stream["time_base"] == "1/24000"
    assert look.stream["avg_frame_rate"] == "24000/1001"
    assert made.renditions[0].frame_rate == Ratio(24_000, 1001)


def test_variable_rate_becomes_constant_and_keeps_its_length(bench):
    path = bench.clip(
        "film.mp4", *picture(rate="30"),
        "-vf", "select='not(between(mod(n,12),7,9))'", "-fps_mode", "vfr", *X264,
    )  # fmt: skip
    info = film(video(rate=Ratio(45, 2), variable_frame_rate=True))
    made = bench.encode(path, info)
    counts = assert_aligned(bench, made.renditions, Fraction(24), 24)
    assert counts == pytest.approx([72, 72, 72], abs=1)
    assert made.notes == ()


def test_interlaced_film_becomes_frames(bench):
    path = bench.clip(
        "film.mp4", *picture("720x576", "50"),
        "-vf", "interlace=scan=tff,setsar=64/45", "-c:v", "libx264", "-preset", "ultrafast",
        "-flags", "+ilme+ildct", "-x264-params", "tff=1",
    )  # fmt: skip
    info = film(video(720, 576, Ratio(25), field_order="tff", sample_aspect_ratio=Ratio(64, 45)))
    made = bench.encode(path, info)
    assert bench.look(made.renditions[0]).size() == (640, 360)
    assert_aligned(bench, made.renditions, Fraction(25), 25)
    colour = bench.look(made.renditions[0]).stream
    assert (colour["color_space"], colour["color_primaries"]) == ("bt470bg", "bt470bg")


def test_odd_size_becomes_even_and_never_larger(bench):
    path = bench.clip("film.mkv", *picture("641x359"), "-c:v", "ffv1")
    made = bench.encode(path, film(video(641, 359), container="matroska"))
    sizes = [bench.look(one).size() for one in made.renditions]
    assert sizes[0] == (640, 358)
    assert all(width % 2 == 0 and height % 2 == 0 for width, height in sizes)
    assert_aligned(bench, made.renditions, Fraction(24), 24)


def test_tiny_film_has_one_rung_of_its_own_size(bench):
    path = bench.clip("film.mkv", *picture("101x75"), "-c:v", "ffv1")
    made = bench.encode(path, film(video(101, 75), container="matroska"))
    assert [bench.look(one).size() for one in made.renditions] == [(100, 74)]


def test_high_rates_are_halved_by_rung_and_stay_aligned(bench):
    ladder = msgspec.structs.replace(
        bench.ladder,
        video=(
            Rung(name="360p", height=360, max_rate=900_000),
            Rung(name="144p", height=144, max_rate=200_000, max_frame_rate=30),
        ),
    )
    path = bench.clip("film.mp4", *picture(rate="60"), *X264)
    made = bench.encode(path, film(video(rate=Ratio(60))), ladder)
    fast, slow = (bench.look(one) for one in made.renditions)
    assert fast.keys == slow.keys == [0.0, 1.0, 2.0]
    assert (len(fast.times), len(slow.times)) == (180, 90)
    assert slow.times == pytest.approx(fast.times[::2])
    assert made.renditions[1].frame_rate == Ratio(30)


def test_film_without_sound(bench):
    path = bench.clip("film.mp4", *picture(seconds=1), *X264)
    made = bench.encode(path, film(video(duration=1.0), duration=1.0))
    assert {one.kind for one in made.renditions} == {"video"}


def test_sound_alone(bench):
    path = bench.clip("sound.m4a", *SOUND, "-c:a", "aac")
    made = bench.encode(path, film(None, sound(0)))
    assert [(one.kind, one.name) for one in made.renditions] == [("audio", "stereo")]
    assert float(bench.look(made.renditions[0]).stream["duration"]) == pytest.approx(3, abs=0.05)
    assert bench.reports[-1].fraction == 1.0


def test_two_languages_are_two_tracks(bench):
    path = bench.clip(
        "film.mkv", *picture(), *SOUND, "-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono",
        "-map", "0", "-map", "1", "-map", "2", *X264, "-c:a", "aac", "-t", "3",
    )  # fmt: skip
    info = film(
        video(),
        sound(1, language="en", default=True, label="English"),
        sound(2, language="fr", channels=1, sample_rate=48_000),
        container="matroska",
    )
    english, french = bench.encode(path, info).renditions[3:]
    assert (english.language, english.roles, english.default) == ("en", ("main",), True)
    assert (french.language, french.roles, french.default) == ("fr", ("dub",), False)
    assert english.label == "English"
    assert max(bench.samples(english)) > 1000
    assert max(bench.samples(french)) == 0
    assert bench.look(french).stream["channels"] == 2  # mono is made stereo


def test_surround_is_mixed_down_with_its_centre(bench):
    """A voice in the centre channel alone is heard at 0.707 in both, not lost."""
    path = bench.clip(
        "film.mka", "-f", "lavfi",
        "-i", "sine=frequency=440:sample_rate=48000:duration=2,volume=4,pan=5.1|FC=c0",
        "-c:a", "flac",
    )  # fmt: skip
    info = film(
        None,
        sound(0, codec="flac", channels=6, channel_layout="5.1", duration=2.0),
        container="matroska",
        duration=2.0,
    )
    made = bench.encode(path, info)
    assert bench.look(made.renditions[0]).stream["channels"] == 2
    middle = bench.samples(made.renditions[0])[4000:8000]
    # The source peaks at 0.5 of full scale.
    assert max(middle) == pytest.approx(0.5 * 0.707 * 32768, rel=0.15)


def test_late_sound_and_late_picture_keep_their_places(bench):
    late = bench.clip(
        "late.mkv", *picture(), "-itsoffset", "1", *SOUND,
        "-map", "0", "-map", "1", *X264, "-c:a", "pcm_s16le", "-t", "3",
    )  # fmt: skip
    made = bench.encode(late, film(video(), sound(1, start=1.0), container="matroska"))
    samples = bench.samples(made.renditions[-1])
    assert max(map(abs, samples[:7600])) < 200
    assert max(samples[8400:12000]) > 1000
    assert bench.look(made.renditions[-1]).times[0] <= 0

    early = bench.clip(
        "early.mkv", "-itsoffset", "1", *picture(seconds=2), *SOUND,
        "-map", "0", "-map", "1", *X264, "-c:a", "pcm_s16le", "-t", "3",
    )  # fmt: skip
    made = bench.encode(early, film(video(start=1.0, duration=2.0), sound(1), container="matroska"))
    assert assert_aligned(bench, made.renditions, Fraction(24), 24) == [72, 72, 72]
    assert made.notes == ()
    assert max(bench.samples(made.renditions[-1])[:4000]) > 1000


def test_hdr_is_tone_mapped_to_marked_sdr(bench):
    """A 100 cd/m2 grey (PQ code 0.508) comes out as a mid tone, not as PQ's code value."""
    path = bench.clip(
        "hdr.mkv", "-f", "lavfi", "-i", "color=0x828282:s=640x360:r=24:d=1,format=yuv420p10le",
        "-vf", "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc",
        "-c:v", "ffv1",
    )  # fmt: skip
    colour = {
        "primaries": "bt2020", "transfer": "smpte2084", "matrix": "bt2020nc", "bit_depth": 10,
        "video_range": "PQ",
    }  # fmt: skip
    info = film(video(colour=colour, duration=1.0), container="matroska", duration=1.0)
    made = bench.encode(path, info)
    stream = bench.look(made.renditions[0]).stream
    assert stream["pix_fmt"] == "yuv420p"
    assert {stream[f"color_{part}"] for part in ("space", "primaries", "transfer")} == {"bt709"}
    assert made.renditions[0].colour == Colour(primaries="bt709", transfer="bt709", matrix="bt709")
    red, green, blue = bench.pixel(made.renditions[0], 100, 100)
    assert max(red, green, blue) - min(red, green, blue) <= 8
    assert 100 < green < 235


def test_ten_bit_444_becomes_eight_bit_420(bench):
    path = bench.clip("film.mkv", *picture(seconds=1), "-pix_fmt", "yuv444p10le", "-c:v", "ffv1")
    info = film(
        video(colour={"bit_depth": 10, "chroma": "4:4:4"}, duration=1.0),
        container="matroska",
        duration=1.0,
    )
    assert_aligned(bench, bench.encode(path, info).renditions, Fraction(24), 24)


def broken(path: Path, packets: int) -> Path:
    """Return a copy of a transport stream with noise in *packets* packets before its end."""
    noise = random.Random(7)  # noqa: S311 - repeatable noise
    data = bytearray(path.read_bytes())
    last = len(data) // 188 - 12
    for place in range(last - packets, last):
        data[place * 188 + 8 : place * 188 + 188] = noise.randbytes(180)
    target = path.with_name("broken.ts")
    target.write_bytes(data)
    return target


def test_a_little_damage_is_a_note_and_much_a_refusal(bench):
    whole = bench.clip("whole.ts", *picture(seconds=4), *X264, "-g", "24")
    info = film(video(duration=4.0), container="mpegts", duration=4.0)
    made = bench.encode(broken(whole, 4), info)
    assert any("broken" in note for note in made.notes)
    assert bench.reports[-1].detail == " ".join(made.notes)
    with pytest.raises(MediaError) as refusal:
        bench.encode(broken(whole, 2000), info)
    assert refusal.value.code == "damaged"
    assert list(bench.scratch.iterdir()) == []


def test_a_film_that_ends_early_is_refused(bench):
    path = bench.clip("film.mp4", *picture(seconds=3), *X264, "-movflags", "+faststart")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(MediaError) as refusal:
        bench.encode(path, film(video()))
    assert refusal.value.code == "damaged"


def test_cancelling_leaves_nothing(bench):
    path = bench.clip("film.mp4", *picture(seconds=2), *X264)
    key = bench.put(path)
    with pytest.raises(CancelledError):
        encode(
            plan(film(video()), bench.ladder),
            key,
            Workplace(
                store=bench.store,
                folder="work/r",
                scratch=bench.scratch,
                toolchain=bench.toolchain,
            ),
            Control(cancelled=lambda: True),
        )
    assert list(bench.scratch.iterdir()) == []
    assert [one.key for one in bench.store.list("")] == [key]


def copying() -> Ladder:
    return load("source")


def test_compatible_mp4_is_not_encoded_at_all(bench):
    path = bench.clip("film.mp4", *picture(), *SOUND, *X264, "-g", "24", "-c:a", "aac")
    made = bench.encode(path, film(video(), sound(language="en")), copying())
    assert {one.key for one in made.renditions} == {"sources/film.mp4"}
    assert [(one.kind, one.name) for one in made.renditions] == [
        ("video", "360p"), ("audio", "stereo"),
    ]  # fmt: skip
    assert [one.key for one in bench.store.list("")] == ["sources/film.mp4"]


def test_compatible_tracks_of_other_containers_are_moved_to_mp4(bench):
    for name, container in (("film.mkv", "matroska"), ("film.ts", "mpegts")):
        path = bench.clip(name, *picture(), *SOUND, *X264, "-g", "24", "-c:a", "aac", "-t", "3")
        made = bench.encode(path, film(video(), sound(), container=container), copying())
        looks = [bench.look(one) for one in made.renditions]
        assert [look.stream["codec_name"] for look in looks] == ["h264", "aac"]
        assert len(looks[0].times) == 72
        assert looks[0].keys == pytest.approx([0, 1, 2], abs=0.025)  # AAC's delay comes first


def test_sparse_key_frames_call_copying_off(bench):
    path = bench.clip(
        "film.mp4", *picture("160x120", "5", 12), *X264, "-g", "1000", "-sc_threshold", "0"
    )
    info = film(video(160, 120, Ratio(5), duration=12.0), duration=12.0)
    made = bench.encode(path, info, copying())
    assert made.renditions[0].key.startswith("work/r/")
    assert any("encoded, not copied" in note for note in made.notes)
    assert bench.look(made.renditions[0]).keys == [0, 2, 4, 6, 8, 10]


def test_lines_of_many_rungs_do_not_run_into_each_other(bench):
    """Each of twelve encoders says once of every frame how far it is, in a line of its own."""
    rungs = tuple(
        Rung(name=f"{lines}p", height=lines, max_rate=100_000) for lines in range(90, 42, -4)
    )
    ladder = Ladder(name="many", preset="ultrafast", gop_seconds=2.0, video=rungs)
    path = bench.clip("film.mp4", *picture(size="160x90", rate="50", seconds=20), *X264)
    made = plan(film(video(160, 90, Ratio(50)), duration=20.0), ladder)
    assert len(made.video.outputs) == 12
    command = encode_command(made, bench.toolchain.ffmpeg, path, bench.folder)
    lines: list[str] = []
    run(command.argv, limits=Limits(wall_seconds=120), on_line=lines.append)
    said = [line for line in lines if "=" not in line]
    assert sorted(said) == sorted(
        f"{RUNG_LINE} {place} {frame}" for place in range(12) for frame in range(1000)
    )
