import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.formats.isobmff.movies import HandTrack, movie, picture_track, sound_track

from matinee.errors import MediaError
from matinee.formats.isobmff import Edit, MemorySource, box, read_movie, read_samples
from matinee.formats.isobmff import movie as movie_module

FILM = movie(picture_track(), sound_track())


def test_the_tracks_of_a_movie():
    found = read_movie(MemorySource(FILM))
    assert found.brands == ("isom", "mp41")
    assert not found.fragmented
    assert [track.handler for track in found.tracks] == ["vide", "soun"]
    video, audio = found.tracks
    assert (video.timescale, video.language, video.edits) == (24, "eng", (Edit(333, 1),))
    assert audio.entries[0].codec == "mp4a.40.2"
    assert found.of_handler("soun") == (audio,)


@pytest.mark.parametrize(
    ("language", "elng", "expected"),
    [(0x55C4, b"", None), (0x15C7, b"en-GB\0", "en-GB"), (0, b"", None), (0x10B5, b"", "deu")],
)
def test_languages(language, elng, expected):
    track = picture_track()
    track.language, track.elng = language, elng
    assert read_movie(MemorySource(movie(track))).tracks[0].language == expected


def test_data_in_another_file_is_told():
    track = picture_track()
    track.data_flags = 0
    assert not read_movie(MemorySource(movie(track))).tracks[0].self_contained


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-file"),
        (b"What is this? A text.", "not-media"),
        (box.build("ftyp", b"isom\0\0\0\0"), "not-media"),
        (box.build("mdat", b"abc"), "truncated"),
        (FILM[:-50], "truncated"),
        (FILM[: FILM.index(b"moov") - 4], "truncated"),
        (box.build("moov", box.build("trak")), "damaged"),
    ],
)
def test_what_is_no_movie_is_refused(data, code):
    with pytest.raises(MediaError) as refused:
        read_movie(MemorySource(data))
    assert refused.value.code == code


def test_a_header_larger_than_any_film_is_refused(monkeypatch):
    monkeypatch.setattr(movie_module, "MAX_HEADER", 100)
    with pytest.raises(MediaError, match="'moov' claims"):
        read_movie(MemorySource(FILM))


def test_a_crowd_of_tracks_is_refused(monkeypatch):
    monkeypatch.setattr(movie_module, "MAX_TRACKS", 1)
    with pytest.raises(MediaError, match="more than 1 tracks"):
        read_movie(MemorySource(FILM))


@given(st.data())
def test_damage_is_read_or_refused(draw):
    broken = bytearray(FILM)
    start = FILM.index(b"moov")
    for _ in range(draw.draw(st.integers(1, 6))):
        broken[draw.draw(st.integers(start, len(FILM) - 1))] = draw.draw(st.integers(0, 255))
    source = MemorySource(bytes(broken))
    try:
        found = read_movie(source)
        for track in found.tracks:
            table, _ = read_samples(source, found, track)
            assert len(table.times) == len(table) + 1
    except MediaError as error:
        assert error.code in {"damaged", "truncated", "unsupported-container", "not-media"}  # noqa: PT017 any of them


def test_version_one_headers():
    track = HandTrack(samples=[b"1"], durations=[(1, 1)], edits=[])
    data = movie(track)
    old = data[data.index(b"mdhd") - 4 :][:32]
    new = box.build_full("mdhd", 1, 0, bytes(16), bytes([0, 0, 0, 90]), bytes(8), old[28:32])
    grown = len(new) - len(old)
    data = data.replace(old, new)
    for kind in (b"moov", b"trak", b"mdia"):
        at = data.index(kind) - 4
        size = int.from_bytes(data[at : at + 4], "big") + grown
        data = data[:at] + size.to_bytes(4, "big") + data[at + 4 :]
    assert read_movie(MemorySource(data)).tracks[0].timescale == 90
