from array import array
from fractions import Fraction

import pytest
from tests.unit.formats.isobmff.movies import AVC1
from tests.unit.packager.placing import placed

from matinee.errors import UpstreamError
from matinee.formats import isobmff
from matinee.formats.isobmff import TrackHeader
from matinee.packager.cmaf import FileJob, track_fragments, trick_fragments, write_track
from matinee.packager.plan import plan_video, video_segments
from matinee.packager.sample_copy import FileSource

SHOWN = [one + group for group in range(0, 40, 4) for one in (0, 3, 1, 2)]


@pytest.fixture
def track():
    return placed(SHOWN, sync=range(0, 40, 4), timescale=4)


def job(tmp_path, track, fragments, count):
    (tmp_path / "source").write_bytes(bytes(range(250)) * 20)
    return FileJob(
        source=FileSource(tmp_path / "source"),
        target=tmp_path / "target.mp4",
        key="video.mp4",
        header=TrackHeader(video=True, timescale=4, duration=40, entry=AVC1),
        segments=fragments,
        count=count,
        end=track.end,
    )


def test_the_file_is_where_its_values_say(tmp_path, track):
    segments = video_segments(track, plan_video([track], Fraction(4)))
    written = []
    file = write_track(
        job(tmp_path, track, track_fragments(track, segments), len(segments)), written.append
    )
    data = (tmp_path / "target.mp4").read_bytes()
    assert file.size == len(data) == file.index.last + 1 + sum(written)
    assert isobmff.init_info(data[: file.init.length]).fragmented
    index = isobmff.parse_sidx(data, file.index.offset)
    assert [one.duration for one in index.references] == [16, 16, 8]
    assert [(one.number, one.start, one.duration) for one in file.segments] == [
        (1, 0, 16), (2, 16, 16), (3, 32, 8),
    ]  # fmt: skip
    assert [one.start for one in file.iframes] == list(range(0, 40, 4))
    assert {one.duration for one in file.iframes} == {4}
    fragments = isobmff.fragments(data[file.index.last + 1 :], file.index.last + 1)
    assert [one.sequence_number for one in fragments] == list(range(1, 21))
    assert all(one.consistent for one in fragments)
    pictures, rests = fragments[::2], fragments[1::2]
    assert [one.decode_time for one in pictures] == list(range(0, 40, 4))
    assert [one.decode_time for one in rests] == list(range(1, 41, 4))
    assert {(one.samples, one.sync_samples, one.starts_with_sync) for one in pictures} == {
        (1, 1, True)
    }
    assert {(one.samples, one.sync_samples) for one in rests} == {(3, 0)}
    for one, rest, iframe in zip(pictures, rests, file.iframes, strict=True):
        assert (one.offset, one.first_sample_end) == (iframe.range.offset, iframe.range.last + 1)
        assert rest.offset == iframe.range.last + 1, "an I-frame is a whole moof and mdat"


def test_samples_keep_their_bytes(tmp_path, track):
    segments = video_segments(track, plan_video([track], Fraction(4)))
    one = job(tmp_path, track, track_fragments(track, segments), len(segments))
    write_track(one, lambda _: None)
    source = isobmff.MemorySource((tmp_path / "target.mp4").read_bytes())
    movie = isobmff.read_movie(source)
    table, _ = isobmff.read_samples(source, movie, movie.tracks[0])
    original = (tmp_path / "source").read_bytes()
    for at, size, was in zip(table.offsets, table.sizes, track.source.table.offsets, strict=True):
        assert source.data[at : at + size] == original[was : was + size]
    assert list(table.presentation_times()) == SHOWN


def test_trick_play_has_one_picture_a_fragment_that_lasts(tmp_path, track):
    segments = video_segments(track, plan_video([track], Fraction(4)))
    file = write_track(
        job(tmp_path, track, trick_fragments(track, segments), len(segments)), lambda _: None
    )
    data = (tmp_path / "target.mp4").read_bytes()
    fragments = isobmff.fragments(data[file.index.last + 1 :])
    assert [(one.samples, one.decode_time, one.duration) for one in fragments] == [
        (1, start, 4) for start in range(0, 40, 4)
    ]
    assert [one.start for one in file.segments] == [0, 16, 32]


def test_durations_are_said_when_they_differ(track):
    track.source.table.times[4:] = array("q", (one + 1 for one in track.source.table.times[4:]))
    (first, *_), *_ = track_fragments(track, [(0, 4), (8,)])
    assert list(first.samples.durations) == [1, 1, 1, 2]


def test_a_disk_that_refuses_is_told(tmp_path, track):
    (tmp_path / "target.mp4").mkdir()
    refused = job(tmp_path, track, track_fragments(track, [(0,)]), 1)
    with pytest.raises(UpstreamError, match=r"video\.mp4"):
        write_track(refused, lambda _: None)
