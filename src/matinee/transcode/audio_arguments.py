"""ffmpeg's arguments for one audio output: every flag and filter with its reason."""

from matinee.transcode.audio_plan import AudioOutput


def audio_arguments(output: AudioOutput) -> list[str]:
    """Return what stands before the file name of *output*."""
    chosen = ["-map", f"0:{output.source.index}"]
    if output.copy:
        # ADTS (in MPEG-TS) says in every frame what MP4 says once.
        return [*chosen, "-c:a", "copy", "-bsf:a", "aac_adtstoasc"]
    return [
        *chosen,
        "-c:a", "aac",
        "-b:a", str(output.rate),
        "-flags:a", "+bitexact",
        "-filter:a", audio_chain(output.channels, output.source.channels, output.sample_rate),
    ]  # fmt: skip


def audio_chain(channels: int, source_channels: int, sample_rate: int) -> str:
    """Return the `-filter:a` of an audio output."""
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[channels]
    # Silence before a late start, and in gaps, so that sound stays on its picture.
    steps = [f"aresample=osr={sample_rate}:ochl={layout}:async=1:first_pts=0"]
    if source_channels > channels:
        # A downmix adds channels up at full level: ITU-R BS.775 weights, the rare peak above full
        # scale is bent down instead of making everything quieter.
        steps.append("alimiter=limit=0.97:level=0:latency=1")
    return ",".join(steps)
