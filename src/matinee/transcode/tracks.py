"""Judgements on single tracks of a source: may it be copied, what is its part."""

from matinee.model.media import MPEG_STREAMS, AudioTrackInfo, MediaInfo, VideoTrackInfo

_MP4 = "mp4"
_REMUXED = {"mp4", "matroska", "mpegts", "flv"}
"""Containers whose H.264, HEVC and AAC go into an MP4 file as they are."""
_TOLD_IN_FRAMES = frozenset({"ac3", "eac3", "mp2", "mp3", "dts", "truehd", "mlp"})
"""Codecs of sound that say their format in every frame, in whatever container."""
_LATE = 0.05
"""Seconds by which a copied track may start late; more is padded, which needs encoding."""


def why_not_copied_video(track: VideoTrackInfo, container: str, late: float) -> str:
    """Return what forbids publishing *track*, *late* seconds after the film's start, or "".

    That its IDRs are regular is not known here; `encode` looks.
    """
    colour = track.colour
    obstacles = (
        (container not in _REMUXED, f"{container} cannot be repackaged"),
        (track.codec not in {"h264", "hevc"}, f"players do not take {track.codec}"),
        (track.codec == "hevc" and container != _MP4, "HEVC is copied from MP4 only"),
        (
            (colour.bit_depth, colour.chroma, colour.video_range) != (8, "4:2:0", "SDR"),
            f"it is {colour.bit_depth}-bit {colour.chroma} {colour.video_range}",
        ),
        (track.telecined or track.field_order in {"tff", "bff"}, "it is interlaced"),
        (bool(track.rotation) or track.mirrored, "it is rotated or mirrored"),
        (track.sample_aspect_ratio.value != 1, "its pixels are not square"),
        (track.variable_frame_rate, "its frame rate varies"),
        (late > _LATE, f"it starts {late:.2f} s late"),
    )
    return next((words for applies, words in obstacles if applies), "")


def why_not_copied_audio(track: AudioTrackInfo, container: str, late: float) -> str:
    """Return what forbids publishing *track*, *late* seconds after the film's start, or ""."""
    if container not in _REMUXED:
        return f"{container} cannot be repackaged"
    if track.codec != "aac" or track.profile not in {"LC", "AAC LC", "Low Complexity"}:
        return f"it is {track.codec} {track.profile or ''}".rstrip() + ", not AAC-LC"
    if track.channels not in {1, 2, 6}:
        return f"it has {track.channels} channels"
    if track.changes:
        return "its format changes on the way"
    if late > _LATE:
        return f"it starts {late:.2f} s late"
    return ""


def may_change(track: AudioTrackInfo, container: str) -> bool:
    """Return whether channels and rate of *track* may change on the way: each frame tells them."""
    told_once = container not in {*MPEG_STREAMS, "aac"}
    return track.codec in _TOLD_IN_FRAMES or (track.codec in {"aac", "aac_latm"} and not told_once)


def film_start(info: MediaInfo) -> float:
    """Return the source's own time of its first picture or sound, from which ffmpeg counts."""
    return info.film_start


def default_audio(tracks: tuple[AudioTrackInfo, ...]) -> int:
    """Return the place of the track to play first: flagged, else without a special role, else 0."""
    for wanted in (
        [track.default and not _special(track) for track in tracks],
        [track.default for track in tracks],
        [not _special(track) for track in tracks],
    ):
        if True in wanted:
            return wanted.index(True)
    return 0


def _special(track: AudioTrackInfo) -> bool:
    return bool(set(track.roles) & {"commentary", "description"})


def roles_of(track: AudioTrackInfo, *, chosen: bool, first: AudioTrackInfo) -> tuple[str, ...]:
    """Return the DASH roles of *track*; *first* is the track that plays by default.

    The source's own roles stay. Without any: `main` for the default track, `dub` for another
    language, else `alternate` (ISO/IEC 23009-1 §5.8.5.5).
    """
    if track.roles:
        return track.roles
    if chosen:
        return ("main",)
    return ("alternate",) if track.language in {None, first.language} else ("dub",)
