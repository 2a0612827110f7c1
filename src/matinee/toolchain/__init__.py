"""The media programs we run (ffmpeg, ffprobe) and the sandbox they run in."""
