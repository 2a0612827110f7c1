"""ffmpeg's arguments for one audio output: every flag and filter with its reason."""

from matinee.transcode.audio_plan import AudioOutput
from matinee.transcode.loudness import Level

_DOWNMIX_CEILING = "alimiter=limit=0.97:level=0:latency=1"
_PEAK_RATE = 192_000
"""Four times 48 kHz: what BS.1770-5 Annex 2 asks to see peaks between samples."""
_FOLD = "0.7071*"
_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


def audio_arguments(output: AudioOutput, feed: str = "") -> list[str]:
    """Return what stands before the file name of *output*.

    *feed* is the link of a filter graph to take its sound from; "" for the source's track.
    """
    chosen = ["-map", f"0:{output.source.index}"]
    if output.copy:
        # ADTS (in MPEG-TS) says in every frame what MP4 says once.
        return [*chosen, "-c:a", "copy", "-bsf:a", "aac_adtstoasc"]
    filtered = ["-filter:a", audio_chain(output)]
    if output.evened:
        made = f"[sound-{output.track_index}-{output.name}]"
        chosen = ["-filter_complex", f"{feed}{audio_chain(output)}{made}", "-map", made]
        filtered = []
    return [
        *chosen,
        *_encoder(output),
        "-b:a", str(output.rate),
        "-flags:a", "+bitexact",
        *filtered,
    ]  # fmt: skip


def _encoder(output: AudioOutput) -> list[str]:
    if output.codec == "opus":
        # Capped by the average: the rungs of a ladder are promises of a rate.
        return ["-c:a", "libopus", "-vbr", "constrained", "-application", "audio"]
    return ["-c:a", "aac"]


def audio_chain(output: AudioOutput) -> str:
    """Return the `-filter:a` of *output*."""
    steps = [mixing(output)]
    if output.level is not None:
        steps += _levelling(output.level, output.sample_rate)
    elif output.source.channels > output.channels:
        # The rare peak above full scale is bent down instead of making everything softer.
        steps.append(_DOWNMIX_CEILING)
    if output.silence:
        steps.append(f"apad=pad_dur={output.silence:g}")
    return ",".join(steps)


def mixing(output: AudioOutput) -> str:
    """Return the filter that gives *output* its channels and rate; its loudness is measured after.

    A downmix adds channels up at full level, by the weights of ITU-R BS.775: centre and surrounds
    at 0.707, without the low effects. In floating point, so nothing is clipped before the level is
    set.
    """
    moved = f"asetpts=PTS{output.moved:+.6f}/TB," if output.moved else ""
    folded = "" if output.evened else _folded(output)
    return (
        f"{moved}{folded}{_resampled(output)}"
        # Silence before a late start, and in gaps, so that sound stays on its picture. What is off
        # by more than 15 ms, as where files were joined, is mended at once: by default only 100 ms
        # are, which is lip sync lost.
        ":async=1:min_hard_comp=0.015:first_pts=0"
    )


def mixing_alone(output: AudioOutput) -> str:
    """Return the filter that gives *output* its channels and rate, and leaves times as they are.

    Whatever comes is mixed by the same weights; fewer channels than those of *output* stay on their
    speakers.
    """
    folded = _folded(output)
    return f"{'aformat=channel_layouts=7.1,' if folded else ''}{folded}{_resampled(output)}"


def _folded(output: AudioOutput) -> str:
    # swresample takes the sides down by 3 dB and the backs not; both stay equally loud so.
    if output.source.channel_layout != "7.1" or output.channels != 6:
        return ""
    return f"pan=5.1|FL=FL|FR=FR|FC=FC|LFE=LFE|BL={_FOLD}BL+{_FOLD}SL|BR={_FOLD}BR+{_FOLD}SR,"


def _resampled(output: AudioOutput) -> str:
    return f"aresample=osr={output.sample_rate}:ochl={_LAYOUTS[output.channels]}:isf=fltp"


def _levelling(level: Level, sample_rate: int) -> list[str]:
    steps = [f"volume={level.gain:g}dB:precision=float"]
    if level.ceiling is not None:
        limit = 10 ** (level.ceiling / 20)
        steps += [
            f"aresample={_PEAK_RATE}",
            # `latency` takes back the delay of looking ahead, so that sound stays on its picture.
            f"alimiter=limit={limit:.4f}:attack=5:release=50:level=0:latency=1",
            f"aresample={sample_rate}",
        ]
    return steps
