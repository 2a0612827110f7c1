from array import array

import pytest
from tests.unit.formats.isobmff.movies import AVC1, MP4A

from matinee.errors import InvariantError, MediaError
from matinee.formats import isobmff
from matinee.formats.isobmff import FragmentSamples, MemorySource, TrackHeader
from matinee.transcode.join import Part, join


def header(entry=AVC1):
    return isobmff.header_segment(
        TrackHeader(video=True, timescale=24_000, duration=0, entry=entry, width=64, height=36)
    )


def chunk(path, fragments, head=None):
    """A file of *fragments*, each of two samples of 1000 ticks, from time 0 on."""
    body = b""
    for number in range(fragments):
        sizes = array("I", [3, 5])
        samples = FragmentSamples(array("I", [1000] * 2), sizes, array("i"), all_sync=False)
        body += isobmff.fragment_head(number + 1, 2000 * number, samples) + bytes(8)
    path.write_bytes((head or header()) + body)
    return path


def test_chunks_become_one_track(tmp_path):
    parts = [
        Part(chunk(tmp_path / "a", 3), 0),
        Part(chunk(tmp_path / "b", 2), 6000),
        Part(chunk(tmp_path / "c", 1), 10_000),
    ]
    join(parts, tmp_path / "whole")
    data = (tmp_path / "whole").read_bytes()
    assert data.startswith(header())
    found = isobmff.fragments(data)
    assert [one.decode_time for one in found] == [2000 * n for n in range(6)]
    assert [one.sequence_number for one in found] == [1, 2, 3, 4, 5, 6]
    assert all(one.consistent for one in found)
    source = MemorySource(data)
    movie = isobmff.read_movie(source)
    table, _ = isobmff.read_samples(source, movie, movie.tracks[0])
    assert len(table) == 12


def test_equal_parts_give_equal_bytes(tmp_path):
    parts = [Part(chunk(tmp_path / name, 2), 4000 * n) for n, name in enumerate("abc")]
    join(parts, tmp_path / "one")
    join(parts, tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_chunks_that_are_coded_differently_are_not_put_together(tmp_path):
    parts = [Part(chunk(tmp_path / "a", 1), 0), Part(chunk(tmp_path / "b", 1, header(MP4A)), 2000)]
    with pytest.raises(InvariantError, match="header"):
        join(parts, tmp_path / "whole")


def test_half_a_chunk_is_refused(tmp_path):
    path = chunk(tmp_path / "a", 2)
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(MediaError):
        join([Part(path, 0)], tmp_path / "whole")
