"""Subtitles of a source, and those given beside it, to WebVTT renditions."""

import tempfile
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import msgspec

from matinee.errors import CancelledError, MediaError
from matinee.formats import captions
from matinee.formats.captions import Cue, editorial, srt, tx3g, webvtt
from matinee.formats.captions.cue import MAX_BYTES, moved_cues
from matinee.ingest import mp4_tracks
from matinee.ingest.languages import tag_of
from matinee.ingest.picture_captions import ChannelText, channel_texts
from matinee.ingest.tracks import TEXT_CODECS
from matinee.model.media import MediaInfo, TextTrackInfo
from matinee.model.presentation import ByteRange
from matinee.model.progress import Control, Progress
from matinee.model.rendition import Rendition
from matinee.model.title import SideCar, TextPurpose
from matinee.storage.store import ObjectStore
from matinee.toolchain.ffmpeg import FFMPEG_OPTIONS, input_options
from matinee.toolchain.run import ProcessError, run
from matinee.toolchain.sandbox import Limits
from matinee.toolchain.tools import Toolchain

MAX_TRACKS = 64
_LIMITS = Limits(
    wall_seconds=3600, memory_bytes=3 << 30, file_bytes=MAX_BYTES, stdout_bytes=1 << 20
)
_ROLES = {"subtitle": "subtitle", "sdh": "caption", "forced": "forced-subtitle"}
"""DASH's (ISO/IEC 23009-1 §5.8.5.5); captions also tell sounds and who speaks."""
_SUBRIP = "subrip"
_CAPTIONS = "eia_608"
_TIMED_TEXT = ("tx3g", "text")
_NOT_DECODED = frozenset({"ttml"})  # ffmpeg writes it, and does not read it


class _Text(msgspec.Struct, frozen=True, kw_only=True):
    """A text to publish: its cues and what is known of it."""

    cues: tuple[Cue, ...]
    language: str | None
    label: str | None
    role: str
    source_index: int | None
    channels: tuple[str, ...] = ()


def extract_text(  # noqa: PLR0913 - the signature all stages share
    info: MediaInfo,
    source_key: str,
    side_cars: tuple[SideCar, ...],
    *,
    store: ObjectStore,
    folder: str,
    scratch: Path,
    toolchain: Toolchain,
    control: Control,
) -> tuple[Rendition, ...]:
    """Store every text track of a source and every side-car as WebVTT; return the renditions.

    Embedded tracks are read by one pass of ffmpeg, side-cars by our own parsers alone. An embedded
    track that is a picture, empty or broken is left out and named in the progress; a side-car that
    cannot be read is an error, for somebody asked for it by name. Times are the film's, whose 0 is
    its first picture or sound (`MediaInfo.film_start`): players show that as 0, so side-cars, made
    in players and editors, count from there too.

    Args:
        info: of the source.
        source_key: the source in *store*.
        side_cars: subtitle files in *store*, with their languages.
        store: where all is read and written.
        folder: the key prefix to write below: `<folder>/text-<language>[-n].vtt`.
        scratch: a folder for temporary files, emptied afterwards of what was put there.
        toolchain: the ffmpeg to run.
        control: progress and cancelling.

    Raises:
        MediaError: a side-car is no subtitle file (`bad-subtitles`).
        CancelledError: cancelled.
        UpstreamError: the store or ffmpeg failed.
    """
    control.report(Progress(stage="text", fraction=0.0))
    if control.cancelled():
        raise CancelledError("Reading the subtitles was cancelled.")
    # Side-cars are cheap to read, and a bad one should be told before the long pass.
    beside = [_side_car(one, store, info.duration) for one in side_cars[:MAX_TRACKS]]
    tracks, notes = _readable(info.text)
    texts: list[_Text] = []
    with (
        store.local(source_key) as source,
        tempfile.TemporaryDirectory(prefix="text-", dir=scratch) as made,
    ):
        work = Path(made)
        if tracks:
            texts, more = _tracks(info, source, tracks, (toolchain, work), control)
            notes += more
        channels, more = channel_texts(info, source, work, toolchain, control)
        notes += more
    texts += [_of_channel(one) for one in channels]
    renditions = _stored([*texts, *beside], store, folder)
    notes += _advice([*texts, *beside], renditions, info)
    control.report(Progress(stage="text", fraction=1.0, detail=" ".join(notes)))
    return renditions


def _side_car(side_car: SideCar, store: ObjectStore, duration: float | None = None) -> _Text:
    data = store.get(side_car.key, ByteRange(0, MAX_BYTES + 1))
    try:
        cues = captions.parse(data)
    except MediaError as error:
        raise MediaError(
            f"The subtitles {side_car.filename!r} cannot be read: {error.message}",
            fix=error.fix,
            code="bad-subtitles",
        ) from error
    if not cues:
        raise MediaError(
            f"The subtitles {side_car.filename!r} hold no text.",
            fix="Give another file, or publish without it.",
            code="bad-subtitles",
        )
    if duration is not None and captions.detect(data) == "scc":
        cues = within(cues, duration)
    role = _ROLES[side_car.purpose or _purpose(side_car.filename)]
    return _Text(
        cues=cues, language=tag_of(side_car.language), label=None, role=role, source_index=None
    )


def _purpose(filename: str) -> TextPurpose:
    lowered = filename.lower()
    if ".forced." in lowered:
        return "forced"
    return "sdh" if any(mark in lowered for mark in (".sdh.", ".cc.", ".hi.")) else "subtitle"


def _tracks(
    info: MediaInfo,
    source: Path,
    tracks: list[TextTrackInfo],
    means: tuple[Toolchain, Path],
    control: Control,
) -> tuple[list[_Text], list[str]]:
    """Read the text *tracks* of *source*; return them in film time, and what went wrong."""
    toolchain, work = means
    texts, left = _timed_text(tracks, source, info.container)
    notes: list[str] = []
    if left:
        command = text_command(toolchain, source, info.container, left, work)
        others, notes = _embedded(left, command, work, control)
        texts = sorted([*texts, *others], key=lambda one: one.source_index or 0)
    start = Fraction(info.film_start).limit_denominator(1_000_000)
    moved = [
        msgspec.structs.replace(one, cues=mp4_tracks.in_film_time(one.cues, start)) for one in texts
    ]
    return [one for one in moved if one.cues], notes


def _of_channel(one: ChannelText) -> _Text:
    """Captions are for the deaf; a channel in no known language is called by its name."""
    return _Text(
        cues=one.cues,
        language=one.language,
        label=None if one.language else one.channel,
        role="caption",
        source_index=None,
        channels=(one.channel, *one.repeated) if one.in_picture else (),
    )


def _timed_text(
    tracks: list[TextTrackInfo], source: Path, container: str
) -> tuple[list[_Text], list[TextTrackInfo]]:
    """Read the timed text tracks of an MP4 ourselves; return them, and the tracks that are left."""
    found: list[_Text] = []
    left: list[TextTrackInfo] = []
    if container != "mp4":
        return found, tracks
    with mp4_tracks.opened(source) as file:
        movie = mp4_tracks.movie_of(file)
        for track in tracks:
            own = mp4_tracks.track_at(movie, track.index, _TIMED_TEXT) if movie else None
            try:
                cues = tx3g.parse(mp4_tracks.samples_of(file, movie, own)) if own and movie else ()
            except MediaError:
                cues = ()
            if cues:
                found.append(_text_of(track, cues))
            else:
                left.append(track)
    return found, left


def _text_of(track: TextTrackInfo, cues: tuple[Cue, ...]) -> _Text:
    return _Text(
        cues=cues,
        language=track.language,
        label=track.label,
        role=role_of(track),
        source_index=track.index,
    )


def within(cues: tuple[Cue, ...], duration: float) -> tuple[Cue, ...]:
    """Return *cues* of time codes on a film of *duration* seconds.

    Programmes on tape begin at one hour, or at ten: where no cue would be within the film, the
    whole hours before the first one go. A cue may be up to a minute before the hour (a slate).
    """
    if cues[0].start < duration:
        return cues
    hours = (cues[0].start + 60) // 3600
    return moved_cues(cues, Fraction(-3600 * hours)) or cues


def _embedded(
    tracks: Sequence[TextTrackInfo], command: list[str | Path], work: Path, control: Control
) -> tuple[list[_Text], list[str]]:
    """Run the pass of ffmpeg that writes *tracks* into *work*; return them, and what went wrong."""
    notes: list[str] = []
    try:
        run(command, limits=_LIMITS, cancelled=control.cancelled)
    except ProcessError as error:
        if error.reason not in {"exit", "output"}:
            raise
        notes.append("Not all embedded subtitles could be read.")
    found: list[_Text] = []
    for track in tracks:
        cues, note = _cues(work / _file_name(track), track)
        notes += note
        if cues:
            found.append(_text_of(track, cues))
    return found, notes


def _readable(tracks: Sequence[TextTrackInfo]) -> tuple[list[TextTrackInfo], list[str]]:
    """Return the tracks that ffmpeg makes text of, and notes on the others."""
    notes: list[str] = []
    found: list[TextTrackInfo] = []
    for track in tracks[:MAX_TRACKS]:
        name = f"Subtitle track {track.index} ({track.codec})"
        if track.codec == _CAPTIONS:
            continue  # `picture_captions.py` reads them
        if track.bitmap:
            notes.append(f"{name} is made of pictures and is left out.")
        elif track.codec not in TEXT_CODECS - _NOT_DECODED:
            notes.append(f"{name} cannot be read and is left out.")
        else:
            found.append(track)
    return found, notes


def text_command(
    toolchain: Toolchain,
    source: Path,
    container: str,
    tracks: Sequence[TextTrackInfo],
    folder: Path,
) -> list[str | Path]:
    """Return the ffmpeg command that writes each of *tracks* below *folder*.

    SubRip is copied, as `<index>.srt`, for our own reader: converting it would lose where a cue
    stands, and take `a < b` for markup. All else becomes `<index>.vtt`.
    """
    command: list[str | Path] = [
        toolchain.ffmpeg, *FFMPEG_OPTIONS, "-v", "error", "-y",
        # Times as they are: ffmpeg would count from the first of what is read, which may be text.
        "-copyts",
        *input_options(source, container),
    ]  # fmt: skip
    for track in tracks:
        kept = ("copy", "-f", "srt") if track.codec == _SUBRIP else ("webvtt", "-f", "webvtt")
        command += [
            "-map", f"0:{track.index}", "-c:s", *kept[:1], "-avoid_negative_ts", "disabled",
            *kept[1:], f"file:{folder / _file_name(track)}",
        ]  # fmt: skip
    return command


def _file_name(track: TextTrackInfo) -> str:
    return f"{track.index}.{'srt' if track.codec == _SUBRIP else 'vtt'}"


def _cues(path: Path, track: TextTrackInfo) -> tuple[tuple[Cue, ...], list[str]]:
    """Read what ffmpeg wrote of a track; where that is nothing, say why."""
    name = f"Subtitle track {track.index}"
    try:
        cues = _read(path) if path.is_file() else ()
    except MediaError as error:
        return (), [f"{name} is left out: {error.message}"]
    return cues, [] if cues else [f"{name} is empty and is left out."]


def _read(path: Path) -> tuple[Cue, ...]:
    text = captions.decode(path.read_bytes())
    return srt.parse(text) if path.suffix == ".srt" else webvtt.parse(text)


def role_of(track: TextTrackInfo) -> str:
    """Return the DASH role (ISO/IEC 23009-1 §5.8.5.5) of an embedded text track."""
    if track.forced:
        return "forced-subtitle"
    return "caption" if track.hearing_impaired else "subtitle"


def _advice(
    texts: Sequence[_Text], renditions: Sequence[Rendition], info: MediaInfo
) -> Iterator[str]:
    """Yield what an editor would say of each text; captions have rows and times of their own."""
    rate = info.video[0].frame_rate.value if info.video else Fraction(25)
    for text, rendition in zip(texts, renditions, strict=True):
        style = editorial.STYLES["captions" if text.channels else "standard"]
        remarks = editorial.check(text.cues, style, 1 / rate)
        for words in editorial.summary(remarks).values():
            yield f"Text {rendition.name}: {words}."


def _stored(texts: Sequence[_Text], store: ObjectStore, folder: str) -> tuple[Rendition, ...]:
    """Write the texts and name them `en`, `en-2` ...; the first of each language is the plain one.

    None is a default: players then show text only to who asks for it.
    """
    counts: dict[str, int] = {}
    renditions: list[Rendition] = []
    for text in texts:
        language = text.language or "und"
        counts[language] = counts.get(language, 0) + 1
        name = language if counts[language] == 1 else f"{language}-{counts[language]}"
        key = f"{folder}/text-{name}.vtt"
        store.put(key, webvtt.render(text.cues).encode())
        renditions.append(
            Rendition(
                key=key,
                kind="text",
                name=name,
                language=text.language,
                label=text.label,
                roles=(text.role,),
                default=False,
                source_index=text.source_index,
                caption_channels=text.channels,
            )
        )
    return tuple(renditions)
