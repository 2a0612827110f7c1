"""What to encode: `plan` decides everything about a source and a ladder, and runs nothing."""

from fractions import Fraction

import msgspec

from matinee.errors import MediaError
from matinee.model.ladder import Ladder, Rung
from matinee.model.media import Colour, MediaInfo, Ratio, VideoTrackInfo
from matinee.transcode.audio_plan import AudioOutput, audio_outputs
from matinee.transcode.colour import output_colour
from matinee.transcode.geometry import SizedRung, sized_rungs
from matinee.transcode.levels import Picture, h264_level
from matinee.transcode.timing import constant_rate, frame_step, gop_frames, timescale
from matinee.transcode.tracks import film_start, why_not_copied_video


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
        audio=audio_outputs(info, ladder, notes),
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
