"""What to encode: `plan` decides everything about a source and a ladder, and runs nothing."""

from fractions import Fraction

import msgspec

from matinee.errors import MediaError
from matinee.model.ladder import AudioRung, Ladder, Rung
from matinee.model.media import AudioTrackInfo, Colour, MediaInfo, Ratio, VideoTrackInfo
from matinee.transcode.colour import output_colour
from matinee.transcode.geometry import SizedRung, sized_rungs
from matinee.transcode.levels import Picture, h264_level
from matinee.transcode.timing import constant_rate, frame_step, gop_frames, timescale
from matinee.transcode.tracks import (
    default_audio,
    film_start,
    roles_of,
    why_not_copied_audio,
    why_not_copied_video,
)


class VideoOutput(msgspec.Struct, frozen=True, kw_only=True):
    """One video file to make. Rates in bits a second, `buffer_size` in bits."""

    name: str
    width: int
    height: int
    max_rate: int
    buffer_size: int
    crf: float | None
    rate: int | None
    codec: str
    profile: str
    level: str
    references: int
    frame_step: int
    """Every nth frame of the plan's rate is encoded."""
    gop_frames: int
    """Frames from IDR to IDR, of this output's own rate."""


class VideoPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How the one video track that is published is decoded, filtered and encoded.

    Outputs are largest first. `timescale` counts a frame of every output in whole ticks.
    """

    source: VideoTrackInfo
    track_index: int
    """Place among the source's video tracks."""
    late: float
    """Seconds from the film's start to the first picture."""
    outputs: tuple[VideoOutput, ...]
    frame_rate: Ratio
    timescale: int
    colour: Colour
    """Of what is encoded."""
    preset: str
    copy: bool = False
    """Take the source's own track if its IDRs are regular; else `outputs` are made after all."""

    @property
    def gop_seconds(self) -> Fraction:
        """Time from IDR to IDR, the same in all outputs."""
        first = self.outputs[0]
        return first.gop_frames * first.frame_step / self.frame_rate.value


class AudioOutput(msgspec.Struct, frozen=True, kw_only=True):
    """One audio file to make of one source track."""

    name: str
    source: AudioTrackInfo
    track_index: int
    """Place among the source's audio tracks."""
    channels: int
    rate: int
    sample_rate: int
    language: str | None
    label: str | None
    roles: tuple[str, ...]
    default: bool
    copy: bool = False


class EncodePlan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything `encode` is to do with one source."""

    video: VideoPlan | None
    audio: tuple[AudioOutput, ...]
    container: str
    duration: float
    """Seconds of the source."""
    segment_seconds: float
    notes: tuple[str, ...] = ()
    """What was decided against the ladder's wish or may surprise, for the operator."""


def plan(info: MediaInfo, ladder: Ladder) -> EncodePlan:
    """Return how *info*'s source is brought onto *ladder*.

    Raises:
        MediaError: there is neither video nor audio (`nothing-to-play`).
        InputError: a rung is beyond every H.264 level.
    """
    if not info.video and not info.audio:
        raise MediaError(
            "The file has neither video nor audio.",
            fix="Give a file that holds a film or a recording.",
            code="nothing-to-play",
        )
    notes: list[str] = []
    return EncodePlan(
        video=_video_plan(info, ladder, notes) if info.video else None,
        audio=_audio_outputs(info, ladder, notes),
        container=info.container,
        duration=info.duration,
        segment_seconds=ladder.segment_seconds,
        notes=tuple(notes),
    )


def _best(tracks: tuple[VideoTrackInfo, ...]) -> int:
    """Return the place of the largest picture, the first of equals."""
    areas = [track.width * track.height for track in tracks]
    return areas.index(max(areas))


def _video_plan(info: MediaInfo, ladder: Ladder, notes: list[str]) -> VideoPlan:
    place = _best(info.video)
    track = info.video[place]
    if len(info.video) > 1:
        notes.append(f"Of {len(info.video)} video tracks the largest, number {place + 1}, is used.")
    late = track.start - film_start(info)
    sized = sized_rungs(ladder.video, *track.display_size)
    base = constant_rate(track)
    least_step = min(frame_step(base, one.rung.max_frame_rate) for one in sized)
    rate = base / least_step
    steps = {one.name: frame_step(rate, one.rung.max_frame_rate) for one in sized}
    frames = gop_frames(rate, ladder.gop_seconds, tuple(steps.values()))
    outputs = tuple(
        _video_output(one, rate / steps[one.name], steps[one.name], frames, ladder.preset)
        for one in sized
    )
    obstacle = why_not_copied_video(track, info.container, late) if ladder.copy_video else ""
    if obstacle:
        notes.append(f"The video is encoded, not copied: {obstacle}.")
    copied = ladder.copy_video and not obstacle
    if not copied:
        notes += _video_notes(track, rate, outputs, ladder)
    return VideoPlan(
        source=track,
        track_index=place,
        late=late,
        outputs=outputs,
        frame_rate=Ratio(rate.numerator, rate.denominator),
        timescale=timescale(rate),
        colour=output_colour(track),
        preset=ladder.preset,
        copy=copied,
    )


def _video_output(
    one: SizedRung, rate: Fraction, step: int, frames: int, preset: str
) -> VideoOutput:
    rung: Rung = one.rung
    buffer_size = round(one.max_rate * rung.buffer_seconds)
    picture = Picture(one.size.width, one.size.height, rate, one.max_rate, buffer_size)
    level = h264_level(picture, rung.profile, preset)
    return VideoOutput(
        name=one.name,
        width=one.size.width,
        height=one.size.height,
        max_rate=one.max_rate,
        buffer_size=buffer_size,
        crf=rung.crf,
        rate=None if rung.rate is None else min(rung.rate, one.max_rate),
        codec=rung.codec,
        profile=rung.profile,
        level=level.name,
        references=level.references,
        frame_step=step,
        gop_frames=frames // step,
    )


def _video_notes(
    track: VideoTrackInfo, rate: Fraction, outputs: tuple[VideoOutput, ...], ladder: Ladder
) -> list[str]:
    notes = []
    left_out = len(ladder.video) - len(outputs)
    if left_out > 0:
        width, height = track.display_size
        rungs = "rung is" if left_out == 1 else "rungs are"
        notes.append(f"{left_out} {rungs} left out: the source is {width}x{height}.")
    if track.colour.video_range != "SDR":
        notes.append(f"{track.colour.video_range} is tone-mapped to SDR, which H.264 players need.")
    if track.variable_frame_rate:
        notes.append(f"The variable frame rate becomes a constant {float(rate):.3f} a second.")
    if track.field_order in {"tff", "bff"}:
        notes.append("Interlaced fields become whole frames.")
    return notes


def _audio_outputs(info: MediaInfo, ladder: Ladder, notes: list[str]) -> tuple[AudioOutput, ...]:
    outputs: list[AudioOutput] = []
    chosen = default_audio(info.audio)
    for place, track in enumerate(info.audio):
        copied = False
        if ladder.copy_audio:
            obstacle = why_not_copied_audio(track, info.container, track.start - film_start(info))
            copied = not obstacle
            if obstacle:
                notes.append(f"Audio track {place + 1} is encoded, not copied: {obstacle}.")
        roles = roles_of(track, chosen=place == chosen, first=info.audio[chosen])
        for rung in _audio_rungs(ladder, track, copied=copied):
            outputs.append(
                AudioOutput(
                    name=_free_name(rung.name, track.language, outputs),
                    source=track,
                    track_index=place,
                    channels=rung.channels,
                    rate=rung.rate,
                    sample_rate=rung.sample_rate,
                    language=track.language,
                    label=track.label,
                    roles=roles,
                    default=place == chosen,
                    copy=copied and rung.channels == track.channels,
                )
            )
    return tuple(outputs)


def _audio_rungs(ladder: Ladder, track: AudioTrackInfo, *, copied: bool) -> list[AudioRung]:
    """Return the rungs for *track*: never more channels than it has, but stereo in any case."""
    rungs = [rung for rung in ladder.audio if rung.channels <= max(2, track.channels)]
    if copied:
        own = AudioRung(
            name="mono" if track.channels == 1 else "stereo" if track.channels == 2 else "surround",
            channels=track.channels,
            sample_rate=track.sample_rate,
        )
        # A copied track stands for every rung; one that is not stereo has stereo beside it.
        rungs = [own, *(rung for rung in rungs if rung.channels == 2 != track.channels)]
    return rungs


def _free_name(name: str, language: str | None, outputs: list[AudioOutput]) -> str:
    """Return *name*, numbered where the language has it already."""
    taken = {one.name for one in outputs if one.language == language}
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free
