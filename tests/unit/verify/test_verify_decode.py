import pytest

from matinee.verify import decode

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
    assert decode.packed_audio(tag + head + bytes(20)) == demuxer


def test_too_little_is_no_fault():
    assert decode.packed_audio(b"") == "aac"
    assert decode.packed_audio(TAG[:20]) == "aac"


@pytest.mark.parametrize(
    ("status", "said", "rule"),
    [
        (0, "", None),
        (0, "[h264 @ 0x55] mmco: unref short failure\n    Last message repeated 1 times\n",
         "decode.remark"),
        (0, "[h264 @ 0x55] mmco: unref short failure\n[h264 @ 0x55] error while decoding MB 3 4\n",
         "decode.segment"),
        (1, "", "decode.segment"),
        (69, "[h264 @ 0x55] mmco: unref short failure\n", "decode.segment"),
    ],
)  # fmt: skip
def test_what_the_decoder_says_is_weighed(status, said, rule):
    judged = decode.judged(status, said)
    assert (judged[0] if judged else None) == rule
