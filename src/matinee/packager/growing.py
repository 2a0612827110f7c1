"""A presentation that grows: files that are still being written become segments in the store.

Every segment is an immutable object, and so is every header; `presentation.json` is replaced when
the presentation has grown. Made again after a crash, from the same encode, all objects are the
same: what players have been told stands, and they only wait until it goes on.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import msgspec

from matinee import manifests
from matinee.errors import InvariantError, NotFoundError, UpstreamError
from matinee.formats.captions import webvtt
from matinee.formats.isobmff import FragmentStream, fragment_head, header_segment
from matinee.model.media import Chapter
from matinee.model.presentation import ByteRange, Period, Presentation, Segment, Track
from matinee.model.rendition import Rendition
from matinee.model.time import MediaTime
from matinee.packager import images, languages, names
from matinee.packager.bandwidth import measure
from matinee.packager.cmaf import TrackFile
from matinee.packager.growing_track import CutSegment, GrowingTrack
from matinee.packager.plan import SHORTEST_TAIL
from matinee.packager.presentation import Packaged, selection_sets
from matinee.packager.sample_copy import FileSource
from matinee.packager.tracks import audio_track, video_track
from matinee.storage.store import ObjectStore

_EARLY = timedelta(hours=1)
"""How much longer than expected a film may be without a segment that is listed before its time."""
_TIMESCALE = 90_000


class GrowingRendition(msgspec.Struct, frozen=True, kw_only=True):
    """One track, and the local file (fragmented MP4) that its encoder writes."""

    rendition: Rendition
    path: Path
    max_rate: int
    """Bits a second that the encoder keeps to: what is promised until the track is measured."""


class GrowingRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What grows, and where to. Durations in seconds."""

    presentation_id: str
    version: int
    title: str = ""
    renditions: tuple[GrowingRendition, ...]
    chapters: tuple[Chapter, ...] = ()
    folder: str
    segment: Fraction
    """Exact duration of every segment but the last of a track."""
    expected: Fraction
    """How long the film will be, as far as its source says."""


@dataclass(slots=True)
class _Growing:
    """One track on its way: the file it is read from, and the segments that are stored."""

    id: str
    given: GrowingRendition
    cutter: GrowingTrack
    stream: FragmentStream = field(default_factory=FragmentStream)
    source: FileSource | None = None
    segments: list[Segment] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    told: tuple[Segment, ...] = ()
    """What players were told of before a crash."""
    sequence: int = 0


class GrowingPackage:
    """Call `advance` while the encoder runs and `finish` when it has ended; then `close`."""

    def __init__(
        self, request: GrowingRequest, store: ObjectStore, clock: Callable[[], datetime]
    ) -> None:
        """Go on from what lies in the request's folder, if anything does.

        Raises:
            UpstreamError: the store failed.
        """
        self._request = request
        self._store = store
        self._clock = clock
        self._opened = ExitStack()
        self._earlier = growing_presentation(store, request.folder)
        self._presentation = self._earlier
        told = _told(self._earlier)
        ids = names.TrackIds()
        self._tracks = []
        for one in request.renditions:
            track_id = _track_id(one.rendition, ids)
            cutter = GrowingTrack(one.rendition, request.segment)
            self._tracks.append(_Growing(track_id, one, cutter, told=told.get(track_id, ())))

    @property
    def presentation(self) -> Presentation | None:
        """What players see now; None until every track has a segment."""
        return self._presentation

    @property
    def ready(self) -> Fraction:
        """Seconds of the film that can be watched."""
        return min((_reached(one.segments, one.cutter) for one in self._tracks), default=Fraction())

    def advance(self) -> bool:
        """Store the segments that are whole by now; say whether players see more than before.

        Raises:
            MediaError: the encoder wrote what cannot be packaged.
            InvariantError: it is not what it wrote before a crash.
            UpstreamError: the store failed.
        """
        for one in self._tracks:
            self._take_in(one)
            for segment in one.cutter.cut():
                self._keep(one, segment)
        if any(len(one.segments) < max(1, len(one.told)) for one in self._tracks):
            return False  # nothing yet, or after a crash less than players know of
        if all(len(one.segments) == self._known(one) for one in self._tracks):
            return False
        self._write(ended=False)
        return True

    def finish(self) -> Presentation:
        """Store the last segments, and the presentation as one that has ended.

        Raises:
            MediaError: a file is cut short, or a track has nothing.
            InvariantError, UpstreamError: as `advance`.
        """
        for one in self._tracks:
            self._take_in(one)
            if one.source is not None:
                one.stream.finish(one.source)
            for segment in one.cutter.cut(last=True):
                self._keep(one, segment)
        for one in self._tracks:
            if not one.segments:
                raise UpstreamError(f"The encoder wrote nothing of {one.id}.")
            if len(one.segments) < len(one.told):
                raise _differs(one.told[len(one.segments)].key)
        return self._write(ended=True)

    def close(self) -> None:
        """Close the files."""
        self._opened.close()

    def _known(self, one: _Growing) -> int:
        return len(_told(self._presentation).get(one.id, ()))

    # Media

    def _take_in(self, one: _Growing) -> None:
        if one.source is None:
            if not one.given.path.is_file():
                return
            one.source = self._opened.enter_context(FileSource(one.given.path))
        one.source.refresh()
        for fragment in one.stream.advance(one.source):
            if one.stream.movie is not None:
                one.cutter.add(one.stream.movie, fragment)

    def _keep(self, one: _Growing, cut: CutSegment) -> None:
        """Store *cut*, unless players have it already; then it must be the same."""
        if not one.segments:
            self._keep_header(one)
        data = self._media(one, cut)
        made = Segment(
            number=cut.number,
            start=cut.start,
            duration=cut.end - cut.start,
            key=names.segment_object(one.id, cut.number),
        )
        if len(one.segments) < len(one.told):
            if one.told[len(one.segments)] != made:
                raise _differs(made.key)
        else:
            self._store.put(self._key(made.key), data)
        one.segments.append(made)
        one.sizes.append(len(data))

    def _keep_header(self, one: _Growing) -> None:
        header, key = header_segment(one.cutter.header), names.header_object(one.id)
        if not one.told:
            self._store.put(self._key(key), header)
        elif self._store.get(self._key(key)) != header:
            raise _differs(key)

    def _media(self, one: _Growing, cut: CutSegment) -> bytes:
        if one.source is None:
            raise InvariantError(f"{one.id} has a segment but no file")
        parts: list[bytes] = []
        for fragment in cut.fragments:
            one.sequence += 1
            parts.append(fragment_head(one.sequence, fragment.decoded, fragment.samples))
            for offset, size in zip(fragment.offsets, fragment.samples.sizes, strict=True):
                parts.append(os.pread(one.source.descriptor, size, offset))
        return b"".join(parts)

    # The presentation

    def _key(self, name: str) -> str:
        return names.key(self._request.folder, name)

    def _write(self, *, ended: bool) -> Presentation:
        request = self._request
        now = self._clock()
        begun = self._presentation.availability_start if self._presentation else None
        chapters = images.chapter_markers(request.chapters, Fraction(0))
        if chapters and self._presentation is None:
            text = webvtt.render(images.chapter_cues(chapters))
            self._store.put(self._key(names.CHAPTERS), text.encode())
        end = max(_reached(one.segments, one.cutter) for one in self._tracks)
        period = Period(
            id="p1",
            start=MediaTime(0, _TIMESCALE),
            duration=MediaTime(-int(-end * _TIMESCALE // 1), _TIMESCALE) if ended else None,
            selection_sets=selection_sets(
                [Packaged(one.given.rendition, _track(one, ended=ended)) for one in self._tracks],
                None,
                None,
            ),
        )
        made = Presentation(
            id=request.presentation_id,
            version=request.version,
            mode="growing",
            ended=ended,
            periods=(period,),
            title=request.title,
            markers=chapters,
            # The last segment may be longer by a tail, and the target must never change.
            target_duration=MediaTime.of(request.segment + SHORTEST_TAIL, 1000),
            chapters=names.CHAPTERS if chapters else None,
            availability_start=begun or _availability(now, request.expected),
            updated_at=now,
            expected_duration=MediaTime.of(request.expected, 1000),
        )
        if ended or self._presentation is None:
            # As of the beginning and of the end; between them the origin renders them.
            for name, data in manifests.folder(made).items():
                self._store.put(self._key(name), data)
        self._store.put(self._key(names.PRESENTATION), msgspec.json.encode(made))
        self._presentation = made
        return made


def growing_presentation(store: ObjectStore, folder: str) -> Presentation | None:
    """Return the growing presentation that lies in *folder*, None where there is none."""
    try:
        data = store.get(names.key(folder, names.PRESENTATION))
    except NotFoundError:
        return None
    found = msgspec.json.decode(data, type=Presentation)
    return found if found.mode == "growing" else None


def _availability(now: datetime, expected: Fraction) -> datetime:
    """Return a start so early that every segment is available when it is listed.

    A segment counts as available from its end on this clock (ISO/IEC 23009-1 §5.3.9.5.3); the
    encoder is mostly faster than the clock, and players must not wait for that.
    """
    start = now - timedelta(seconds=2 * float(expected)) - _EARLY
    return start.replace(microsecond=0)


def _told(presentation: Presentation | None) -> dict[str, tuple[Segment, ...]]:
    if presentation is None:
        return {}
    sets = presentation.periods[0].selection_sets
    return {track.id: track.segments for one in sets for track in one.tracks}


def _track_id(rendition: Rendition, ids: names.TrackIds) -> str:
    if rendition.kind == "video":
        return ids.give("video", rendition.codec or "h264", rendition.name)
    return ids.give("audio", rendition.language or languages.UNDETERMINED, rendition.name)


def _reached(segments: Sequence[Segment], cutter: GrowingTrack) -> Fraction:
    if not segments or cutter.placed is None:
        return Fraction(0)
    return Fraction(segments[-1].start + segments[-1].duration, cutter.placed.timescale)


def _track(one: _Growing, *, ended: bool) -> Track:
    placed = one.cutter.placed
    if placed is None:
        raise InvariantError(f"{one.id} has no sample yet")
    nothing = ByteRange(0, 0)
    file = TrackFile(sum(one.sizes), nothing, nothing, tuple(one.segments), ())
    made = (video_track if one.cutter.video else audio_track)(one.id, placed, file)
    rates = measure(one.sizes, [each.duration for each in one.segments], placed.timescale)
    return msgspec.structs.replace(
        made,
        bandwidth=rates.peak if ended else max(rates.peak, one.given.max_rate),
        average_bandwidth=rates.average,
        key=None,
        init=None,
        index=None,
        init_key=names.header_object(one.id),
    )


def _differs(key: str) -> InvariantError:
    return InvariantError(
        f"{key} was made again, and is not what players were told of.",
        fix="Retry the job: it begins a new version.",
    )
