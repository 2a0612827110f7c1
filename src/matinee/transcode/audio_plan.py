"""The audio part of a plan: which file is made of which track, and how it is marked."""

import msgspec

from matinee.model.ladder import AudioRung, Ladder
from matinee.model.media import AudioTrackInfo, MediaInfo
from matinee.transcode.loudness import Level
from matinee.transcode.tracks import (
    default_audio,
    film_start,
    may_change,
    roles_of,
    why_not_copied_audio,
)


class AudioOutput(msgspec.Struct, frozen=True, kw_only=True):
    """One audio file to make of one source track."""

    name: str
    source: AudioTrackInfo
    track_index: int
    """Place among the source's audio tracks."""
    codec: str = "aac"
    channels: int
    rate: int
    sample_rate: int
    loudness: float | None = None
    """LUFS to reach, None to leave the level as it is."""
    true_peak: float = -1.0
    """dBTP not to pass where there is a loudness to reach."""
    level: Level | None = None
    """What is done to reach it, once the track is measured (`levelled` in `levelling.py`)."""
    evened: bool = False
    """Whether the format of its source may change on the way, so that it is brought to one before
    anything else is done to it (`evening.py`)."""
    moved: float = 0.0
    """Seconds by which the sound is moved, with the picture."""
    silence: float = 0.0
    """Seconds of silence added at the end, until the longest track ends."""
    language: str | None
    label: str | None
    roles: tuple[str, ...]
    default: bool
    copy: bool = False


def audio_outputs(info: MediaInfo, ladder: Ladder, notes: list[str]) -> tuple[AudioOutput, ...]:
    """Return the audio files to make, of every track; add to *notes* what may surprise."""
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
            copy = copied and rung.channels == track.channels
            outputs.append(
                AudioOutput(
                    name=_free_name(rung.name, track.language, outputs),
                    source=track,
                    track_index=place,
                    codec=rung.codec,
                    channels=rung.channels,
                    rate=rung.rate,
                    sample_rate=rung.sample_rate,
                    # A copied track stays as it is, whatever the ladder says.
                    loudness=None if copy else ladder.loudness,
                    true_peak=ladder.true_peak,
                    language=track.language,
                    label=track.label,
                    roles=roles,
                    default=place == chosen,
                    copy=copy,
                    evened=not copy and may_change(track, info.container),
                )
            )
    return tuple(outputs)


def moved_by(outputs: tuple[AudioOutput, ...], seconds: float) -> tuple[AudioOutput, ...]:
    """Return *outputs* moved by *seconds*."""
    return tuple(msgspec.structs.replace(output, moved=seconds) for output in outputs)


def ended(outputs: tuple[AudioOutput, ...], silences: dict[int, float]) -> tuple[AudioOutput, ...]:
    """Return *outputs* with the *silences* at their ends, by `track_index`."""
    return tuple(
        msgspec.structs.replace(output, silence=silences.get(output.track_index, 0.0))
        for output in outputs
    )


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
