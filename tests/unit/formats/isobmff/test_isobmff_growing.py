import contextlib
from array import array
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.formats.isobmff.movies import AVC1

from matinee.errors import MediaError
from matinee.formats.isobmff import (
    FragmentSamples,
    FragmentStream,
    MemorySource,
    TrackHeader,
    fragment_head,
    header_segment,
    read_movie,
    read_samples,
)
from matinee.formats.isobmff.box import build

GROUPS = 5
HEADER = header_segment(TrackHeader(video=True, timescale=4, duration=0, entry=AVC1))


def film() -> bytes:
    """A header, and fragments of four samples each with other boxes between them."""
    made = [HEADER]
    for group in range(GROUPS):
        sizes = array("I", (10 + group, 3, 4, 5))
        samples = FragmentSamples(array("I", [1] * 4), sizes, array("i"), all_sync=False)
        made += [
            build("free", b"\0" * group),
            fragment_head(group + 1, 4 * group, samples),
            bytes([group]) * sum(sizes),
        ]
    return b"".join(made)


FILM = film()


@given(st.lists(st.integers(0, len(FILM))))
def test_fragments_come_once_and_whole_however_the_file_grows(lengths: list[int]) -> None:
    stream, found = FragmentStream(), []
    for length in [*sorted(lengths), len(FILM)]:
        there = MemorySource(FILM[:length])
        for one in stream.advance(there):
            assert one.offsets[-1] + one.sizes[-1] <= length
            found.append(one)
    stream.finish(MemorySource(FILM))
    source = MemorySource(FILM)
    movie = read_movie(source)
    table, _ = read_samples(source, movie, movie.tracks[0])
    assert [one.sequence_number for one in found] == list(range(1, GROUPS + 1))
    assert [at for one in found for at in one.offsets] == list(table.offsets)
    assert [size for one in found for size in one.sizes] == list(table.sizes)
    assert all(a.decode_time < b.decode_time for a, b in pairwise(found))
    assert stream.movie == movie


@given(st.binary(max_size=200), st.integers(0, len(FILM)))
def test_hostile_bytes_are_refused_in_our_words(junk: bytes, at: int) -> None:
    stream, spoilt = FragmentStream(), MemorySource(FILM[:at] + junk)
    with contextlib.suppress(MediaError):
        stream.advance(spoilt)
        stream.finish(spoilt)


def test_a_file_that_stops_in_a_box_is_truncated() -> None:
    stream, short = FragmentStream(), MemorySource(FILM[:-1])
    assert len(stream.advance(short)) == GROUPS - 1
    with pytest.raises(MediaError) as refused:
        stream.finish(short)
    assert refused.value.code == "truncated"


def test_a_file_without_a_header_is_truncated() -> None:
    stream = FragmentStream()
    stream.advance(MemorySource(b""))
    with pytest.raises(MediaError, match="cut short"):
        stream.finish(MemorySource(b""))


@pytest.mark.parametrize(
    ("bytes_there", "words"),
    [
        (FILM[len(HEADER) :], "before its header"),
        (HEADER + b"\0\0\0\0mdat", "claims 0 bytes"),
        (HEADER + b"\0\0\0\1mdat\0\0\0\2\0\0\0\0", "claims"),
        (HEADER + fragment_head(1, 0, FragmentSamples(array("I", [1]), array("I", [9]), array("i"),
         all_sync=True))[:-8] + build("mdat", b"abc"), "outside its 'mdat'"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_damaged(bytes_there: bytes, words: str) -> None:
    with pytest.raises(MediaError, match=words):
        FragmentStream().advance(MemorySource(bytes_there))
