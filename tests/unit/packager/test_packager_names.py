from matinee.packager import names


def test_keys_in_a_folder_and_at_the_root():
    assert names.key("titles/a/v1", "master.m3u8") == "titles/a/v1/master.m3u8"
    assert names.key("titles/a/v1/", "x") == "titles/a/v1/x"
    assert names.key("", "master.m3u8") == "master.m3u8"


def test_numbered_names():
    assert names.text_segment("text-en", 12) == "text-en/00012.vtt"
    assert names.sheet(1) == "thumbnails/00001.jpg"
    assert names.track_file("video-h264-720p") == "video-h264-720p.mp4"


def test_track_ids_are_unique_and_fit_for_files():
    ids = names.TrackIds()
    assert ids.give("audio", "en", "stereo") == "audio-en-stereo"
    assert ids.give("audio", "en", "stereo") == "audio-en-stereo-2"
    assert ids.give("audio", "EN", "stereo") == "audio-EN-stereo-3"
    assert ids.give("video", "h264", "../../etc/pass wd") == "video-h264-etc-pass-wd"
    assert ids.give("字幕") == "track"
