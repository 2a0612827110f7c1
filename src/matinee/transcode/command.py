"""The one ffmpeg command of an encode, as a value: every flag with its reason."""

from pathlib import Path

import msgspec

from matinee.model.media import MPEG_STREAMS
from matinee.toolchain.ffmpeg import FFMPEG_OPTIONS, PROGRESS_OPTIONS, input_options
from matinee.transcode.audio_arguments import audio_arguments
from matinee.transcode.audio_plan import AudioOutput
from matinee.transcode.chunks import Chunk
from matinee.transcode.evening import feeds_of
from matinee.transcode.filters import pad, video_graph
from matinee.transcode.hardware import HardwareEncoder
from matinee.transcode.hardware_arguments import device_options
from matinee.transcode.plan import EncodePlan, VideoOutput, VideoPlan
from matinee.transcode.video_arguments import codec_options

_FEW_CORES = 4
_MOST_SLICES = 4
_MOST_DECODERS = 8
_MOST_SCALERS = 4
RUNG_LINE = "rung"
"""First word of the line that ffmpeg writes for each encoded frame: `rung <output> <frames>`."""


def video_file(output: VideoOutput) -> str:
    """Return the name of the file of *output*."""
    return f"video-{output.name}.mp4"


def audio_file(output: AudioOutput) -> str:
    """Return the name of the file of *output*."""
    return f"audio-{output.track_index}-{output.name}.mp4"


COPIED_VIDEO_FILE = "video-source.mp4"


class OutputFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file that the command writes, by its name in the folder given."""

    file_name: str
    video: VideoOutput | None = None
    """None for a copied video track, and for audio."""
    audio: AudioOutput | None = None


class EncodeCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What to run, and the files it leaves, in the order of ffmpeg's outputs."""

    argv: tuple[str, ...]
    files: tuple[OutputFile, ...]


def files_of(plan: EncodePlan) -> tuple[OutputFile, ...]:
    """Return the files that *plan* needs; tracks copied from an MP4 source need none."""
    files: list[OutputFile] = []
    in_place = plan.container == "mp4"
    if plan.video is not None and not plan.video.copy:
        files += [
            OutputFile(file_name=video_file(output), video=output) for output in plan.video.outputs
        ]
    elif plan.video is not None and not in_place:
        files.append(OutputFile(file_name=COPIED_VIDEO_FILE))
    files += [
        OutputFile(file_name=audio_file(output), audio=output)
        for output in plan.audio
        if not (output.copy and in_place)
    ]
    return tuple(files)


def encode_command(  # noqa: PLR0913 - keyword options of one command, each independent
    plan: EncodePlan,
    ffmpeg: Path,
    source: Path,
    folder: Path,
    *,
    cores: int = 1,
    chunk: Chunk | None = None,
    equipment: tuple[HardwareEncoder, ...] = (),
) -> EncodeCommand:
    """Return the command that reads *source* once and writes every file of *plan* to *folder*.

    Only to be run where `files_of` has something. *cores* is how many processors there are to use.
    With *chunk*, only its frames of the pictures are made, as fragments that can be put together.
    The first pass of a rung writes no file of its, but what it has found, into the folder that it
    is run in; the second one looks for it there. *equipment* is what makes the outputs that the
    plan gives to hardware.
    """
    files = files_of(plan)
    if chunk is not None:
        files = tuple(file for file in files if file.video is not None)
    slices = slices_of(plan.video, cores) if plan.video is not None else {}
    argv = [
        str(ffmpeg),
        *FFMPEG_OPTIONS,
        # Says at the end how many frames were decoded and how many had to be made up.
        "-loglevel", "verbose",
        *PROGRESS_OPTIONS,
        # Judging damage is our business (`damage.py`), not ffmpeg's.
        "-max_error_rate", "1",
        # Timestamps that AVI and old MPEG leave out.
        "-fflags", "+genpts",
        # Each decoding and scaling thread holds pictures; beyond these they only cost memory.
        "-threads", str(min(cores, _MOST_DECODERS)),
        "-filter_complex_threads", str(min(cores, _MOST_SCALERS)),
        *device_options(equipment),
        *_seek(plan.video, chunk),
        *input_options(source, plan.container),
    ]  # fmt: skip
    feeds = feeds_of((place, file.audio) for place, file in enumerate(files) if file.audio)
    argv += feeds.arguments
    if plan.video is not None and not plan.video.copy:
        argv += ["-filter_complex", video_graph(plan.video, chunk=chunk)]
    for place, file in enumerate(files):
        if file.audio is not None:
            argv += audio_arguments(file.audio, feeds.links[place])
        elif file.video is not None and plan.video is not None:
            argv += encoder_options(
                plan.video, file.video, place, slices[file.video.name], equipment
            )
        elif plan.video is not None:
            argv += _copied_video(plan.video)
        if file.video is not None and file.video.pass_number == 1:
            argv += ["-f", "null", "-"]
        else:
            argv += [*_mp4(fragments=chunk is not None), f"file:{folder / file.file_name}"]
    argv += _read_along(plan)
    return EncodeCommand(argv=tuple(argv), files=files)


def _read_along(plan: EncodePlan) -> list[str]:
    """Return what makes ffmpeg count a stream's time from its first track, used or not.

    Of MPEG streams it leaves out tracks that go nowhere, and would begin with the first one used.
    """
    used = {output.source.index for output in plan.audio}
    if plan.video is not None:
        used.add(plan.video.source.index)
    along = [index for index in plan.tracks if index not in used]
    if plan.container not in MPEG_STREAMS or not along:
        return []
    maps = (word for index in along for word in ("-map", f"0:{index}"))
    return [*maps, "-c", "copy", "-f", "null", "-"]


def _seek(video: VideoPlan | None, chunk: Chunk | None) -> list[str]:
    if video is None or chunk is None or not chunk.first:
        return []
    begin = (chunk.first - chunk.lead) / video.frame_rate.value
    # To the key frame before, whose pictures then have times below 0. They are wanted: where the
    # rate varies, the one before the beginning is shown until the next one comes.
    return ["-noaccurate_seek", "-ss", f"{float(begin):.6f}"]


def _mp4(*, fragments: bool) -> list[str]:
    # Signed composition offsets: the first frame shows at 0 without an edit list.
    flags = "+negative_cts_offsets"
    if fragments:
        # A fragment for each IDR, addressed from its own start, and no index behind the last.
        flags += "+frag_keyframe+delay_moov+default_base_moof+skip_trailer"
    return [
        # Nothing of the source's metadata: it may be private, and is in `MediaInfo` already.
        "-map_metadata", "-1", "-map_chapters", "-1",
        # No dates and versions: equal input gives equal bytes.
        "-fflags", "+bitexact",
        "-movflags", flags,
        # A second run after a crash replaces what the first one left.
        "-y",
        "-f", "mp4",
    ]  # fmt: skip


def slices_of(video: VideoPlan, cores: int) -> dict[str, int]:
    """Return how many threads each rung has; H.264 pictures are cut in as many slices.

    Rungs run beside each other, so one thread each keeps a few cores busy, and costs least CPU.
    With more cores than that the larger rungs get a share by their size. Slices, not x264's frame
    threads: those make the bytes differ from run to run under VBV.
    """
    if cores <= _FEW_CORES:
        return {output.name: 1 for output in video.outputs}
    pixels = {output.name: output.width * output.height for output in video.outputs}
    total = sum(pixels.values())
    return {
        name: min(_MOST_SLICES, max(1, round(cores * share / total)))
        for name, share in pixels.items()
    }


def one_pass(plan: EncodePlan) -> EncodePlan:
    """Return *plan* with one pass for every rung."""
    outputs = plan.video.outputs if plan.video is not None else ()
    return plan.with_outputs(msgspec.structs.replace(one, pass_number=0) for one in outputs)


def first_pass_of(plan: EncodePlan) -> EncodePlan | None:
    """Return the first pass of the rungs of *plan* that have two; None where none has."""
    if plan.video is None or plan.video.copy:
        return None
    twice = [
        msgspec.structs.replace(output, pass_number=1)
        for output in plan.video.outputs
        if output.pass_number == 2 and output.hardware is None
    ]
    return msgspec.structs.replace(plan.with_outputs(twice), audio=()) if twice else None


def encoder_options(
    video: VideoPlan,
    output: VideoOutput,
    place: int,
    slices: int,
    equipment: tuple[HardwareEncoder, ...] = (),
) -> list[str]:
    """Return the options of one video output, fed by link *place* of the filter graph."""
    return [
        "-map", pad(place),
        *codec_options(output, slices, equipment),
        # The filter graph has set the rate; the muxer writes it in whole ticks.
        "-fps_mode", "cfr",
        "-video_track_timescale", str(video.timescale),
        # A line for each frame encoded, from which comes the progress of each rung.
        "-stats_enc_post:v", _own_stdout(place),
        "-stats_enc_post_fmt:v", f"{RUNG_LINE} {place} {{n}}",
    ]  # fmt: skip


def _own_stdout(place: int) -> str:
    """Return a name of standard output that no other output has.

    ffmpeg keeps one buffer for each name and writes it line by line; the encoders' threads would
    write into a shared one at the same time, and lines would run into each other.
    """
    return f"pipe:{'0' * place}1"


def _copied_video(video: VideoPlan) -> list[str]:
    tag = ["-tag:v", "hvc1"] if video.source.codec == "hevc" else []
    return [
        "-map", f"0:{video.source.index}",
        "-c:v", "copy", *tag,
        "-video_track_timescale", "90000",
    ]  # fmt: skip
