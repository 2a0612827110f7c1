from tests.golden.manifests import cases

from matinee.formats import hls
from matinee.manifests import folder


def test_the_folder_holds_every_playlist_that_the_multivariant_names():
    files = folder(cases.two_languages())
    playlist = hls.parse(files["master.m3u8"].decode())
    every = (*playlist.variants, *playlist.renditions, *playlist.iframe_variants)
    assert {one.uri for one in every} == files.keys() - {"master.m3u8", "manifest.mpd"}
