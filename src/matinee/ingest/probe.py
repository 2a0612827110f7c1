"""From a file nobody trusts to a `MediaInfo` that says it can be published."""

import stat
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import msgspec

from matinee.errors import InputError, NotFoundError, UpstreamError
from matinee.ingest import edits, fields, glances, mp4, riff, transport, trial, validate
from matinee.ingest.ffprobe import (
    Description,
    Packet,
    SideData,
    Stream,
    damaged,
    describe,
    first_frame_side_data,
    number,
    sample,
)
from matinee.ingest.scrambling import check_scrambling
from matinee.ingest.sniff import sniff
from matinee.ingest.tracks import (
    audio_track,
    chapters_of,
    duration_of,
    mastering,
    tags_of,
    text_track,
    to_last_packet,
    video_track,
)
from matinee.model.media import MPEG_STREAMS, AudioTrackInfo, MediaInfo, VideoTrackInfo
from matinee.toolchain.tools import Toolchain

_GUESSED = frozenset({"mp3", "aac"})
"""Containers without a duration of their own, for which ffprobe guesses from the first bits."""
_HEAD_PACKETS = 800
_MIDDLE_PACKETS = 400
_TAIL_PACKETS = 20_000
_TAIL_SECONDS = 4.0


class _Length(NamedTuple):
    seconds: float
    start: float
    measured: bool


def probe(path: Path, toolchain: Toolchain, most_damage: float | None = None) -> MediaInfo:
    """Return everything the pipeline must know of the source at *path*, or say why it is refused.

    *most_damage* is the share that may be missing or broken. With None a file that is cut short is
    refused, and one of which most cannot be decoded.

    Reads tables, a sample of packets, and a few pictures on trial: about a second for a film
    of any length. Opens no other file and no network, whatever the content says.

    Raises:
        MediaError: it cannot be published; `code` says why.
        NotFoundError: there is no such file.
        UpstreamError: the file or a program cannot be used.
    """
    size = _size(path)
    container = sniff(path)
    warnings: list[str] = []
    jumps = _inspect(path, container, warnings, repair=bool(most_damage))
    described = describe(path, container, toolchain)
    warnings += validate.check_tracks(described, toolchain.decodable())
    length = _length(path, container, described, toolchain, scan=jumps)
    validate.check_duration(length.seconds)
    packets = _packets(path, container, length, toolchain, warnings)
    if container == "matroska":
        length = _from_its_start(length, packets)
    video, audio = _tracks(described, packets, toolchain, warnings)
    if container == "mp4" and len(early := edits.shown_early(path)) == len(video):
        video = tuple(
            msgspec.structs.replace(one, early=seconds)
            for one, seconds in zip(video, early, strict=True)
        )
    if container in MPEG_STREAMS:
        video = tuple(to_last_packet(one, packets) for one in video)
        audio = tuple(to_last_packet(one, packets) for one in audio)
    if jumps:
        # Theirs are from the first timestamp to the last.
        video = tuple(msgspec.structs.replace(one, duration=None) for one in video)
        audio = tuple(msgspec.structs.replace(one, duration=None) for one in audio)
    info = MediaInfo(
        container=container,
        duration=length.seconds,
        size=size,
        bit_rate=int(number(described.format.bit_rate) or size * 8 / length.seconds),
        video=tuple(_with_mastering(path, container, one, toolchain) for one in video),
        audio=audio,
        text=tuple(text_track(one) for one in described.streams if one.codec_type == "subtitle"),
        chapters=chapters_of(described.chapters, length.seconds),
        tags=tags_of(described.format.tags),
    )
    validate.check_info(info)
    if not length.measured:
        warnings += validate.check_reach(info, packets, length.start, most_damage)
    tried, seen = _looked_at(path, info, toolchain, most_damage)
    warnings += tried.warnings
    if info.video:
        info = _seen(path, info, tried, seen, toolchain, warnings)
    warnings += validate.remarks(info, described)
    return msgspec.structs.replace(info, warnings=tuple(dict.fromkeys(warnings)))


def _inspect(path: Path, container: str, warnings: list[str], *, repair: bool) -> bool:
    """Look at a file before ffmpeg does; say whether its clock jumps, as that of joined ones."""
    if container == "mp4":
        warnings += mp4.inspect(path, repair=repair)
    elif container in {"avi", "wav"}:
        riff.inspect(path)
    elif container == "mpegts":
        check_scrambling(path)
        if transport.inspect(path):
            warnings.append(
                "The clock jumps on the way, as in joined recordings; it is evened out."
            )
            return True
    return False


def _looked_at(
    path: Path, info: MediaInfo, toolchain: Toolchain, most_damage: float | None
) -> tuple[trial.Trial, tuple[glances.Glance, ...]]:
    """Try to decode a little, and glance at the whole film meanwhile: viewers wait for both.

    Raises:
        MediaError: most of what was tried is broken.
    """
    given_up = threading.Event()
    with ThreadPoolExecutor(1, "glance") as aside:
        if info.video:
            glanced = aside.submit(glances.glance, path, info, toolchain, given_up.is_set)
        try:
            tried = trial.try_decoding(path, info, toolchain, most_damage)
        except BaseException:
            given_up.set()
            raise
        return tried, glanced.result() if info.video else ()


def _seen(
    path: Path,
    info: MediaInfo,
    tried: trial.Trial,
    seen: tuple[glances.Glance, ...],
    toolchain: Toolchain,
    warnings: list[str],
) -> MediaInfo:
    """Add to the first tracks what only decoding tells: damage, fields, bars, changes."""
    track = info.video[0]
    if tried.warnings:
        track = msgspec.structs.replace(track, damaged=True)
    if fields.suspect(track, tried.windows):
        closer = fields.look_closer(path, info, toolchain)
        judged = fields.judge(track.field_order, closer or tried.windows)
        warnings += [judged.warning] if judged.warning else []
        track = msgspec.structs.replace(track, field_order=judged.order, telecined=judged.telecined)
    changes = glances.picture_changes(seen)
    if changes:
        warnings.append("The format of the picture changes during the film.")
    area = None if changes else glances.active_area(seen, *track.upright_size)
    track = msgspec.structs.replace(track, changes=changes, active=area)
    audio = info.audio
    if audio:
        first, warning = glances.heard(audio[0], seen)
        warnings += [warning] if warning else []
        audio = (first, *audio[1:])
    return msgspec.structs.replace(info, video=(track, *info.video[1:]), audio=audio)


def _size(path: Path) -> int:
    try:
        found = path.stat()
    except FileNotFoundError as error:
        raise NotFoundError(f"There is no file {path.name}.") from error
    except OSError as error:
        raise UpstreamError(f"{path.name} cannot be read: {error.strerror}.") from error
    if not stat.S_ISREG(found.st_mode):
        raise InputError(f"{path.name} is not a file.", fix="Give the path of a film.")
    return found.st_size


def _length(
    path: Path, container: str, described: Description, toolchain: Toolchain, *, scan: bool
) -> _Length:
    """Return how long the film is; with *scan*, by reading all its packets."""
    video, audio = validate.playable(described.streams)
    start = number(described.format.start_time) or 0.0
    known = [
        own + max(0.0, (number(stream.start_time) or 0.0) - start)
        for stream in (*video, *audio)
        if (own := duration_of(stream)) is not None
    ]
    # A container's own duration counts subtitles too, so the tracks' come first.
    seconds = max(known, default=number(described.format.duration))
    if scan or container in _GUESSED or not seconds or seconds <= 0:
        measured = trial.measured_duration(path, container, toolchain)
        if measured is None:
            raise damaged("it holds no time that could be played")
        return _Length(measured, start, measured=True)
    return _Length(seconds, start, measured=False)


def _from_its_start(length: _Length, packets: Sequence[Packet]) -> _Length:
    """Correct the duration of a Matroska film that does not start at zero.

    Its muxers disagree whether Duration counts from zero or from the first picture (RFC 9559
    §5.1.2.10 says no more than "duration of the Segment"); where the packets end tells.
    """
    ends = [packet.pts + packet.duration for packet in packets if packet.pts is not None]
    if not ends or length.start <= 0 or length.start >= length.seconds:
        return length
    reached = max(ends) - length.start
    shorter = length.seconds - length.start
    if abs(shorter - reached) < abs(length.seconds - reached):
        return length._replace(seconds=shorter)
    return length


def _packets(
    path: Path, container: str, length: _Length, toolchain: Toolchain, warnings: list[str]
) -> tuple[Packet, ...]:
    """Sample the start, the middle and all of the end; add what is odd to *warnings*."""
    middle = length.start + length.seconds / 2
    tail = length.start + max(0.0, length.seconds - _TAIL_SECONDS)
    intervals = [f"%+#{_HEAD_PACKETS}"]
    if length.seconds > 2 * _TAIL_SECONDS:
        intervals.append(f"{middle:.3f}%+#{_MIDDLE_PACKETS}")
    intervals.append(f"{tail:.3f}%+#{_TAIL_PACKETS}")
    found = sample(path, container, ",".join(intervals), toolchain)
    if any(packet.corrupt for packet in found.packets):
        warnings.append("Some packets are marked as damaged by the container.")
    return found.packets


def _tracks(
    described: Description,
    packets: Sequence[Packet],
    toolchain: Toolchain,
    warnings: list[str],
) -> tuple[tuple[VideoTrackInfo, ...], tuple[AudioTrackInfo, ...]]:
    """Return the tracks that can be played; those that are announced and empty are left out."""
    video, audio = validate.playable(described.streams)
    decodable = toolchain.decodable()
    filled = {packet.stream for packet in packets}

    def usable(stream: Stream) -> bool:
        known = stream.width > 0 if stream.codec_type == "video" else stream.channels > 0
        if not known and stream.index not in filled:
            warnings.append(f"The {stream.codec_type} track {stream.index} is empty.")
            return False
        return stream.codec_name in decodable

    videos = tuple(video_track(one, packets) for one in video if usable(one))
    audios = tuple(audio_track(one, packets) for one in audio if usable(one))
    if not videos and not audios:
        raise validate.nothing_to_play()
    return videos, audios


def _with_mastering(
    path: Path, container: str, track: VideoTrackInfo, toolchain: Toolchain
) -> VideoTrackInfo:
    """Add what only the first picture tells of an HDR film's mastering."""
    if track.colour.video_range != "PQ" or track.colour.mastering_display:
        return track
    found: list[SideData] = first_frame_side_data(path, container, track.index, toolchain)
    display, light = mastering(found)
    colour = msgspec.structs.replace(
        track.colour,
        mastering_display=display,
        content_light_level=light or track.colour.content_light_level,
    )
    return msgspec.structs.replace(track, colour=colour)
