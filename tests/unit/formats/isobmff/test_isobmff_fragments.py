from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.formats.isobmff.movies import u32

from matinee.errors import MediaError
from matinee.formats.isobmff import box
from matinee.formats.isobmff.fragments import (
    NON_SYNC,
    Collector,
    TrackFragment,
    contiguous,
    earliest_presentation,
    read_moof,
)
from matinee.formats.isobmff.movie import Defaults


@box.guarded("a fragment")
def read(moof: bytes, position: int = 1000, defaults: Defaults | None = None):
    view = memoryview(moof)
    known = {1: defaults} if defaults else {}
    return list(read_moof(view, box.header(view, 0, len(moof)), position, known))


def moof(*trafs: bytes, sequence: int = 5) -> bytes:
    return box.build("moof", box.build_full("mfhd", 0, 0, u32(sequence)), *trafs)


def traf(tfhd: tuple[int, bytes], *boxes: bytes, track: int = 1) -> bytes:
    return box.build("traf", box.build_full("tfhd", 0, tfhd[0], u32(track), tfhd[1]), *boxes)


def trun(flags: int, count: int, *fields: int, version: int = 0) -> bytes:
    return box.build_full("trun", version, flags, u32(count, *fields))


ROWS = [(10, 100, 0, 3), (20, 200, NON_SYNC, 0xFFFFFFFE), (30, 300, NON_SYNC, 0)]


@pytest.mark.parametrize("flags", range(16))
@pytest.mark.parametrize("first", [False, True])
def test_every_combination_of_row_fields(flags, first):
    chosen = [row for row in range(4) if flags >> row & 1]
    rows = [values[column] for values in ROWS for column in chosen]
    head = [50] + ([0x02000000] if first else [])
    run = trun(0x1 | (0x4 if first else 0) | flags << 8, 3, *head, *rows, version=1)
    (found,) = read(moof(traf((0x20000, b""), run)), defaults=Defaults(7, 8, NON_SYNC))
    columns = list(zip(*ROWS, strict=True))
    durations, sizes = (
        list(columns[column]) if flags >> column & 1 else [default] * 3
        for column, default in ((0, 7), (1, 8))
    )
    assert list(found.durations) == durations
    assert list(found.sizes) == sizes
    assert list(found.offsets) == [1050, 1050 + sizes[0], 1050 + sizes[0] + sizes[1]]
    assert list(found.composition) == ([3, -2, 0] if flags & 8 else [0, 0, 0])
    shown = list(columns[2]) if flags & 4 else [NON_SYNC] * 3
    assert list(found.flags) == ([0x02000000, *shown[1:]] if first else shown)
    assert contiguous(found)


@pytest.mark.parametrize(
    ("flags", "fields", "offset"),
    [
        (0x20000, b"", 1050),
        (0x000001, u32(0, 4000), 4050),
        (0x020001, u32(0, 4000), 4050),
        (0x000000, b"", 1050),
        (0x000002, u32(1), 1050),
    ],
)
def test_where_a_run_begins(flags, fields, offset):
    (found,) = read(moof(traf((flags | 0x10, fields + u32(9)), trun(1, 1, 50))))
    assert list(found.offsets) == [offset]


def test_runs_and_tracks_without_offsets_follow_each_other():
    first = traf((0x20018, u32(1, 10)), trun(1, 2, 50), trun(0, 1))
    second = traf((0x000018, u32(1, 5)), trun(0, 1), track=2)
    one, two = read(moof(first, second))
    assert list(one.offsets) == [1050, 1060, 1070]
    assert list(two.offsets) == [1080]


@pytest.mark.parametrize(("version", "field"), [(0, u32(77)), (1, u32(0, 77))])
def test_decode_time(version, field):
    tfdt = box.build_full("tfdt", version, 0, field)
    (found,) = read(moof(traf((0x20018, u32(10, 10)), tfdt, trun(1, 2, 50))))
    assert (found.decode_time, found.sequence_number, found.track_id) == (77, 5, 1)


def test_claims_without_bytes_behind_them_are_refused():
    for run in (trun(0x101, 9, 50, 1), trun(0x1, 0xFFFFFFFF, 50)):
        with pytest.raises(MediaError):
            read(moof(traf((0x20000, b""), run)))
    with pytest.raises(MediaError):
        read(moof(box.build("traf", box.build_full("tfhd", 0, 0x38, u32(1)))))


def fragment(decode_time: int | None, *durations: int) -> TrackFragment:
    count = len(durations)
    return TrackFragment(
        1, 1, decode_time, array("Q", range(count)), array("I", [1] * count),
        array("I", durations), array("i", [0] * count), array("I", [0] + [NON_SYNC] * (count - 1)),
    )  # fmt: skip


def test_collecting_goes_on_where_the_last_fragment_ended():
    collector = Collector()
    for one in (fragment(None, 10, 10), fragment(None, 5), fragment(40, 5, 5), fragment(None)):
        collector.add(one)
    assert list(collector.times) == [0, 10, 20, 40, 45]
    assert collector.end == 50
    assert list(collector.sync) == [0, 2, 3]


def test_collecting_refuses_to_go_back():
    collector = Collector()
    collector.add(fragment(100, 10, 10))
    with pytest.raises(MediaError, match="goes back in time"):
        collector.add(fragment(50, 10))


def test_earliest_presentation_is_that_of_the_earliest_sample():
    one = fragment(None, 10, 10)
    one.composition[:] = array("i", [15, -5])
    assert earliest_presentation(one, 100) == 105


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body):
    data = box.build("moof", box.build_full("mfhd", 0, 0, u32(1)), body)
    try:
        found = read(data)
    except MediaError:
        return
    assert all(len(one.sizes) == len(one.durations) == len(one.offsets) for one in found)
