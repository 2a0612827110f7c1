from fractions import Fraction
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matinee.model.media import Ratio
from matinee.transcode.chunks import MOST_CHUNKS, Chunk, chunk_seconds, chunks_of, start_seconds
from matinee.transcode.command import encode_command
from matinee.transcode.filters import video_graph
from matinee.transcode.ladder import built_in
from matinee.transcode.making import read_from
from matinee.transcode.order import IndexedCopy, Order, pieces_of, read_of
from matinee.transcode.plan import plan

STANDARD = built_in()["standard"]


def made(sources, seconds=600.0, container="mp4", **facts):
    video = sources.video(duration=seconds, **facts)
    audio = sources.audio(1, duration=seconds)
    return plan(sources.film([video], [audio], container=container, duration=seconds), STANDARD)


def order(chosen, **changed):
    given_values = {
        "plan": chosen, "source_key": "in/film", "folder": "out", "cores": 2,
        "segment_seconds": chosen.segment_seconds, **changed,
    }  # fmt: skip
    return Order(**given_values)


def test_chunks_cover_the_film_without_gap_or_overlap(sources):
    chosen = made(sources)
    chunks = chunks_of(chosen.video, chosen.duration, chosen.segment_seconds)
    assert len(chunks) > 10
    at = 0
    for chunk in chunks[:-1]:
        assert chunk.first == at
        at += chunk.frames
    assert (chunks[-1].first, chunks[-1].frames) == (at, None)


def test_chunks_begin_with_a_segment_in_every_rung(sources):
    chosen = made(sources)
    gop = chosen.video.outputs[0].gop_frames * chosen.video.outputs[0].frame_step
    for chunk in chunks_of(chosen.video, chosen.duration, chosen.segment_seconds):
        assert chunk.first % gop == 0
        segments = start_seconds(chosen.video, chunk) / Fraction(chosen.segment_seconds)
        assert segments.denominator == 1
        assert all(chunk.first % output.frame_step == 0 for output in chosen.video.outputs)


def test_chunks_of_telecined_film_are_entered_where_five_frames_begin(sources):
    chosen = made(sources, frame_rate=Ratio(30_000, 1001), field_order="tff", telecined=True)
    chunks = chunks_of(chosen.video, chosen.duration, chosen.segment_seconds)
    assert len(chunks) > 10
    for chunk in chunks[1:]:
        assert 12 <= chunk.lead < 16
        frames = (chunk.first - chunk.lead) / chosen.video.frame_rate.value * Fraction(30_000, 1001)
        assert frames % 5 == 0


def test_only_films_that_can_be_entered_anywhere_are_cut(sources):
    for chosen in (
        made(sources, seconds=20.0),
        made(sources, container="mpegts"),
        made(sources, damaged=True),
    ):
        assert "pictures" not in {piece.kind for piece in pieces_of(order(chosen))}


def test_chunks_of_a_film_without_an_index_are_read_from_its_copy(sources):
    copy = IndexedCopy(key="out/chunks/indexed.mkv", container="matroska", video_index=0)
    chosen = order(made(sources, container="mpegts"), copy=copy)
    sound, *pictures = pieces_of(chosen)
    assert (sound.kind, read_of(chosen, sound)) == ("sound", "in/film")
    assert {read_of(chosen, one) for one in pictures} == {copy.key}
    argv = encode_command(
        read_from(chosen.plan, copy), Path("ffmpeg"), Path("/in"), Path("/out"),
        chunk=pictures[1].chunk,
    ).argv  # fmt: skip
    assert argv[argv.index("-f") + 1] == "matroska"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seconds=st.floats(min_value=0.5, max_value=400_000),
    rate=st.sampled_from([(24, 1), (24_000, 1001), (25, 1), (30_000, 1001), (60, 1), (1194, 100)]),
    segment=st.floats(min_value=1, max_value=12),
)
def test_any_film_is_cut_in_a_bounded_number_of_chunks(sources, seconds, rate, segment):
    chosen = msgspec.structs.replace(made(sources).video, frame_rate=Ratio(*rate))
    chunks = chunks_of(chosen, seconds, segment)
    assert len(chunks) <= MOST_CHUNKS + 1
    assert len(chunks) != 1
    assert [one.number for one in chunks] == list(range(len(chunks)))
    assert all(one.frames is None or one.frames > 0 for one in chunks)


@pytest.mark.parametrize(
    ("seconds", "count"), [(23.9, 0), (24.0, 2), (30.0, 2), (60.0, 4), (120.0, 4), (600.0, 20)]
)
def test_short_films_are_cut_finer_so_that_they_fill_the_processors(sources, seconds, count):
    chosen = made(sources, seconds=seconds)
    chunks = chunks_of(chosen.video, seconds, chosen.segment_seconds)
    assert len(chunks) == count
    lengths = [chunk_seconds(chosen.video, chunk, seconds) for chunk in chunks]
    assert not lengths or max(lengths) - min(lengths) <= 2 * chosen.segment_seconds


def test_pieces_are_sound_first_and_then_the_chunks_in_order(sources):
    pieces = pieces_of(order(made(sources)))
    assert pieces[0].kind == "sound"
    assert {piece.kind for piece in pieces[1:]} == {"pictures"}
    assert [piece.number for piece in pieces] == list(range(len(pieces)))
    assert sum(piece.duration for piece in pieces[1:]) == 600.0
    assert pieces[3].folder == "chunks/00003"


def test_an_order_outlives_its_writing(sources):
    before = order(made(sources))
    assert msgspec.json.decode(msgspec.json.encode(before), type=Order) == before


def test_a_chunk_is_entered_before_its_first_frame_and_trimmed_to_it(sources):
    chosen = made(sources)
    chunk = Chunk(number=3, first=2250, frames=750, lead=12)
    argv = encode_command(chosen, Path("ffmpeg"), Path("/in"), Path("/out"), chunk=chunk).argv
    assert argv[argv.index("-ss") + 1] == "93.250000"
    assert argv.index("-ss") < argv.index("-i")
    assert "-noaccurate_seek" in argv
    graph = argv[argv.index("-filter_complex") + 1]
    assert "trim=start_frame=12:end_frame=762,setpts=PTS-STARTPTS" in graph
    assert not any("audio" in word for word in argv)
    assert "frag_keyframe" in " ".join(argv)


def test_the_first_chunk_is_not_sought_and_the_last_has_no_end(sources):
    chosen = made(sources)
    first = Chunk(number=0, first=0, frames=750)
    assert (
        "-ss"
        not in encode_command(chosen, Path("ffmpeg"), Path("/in"), Path("/out"), chunk=first).argv
    )
    last = Chunk(number=9, first=6750, frames=None, lead=12)
    assert "trim=start_frame=12,setpts" in video_graph(chosen.video, chunk=last)


def test_the_last_picture_is_held_in_the_last_chunk_alone(sources):
    video = msgspec.structs.replace(made(sources).video, held=2.5)
    assert "tpad" not in video_graph(video, chunk=Chunk(number=0, first=0, frames=750))
    assert "tpad" in video_graph(video, chunk=Chunk(number=9, first=6750, frames=None, lead=12))


def test_a_streams_time_counts_from_its_first_track_whichever_is_used(sources):
    chosen = made(sources, container="mpegts")
    sound = msgspec.structs.replace(chosen, video=None)
    argv = encode_command(sound, Path("ffmpeg"), Path("/in"), Path("/out")).argv
    assert argv[-7:] == ("-map", "0:0", "-c", "copy", "-f", "null", "-")
    whole = encode_command(chosen, Path("ffmpeg"), Path("/in"), Path("/out")).argv
    assert "copy" not in whole
    indexed = msgspec.structs.replace(sound, container="matroska")
    assert "copy" not in encode_command(indexed, Path("ffmpeg"), Path("/in"), Path("/out")).argv
