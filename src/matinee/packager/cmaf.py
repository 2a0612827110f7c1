"""Writes a CMAF track file: `ftyp moov sidx (moof mdat)*`, ISO/IEC 23000-19 §7.3.

One fragment for each group of pictures, one or more of which make a segment. A fragment of video is
two chunks: its IDR alone, and the rest. So what an I-frame playlist addresses is a whole `moof` and
`mdat`, which every demuxer takes; many refuse one that ends before its samples do. Samples are
streamed from the source; memory does not grow with them.
"""

import os
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import sub
from pathlib import Path

from matinee.errors import UpstreamError
from matinee.formats.isobmff import (
    FragmentSamples,
    Reference,
    SegmentIndex,
    TrackHeader,
    fragment_head,
    header_segment,
    index_size,
    segment_index,
)
from matinee.model.presentation import ByteRange, IFrame, Segment
from matinee.packager.sample_copy import FileSource, SampleCopier
from matinee.packager.timeline import PlacedTrack


@dataclass(frozen=True, slots=True)
class Fragment:
    """Samples from a sync sample on, and when it is shown: ticks of the track's timescale."""

    shown: int
    decoded: int
    samples: FragmentSamples
    offsets: "array[int]"


@dataclass(frozen=True, slots=True)
class TrackFile:
    """What a written track file holds, in the words of `matinee.model.presentation`."""

    size: int
    init: ByteRange
    index: ByteRange
    segments: tuple[Segment, ...]
    iframes: tuple[IFrame, ...]


def track_fragments(
    track: PlacedTrack, segments: Sequence[Sequence[int]]
) -> Iterator[list[Fragment]]:
    """Yield the fragments of each segment; *segments* names the samples where they begin."""
    starts = [start for segment in segments for start in segment]
    ends = iter((*starts[1:], track.source.stop))
    for segment in segments:
        yield [_fragment(track, start, next(ends)) for start in segment]


def _fragment(track: PlacedTrack, start: int, stop: int) -> Fragment:
    table = track.source.table
    times = table.times
    return Fragment(
        track.shown(start),
        track.decoded(start),
        FragmentSamples(
            array("I", map(sub, times[start + 1 : stop + 1], times[start:stop])),
            table.sizes[start:stop],
            track.composition(start, stop),
            table.sync is None,
        ),
        table.offsets[start:stop],
    )


def trick_fragments(
    track: PlacedTrack, segments: Sequence[Sequence[int]]
) -> Iterator[list[Fragment]]:
    """Yield fragments of one sync sample each, which lasts until the next one is shown."""
    starts = [start for segment in segments for start in segment]
    shown = [track.shown(start) for start in starts]
    lasting = map(sub, (*shown[1:], track.end), shown)
    table = track.source.table
    place = iter(zip(shown, lasting, strict=True))
    for segment in segments:
        found = []
        for start in segment:
            at, duration = next(place)
            sizes = table.sizes[start : start + 1]
            samples = FragmentSamples(array("I", (duration,)), sizes, array("i"), all_sync=True)
            found.append(Fragment(at, at, samples, table.offsets[start : start + 1]))
        yield found


@dataclass(frozen=True, slots=True)
class FileJob:
    """One track file to write: *segments* of fragments from *source*, ending at *end* ticks."""

    source: FileSource
    target: Path
    key: str
    header: TrackHeader
    segments: Iterator[list[Fragment]]
    count: int
    end: int


def write_track(job: FileJob, advanced: Callable[[int], None]) -> TrackFile:
    """Write the file of *job* and say what lies where; *advanced* is told the bytes written.

    Raises:
        MediaError: the source ends too early, or a segment is too large.
        UpstreamError: the disk refuses.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
    try:
        descriptor = os.open(job.target, flags, 0o644)
        try:
            return _Writer(job, descriptor, advanced).run()
        except BaseException:
            job.target.unlink(missing_ok=True)  # nobody takes half a file for a whole one
            raise
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UpstreamError(
            f"The track file {job.key} could not be written: {error.strerror}.",
            fix="Check the free space of the disk.",
        ) from error


def _split(fragment: Fragment) -> tuple[Fragment, Fragment | None]:
    """Return the first sample of *fragment*, and the others if there are any."""
    samples = fragment.samples
    if len(samples.sizes) == 1:
        return fragment, None

    def part(start: int, stop: int | None) -> Fragment:
        chosen = slice(start, stop)
        return Fragment(
            fragment.shown,
            fragment.decoded + sum(samples.durations[:start]),
            FragmentSamples(
                samples.durations[chosen],
                samples.sizes[chosen],
                samples.composition[chosen],
                samples.all_sync,
                first_sync=start == 0,
            ),
            fragment.offsets[chosen],
        )

    return part(0, 1), part(1, None)


class _Writer:
    def __init__(self, job: FileJob, descriptor: int, advanced: Callable[[int], None]) -> None:
        self.job = job
        self.descriptor = descriptor
        self.advanced = advanced
        self.copier = SampleCopier(job.source, descriptor)
        self.segments: list[tuple[int, int, int]] = []
        """When a segment is shown, where it begins, its bytes."""
        self.iframes: list[tuple[int, ByteRange]] = []
        self.sequence = 0

    def run(self) -> TrackFile:
        head = header_segment(self.job.header)
        index = ByteRange(len(head), index_size(self.job.count))
        self.copier.write(head)
        self.copier.write(bytes(index.length))  # filled in at the end: its size is known
        at = index.offset + index.length
        for fragments in self.job.segments:
            start = at
            for fragment in fragments:
                at += self._fragment(fragment, at)
            self.segments.append((fragments[0].shown, start, at - start))
            self.copier.flush()
            self.advanced(at - start)
        self.copier.flush()
        return self._finish(ByteRange(0, len(head)), index, at)

    def _fragment(self, fragment: Fragment, at: int) -> int:
        if not self.job.header.video:
            return self._chunk(fragment)
        first, rest = _split(fragment)
        size = self._chunk(first)
        self.iframes.append((first.shown, ByteRange(at, size)))
        return size + self._chunk(rest) if rest else size

    def _chunk(self, chunk: Fragment) -> int:
        self.sequence += 1
        head = fragment_head(self.sequence, chunk.decoded, chunk.samples)
        self.copier.write(head)
        self.copier.copy(chunk.offsets, chunk.samples.sizes)
        return len(head) + sum(chunk.samples.sizes)

    def _finish(self, init: ByteRange, index: ByteRange, size: int) -> TrackFile:
        ends = (*(shown for shown, _, _ in self.segments[1:]), self.job.end)
        segments = tuple(
            Segment(
                number=number,
                start=shown,
                duration=end - shown,
                key=self.job.key,
                range=ByteRange(offset, length),
            )
            for number, ((shown, offset, length), end) in enumerate(
                zip(self.segments, ends, strict=True), 1
            )
        )
        references = tuple(
            Reference(one.range.length, one.duration) for one in segments if one.range
        )
        box = segment_index(
            SegmentIndex(
                timescale=self.job.header.timescale,
                earliest_presentation_time=segments[0].start,
                references=references,
            )
        )
        os.pwrite(self.descriptor, box, index.offset)
        shown = (*(one for one, _ in self.iframes), self.job.end)
        iframes = tuple(
            IFrame(start=start, duration=end - start, range=span)
            for (start, end), (_, span) in zip(pairwise(shown), self.iframes, strict=True)
        )
        return TrackFile(size, init, index, segments, iframes)
