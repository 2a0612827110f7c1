from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.formats.isobmff.movies import movie, picture_track, sound_track

from matinee.errors import MediaError
from matinee.formats import isobmff
from matinee.formats.isobmff import FragmentSamples, MemorySource, TrackHeader

FILM = movie(picture_track(), sound_track())


def read(data: bytes, number: int = 0):
    source = MemorySource(data)
    found = isobmff.read_movie(source)
    return isobmff.read_samples(source, found, found.tracks[number])


@pytest.mark.parametrize("large", [False, True])
def test_the_samples_of_a_progressive_file(large):
    data = movie(picture_track(), sound_track(), large=large)
    for number, track in enumerate((picture_track(), sound_track())):
        table, entry = read(data, number)
        got = [data[at : at + size] for at, size in zip(table.offsets, table.sizes, strict=True)]
        assert got == track.samples
        assert entry.handler == track.handler


@st.composite
def fragmented(draw):
    count = st.integers(1, 6)
    return [
        FragmentSamples(
            array("I", draw(st.lists(st.integers(0, 5000), min_size=n, max_size=n))),
            array("I", draw(st.lists(st.integers(0, 50), min_size=n, max_size=n))),
            array("i", draw(st.lists(st.integers(-99, 99), min_size=n, max_size=n))),
            draw(st.booleans()),
        )
        for n in draw(st.lists(count, min_size=1, max_size=5))
    ]


@given(fragmented(), st.booleans())
def test_what_was_built_is_read_back_and_no_tick_is_lost(fragments, video):
    entry = picture_track().entries[0] if video else sound_track().entries[0]
    header = TrackHeader(video=video, timescale=90000, duration=0, entry=entry, width=64, height=36)
    data = isobmff.header_segment(header)
    decode_time = 0
    bodies: list[bytes] = []
    for number, one in enumerate(fragments, 1):
        data += isobmff.fragment_head(number, decode_time, one)
        for size in one.sizes:
            bodies.append(bytes([len(bodies) & 0xFF]) * size)
            data += bodies[-1]
        decode_time += sum(one.durations)
    table, _ = read(data)
    got = [data[at : at + size] for at, size in zip(table.offsets, table.sizes, strict=True)]
    assert got == bodies
    assert table.times[-1] == decode_time == sum(sum(one.durations) for one in fragments)
    composition = [value for one in fragments for value in one.composition]
    assert list(table.composition) == (composition if any(composition) else [])
    starts = [sum(len(one.sizes) for one in fragments[:n]) for n in range(len(fragments))]
    sync = {
        sample
        for start, one in zip(starts, fragments, strict=True)
        for sample in range(start, start + (len(one.sizes) if one.all_sync else 1))
    }
    assert set(table.sync_samples()) == sync


def test_samples_beyond_the_end_are_told_as_truncated():
    source = MemorySource(FILM)
    found = isobmff.read_movie(source)
    with pytest.raises(MediaError) as refused:
        isobmff.read_samples(MemorySource(FILM[:100]), found, found.tracks[0])
    assert refused.value.code == "truncated"


def test_a_track_without_samples_is_refused():
    track = picture_track()
    track.samples, track.durations, track.composition, track.sync = [], [], [], None
    track.chunks = []
    with pytest.raises(MediaError, match="has no samples"):
        read(movie(track, sound_track()))


def test_samples_of_another_file_are_never_looked_for():
    track = picture_track()
    track.data_flags = 0
    with pytest.raises(MediaError) as refused:
        read(movie(track))
    assert refused.value.code == "unsupported-container"
