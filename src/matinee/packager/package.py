"""`package`: renditions in the store become a folder that any web server can stream."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import msgspec

from matinee import manifests
from matinee.errors import CancelledError, MediaError
from matinee.formats.captions import webvtt
from matinee.formats.captions.pictures import Clock, Pictures
from matinee.formats.isobmff import Movie, read_movie, read_samples
from matinee.model.ladder import DashText
from matinee.model.media import Chapter
from matinee.model.presentation import Period, Presentation, Track
from matinee.model.progress import Control, Progress
from matinee.model.rendition import Rendition, TileSheet
from matinee.model.time import MediaTime
from matinee.packager import images, languages, names
from matinee.packager.cmaf import (
    FileJob,
    Fragment,
    TrackFile,
    track_fragments,
    trick_fragments,
    write_track,
)
from matinee.packager.plan import Plan, audio_segments, plan_audio, plan_video, video_segments
from matinee.packager.presentation import Packaged, TrickPlay, selection_sets
from matinee.packager.sample_copy import FileSource
from matinee.packager.text import read_cues, text_files
from matinee.packager.text_tracks import text_track
from matinee.packager.timeline import PlacedTrack, SourceTrack, load, place, shift
from matinee.packager.tracks import (
    audio_track,
    display_size,
    family,
    is_hdr,
    track_header,
    trick_rate,
    video_track,
)
from matinee.storage.store import ObjectStore

TRICK_LINES = 360
"""Lines of the rung that trick play shows: enough for a preview while seeking."""
_HANDLERS = {"video": "vide", "audio": "soun"}
_PAUSE = 0.25
"""Seconds between two questions whether to stop."""


class PackageRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to package, and where to. Keys are storage keys; `folder` "" is the store's root."""

    presentation_id: str
    version: int
    title: str = ""
    renditions: tuple[Rendition, ...]
    tiles: TileSheet | None = None
    poster: str | None = None
    chapters: tuple[Chapter, ...] = ()
    folder: str = ""
    segment_seconds: float = 4.0
    dash_text: DashText = "webvtt"
    """What DASH has its texts in; HLS has segments of WebVTT in any case."""


def package(
    request: PackageRequest, store: ObjectStore, scratch: Path, control: Control
) -> Presentation:
    """Write every object of the published folder and return what it holds.

    Track files are made in *scratch* and moved into *store*.

    Raises:
        MediaError: a rendition is damaged, encrypted or coded as CMAF cannot carry, or there is
            neither picture nor sound.
        InvariantError: rungs of one source whose IDR pictures differ.
        UpstreamError: a disk or the store failed.
        CancelledError: *control* said so.
    """
    if not any(one.kind in _HANDLERS for one in request.renditions):
        raise MediaError("There is neither picture nor sound.", code="nothing-to-play")
    scratch.mkdir(parents=True, exist_ok=True)
    with ExitStack() as opened:
        return _Packaging(request, store, scratch, control, opened).run()


def _film_offset(renditions: tuple[Rendition, ...]) -> Fraction:
    """Return by how many seconds the pictures' files are ahead of the film's time; else sound's."""
    for kind in _HANDLERS:
        for one in renditions:
            if one.kind == kind:
                return Fraction(one.film_offset).limit_denominator(1_000_000)
    return Fraction(0)


class _Packaging:
    """One run of `package`: what it has opened, planned and written so far."""

    def __init__(
        self,
        request: PackageRequest,
        store: ObjectStore,
        scratch: Path,
        control: Control,
        opened: ExitStack,
    ) -> None:
        self.request = request
        self.store = store
        self.scratch = scratch
        self.control = control
        self.opened = opened
        self.target = Fraction(request.segment_seconds).limit_denominator(1000)
        self.ids = names.TrackIds()
        self.files: dict[str, tuple[FileSource, Movie]] = {}
        self.packaged: list[Packaged] = []
        self.trick: TrickPlay | None = None
        self.captioned = False
        self.bytes_done = 0
        self.bytes_total = 1
        self.asked = 0.0

    def run(self) -> Presentation:
        sources = [self._load(one) for one in self.request.renditions if one.kind in _HANDLERS]
        moved = shift(sources)
        placed = [place(one, moved) for one in sources]
        self.bytes_total = 1 + sum(sum(one.table.sizes[one.first : one.stop]) for one in sources)
        videos = [one for one in placed if one.source.rendition.kind == "video"]
        audios = [one for one in placed if one.source.rendition.kind == "audio"]
        plan, timescale = self._video(videos)
        if plan is None:
            end = max(Fraction(one.end, one.timescale) for one in audios)
            plan, timescale = plan_audio(end, self.target), audios[0].timescale
        for one in audios:
            self._audio(one, plan)
        end = max(Fraction(one.end, one.timescale) for one in placed)
        whole = Plan(plan.cuts, end, plan.target)
        # Text and chapters tell the film's time, and go where its pictures went.
        moved += _film_offset(self.request.renditions)
        self._texts(whole, moved, timescale)
        return self._finish(MediaTime(-int(-end * timescale // 1), timescale), moved)

    # Sources

    def _load(self, rendition: Rendition) -> SourceTrack:
        source, movie = self._open(rendition.key)
        tracks = movie.of_handler(_HANDLERS[rendition.kind])
        if rendition.track_index >= len(tracks):
            raise MediaError(
                f"Rendition {rendition.name!r} has no {rendition.kind} track "
                f"{rendition.track_index}.",
                code="nothing-to-play",
            )
        info = tracks[rendition.track_index]
        return load(rendition, movie, info, read_samples(source, movie, info))

    def _open(self, key: str) -> tuple[FileSource, Movie]:
        if key not in self.files:
            path = self.opened.enter_context(self.store.local(key))
            source = self.opened.enter_context(FileSource(path))
            self.files[key] = source, read_movie(source)
        return self.files[key]

    # Tracks

    def _video(self, videos: list[PlacedTrack]) -> tuple[Plan | None, int]:
        """Write all video tracks; return the plan and timescale of the first source track."""
        groups: dict[int | None, list[PlacedTrack]] = {}
        for one in videos:
            groups.setdefault(one.source.rendition.source_index, []).append(one)
        first: tuple[Plan | None, int] = (None, 1)
        for group in groups.values():
            plan = plan_video(group, self.target)
            if first[0] is None:
                first = plan, group[0].timescale
            for one in group:
                self._write_video(one, plan)
            if self.trick is None:
                self._write_trick(group, plan)
        return first

    def _write_video(self, placed: PlacedTrack, plan: Plan) -> None:
        rendition = placed.source.rendition
        codec = family(placed.source.entry.codec)
        # A ladder of several codecs says the codec in its rungs' names already.
        name = rendition.name.removeprefix(f"{codec}-")
        track_id = self.ids.give("video", codec, name)
        segments = video_segments(placed, plan)
        file = self._write(track_id, placed, track_fragments(placed, segments), len(segments))
        self.packaged.append(Packaged(rendition, video_track(track_id, placed, file)))
        # Encoders leave captions out; pictures taken as they are keep theirs.
        if rendition.codec is None and not self.captioned:
            source = placed.source
            pictures = Pictures(
                self.files[rendition.key][0], source.table, source.entry, Clock(placed.timescale)
            )
            self.captioned = pictures.captioned()

    def _write_trick(self, group: list[PlacedTrack], plan: Plan) -> None:
        """Write the I-frames of the rung nearest to `TRICK_LINES`, in the codec most can play."""
        chosen = min(
            group,
            key=lambda one: (
                family(one.source.entry.codec) != "h264",
                is_hdr(one),
                abs(min(display_size(one.source.entry)) - TRICK_LINES),
            ),
        )
        segments = video_segments(chosen, plan)
        track_id = self.ids.give("trick", chosen.source.rendition.name)
        file = self._write(track_id, chosen, trick_fragments(chosen, segments), len(segments))
        track = video_track(track_id, chosen, file)
        track = msgspec.structs.replace(track, frame_rate=trick_rate(track), iframes=())
        made_from = next(
            one.track.id for one in self.packaged if one.rendition is chosen.source.rendition
        )
        self.trick = TrickPlay(track, made_from)

    def _audio(self, placed: PlacedTrack, plan: Plan) -> None:
        rendition = placed.source.rendition
        language = rendition.language or languages.UNDETERMINED
        track_id = self.ids.give("audio", language, rendition.name)
        segments = audio_segments(placed, plan)
        file = self._write(track_id, placed, track_fragments(placed, segments), len(segments))
        self.packaged.append(Packaged(rendition, audio_track(track_id, placed, file)))

    def _write(
        self,
        track_id: str,
        placed: PlacedTrack,
        segments: Iterator[list[Fragment]],
        count: int,
    ) -> TrackFile:
        """Write one track file and move it into the store."""
        name = names.track_file(track_id)
        job = FileJob(
            source=self.files[placed.source.rendition.key][0],
            target=self.scratch / name,
            key=name,
            header=track_header(placed),
            segments=segments,
            count=count,
            end=placed.end,
        )
        self._advanced(0, track_id)
        file = write_track(job, lambda length: self._advanced(length, track_id))
        self.store.put(self._key(name), job.target)
        return file

    def _advanced(self, length: int, track_id: str) -> None:
        """Count *length* bytes as written; now and then tell how far it is, and stop if asked to.

        Raises:
            CancelledError: somebody asked to stop.
        """
        self.bytes_done += length
        now = time.monotonic()
        if now - self.asked < _PAUSE:
            return
        self.asked = now
        if self.control.cancelled():
            raise CancelledError("Packaging was cancelled.")
        fraction = min(1.0, self.bytes_done / self.bytes_total)
        self.control.report(Progress(stage="package", fraction=fraction, detail=track_id))

    # Everything else in the folder

    def _key(self, name: str) -> str:
        return names.key(self.request.folder, name)

    def _texts(self, plan: Plan, moved: Fraction, timescale: int) -> None:
        for rendition in self.request.renditions:
            if rendition.kind != "text":
                continue
            cues = read_cues(self.store.get(rendition.key), moved)
            track_id = self.ids.give("text", rendition.language or languages.UNDETERMINED)
            track, files = text_files(track_id, cues, plan, timescale)
            for name, data in files.items():
                self.store.put(self._key(name), data)
            self.packaged.append(Packaged(rendition, track))
            form = self.request.dash_text
            if form != "webvtt":
                track, data = text_track(
                    f"{track_id}-{form}", cues, plan, timescale, form, rendition.language
                )
                self.store.put(self._key(names.track_file(track.id)), data)
                self.packaged.append(Packaged(rendition, track))
            self._advanced(0, track_id)

    def _images(self, end: Fraction) -> Track | None:
        tiles = self.request.tiles
        if tiles is None or not tiles.keys:
            return None
        sizes = []
        for number, key in enumerate(tiles.keys, 1):
            sizes.append(self._copy(key, names.sheet(number)))
        cues = images.index_cues(tiles, end)
        self.store.put(self._key(names.THUMBNAIL_INDEX), webvtt.render(cues).encode())
        return images.sheet_track(tiles, tuple(sizes), end)

    def _copy(self, key: str, name: str) -> int:
        """Copy the object at *key* to *name* in the folder; return its bytes."""
        data = self.store.get(key)
        if key != self._key(name):
            self.store.put(self._key(name), data)
        return len(data)

    def _finish(self, duration: MediaTime, moved: Fraction) -> Presentation:
        """Write what goes with the tracks, then the manifests that tell of them."""
        request = self.request
        sheets = self._images(duration.seconds)
        chapters = images.chapter_markers(request.chapters, moved)
        if chapters:
            text = webvtt.render(images.chapter_cues(chapters))
            self.store.put(self._key(names.CHAPTERS), text.encode())
        if request.poster:
            self._copy(request.poster, names.POSTER)
        period = Period(
            id="p1",
            start=MediaTime(0, duration.timescale),
            duration=duration,
            selection_sets=selection_sets(
                self.packaged, self.trick, sheets, captioned=self.captioned
            ),
        )
        presentation = Presentation(
            id=request.presentation_id,
            version=request.version,
            periods=(period,),
            title=request.title,
            markers=chapters,
            target_duration=MediaTime.of(self.target, 1000),
            poster=names.POSTER if request.poster else None,
            thumbnails=names.THUMBNAIL_INDEX if sheets else None,
            chapters=names.CHAPTERS if chapters else None,
        )
        for name, data in manifests.folder(presentation).items():
            self.store.put(self._key(name), data)
        self.store.put(self._key(names.PRESENTATION), msgspec.json.encode(presentation))
        self.control.report(Progress(stage="package", fraction=1.0))
        return presentation
