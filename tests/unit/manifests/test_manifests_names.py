from tests.golden.manifests import cases

from matinee.manifests import names


def test_names_are_those_of_the_folder():
    listed = names.playlists(cases.thumbnails_and_trick())
    assert {name: kind for name, (kind, _) in listed.items()} == {
        "video-h264-720p.m3u8": "media",
        "video-h264-720p-iframes.m3u8": "iframes",
        "video-h264-360p.m3u8": "media",
        "video-h264-360p-iframes.m3u8": "iframes",
        "audio-en-stereo.m3u8": "media",
        "thumbnails.m3u8": "images",
    }


def test_addresses_are_escaped():
    assert names.address("v3/", "text-de/00001.vtt") == "v3/text-de/00001.vtt"
    assert names.address("", "a b#c?.mp4") == "a%20b%23c%3F.mp4"
