"""Sources as values."""

import msgspec
import pytest

from matinee.model.media import AudioTrackInfo, MediaInfo, VideoTrackInfo


class Sources:
    @staticmethod
    def video(width=1280, height=720, **more):
        facts = {
            "index": 0, "codec": "h264", "width": width, "height": height,
            "frame_rate": {"numerator": 24, "denominator": 1}, "duration": 60.0,
        }  # fmt: skip
        return msgspec.convert(msgspec.to_builtins(facts | more), VideoTrackInfo)

    @staticmethod
    def audio(index=1, **more):
        facts = {
            "index": index, "codec": "aac", "profile": "LC", "sample_rate": 48_000, "channels": 2,
            "duration": 60.0,
        }  # fmt: skip
        return msgspec.convert(msgspec.to_builtins(facts | more), AudioTrackInfo)

    @staticmethod
    def film(video=(), audio=(), container="mp4", duration=60.0):
        return MediaInfo(
            container=container,
            duration=duration,
            size=1,
            bit_rate=1,
            video=tuple(video),
            audio=tuple(audio),
        )


@pytest.fixture
def sources():
    return Sources
