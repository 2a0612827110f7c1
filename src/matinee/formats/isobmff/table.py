"""One door for the samples of a track, whether the file is progressive, fragmented or both."""

from array import array
from operator import add

from matinee.errors import MediaError
from matinee.formats.isobmff.box import damaged, guarded, header, truncated
from matinee.formats.isobmff.entry import SampleEntry
from matinee.formats.isobmff.fragments import Collector, read_moof
from matinee.formats.isobmff.movie import Movie, TrackInfo, file_boxes, read_box
from matinee.formats.isobmff.samples import SampleTable, read_sample_table
from matinee.formats.isobmff.source import ByteSource


@guarded("the sample table")
def read_samples(
    source: ByteSource, movie: Movie, track: TrackInfo
) -> tuple[SampleTable, SampleEntry]:
    """Return the samples of *track* in decode order, and how they are coded.

    Raises:
        MediaError: damaged tables, samples beyond the end of the file (`truncated`), or none.
    """
    if not track.self_contained:
        raise MediaError(
            f"The samples of track {track.id} are in another file.",
            fix="Export the film as one self-contained file.",
            code="unsupported-container",
        )
    table, entry = read_sample_table(memoryview(movie.moov), track.stbl, source.size)
    if movie.fragmented:
        table = _with_fragments(source, movie, track, table)
    if not len(table):
        raise damaged(f"track {track.id} has no samples")
    if max(map(add, table.offsets, table.sizes)) > source.size:
        raise truncated(f"samples of track {track.id} lie beyond its end")
    if entry >= len(track.entries):
        raise damaged(f"track {track.id} has no sample entry {entry + 1}")
    return table, track.entries[entry]


def _with_fragments(
    source: ByteSource, movie: Movie, track: TrackInfo, table: SampleTable
) -> SampleTable:
    collector = Collector()
    collector.offsets.extend(table.offsets)
    collector.sizes.extend(table.sizes)
    collector.times.extend(table.times[:-1])
    collector.composition.extend(table.composition or array("i", bytes(4 * len(table))))
    collector.sync.extend(table.sync_samples())
    collector.end = table.times[-1]
    defaults = {one.id: one.defaults for one in movie.tracks}
    for box in file_boxes(source):
        if box.type == "moof":
            data = memoryview(read_box(source, box))
            for fragment in read_moof(data, header(data, 0, len(data)), box.start, defaults):
                if fragment.track_id == track.id:
                    collector.add(fragment)
    collector.times.append(collector.end)
    count = len(collector.sizes)
    return SampleTable(
        collector.offsets,
        collector.sizes,
        collector.times,
        collector.composition if any(collector.composition) else array("i"),
        None if len(collector.sync) == count else collector.sync,
    )
