"""Films with every trait that real ones have, made by ffmpeg on the spot and kept in a cache.

Each is a few seconds and small. A clip's file is named by a digest of its recipe, so a changed
recipe makes a new file and an unchanged one is made once per machine, not once per run.
"""

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.media import caption_data, hostile, pulldown

from matinee.toolchain.tools import Toolchain

SECONDS = 4
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "26", "-pix_fmt", "yuv420p", "-g", "50")
AAC = ("-c:a", "aac", "-b:a", "96k")
MP4 = ("-movflags", "+faststart")

ENGLISH_SRT = """1
00:00:00,500 --> 00:00:01,500
Good evening.

2
00:00:02,000 --> 00:00:03,500
<i>The curtain</i> rises &
falls again.
"""
GERMAN_SRT = """1
00:00:00,500 --> 00:00:01,500
Guten Abend.

2
00:00:02,000 --> 00:00:03,500
Der Vorhang hebt sich.
"""


def counting_srt(word: str, seconds: int = 20) -> str:
    """A cue every 2 s that says its own number, so that a test can tell which is on the screen."""
    cues = range(seconds // 2)
    return "\n".join(
        f"{n + 1}\n00:00:{2 * n:02},000 --> 00:00:{2 * n + 1:02},900\n{word} {n}\n" for n in cues
    )


CHAPTERS = """;FFMETADATA1
title=A film in two parts
[CHAPTER]
TIMEBASE=1/1000
START=0
END=2000
title=Opening
[CHAPTER]
TIMEBASE=1/1000
START=2000
END=4000
title=Close
"""


def picture(
    size: str = "640x360", rate: str = "25", seconds: float = SECONDS, after: str = ""
) -> tuple[str, ...]:
    """Input arguments of a moving picture that counts its frames and flashes every full second."""
    flash = "drawbox=w=80:h=80:color=white:t=fill:enable='lt(mod(t,1),0.1)'"
    graph = f"testsrc2=size={size}:rate={rate}:duration={seconds},{flash}"
    return ("-f", "lavfi", "-i", f"{graph},{after}" if after else graph)


def tone(hertz: int = 440, layout: str = "stereo", seconds: float = SECONDS) -> tuple[str, ...]:
    """Input arguments of a tone that is loud during the picture's flashes and soft between."""
    channels = {"mono": 1, "stereo": 2, "5.1": 6}[layout]
    loud = "(0.05+0.4*lt(mod(t,1),0.1))"
    waves = "|".join(f"{loud}*sin({hertz + 40 * n}*2*PI*t)" for n in range(channels))
    return ("-f", "lavfi", "-i", f"aevalsrc='{waves}':c={layout}:s=48000:d={seconds}")


ODD_SECONDS = 6


def moving(
    rate: str = "25",
    size: str = "320x180",
    seconds: float = ODD_SECONDS,
    after: str = "",
    late: float = 0,
) -> tuple[str, ...]:
    """Input arguments of a soft, moving picture that is white for 0.1 s at every full second.

    Soft as films are: test patterns as fine as lines look like fields. It begins *late* in a film
    whose seconds count.
    """
    flash = f"drawbox=color=white:t=fill:enable='lt(mod(t+{late},1),0.1)'"
    soft = f"testsrc2=size={size}:rate={rate}:duration={seconds},gblur=sigma=3,{flash}"
    return ("-f", "lavfi", "-i", f"{soft},{after}" if after else soft)


def beeping(
    seconds: float = ODD_SECONDS, rate: int = 48_000, channels: int = 2, late: float = 0
) -> tuple[str, ...]:
    """Input arguments of sound for 0.1 s at every full second, in all channels."""
    wave = f"0.4*sin(2*PI*1000*t)*lt(mod(t+{late},1),0.1)"
    return ("-f", "lavfi", "-i", f"aevalsrc='{'|'.join([wave] * channels)}':s={rate}:d={seconds}")


def replicated_bands(whole: bytes) -> bytes:
    """AAC at 24 kHz said to be HE-AAC at 48 kHz, as decoders take it that know of SBR.

    The sync extension of AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) says so. There is no SBR
    payload behind it, so the upper half of the band stays empty.
    """
    without, with_sbr = b"\x56\xe5\x00", b"\x56\xe5\x98"
    assert whole.count(without) == 1
    return whole.replace(without, with_sbr)


@dataclass(frozen=True)
class Joined:
    """The bytes of other clips one after the other, as recorders and editors join MPEG-TS."""

    parts: tuple[str, ...]
    suffix: str = "ts"


@dataclass(frozen=True)
class Made:
    """A clip that ffmpeg makes. `{name}` in an argument is the file of a clip or of `files`."""

    arguments: tuple[str, ...]
    suffix: str = "mp4"
    after: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Derived:
    """A clip that a function makes of another clip's bytes (b"" where it needs none)."""

    make: Callable[[bytes], bytes]
    of: str = ""
    suffix: str = "mp4"
    edition: int = 1


def film(*arguments: str, suffix: str = "mp4") -> Made:
    flags = MP4 if suffix in {"mp4", "mov"} else ()
    return Made((*arguments, *H264, *AAC, *flags), suffix)


MPEG2 = ("-c:v", "mpeg2video", "-q:v", "3", "-g", "15")
INTERLACED = ("-flags", "+ilme+ildct")
TELECINE = "telecine=pattern=23:first_field=top,fps=30000/1001"
FIELDS = "tinterlace=interleave_top"


def odd(*arguments: str, suffix: str = "mp4", video: tuple[str, ...] = H264) -> Made:
    """A film whose sound is as good as its container takes."""
    sound = ("-c:a", "mp2", "-b:a", "128k") if suffix in {"ts", "mpg"} else AAC
    return Made((*arguments, *video, *sound, *(MP4 if suffix in {"mp4", "mov"} else ())), suffix)


MASTERING = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
HDR10 = (
    f"hdr10=1:repeat-headers=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
    f":master-display={MASTERING}:max-cll=1000,400:log-level=error"
)
COLOUR_BT2020 = (
    "-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc",
)  # fmt: skip

GOOD: dict[str, Made | Derived] = {
    "plain": film(*picture(), *tone()),
    "hd": film(*picture("1280x720"), *tone()),
    "long": film(*picture("320x180", seconds=20), *tone(seconds=20)),
    "two-minutes": film(*picture("320x180", seconds=125), *tone(seconds=125)),
    "tiny": film(*picture("160x90", seconds=2), *tone(seconds=2)),
    "portrait": film(*picture("360x640"), *tone()),
    "rotated": Made(("-display_rotation:v:0", "90", "-i", "{plain}", "-c", "copy", *MP4)),
    "mirrored": Made(("-display_hflip:v:0", "-i", "{plain}", "-c", "copy", *MP4)),
    "film-rate": film(*picture(rate="24000/1001"), *tone()),
    "fast": film(*picture(rate="60"), *tone()),
    "slow": film(*picture(rate="12"), *tone()),
    "variable-rate": film(
        *picture(rate="30", after="select='not(between(mod(n,12),3,6))'"), *tone(),
        "-fps_mode", "vfr",
    ),
    "interlaced": film(
        *picture("720x576", "50", after="tinterlace=interleave_top,setfield=tff"), *tone(),
        "-flags", "+ilme+ildct", "-x264-params", "tff=1",
    ),
    "anamorphic": film(*picture("720x576", after="setsar=16/11"), *tone()),
    "odd-size": Made(
        (
            *picture("642x362", after="format=yuv444p,crop=641:361:0:0:exact=1"), *tone(),
            *H264, "-pix_fmt", "yuv444p", *AAC, *MP4,
        ),
    ),
    "no-audio": film(*picture()),
    "mono": film(*picture(), *tone(layout="mono")),
    "surround": film(*picture(), *tone(layout="5.1")),
    "late-audio": film(*picture(), "-itsoffset", "1.5", *tone(seconds=2)),
    "short-audio": film(*picture(), *tone(seconds=2)),
    "short-video": film(*picture(seconds=2), *tone()),
    "still": film(*picture(seconds=0.04), *tone()),
    "two-languages": film(
        *picture(), *tone(330), *tone(550), "-map", "0:v", "-map", "1:a", "-map", "2:a",
        "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu",
        "-metadata:s:a:1", "title=Deutsch", "-disposition:a:0", "default", "-disposition:a:1", "0",
    ),
    "described": film(
        *picture("320x180"), *tone(layout="5.1"), *tone(550), *tone(770),
        "-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:a",
        *(word for n in range(3) for word in (f"-metadata:s:a:{n}", "language=eng")),
        "-disposition:a:0", "default", "-disposition:a:1", "visual_impaired",
        "-disposition:a:2", "comment",
    ),
    "subtitles": Made(
        (
            *picture(), *tone(), "-i", "{english.srt}", "-map", "0:v", "-map", "1:a", "-map", "2:s",
            *H264, *AAC, "-c:s", "mov_text", "-metadata:s:s:0", "language=eng", *MP4,
        ),
        files={"english.srt": ENGLISH_SRT},
    ),
    "subtitles-mkv": Made(
        (
            *picture(), *tone(), "-i", "{english.srt}", "-i", "{german.srt}",
            "-map", "0:v", "-map", "1:a", "-map", "2:s", "-map", "3:s", *H264, *AAC,
            "-c:s", "srt", "-metadata:s:s:0", "language=eng", "-metadata:s:s:1", "language=ger",
            "-disposition:s:1", "hearing_impaired",
        ),
        "mkv",
        files={"english.srt": ENGLISH_SRT, "german.srt": GERMAN_SRT},
    ),
    "chapters": Made(
        (
            *picture(), *tone(), "-i", "{chapters.txt}", "-map", "0:v", "-map", "1:a",
            "-map_chapters", "2", *H264, *AAC, *MP4,
        ),
        files={"chapters.txt": CHAPTERS},
    ),
    "feature": Made(
        (
            *picture("640x360", seconds=20), *tone(330, seconds=20), *tone(550, seconds=20),
            "-i", "{lines.srt}", "-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:s",
            *H264, *AAC, "-c:s", "mov_text", "-metadata:s:a:0", "language=eng",
            "-metadata:s:a:1", "language=deu", "-metadata:s:s:0", "language=eng", *MP4,
        ),
        files={"lines.srt": counting_srt("Line")},
    ),
    "captions": Made(
        (
            "-r", "25", "-f", "h264", "-i", "{captions-stream}", *tone(seconds=20),
            "-c:v", "copy", *AAC, "-metadata:s:a:0", "language=eng", *MP4,
        ),
    ),
    "audio-m4a": Made((*tone(), *AAC), "m4a"),
    "audio-mp3": Made((*tone(), "-c:a", "libmp3lame"), "mp3"),
    "audio-wav": Made((*tone(), "-c:a", "pcm_s16le"), "wav"),
    "cover": Made(
        (
            *tone(), *picture("320x320", "1", 1), "-map", "0:a", "-map", "1:v", *AAC,
            "-c:v", "mjpeg", "-frames:v", "1", "-disposition:v:0", "attached_pic",
        ),
        "m4a",
    ),
    "hdr10": Made(
        (
            *picture("640x360", seconds=2), *tone(seconds=2), "-c:v", "libx265",
            "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1",
            "-x265-params", HDR10, *COLOUR_BT2020, *AAC, *MP4,
        ),
    ),
    "av1": Made(
        (
            *picture(seconds=2), *tone(seconds=2), "-c:v", "libsvtav1", "-preset", "12",
            "-crf", "50", "-svtav1-params", "lp=1", *AAC, *MP4,
        ),
    ),
    "mov": Made(
        (*picture(), *tone(), "-c:v", "prores_ks", "-profile:v", "0", "-c:a", "pcm_s16le"), "mov"
    ),
    "mkv": film(*picture(), *tone(), suffix="mkv"),
    "webm": Made(
        (
            *picture(), *tone(), "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8",
            "-b:v", "600k", "-c:a", "libopus",
        ),
        "webm",
    ),
    "ts": film(*picture(), *tone(), suffix="ts"),
    "avi": Made(
        (*picture(), *tone(), "-c:v", "mpeg4", "-q:v", "6", "-c:a", "libmp3lame"), "avi"
    ),
    "mxf": Made(
        (*picture(), *tone(), "-c:v", "mpeg2video", "-q:v", "6", "-c:a", "pcm_s16le"), "mxf"
    ),
    "fragmented": Made(
        (*picture(), *tone(), *H264, *AAC, "-movflags", "+frag_keyframe+empty_moov"),
    ),
    "moov-last": Made((*picture(), *tone(), *H264, *AAC)),
}  # fmt: skip
"""Films that must publish and play."""

BROKEN: dict[str, Made | Derived] = {
    "truncated": Derived(lambda whole: whole[: len(whole) * 6 // 10], "plain"),
    "truncated-no-moov": Derived(lambda whole: whole[: len(whole) // 2], "moov-last"),
    "corrupted": Derived(hostile.flipped, "plain"),
    "empty": Derived(lambda _: b""),
    "text": Derived(lambda _: b"This is not a film.\n" * 500),
    "random": Derived(hostile.noise),
    "image": Made((*picture("320x180", "1", 1), "-frames:v", "1", "-c:v", "mjpeg"), "jpg"),
    "subtitles-only": Made(
        ("-i", "{english.srt}", "-c:s", "mov_text"), files={"english.srt": ENGLISH_SRT}
    ),
    "encrypted": Made(
        (
            "-i", "{plain}", "-c", "copy", "-encryption_scheme", "cenc-aes-ctr",
            "-encryption_key", "00112233445566778899aabbccddeeff",
            "-encryption_kid", "ffeeddccbbaa99887766554433221100",
        ),
    ),
}  # fmt: skip
"""Files that are damaged, or hold nothing that can be published."""

HOSTILE: dict[str, Made | Derived] = {
    "playlist": Derived(lambda _: hostile.PLAYLIST),
    "playlist-m3u8": Derived(lambda _: hostile.PLAYLIST, suffix="m3u8"),
    "concat": Derived(lambda _: hostile.CONCAT),
    "concat-txt": Derived(lambda _: hostile.CONCAT, suffix="ffconcat"),
    "mpd": Derived(lambda _: hostile.MPD),
    "sdp": Derived(lambda _: hostile.SDP, suffix="sdp"),
    "svg": Derived(lambda _: hostile.SVG, suffix="svg"),
    "external-data": Derived(hostile.external_data, "moov-last"),
    "nested-boxes": Derived(lambda _: hostile.nested_boxes()),
    "box-past-end": Derived(lambda _: hostile.box_past_end()),
    "huge-table": Derived(hostile.huge_table, "moov-last"),
    "absurd-dimensions": Derived(hostile.absurd_dimensions, "png-avi", "avi"),
    "absurd-duration": Made(
        (
            "-f", "lavfi", "-i", "testsrc2=size=64x64:rate=1/86400:duration=8640000",
            "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0",
        ),
        "mkv",
    ),
    "many-tracks": Made(
        ("-i", "{audio-m4a}", *(("-map", "0:a") * 300), "-c", "copy", "-t", "0.2"), "mkv"
    ),
}  # fmt: skip
"""Files made to harm: to open others, to eat memory or time, to crash a reader."""

ODD: dict[str, Made | Derived | Joined] = {
    "telecined": odd(
        *moving("24000/1001", "352x480", after=f"{TELECINE},setfield=tff"), *beeping(),
        *INTERLACED, suffix="ts", video=MPEG2,
    ),
    "telecined-unflagged": odd(
        *moving("24000/1001", "352x480", after=f"{TELECINE},setfield=prog"), *beeping(),
    ),
    "soft-telecined": Made(
        # A bare stream has no times; made up, they begin a frame late, and so must the sound.
        ("-f", "mpegvideo", "-fflags", "+genpts", "-i", "{film-es-pulled-down}",
         "-itsoffset", "0.0334", *beeping(), "-c:v", "copy", "-c:a", "mp2"), "ts",
    ),
    "soft-telecined-mkv": Made(("-i", "{soft-telecined}", "-c", "copy"), "mkv"),
    "half-telecined": Joined(("telecined-part", "video-part")),
    "fields": odd(
        *moving("50", "352x576", after=f"{FIELDS},setfield=tff"), *beeping(),
        *INTERLACED, suffix="ts", video=MPEG2,
    ),
    "fields-unflagged": odd(
        *moving("50", "352x576", after=f"{FIELDS},setfield=prog"), *beeping()
    ),
    "frames-flagged-as-fields": odd(
        *moving(size="352x576", after="setfield=tff"), *beeping(), *INTERLACED,
        "-x264-params", "tff=1",
    ),
    "letterboxed": odd(*moving(size="320x136", after="pad=320:180:0:22"), *beeping()),
    "pillarboxed-anamorphic": odd(
        *moving(size="540x576", after="pad=720:576:90:0,setsar=64/45"), *beeping()
    ),
    "letterboxed-turned": Made(
        ("-display_rotation:v:0", "90", "-i", "{letterboxed}", "-c", "copy", *MP4)
    ),
    "night": odd(
        "-f", "lavfi",
        "-i", "gradients=s=320x180:c0=black:c1=0x303030:x0=160:y0=0:x1=160:y1=90:d=6:r=25",
        *beeping(),
    ),
    "joined": Joined(("part-1", "part-2", "part-3")),
    "joined-mkv": Made(("-i", "{joined}", "-c", "copy"), "mkv"),
    "joined-from-zero": Joined(("part-1", "part-1", "part-1")),
    "joined-sizes": Joined(("part-1", "part-2-larger")),
    "joined-rates": Joined(("part-1", "part-2-44100")),
    "joined-codecs": Joined(("part-1", "part-2-mpeg2")),
    "holes-ts": Derived(hostile.holed, "fields", "ts"),
    "gap": odd(
        *moving("30", seconds=12, after="select='lt(t,3)+gte(t,9)'"), *beeping(12),
        "-fps_mode", "passthrough", suffix="mkv",
    ),
    "raw-avi": Made(
        (*moving(), *beeping(), "-c:v", "rawvideo", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le"),
        "avi",
    ),
    "negative-times": odd(
        *moving(), *beeping(), "-bf", "2", "-output_ts_offset", "-1.5",
        "-avoid_negative_ts", "disabled",
    ),
    "cut-between-frames": Made(("-ss", "1.613", "-i", "{whole-film}", "-c", "copy", *MP4)),
    "cut": Made(("-ss", "1.6", "-i", "{whole-film}", "-c", "copy", *MP4)),
    "late-sound-edit": Made(
        ("-i", "{whole-film}", "-itsoffset", "0.7", "-i", "{late-beeps}", "-map", "0:v",
         "-map", "1:a", "-c", "copy", *MP4)
    ),
    "late-sound-ts": Made(
        ("-i", "{whole-film}", "-itsoffset", "0.7", "-i", "{late-beeps}", "-map", "0:v",
         "-map", "1:a", "-c", "copy"), "ts"
    ),
    "late-picture-ts": Made(
        ("-itsoffset", "0.3", "-i", "{whole-film}", "-itsoffset", "0.3", "-i", "{whole-film}",
         "-f", "lavfi", "-i", "sine=300:d=2", "-map", "0:v", "-map", "1:a", "-map", "2:a",
         "-c:v", "copy", "-c:a:0", "copy", "-c:a:1", "mp2"), "ts"
    ),
    "half-rate-sound": Derived(replicated_bands, "sound-at-24-khz"),
    "alpha": Made(
        (
            *moving(after="format=yuva444p10le,geq=lum='p(X,Y)':a='1023*gt(X,160)'"), *beeping(),
            "-c:v", "prores_ks", "-profile:v", "4444", "-c:a", "pcm_s16le",
        ),
        "mov",
    ),
    "seven-one": Made((*moving(), *beeping(channels=8), *H264, "-c:a", "flac"), "mkv"),
}  # fmt: skip
"""Sources as the field has them, each of which is right when published, or refused by a rule."""

RAW: dict[str, Made | Derived | Joined] = {
    "film-es": Made((*moving("24000/1001", "352x480"), *MPEG2, "-bf", "0"), "m2v"),
    "film-es-pulled-down": Derived(pulldown.pulled_down, "film-es", "m2v"),
    "telecined-part": odd(
        *moving("24000/1001", "352x480", after=f"{TELECINE},setfield=tff"),
        *beeping(),
        *INTERLACED,
        suffix="ts",
        video=MPEG2,
    ),
    "video-part": odd(
        *moving("60000/1001", "352x480", after=f"{FIELDS},setfield=tff"),
        *beeping(),
        *INTERLACED,
        "-output_ts_offset",
        str(ODD_SECONDS),
        suffix="ts",
        video=MPEG2,
    ),
    "whole-film": odd(*moving(), *beeping(), "-bf", "2"),
    # Early by the delay of an SBR decoder, as an encoder for it would have it.
    "sound-at-24-khz": odd(*moving(), *beeping(rate=24_000, late=481 / 24_000)),
    "late-beeps": Made((*beeping(ODD_SECONDS - 0.7, late=0.7), *AAC), "m4a"),
    "part-1": Made((*moving(seconds=4), *beeping(4), *H264, *AAC), "ts"),
    "part-2": Made((*moving(seconds=4), *beeping(4), *H264, *AAC, "-output_ts_offset", "4"), "ts"),
    "part-3": Made((*moving(seconds=4), *beeping(4), *H264, *AAC, "-output_ts_offset", "8"), "ts"),
    "part-2-larger": Made(
        (*moving(size="640x480", seconds=4), *beeping(4), *H264, *AAC, "-output_ts_offset", "4"),
        "ts",
    ),
    "part-2-44100": Made(
        (*moving(seconds=4), *beeping(4, 44_100), *H264, *AAC, "-output_ts_offset", "4"), "ts"
    ),
    "part-2-mpeg2": Made(
        (*moving(seconds=4), *beeping(4), *MPEG2, "-c:a", "mp2", "-output_ts_offset", "4"), "ts"
    ),
    "captions-plain": Made(
        (*picture("640x360", seconds=20), *H264, "-x264-params", "threads=1"), "h264"
    ),
    "captions-stream": Derived(caption_data.counting, "captions-plain", "h264"),
    "png-avi": Made((*picture("64x64", seconds=1), "-c:v", "png"), "avi"),
}
"""What other clips are made of."""

LONG: dict[str, Made | Derived] = {
    "short-reel": Made(
        (
            *picture("640x360", seconds=30), *tone(seconds=30),
            "-c:v", "mpeg4", "-q:v", "10", "-bf", "2", "-c:a", "libmp3lame",
        ),
        "avi",
    ),
    "reel": Made(
        (
            *picture("854x480", seconds=60), *tone(330, seconds=60), *tone(550, seconds=60),
            "-i", "{lines.srt}", "-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:s",
            "-c:v", "mpeg4", "-q:v", "10", "-c:a", "libmp3lame", "-c:s", "srt",
            "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu",
            "-metadata:s:s:0", "language=eng",
        ),
        "mkv",
        files={"lines.srt": counting_srt("Line", 60)},
    ),
}  # fmt: skip
"""Films that take a while to encode, for the tests that ask for one by name."""

RECIPES = {**GOOD, **BROKEN, **HOSTILE, **ODD, **RAW, **LONG}


@cache
def clip(name: str) -> Path:
    """Return the file of the clip *name*, made unless the cache holds it."""
    recipe = RECIPES[name]
    folder = _folder()
    path = folder / f"{name}-{_digest(name)}.{recipe.suffix}"
    if not path.is_file():
        with tempfile.TemporaryDirectory(dir=folder, prefix=".making-") as work:
            made = Path(work, path.name)
            if isinstance(recipe, Joined):
                made.write_bytes(b"".join(clip(part).read_bytes() for part in recipe.parts))
            elif isinstance(recipe, Derived):
                made.write_bytes(recipe.make(clip(recipe.of).read_bytes() if recipe.of else b""))
            else:
                _run(recipe, made)
            made.replace(path)  # whole or not at all: another process may be making the same
    return path


def _run(recipe: Made, made: Path) -> None:
    for name, text in recipe.files.items():
        (made.parent / name).write_text(text)
    arguments = [_filled(argument, recipe, made.parent) for argument in recipe.arguments]
    ffmpeg = str(Toolchain.find().ffmpeg)
    done = subprocess.run(
        [ffmpeg, "-v", "error", "-nostdin", "-y", *arguments, str(made)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise AssertionError(f"ffmpeg could not make {made.name}: {done.stderr[-2000:]}")


def _filled(argument: str, recipe: Made, work: Path) -> str:
    if not (argument.startswith("{") and argument.endswith("}")):
        return argument
    name = argument[1:-1]
    return str(work / name) if name in recipe.files else str(clip(name))


def _folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(os.environ.get("MATINEE_TEST_CLIPS") or Path(base, "matinee", "test-clips"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@cache
def _digest(name: str) -> str:
    """Digest of all that decides the clip's bytes."""
    recipe = RECIPES[name]
    told: tuple[object, ...]
    if isinstance(recipe, Made):
        inputs = [word[1:-1] for word in recipe.arguments if word[:1] == "{"]
        sources = [_digest(one) for one in inputs if one in RECIPES]
        told = (recipe.arguments, sorted(recipe.files.items()), sources, _ffmpeg_build())
    elif isinstance(recipe, Joined):
        told = ("joined", *(_digest(part) for part in recipe.parts))
    elif recipe.of:
        makers = [Path(one.__file__).read_text() for one in (hostile, pulldown)]
        told = (_digest(recipe.of), recipe.edition, recipe.make.__name__, *makers)
    else:
        told = (recipe.make(b""),)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:12]


@cache
def _ffmpeg_build() -> str:
    path = Toolchain.find().ffmpeg
    return f"{path.name}-{path.stat().st_size}"
