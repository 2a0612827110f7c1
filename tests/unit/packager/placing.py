"""Tracks on a timeline, made without files."""

from array import array
from collections.abc import Sequence

from matinee.formats.isobmff import Edit, Movie, SampleEntry, SampleTable, TrackInfo
from matinee.formats.isobmff.box import Box
from matinee.model.rendition import Rendition
from matinee.packager.timeline import PlacedTrack, SourceTrack, load, place


def loaded(
    shown: Sequence[int],
    *,
    kind: str = "video",
    timescale: int = 10,
    step: int = 1,
    sync: Sequence[int] | None = None,
    edits: Sequence[Edit] = (),
    name: str = "720p",
    start: int = 0,
    source_index: int | None = 0,
) -> SourceTrack:
    """A track whose sample `i` is decoded at `start + i * step` and shown at `shown[i]`."""
    count = len(shown)
    times = array("q", (start + step * number for number in range(count + 1)))
    offsets = array("i", (at - time for at, time in zip(shown, times, strict=False)))
    table = SampleTable(
        array("Q", (100 * number for number in range(count))),
        array("I", [10] * count),
        times,
        offsets if any(offsets) else array("i"),
        None if sync is None else array("I", sync),
    )
    handler = {"video": "vide", "audio": "soun"}[kind]
    info = TrackInfo(
        id=1, handler=handler, timescale=timescale, duration=count * step, edits=tuple(edits),
        stbl=Box("stbl", 0, 8, 8),
    )  # fmt: skip
    movie = Movie(brands=(), timescale=1000, duration=0, tracks=(info,), fragmented=False, moov=b"")
    codec = {"video": "avc1.64001e", "audio": "mp4a.40.2"}[kind]
    entry = SampleEntry(
        format=codec[:4], codec=codec, data=b"", handler=handler, width=640, height=360,
        channels=2, sample_rate=timescale,
    )  # fmt: skip
    rendition = Rendition(key="in", kind=kind, name=name, source_index=source_index)
    return load(rendition, movie, info, (table, entry))


def placed(shown: Sequence[int], **given: object) -> PlacedTrack:
    return place(loaded(shown, **given), 0)  # type: ignore[arg-type]
