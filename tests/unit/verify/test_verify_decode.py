import pytest

from matinee.verify.decode import packed_audio

TAG = b"ID3\x04\x00\x00\x00\x00\x01\x02" + bytes(130)


@pytest.mark.parametrize("tag", [b"", TAG])
@pytest.mark.parametrize(
    ("head", "demuxer"),
    [
        (b"\xff\xf1\x50\x80", "aac"),
        (b"\xff\xf9\x50\x80", "aac"),
        (b"\xff\xfb\x90\x00", "mp3"),
        (b"\xff\xf3\x90\x00", "mp3"),
        (b"\x0b\x77\x00\x00\x14\x40", "ac3"),
        (b"\x0b\x77\x00\x00\x14\x84", "eac3"),
    ],
)
def test_packed_audio_is_known_behind_its_tag(tag, head, demuxer):
    assert packed_audio(tag + head + bytes(20)) == demuxer


def test_too_little_is_no_fault():
    assert packed_audio(b"") == "aac"
    assert packed_audio(TAG[:20]) == "aac"
