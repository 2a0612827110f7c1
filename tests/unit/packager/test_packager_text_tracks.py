from fractions import Fraction

import pytest

from matinee.formats.captions import Cue, ttml, wvtt
from matinee.formats.isobmff import (
    MemorySource,
    fragments,
    init_info,
    parse_sidx,
    read_movie,
    read_samples,
)
from matinee.packager.plan import Plan
from matinee.packager.text_tracks import text_track

CUT = Fraction(2002, 1000)
PLAN = Plan((Fraction(0), CUT, 2 * CUT), Fraction(6), Fraction(2))
CUES = (
    Cue(start=Fraction(1), end=Fraction(3), payload="One"),
    Cue(start=Fraction(5, 2), end=Fraction(6), payload="Two"),
)


@pytest.mark.parametrize(("form", "codec"), [("wvtt", "wvtt"), ("imsc", "stpp.ttml.im1t")])
def test_a_track_is_one_indexed_file(form, codec):
    track, data = text_track("text-en", CUES, PLAN, 24_000, form, "en")
    assert (track.codec, track.mime_type, track.size) == (codec, "application/mp4", len(data))
    info = init_info(data)
    assert info.tracks[0].codec == codec
    index = parse_sidx(data, track.index.offset)
    assert [one.duration for one in index.references] == [48048, 48048, 47904]
    assert [one.start for one in track.segments] == [0, 48048, 96096]
    for one in track.segments:
        piece = data[one.range.offset : one.range.last + 1]
        (found,) = fragments(piece, one.range.offset, info)
        assert (found.decode_time, found.duration) == (one.start, one.duration)
        assert found.consistent
        assert found.starts_with_sync


def test_cues_read_back_from_the_samples():
    _, data = text_track("text-en", CUES, PLAN, 24_000, "wvtt", None)
    source = MemorySource(data)
    movie = read_movie(source)
    table, _ = read_samples(source, movie, movie.tracks[0])
    shown = {}
    for number, size in enumerate(table.sizes):
        start, end = (Fraction(table.times[n], 24_000) for n in (number, number + 1))
        for cue in wvtt.parse(source.read(table.offsets[number], size), start, end):
            begin, _ = shown.get(cue.payload, (start, end))
            shown[cue.payload] = begin, end
    assert shown == {"One": (1, 3), "Two": (Fraction(5, 2), 6)}


def test_documents_tell_media_time():
    track, data = text_track("text-en", CUES, PLAN, 24_000, "imsc", "pt-BR")
    spans = [one.range for one in track.segments]
    docs = [data[span.offset : span.last + 1].partition(b"mdat")[2] for span in spans]
    assert [[(float(c.start), float(c.end)) for c in ttml.parse(doc)] for doc in docs] == [
        [(1.0, 2.002)],
        [(2.002, 3.0), (2.5, 4.004)],
        [(4.004, 6.0)],
    ]
