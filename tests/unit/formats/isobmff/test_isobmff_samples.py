from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.formats.isobmff.movies import HandTrack, table, u32

from matinee.errors import MediaError
from matinee.formats.isobmff import box
from matinee.formats.isobmff.samples import SampleTable, read_sample_table


def read(stbl: bytes, file_size: int = 1 << 40) -> SampleTable:
    view = memoryview(stbl)
    door = box.guarded("table")(read_sample_table)
    return door(view, box.header(view, 0, len(stbl)), file_size)[0]


@st.composite
def tracks(draw):
    """A track of any tables, and what each of its samples then is."""
    counts = draw(st.lists(st.integers(1, 5), min_size=1, max_size=6))
    total = sum(counts)
    sizes = draw(st.lists(st.integers(0, 9), min_size=total, max_size=total))
    durations = draw(st.lists(st.integers(0, 1000), min_size=total, max_size=total))
    offsets = draw(st.lists(st.integers(-500, 500), min_size=total, max_size=total))
    sync = sorted(draw(st.sets(st.integers(1, total))))
    track = HandTrack(
        samples=[bytes(size) for size in sizes],
        durations=[(1, one) for one in durations],
        composition=[(1, one) for one in offsets],
        composition_version=draw(st.integers(0, 1)),
        sync=sync,
        chunks=counts,
    )
    chunks = draw(st.lists(st.integers(0, 1 << 31), min_size=len(counts), max_size=len(counts)))
    return track, chunks


@given(tracks(), st.booleans())
def test_every_sample_is_where_and_when_its_tables_say(made, large):
    track, chunks = made
    found = read(table(track, chunks, large=large))
    expected = []
    sample = iter(track.samples)
    for start, count in zip(chunks, track.chunks, strict=True):
        for _ in range(count):
            expected.append(start)
            start += len(next(sample))  # noqa: PLW2901 walking through the chunk
    assert list(found.offsets) == expected
    assert list(found.sizes) == [len(one) for one in track.samples]
    assert list(found.times) == list(accumulate((d for _, d in track.durations), initial=0))
    offsets = list(found.composition) or [0] * len(found)
    assert offsets == [value for _, value in track.composition]
    assert [one + 1 for one in found.sync_samples()] == track.sync
    shown = [a + b for a, b in zip(found.times, offsets, strict=False)]
    assert list(found.presentation_times()) == shown


def plain(**changes) -> HandTrack:
    given_ = {"samples": [b"12", b"34"], "durations": [(2, 10)], "sync": [1]} | changes
    return HandTrack(**given_)


@pytest.mark.parametrize("bits", [4, 8, 16])
def test_compact_sizes(bits):
    packed = {4: bytes([0x23, 0x40]), 8: bytes([2, 3, 4]), 16: bytes([0, 2, 0, 3, 0, 4])}[bits]
    stbl = box.build(
        "stbl",
        box.build_full("stz2", 0, 0, u32(bits, 3), packed),
        box.build_full("stts", 0, 0, u32(1, 3, 10)),
        box.build_full("stsc", 0, 0, u32(1, 1, 3, 1)),
        box.build_full("stco", 0, 0, u32(1, 100)),
    )
    assert list(read(stbl).sizes) == [2, 3, 4]
    assert list(read(stbl).offsets) == [100, 102, 105]


def test_one_size_for_all():
    assert list(read(table(plain(uniform=7), [0])).sizes) == [7, 7]


@pytest.mark.parametrize(
    ("track", "message"),
    [
        (plain(durations=[(1, 10)]), "'stts' times 1 samples of 2"),
        (plain(sync=[3]), "'stss' names samples that are not there"),
        (plain(sync=[2, 1]), "not ascending"),
        (plain(chunks=[1]), "the chunks hold 1 samples of 2"),
    ],
)
def test_tables_that_contradict_each_other_are_refused(track, message):
    with pytest.raises(MediaError, match=message):
        read(table(track, [0]))


@pytest.mark.parametrize(
    "claim",
    [
        box.build_full("stsz", 0, 0, u32(0, 0xFFFFFFFF)),
        box.build_full("stsz", 0, 0, u32(1, 0x7FFFFF)),
        box.build_full("stsz", 0, 0, u32(0, 1000)),
        box.build_full("stz2", 0, 0, u32(3, 1)),
    ],
)
def test_counts_without_bytes_behind_them_are_refused(claim):
    with pytest.raises(MediaError):
        read(box.build("stbl", claim), file_size=1000)


def test_a_table_of_nothing_is_empty():
    assert len(read(table(HandTrack(), []))) == 0


@given(st.data())
def test_damage_is_read_or_refused(draw):
    stbl = bytearray(table(plain(composition=[(2, 5)], chunks=[1, 1]), [10, 20]))
    for _ in range(3):
        stbl[draw.draw(st.integers(8, len(stbl) - 1))] = draw.draw(st.integers(0, 255))
    try:
        found = read(bytes(stbl), file_size=1000)
    except MediaError:
        return
    assert len(found.times) == len(found) + 1
    assert len(found.offsets) == len(found)
