from fractions import Fraction

from matinee.model.media import Chapter
from matinee.model.rendition import TileSheet
from matinee.packager import images

TILES = TileSheet(
    keys=("a", "b"), columns=2, rows=2, tile_width=160, tile_height=90, interval=2.5, count=6
)


def test_the_track_of_sheets():
    track = images.sheet_track(TILES, (5000, 3000), Fraction(14))
    assert [(one.start, one.duration) for one in track.segments] == [(0, 10000), (10000, 4000)]
    assert [one.key for one in track.segments] == ["thumbnails/00001.jpg", "thumbnails/00002.jpg"]
    assert (track.width, track.height, track.size) == (320, 180, 8000)
    assert track.tiles is not None
    assert (track.tiles.count, track.tiles.tile_duration.seconds) == (6, Fraction(5, 2))


def test_each_tile_has_a_place_and_a_time():
    cues = images.index_cues(TILES, Fraction(14))
    assert len(cues) == 6
    assert cues[3].payload == "thumbnails/00001.jpg#xywh=160,90,160,90"
    assert cues[5].payload == "thumbnails/00002.jpg#xywh=160,0,160,90"
    assert [cue.start for cue in cues[:3]] == [0, Fraction(5, 2), 5]
    assert cues[-1].end == 14


def test_tiles_after_the_end_have_no_cue():
    assert len(images.index_cues(TILES, Fraction(6))) == 3


def test_chapters():
    chapters = (
        Chapter(start=0, end=2.5, title="A <b> & C"),
        Chapter(start=2.5, end=2.5, title="nothing"),
        Chapter(start=2.5, end=5, title=" "),
    )
    markers = images.chapter_markers(chapters, Fraction(1))
    assert [(one.start.seconds, one.title) for one in markers] == [
        (1, "A <b> & C"), (Fraction(7, 2), "Chapter 3"),
    ]  # fmt: skip
    cues = images.chapter_cues(markers)
    assert [cue.payload for cue in cues] == ["A &lt;b&gt; &amp; C", "Chapter 3"]
    assert cues[1].end == 6


def test_a_chapter_before_the_film_starts_with_it():
    (marker,) = images.chapter_markers((Chapter(start=0, end=4, title="A"),), Fraction(-1))
    assert (marker.start.seconds, marker.duration and marker.duration.seconds) == (0, 3)
