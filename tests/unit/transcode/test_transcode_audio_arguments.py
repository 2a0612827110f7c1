from matinee.transcode.audio_arguments import audio_chain


def test_only_a_downmix_is_limited():
    assert "alimiter" in audio_chain(2, 6, 48_000)
    for channels, source in ((2, 2), (2, 1), (6, 6)):
        assert "alimiter" not in audio_chain(channels, source, 48_000)
    assert audio_chain(1, 1, 44_100) == "aresample=osr=44100:ochl=mono:async=1:first_pts=0"
