"""`moof`: movie fragments, ISO/IEC 14496-12 §8.8, with every combination of their flags."""

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise, repeat
from operator import add

from matinee.formats.isobmff.box import (
    Box,
    boxes,
    child,
    children,
    damaged,
    u32,
    u64,
    version_and_flags,
)
from matinee.formats.isobmff.movie import Defaults
from matinee.formats.isobmff.samples import MAX_SAMPLES, big_endian

NON_SYNC = 0x0001_0000
"""sample_is_non_sync_sample of the sample flags, §8.8.3.1."""

_MAX_RUN = 1 << 16
"""Samples of one run whose size and duration are all default, so that no byte backs the claim."""


@dataclass(frozen=True, slots=True)
class TrackFragment:
    """One `traf`, its samples' arrays in step. `decode_time` None: goes on where the last ended."""

    sequence_number: int
    track_id: int
    decode_time: int | None
    offsets: "array[int]"
    sizes: "array[int]"
    durations: "array[int]"
    composition: "array[int]"
    flags: "array[int]"


def read_moof(
    data: memoryview, moof: Box, position: int, defaults: Mapping[int, Defaults]
) -> Iterator[TrackFragment]:
    """Yield the track fragments of *moof*, which lies at *position* of its file."""
    sequence = u32(data, child(data, moof, "mfhd").body + 4)
    previous_end = position
    for box in boxes(data, moof.body, moof.end):
        if box.type == "traf":
            fragment, previous_end = _track_fragment(
                data, box, _Place(sequence, position, previous_end), defaults
            )
            yield fragment


@dataclass(frozen=True, slots=True)
class _Place:
    sequence: int
    moof: int
    previous_end: int


def _track_fragment(
    data: memoryview, traf: Box, place: _Place, defaults: Mapping[int, Defaults]
) -> tuple[TrackFragment, int]:
    tfhd = child(data, traf, "tfhd")
    _, flags = version_and_flags(data, tfhd)
    track_id, at = u32(data, tfhd.body + 4), tfhd.body + 8
    base = place.moof if flags & 0x020000 else place.previous_end
    if flags & 0x1:
        base, at = u64(data, at), at + 8
    at += 4 if flags & 0x2 else 0
    values = list(defaults.get(track_id, Defaults()))
    for index, flag in enumerate((0x8, 0x10, 0x20)):
        if flags & flag:
            values[index], at = u32(data, at), at + 4
    if at > tfhd.end:
        raise damaged("'tfhd' is shorter than its flags say")
    fragment = TrackFragment(
        place.sequence, track_id, _decode_time(data, traf),
        array("Q"), array("I"), array("I"), array("i"), array("I"),
    )  # fmt: skip
    end = base
    for box in boxes(data, traf.body, traf.end):
        if box.type == "trun":
            end = _run(data, box, fragment, (base, end), Defaults(*values))
    return fragment, end


def _decode_time(data: memoryview, traf: Box) -> int | None:
    tfdt = children(data, traf).get("tfdt")
    if tfdt is None:
        return None
    version, _ = version_and_flags(data, tfdt)
    return u64(data, tfdt.body + 4) if version == 1 else u32(data, tfdt.body + 4)


def _run(
    data: memoryview,
    trun: Box,
    into: TrackFragment,
    place: tuple[int, int],
    defaults: Defaults,
) -> int:
    """Append the samples of *trun* to *into*; *place* is the base and the end of the last run."""
    _, flags = version_and_flags(data, trun)
    count, at = u32(data, trun.body + 4), trun.body + 8
    start = place[1]
    if flags & 0x1:
        start, at = place[0] + _signed(u32(data, at)), at + 4
    first_flags = None
    if flags & 0x4:
        first_flags, at = u32(data, at), at + 4
    width = sum(1 for flag in (0x100, 0x200, 0x400, 0x800) if flags & flag)
    if 4 * width * count > trun.end - at or (not width and count > _MAX_RUN):
        raise damaged(f"'trun' claims {count} samples, there is no room for them")
    if len(into.sizes) + count > MAX_SAMPLES:
        raise damaged("a fragment claims too many samples")
    body = data[at : at + 4 * width * count]
    columns = _columns(flags, count, big_endian("I", body), defaults)
    durations, sizes, sample_flags = columns
    if first_flags is not None and count:
        sample_flags[0] = first_flags
    ends = array("Q", accumulate(sizes, initial=start))
    into.offsets.extend(ends[:-1])
    into.sizes.extend(sizes)
    into.durations.extend(durations)
    into.flags.extend(sample_flags)
    if flags & 0x800:
        into.composition.extend(big_endian("i", body)[width - 1 :: width])
    else:
        into.composition.extend(repeat(0, count))
    return ends[-1]


def _signed(value: int) -> int:
    return value - ((value >> 31) << 32)


def _columns(
    flags: int, count: int, values: "array[int]", defaults: Defaults
) -> tuple["array[int]", "array[int]", "array[int]"]:
    """Split the rows of a run into durations, sizes and flags; what is absent is default."""
    width = len(values) // count if count else 1
    column = 0
    found = []
    for flag, default in zip((0x100, 0x200, 0x400), defaults, strict=True):
        if flags & flag:
            found.append(values[column::width])
            column += 1
        else:
            found.append(array("I", (default,)) * count)
    return found[0], found[1], found[2]


class Collector:
    """Gathers the fragments of one track into the arrays of a `SampleTable`."""

    def __init__(self) -> None:
        """Start with no sample."""
        self.offsets = array("Q")
        self.sizes = array("I")
        self.times = array("q")
        self.composition = array("i")
        self.sync = array("I")
        self.end = 0

    def add(self, fragment: TrackFragment) -> None:
        """Append *fragment*, which must not begin before the last sample did."""
        count = len(fragment.sizes)
        if not count:
            return
        start = self.end if fragment.decode_time is None else fragment.decode_time
        if self.times and start < self.times[-1]:
            raise damaged(f"fragment {fragment.sequence_number} goes back in time")
        if len(self.sizes) + count > MAX_SAMPLES:
            raise damaged("the fragments hold too many samples")
        times = array("q", accumulate(fragment.durations, initial=start))
        first = len(self.sizes)
        self.end = times.pop()
        self.times.extend(times)
        self.offsets.extend(fragment.offsets)
        self.sizes.extend(fragment.sizes)
        self.composition.extend(fragment.composition)
        self.sync.extend(
            first + index for index, flags in enumerate(fragment.flags) if not flags & NON_SYNC
        )


def earliest_presentation(fragment: TrackFragment, decode_time: int) -> int:
    """Return the earliest presentation time of *fragment*, edit lists aside."""
    times = accumulate(fragment.durations, initial=decode_time)
    return min(map(add, times, fragment.composition), default=decode_time)


def contiguous(fragment: TrackFragment) -> bool:
    """Whether each sample begins where the one before it ends."""
    ends = map(add, fragment.offsets, fragment.sizes)
    return all(
        end == start for end, (_, start) in zip(ends, pairwise(fragment.offsets), strict=False)
    )
