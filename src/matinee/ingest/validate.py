"""The rules a source must keep to be published, on values: each breach is a typed `MediaError`."""

from collections.abc import Collection, Sequence

from matinee.errors import MediaError
from matinee.ingest.ffprobe import MAX_TRACKS, Description, Packet, Stream, too_many_tracks
from matinee.ingest.timing import MAX_FRAME_RATE
from matinee.ingest.tracks import is_picture
from matinee.model.media import MediaInfo, VideoTrackInfo

MIN_SIDE = 16
MAX_SIDE = 8192
MAX_PIXELS = 36_000_000
MIN_DURATION = 0.1
MAX_DURATION = 24 * 3600.0
MAX_CHANNELS = 64
_MISSING_SECONDS = 1.0  # of the end that a container may promise and not hold
_MISSING_SHARE = 0.01


def check_tracks(described: Description, decodable: Collection[str]) -> tuple[str, ...]:
    """Check that there is something to play, and that we can; return warnings.

    Raises:
        MediaError: `too-many-tracks`, `nothing-to-play`, `encrypted`, `unsupported-codec`.
    """
    streams = described.streams
    if len(streams) > MAX_TRACKS:
        raise too_many_tracks(str(len(streams)))
    video, audio = playable(streams)
    if not video and not audio:
        raise nothing_to_play()
    if any("ncrypt" in one.kind for stream in streams for one in stream.side_data_list):
        raise MediaError("The film is encrypted.", fix="Give it without DRM.", code="encrypted")
    warnings: list[str] = []
    for kind, tracks in (("video", video), ("audio", audio)):
        unknown = [stream for stream in tracks if stream.codec_name not in decodable]
        names = ", ".join(sorted({_codec(stream) for stream in unknown}))
        if unknown and len(unknown) == len(tracks):
            raise MediaError(
                f"The {kind} is in a codec that cannot be decoded: {names}.",
                fix="Export it in a common codec, such as H.264 with AAC.",
                code="unsupported-codec",
            )
        if unknown:
            warnings.append(f"A {kind} track is left out: its codec cannot be decoded ({names}).")
    return tuple(warnings)


def nothing_to_play() -> MediaError:
    """Return the error for a file without video and audio."""
    return MediaError(
        "The file has neither video nor audio.",
        fix="Give a file with a film in it; subtitles go beside it with `--subtitles`.",
        code="nothing-to-play",
    )


def playable(streams: Sequence[Stream]) -> tuple[list[Stream], list[Stream]]:
    """Return the video streams but for cover art, and the audio streams."""
    video = [one for one in streams if one.codec_type == "video" and not is_picture(one)]
    audio = [one for one in streams if one.codec_type == "audio"]
    return video, audio


def _codec(stream: Stream) -> str:
    tag = stream.codec_tag_string
    return stream.codec_name or (tag if tag.isprintable() and "[" not in tag else "unknown")


def check_info(info: MediaInfo) -> None:
    """Check the measures of a source's tracks.

    Raises:
        MediaError: `absurd-dimensions`, `absurd-duration` (pictures a second), `damaged`.
    """
    for video in info.video:
        _check_picture(video)
    for audio in info.audio:
        if not (0 < audio.channels <= MAX_CHANNELS and 1000 <= audio.sample_rate <= 768_000):
            raise MediaError(
                f"An audio track claims {audio.channels} channels at {audio.sample_rate} Hz.",
                fix="Export it again.",
                code="damaged",
            )


def check_duration(seconds: float) -> None:
    """Check how long a film claims to be.

    Raises:
        MediaError: `absurd-duration`.
    """
    if seconds < MIN_DURATION:
        raise MediaError(
            f"The film lasts {_spoken(seconds)}; at least {MIN_DURATION} s are needed.",
            fix="Give a film of more than a few pictures; if it is one, export it again: the times "
            "of its tables look wrong.",
            code="absurd-duration",
        )
    if not seconds <= MAX_DURATION:
        raise MediaError(
            f"The film claims to last {_spoken(seconds)}; "
            f"at most {MAX_DURATION / 3600:.0f} h are allowed.",
            fix="Export it again; the times of its tables look wrong.",
            code="absurd-duration",
        )


def _check_picture(video: VideoTrackInfo) -> None:
    width, height = video.width, video.height
    if not width or not height:
        raise MediaError(
            "The size of the picture cannot be told, or is absurdly large.",
            fix="Export the film again.",
            code="absurd-dimensions",
        )
    shown_width, shown_height = video.display_size
    sides = (width, height, shown_width, shown_height)
    if min(sides) < MIN_SIDE or max(sides) > MAX_SIDE or width * height > MAX_PIXELS:
        raise MediaError(
            f"The picture claims to be {width}x{height}"
            + (f" (shown as {shown_width}x{shown_height})." if video.display_size != (width, height)
               else "."),
            fix=f"Sides of {MIN_SIDE} to {MAX_SIDE} pixels and "
            f"{MAX_PIXELS // 1_000_000} megapixels are allowed.",
            code="absurd-dimensions",
        )  # fmt: skip
    if video.frame_rate.value > MAX_FRAME_RATE:
        raise MediaError(
            f"The film claims {float(video.frame_rate.value):.0f} pictures a second.",
            fix=f"Export it with at most {MAX_FRAME_RATE}.",
            code="absurd-duration",
        )


def _spoken(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 3600:.3g} h" if seconds < 100 * 86400 else f"{seconds / 86400:.3g} days"


def check_reach(
    info: MediaInfo, packets: Sequence[Packet], container_start: float, most_missing: float | None
) -> tuple[str, ...]:
    """Check that packets reach to where the container says that the film ends; return warnings.

    Args:
        info: with the promised duration.
        packets: a sample that holds all that could be read of the end.
        container_start: when the film starts on the packets' clock.
        most_missing: share of the film that may be missing; None for next to nothing.

    Raises:
        MediaError: `truncated`.
    """
    tracks = {one.index for one in info.video} | {one.index for one in info.audio}
    ends = [
        packet.pts + packet.duration
        for packet in packets
        if packet.stream in tracks and packet.pts is not None
    ]
    if not ends:
        raise MediaError(
            "The tracks of the file are empty.",
            fix="See whether the upload or export was whole.",
            code="truncated",
        )
    reached = max(ends) - container_start
    missing = info.duration - reached
    share = _MISSING_SHARE if most_missing is None else most_missing
    if missing > max(_MISSING_SECONDS, info.duration * share):
        raise MediaError(
            f"The file is cut short: it promises {_spoken(info.duration)} of film, "
            f"and holds {_spoken(max(0.0, reached))}.",
            fix="Upload or export it again.",
            code="truncated",
        )
    if missing > max(_MISSING_SECONDS, info.duration * _MISSING_SHARE):
        return (f"The file is cut short: {_spoken(missing)} of {_spoken(info.duration)} are gone.",)
    return ()


def remarks(info: MediaInfo, described: Description) -> tuple[str, ...]:
    """Return what an operator should know of a source that can be published."""
    found: list[str] = []
    if len(info.video) > 1:
        found.append(f"There are {len(info.video)} video tracks; the first is published.")
    if any(
        one.dv_profile is not None and not one.dv_bl_signal_compatibility_id
        for stream in described.streams
        for one in stream.side_data_list
    ):
        found.append("Dolby Vision without a compatible base layer: colours will be wrong.")
    if any(track.bitmap for track in info.text):
        found.append("Picture subtitles cannot become text and are left out.")
    if info.video and info.audio:
        seen, heard = info.video[0].duration, info.audio[0].duration
        if seen and heard and abs(seen - heard) > max(2.0, info.duration * 0.02):
            found.append(f"The video lasts {_spoken(seen)}, the audio {_spoken(heard)}.")
    return tuple(found)
