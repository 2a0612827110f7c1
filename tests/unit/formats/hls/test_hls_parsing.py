from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matinee.errors import InputError
from matinee.formats import hls
from matinee.formats.hls import parsing

HEAD = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n"


def test_a_foreign_playlist_reads():
    playlist = hls.parse(
        "#EXTM3U\r\n#EXT-X-VERSION:3\r\n## a comment\r\n#EXT-X-TARGETDURATION:10\r\n"
        "#EXT-X-MEDIA-SEQUENCE:7\r\n\r\n#EXTINF:9.009,A title, with comma\r\nhttp://h/a.ts\r\n"
        "#EXT-X-OWN:1\r\n#EXTINF:3.003\r\nb.ts\r\n#EXT-X-ENDLIST\r\n"
    )
    assert isinstance(playlist, hls.MediaPlaylist)
    assert (playlist.version, playlist.media_sequence, playlist.end_list) == (3, 7, True)
    first, second = playlist.segments
    assert (first.uri, first.title) == ("http://h/a.ts", "A title, with comma")
    assert (second.duration, second.unknown) == (Decimal("3.003"), ("#EXT-X-OWN:1",))


def test_byte_ranges_without_offset_follow_the_one_before():
    playlist = hls.parse(
        HEAD
        + "#EXTINF:4,\n#EXT-X-BYTERANGE:100@20\na.mp4\n#EXTINF:4,\n#EXT-X-BYTERANGE:50\na.mp4\n"
    )
    assert [one.byte_range for one in playlist.segments] == [
        hls.ByteRange(100, 20),
        hls.ByteRange(50, 120),
    ]


def test_part_ranges_without_offset_follow_the_one_before():
    playlist = hls.parse(
        HEAD + '#EXT-X-PART:DURATION=1,URI="p",BYTERANGE="10@5"\n'
        '#EXT-X-PART:DURATION=1,URI="p",BYTERANGE="7"\n'
    )
    assert playlist.open_segment is not None
    spans = [one.byte_range for one in playlist.open_segment.parts]
    assert spans == [hls.ByteRange(10, 5), hls.ByteRange(7, 15)]


def test_a_discontinuity_before_trailing_parts_is_kept():
    playlist = hls.parse(
        HEAD + '#EXTINF:4,\na.mp4\n#EXT-X-DISCONTINUITY\n#EXT-X-PART:DURATION=1,URI="p"\n'
    )
    assert playlist.open_segment is not None
    assert playlist.open_segment.discontinuity


def test_keys_of_different_formats_are_in_force_together():
    playlist = hls.parse(
        HEAD + '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="a",KEYFORMAT="x"\n'
        '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="b",KEYFORMAT="y"\n#EXTINF:4,\n1\n'
        '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="c",KEYFORMAT="x"\n#EXTINF:4,\n2\n'
        "#EXT-X-KEY:METHOD=NONE\n#EXTINF:4,\n3\n"
    )
    found = [{key.uri for key in one.keys} for one in playlist.segments]
    assert found == [{"a", "b"}, {"b", "c"}, set()]


def test_unknown_attributes_and_tags_are_kept():
    text = '#EXTM3U\n#EXT-X-OWN:5\n#EXT-X-STREAM-INF:BANDWIDTH=5,X-OWN="a,b",PROGRAM-ID=1\nv.m3u8\n'
    playlist = hls.parse(text)
    assert isinstance(playlist, hls.MultivariantPlaylist)
    assert playlist.variants[0].other == {"X-OWN": '"a,b"', "PROGRAM-ID": "1"}
    assert playlist.unknown == ("#EXT-X-OWN:5",)
    assert hls.render(playlist) == text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("#EXTM3U8\n", 1),
        ("\ufeff#EXTM3U\n", 1),
        ("#EXTM3U\n#EXTINF:4,\na.ts\n", 4),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:4.5\n", 2),
        (HEAD + "#EXTINF:abc,\na.ts\n", 3),
        (HEAD + "#EXTINF:-1,\na.ts\n", 3),
        (HEAD + "#EXTINF:nan,\na.ts\n", 3),
        (HEAD + "#EXTINF:1e9,\na.ts\n", 3),
        (HEAD + "a.ts\n", 3),
        (HEAD + "#EXTINF:4,\n", 4),
        (HEAD + "#EXTINF:4,\n#EXT-X-BYTERANGE:9\na.ts\n", 5),
        (HEAD + '#EXT-X-MAP:BYTERANGE="1@2"\n', 3),
        (HEAD + '#EXT-X-MAP:URI="a",URI="b"\n', 3),
        (HEAD + '#EXT-X-MAP:URI="a\n', 3),
        (HEAD + "#EXT-X-VERSION:99999999\n", 3),
        (HEAD + f"#EXT-X-MEDIA-SEQUENCE:{'9' * 5000}\n", 3),
        ('#EXTM3U\n#EXT-X-STREAM-INF:CODECS="a"\nv\n', 2),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n#EXT-X-STREAM-INF:BANDWIDTH=1\n", 3),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n", 3),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv\nw\n", 4),
    ],
)
def test_broken_playlists_are_refused_with_their_line(text, line):
    with pytest.raises(InputError, match=rf"^line {line}: "):
        hls.parse(text)


def test_sizes_are_bounded(monkeypatch):
    monkeypatch.setattr(parsing, "MAX_CHARACTERS", 50)
    with pytest.raises(InputError, match="50 characters"):
        hls.parse(HEAD + "#" * 50)
    monkeypatch.undo()
    with pytest.raises(InputError, match="line 3: longer"):
        hls.parse(HEAD + "#" * (parsing.MAX_LINE + 1))
    monkeypatch.setattr(parsing, "MAX_LINES", 5)
    with pytest.raises(InputError, match="5 lines"):
        hls.parse(HEAD + "\n" * 10)


TAGS = st.sampled_from(
    [
        *parsing._MediaReader().handlers,
        *parsing._MultivariantReader().handlers,
        "#EXT-X-STREAM-INF",
        "#EXT-X-OWN",
        "",
    ]
)
VALUES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["1", "-1", "1.5", "NaN", "YES", '"', "1@2", "1x2", "BANDWIDTH=1", "A=,B"]),
    st.tuples(st.text("ABDHINTUW-", max_size=9), st.text('19.x@,"', max_size=6)).map("=".join),
)


@given(st.lists(st.tuples(TAGS, VALUES), max_size=12))
@settings(max_examples=200, deadline=None)
def test_hostile_text_raises_only_input_errors(lines):
    text = HEAD + "\n".join(f"{tag}:{value}" if tag else value for tag, value in lines)
    try:
        playlist = hls.parse(text)
    except InputError:
        return
    try:
        again = hls.render(playlist)
    except InputError:
        return
    assert hls.render(hls.parse(again)) == again
