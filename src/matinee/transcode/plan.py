"""What to encode: `plan` decides everything about a source and a ladder, and runs nothing."""

from collections.abc import Iterable
from fractions import Fraction

import msgspec

from matinee.errors import MediaError
from matinee.model.ladder import Ladder, Rung
from matinee.model.media import Area, Colour, MediaInfo, Ratio, VideoTrackInfo
from matinee.transcode.audio_plan import AudioOutput, audio_outputs, ended, moved_by
from matinee.transcode.codecs import profile_of
from matinee.transcode.colour import rung_colour
from matinee.transcode.damage import MOST_MISSING
from matinee.transcode.ends import shortfalls
from matinee.transcode.geometry import SizedRung, sized_rungs
from matinee.transcode.hardware import Kind
from matinee.transcode.levels import Level, Picture, h264_level
from matinee.transcode.timing import (
    first_picture,
    frame_step,
    gop_frames,
    is_interlaced,
    picture_rate,
    timescale,
)
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
    pass_number: int = 0
    """0: the only one; 2: the second, in which bits are shared out by what the first has found; 1:
    the first, of which no file is wanted (`command.first_pass_of`)."""
    codec: str
    profile: str
    level: str
    """Of H.264; "" where the encoder finds the least one itself."""
    references: int
    """Of H.264; 0 where the preset decides."""
    colour: Colour
    """Of what is encoded; its bit depth too."""
    preset: str
    """Named as in ladders."""
    film_grain: int = 0
    trellis: bool = False
    lookahead: int | None = None
    frame_step: int = 1
    """Every nth frame of the plan's rate is encoded."""
    gop_frames: int = 0
    """Frames from IDR to IDR, of this output's own rate."""
    hardware: Kind | None = None
    """What encodes it where that is no software (`assignment.py`)."""


class VideoPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How the one video track that is published is decoded, filtered and encoded.

    Outputs are largest first, of one size H.264 first. `timescale` counts a frame of every output
    in whole ticks.
    """

    source: VideoTrackInfo
    track_index: int
    """Place among the source's video tracks."""
    late: float
    """Seconds from the film's start to the first picture."""
    moved: float = 0.0
    """Seconds by which pictures and sound are moved, so that the first picture is on a frame."""
    held: float = 0.0
    """Seconds for which the last picture is held, until the sound ends."""
    crop: Area | None = None
    """The part of the upright picture that is shown; None for all of it."""
    outputs: tuple[VideoOutput, ...]
    frame_rate: Ratio
    each_field: bool = False
    """Whether interlaced fields become a frame each."""
    timescale: int
    copy: bool = False
    """Take the source's own track if its IDRs are regular; else `outputs` are made after all."""
    undivided: str = ""
    """Why the film must be decoded from start to end in one go (`why_undivided`), or ""."""
    indexed: bool = True
    """Whether its container leads to any of its pictures."""

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
    tracks: tuple[int, ...] = ()
    """Indexes of all pictures and sound that the source has, from the first of which its time
    counts, used or not."""
    duration: float
    """Seconds of the source."""
    segment_seconds: float
    most_damage: float = MOST_MISSING
    """Share of the source that may be missing or broken; more is refused."""
    notes: tuple[str, ...] = ()
    """What was decided against the ladder's wish or may surprise, for the operator."""

    def with_outputs(self, outputs: Iterable[VideoOutput]) -> "EncodePlan":
        """Return the plan with *outputs* for its pictures; without pictures, the plan itself."""
        if self.video is None:
            return self
        video = msgspec.structs.replace(self.video, outputs=tuple(outputs))
        return msgspec.structs.replace(self, video=video)


def plan(info: MediaInfo, ladder: Ladder, most_damage: float | None = None) -> EncodePlan:
    """Return how *info*'s source is brought onto *ladder*.

    *most_damage* is the share of it that may be missing or broken, by default `MOST_MISSING`.

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
    video = _video_plan(info, ladder, notes) if info.video else None
    video, audio = _in_step(video, audio_outputs(info, ladder, notes))
    video, audio = _to_one_end(video, audio, notes)
    return EncodePlan(
        video=video,
        audio=audio,
        container=info.container,
        tracks=(*(one.index for one in info.video), *(one.index for one in info.audio)),
        duration=info.duration,
        segment_seconds=ladder.segment_seconds,
        most_damage=MOST_MISSING if most_damage is None else most_damage,
        notes=tuple(notes),
    )


def _in_step(
    video: VideoPlan | None, audio: tuple[AudioOutput, ...]
) -> tuple[VideoPlan | None, tuple[AudioOutput, ...]]:
    """Move picture and sound as one; what is copied moves neither."""
    if video is None or any(output.copy for output in audio):
        return video, audio
    late = first_picture(video.late, video.frame_rate.value)
    moved = round(late - video.late, 6)
    video = msgspec.structs.replace(video, late=late, moved=moved)
    return video, audio if video.copy else moved_by(audio, moved - video.source.early)


def _to_one_end(
    video: VideoPlan | None, audio: tuple[AudioOutput, ...], notes: list[str]
) -> tuple[VideoPlan | None, tuple[AudioOutput, ...]]:
    """Hold the last picture, or add silence, until the longest track ends, but to what is copied.

    What is added is as long as the tracks say, not as what is decoded: a damaged film shows.
    """
    sources = [output.source for output in audio]
    short = shortfalls(sources if video is None else [video.source, *sources])
    if video is not None and (held := short.get(video.source.index)):
        video = msgspec.structs.replace(video, held=held)
        if not video.copy:
            notes.append(f"The last picture is held for {held:.1f} s, until the sound ends.")
    silences = {
        output.track_index: short[output.source.index]
        for output in audio
        if output.source.index in short and not output.copy
    }
    for place, silence in silences.items():
        notes.append(f"Audio track {place + 1} is lengthened by {silence:.1f} s of silence.")
    return video, ended(audio, silences)


_INDEXED = {"mp4", "matroska", "avi", "mxf", "flv"}
"""Containers that lead to the key frame before a time; in others ffmpeg guesses where it is."""


def why_undivided(track: VideoTrackInfo) -> str:
    """Return why the film must be decoded in one go, "" where any stretch of it can be alone.

    A stretch that is reached by seeking then gives the frames that the whole film gives, if it is
    decoded from a little before its start: `bwdif` looks one frame back, `fps` shows a frame until
    the next one, and `decimate` drops one of every five.
    """
    reasons = (
        (track.changes, "its format changes on the way"),
        (track.damaged, "what is decoded of damaged pictures depends on all before them"),
    )
    return next((words for applies, words in reasons if applies), "")


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
    crop = track.active if ladder.crop == "auto" else None
    sized = _sized(ladder, track, crop)
    base = picture_rate(track, each_field=ladder.field_rate)
    least_step = min(frame_step(base, one.rung.max_frame_rate) for one in sized)
    rate = base / least_step
    steps = {one.name: frame_step(rate, one.rung.max_frame_rate) for one in sized}
    frames = gop_frames(rate, ladder.gop_seconds, tuple(steps.values()))
    outputs = tuple(
        msgspec.structs.replace(
            _video_output(one, rate / steps[one.name], ladder.preset, rung_colour(track, one.rung)),
            frame_step=steps[one.name],
            gop_frames=frames // steps[one.name],
        )
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
        crop=crop,
        outputs=outputs,
        frame_rate=Ratio(rate.numerator, rate.denominator),
        each_field=ladder.field_rate and is_interlaced(track),
        timescale=timescale(rate),
        copy=copied,
        undivided=why_undivided(track),
        indexed=info.container in _INDEXED,
    )


def _sized(ladder: Ladder, track: VideoTrackInfo, crop: Area | None) -> tuple[SizedRung, ...]:
    """Return the rungs with their sizes: each codec and colour is a ladder of its own."""
    shown = track.squared(crop.width, crop.height) if crop else track.display_size
    kinds: dict[tuple[str, Colour], list[Rung]] = {}
    for rung in ladder.video:
        kinds.setdefault((rung.codec, rung_colour(track, rung)), []).append(rung)
    taken: set[str] = set()
    sized: list[SizedRung] = []
    for rungs in kinds.values():
        for one in sized_rungs(tuple(rungs), *shown):
            # Cut down, rungs of two kinds may come to one name.
            name = one.rung.name if one.name in taken else one.name
            taken.add(name)
            sized.append(msgspec.structs.replace(one, name=name))
    if len(kinds) > 1:
        sized.sort(key=lambda one: (-one.size.area, one.rung.codec != "h264"))
    return tuple(sized)


def _video_output(
    one: SizedRung, rate: Fraction, ladder_preset: str, colour: Colour
) -> VideoOutput:
    """Return the output of *one* at *rate* frames a second, as if it had every frame."""
    rung: Rung = one.rung
    buffer_size = round(one.max_rate * rung.buffer_seconds)
    picture = Picture(one.size.width, one.size.height, rate, one.max_rate, buffer_size)
    profile = profile_of(rung.codec, rung.profile, colour.bit_depth)
    preset = rung.preset or ladder_preset
    level = h264_level(picture, profile, preset) if rung.codec == "h264" else Level("", 0)
    return VideoOutput(
        name=one.name,
        width=one.size.width,
        height=one.size.height,
        max_rate=one.max_rate,
        buffer_size=buffer_size,
        crf=rung.crf,
        rate=None if rung.rate is None else min(rung.rate, one.max_rate),
        pass_number=0 if rung.rate is None or rung.passes == 1 else 2,
        codec=rung.codec,
        profile=profile,
        level=level.name,
        references=level.references,
        colour=colour,
        preset=preset,
        film_grain=rung.film_grain,
        trellis=rung.trellis,
        lookahead=rung.lookahead,
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
    kind = track.colour.video_range
    if kind != "SDR":
        kept = sum(one.colour.video_range != "SDR" for one in outputs)
        if kept < len(outputs):
            notes.append(f"{kind} is tone-mapped to SDR, which H.264 players need.")
        if kept:
            rungs = "rung keeps" if kept == 1 else "rungs keep"
            notes.append(f"{kept} {rungs} {kind}.")
    if track.variable_frame_rate:
        notes.append(f"The variable frame rate becomes a constant {float(rate):.3f} a second.")
    notes += _bar_notes(track, ladder)
    if track.telecined:
        notes.append(f"Telecined film is brought back to {float(rate):.3f} frames a second.")
    elif is_interlaced(track):
        each = "a frame each" if ladder.field_rate else "whole frames"
        notes.append(f"Interlaced fields become {each}.")
    return notes


def _bar_notes(track: VideoTrackInfo, ladder: Ladder) -> list[str]:
    area = track.active
    if area is None:
        return []
    width, height = track.upright_size
    inside = f"{area.width}x{area.height} of {width}x{height}"
    if ladder.crop == "auto":
        return [f"The black bars are cut off: {inside} are shown."]
    return [f'There are black bars around {inside}; crop = "auto" in the ladder cuts them off.']
