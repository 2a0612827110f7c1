from matinee.formats.isobmff import (
    TrackHeader,
    header_segment,
    init_info,
    ttml_entry,
    webvtt_entry,
)


def codec(text: str, entry: bytes) -> tuple[str, str, tuple[str, ...]]:
    header = TrackHeader(video=False, text=text, timescale=1000, duration=0, entry=entry)
    info = init_info(header_segment(header))
    return info.tracks[0].codec, info.tracks[0].handler, info.brands


def test_text_tracks_say_their_codecs():
    assert codec("text", webvtt_entry(b"WEBVTT")) == ("wvtt", "text", ("cmfc", "iso6", "cwvt"))
    entry = ttml_entry("http://www.w3.org/ns/ttml", "application/ttml+xml;codecs=im1t")
    assert codec("subt", entry) == ("stpp.ttml.im1t", "subt", ("cmfc", "iso6", "im1t"))


def test_an_entry_without_a_profile_is_bare():
    assert (
        codec("subt", ttml_entry("http://www.w3.org/ns/ttml", "application/ttml+xml"))[0] == "stpp"
    )
    assert codec("subt", ttml_entry("x", "y")[:-20] + bytes(20))[0] == "stpp"
