"""The rules of a publishable source, on values."""

import msgspec
import pytest

from matinee.errors import MediaError
from matinee.ingest.ffprobe import Description, Packet, SideData, Stream
from matinee.ingest.validate import (
    check_duration,
    check_info,
    check_reach,
    check_tracks,
    remarks,
)
from matinee.model.media import (
    AudioTrackInfo,
    MediaInfo,
    Ratio,
    TextTrackInfo,
    VideoTrackInfo,
)

VIDEO = VideoTrackInfo(index=0, codec="h264", width=640, height=360, frame_rate=Ratio(25))
AUDIO = AudioTrackInfo(index=1, codec="aac", sample_rate=48000, channels=2)
INFO = MediaInfo(
    container="mp4", duration=100.0, size=1, bit_rate=1, video=(VIDEO,), audio=(AUDIO,)
)
CODECS = {"h264", "aac"}


def stream(index: int, kind: str, codec: str | None = None, **more: object) -> Stream:
    default = {"video": "h264", "audio": "aac"}.get(kind)
    return Stream(index=index, codec_type=kind, codec_name=codec or default, **more)  # type: ignore[arg-type]


def code_of(streams: list[Stream]) -> str:
    with pytest.raises(MediaError) as caught:
        check_tracks(Description(streams=streams), CODECS)
    assert caught.value.fix
    return caught.value.code


def test_films_pass() -> None:
    for streams in (
        [stream(0, "video"), stream(1, "audio")],
        [stream(0, "video")],
        [stream(0, "audio"), stream(1, "video", disposition={"attached_pic": 1})],
        [stream(0, "video"), stream(1, "data")],
    ):
        assert check_tracks(Description(streams=streams), CODECS) == ()


def test_tracks_that_cannot_be_published() -> None:
    cover = stream(0, "video", disposition={"attached_pic": 1})
    assert code_of([]) == "nothing-to-play"
    assert code_of([cover, stream(1, "subtitle")]) == "nothing-to-play"
    assert code_of([stream(0, "video", "futurecodec")]) == "unsupported-codec"
    assert code_of([stream(0, "video"), stream(1, "audio", "xyz")]) == "unsupported-codec"
    assert code_of([stream(n, "audio") for n in range(65)]) == "too-many-tracks"
    secret = SideData(kind="Encryption initialization data")
    assert code_of([stream(0, "video", side_data_list=[secret])]) == "encrypted"


def test_one_unknown_codec_among_known_ones_is_a_warning() -> None:
    streams = [stream(0, "video"), stream(1, "audio"), stream(2, "audio", "xyz")]
    (warning,) = check_tracks(Description(streams=streams), CODECS)
    assert "xyz" in warning


@pytest.mark.parametrize(
    ("width", "height", "sar"),
    [(0, 0, 1), (8, 360, 1), (640, 15, 1), (8193, 360, 1), (16000, 16000, 1), (8000, 8000, 1),
     (640, 360, 1000), (65535, 65535, 1)],
)  # fmt: skip
def test_absurd_pictures(width: int, height: int, sar: int) -> None:
    video = msgspec.structs.replace(
        VIDEO, width=width, height=height, sample_aspect_ratio=Ratio(sar)
    )
    with pytest.raises(MediaError) as caught:
        check_info(msgspec.structs.replace(INFO, video=(video,)))
    assert caught.value.code == "absurd-dimensions"


@pytest.mark.parametrize("size", [(16, 16), (7680, 4320), (4320, 7680), (720, 576), (641, 361)])
def test_usual_pictures_pass(size: tuple[int, int]) -> None:
    video = msgspec.structs.replace(VIDEO, width=size[0], height=size[1])
    check_info(msgspec.structs.replace(INFO, video=(video,)))


def test_absurd_frame_rate() -> None:
    video = msgspec.structs.replace(VIDEO, frame_rate=Ratio(90_000))
    with pytest.raises(MediaError, match="90000 pictures"):
        check_info(msgspec.structs.replace(INFO, video=(video,)))


@pytest.mark.parametrize(("channels", "rate"), [(0, 48000), (65, 48000), (2, 0), (2, 10**9)])
def test_absurd_sound(channels: int, rate: int) -> None:
    audio = msgspec.structs.replace(AUDIO, channels=channels, sample_rate=rate)
    with pytest.raises(MediaError) as caught:
        check_info(msgspec.structs.replace(INFO, audio=(audio,)))
    assert caught.value.code == "damaged"


@pytest.mark.parametrize("seconds", [0.0, 0.09, 24 * 3600 + 1, 8_640_000.0, 1e12])
def test_absurd_durations(seconds: float) -> None:
    with pytest.raises(MediaError) as caught:
        check_duration(seconds)
    assert caught.value.code == "absurd-duration"


def test_usual_durations_pass() -> None:
    for seconds in (0.1, 5400.0, 24 * 3600.0):
        check_duration(seconds)


def packets(until: float, stream_index: int = 0) -> list[Packet]:
    return [Packet(stream_index, until - 0.04, until - 0.04, 0.04, key=True, corrupt=False)]


def test_the_end_must_be_there() -> None:
    check_reach(INFO, packets(100.0), 0.0, None)
    check_reach(INFO, packets(99.1), 0.0, None)
    check_reach(INFO, packets(101.4), 1.4, None)
    check_reach(INFO, [*packets(60.0), *packets(100.0, 1)], 0.0, None)
    for given, start in (
        (packets(98.0), 0.0),
        (packets(100.0), 1.4),
        (packets(100.0, stream_index=7), 0.0),
        ([], 0.0),
        ([Packet(0, None, None, 0.0, key=True, corrupt=False)], 0.0),
    ):
        with pytest.raises(MediaError) as caught:
            check_reach(INFO, given, start, None)
        assert caught.value.code == "truncated"


def test_how_much_of_the_end_may_be_gone_is_the_operators_rule() -> None:
    assert check_reach(INFO, packets(60.0), 0.0, 0.5) == (
        "The file is cut short: 40 s of 100 s are gone.",
    )
    assert check_reach(INFO, packets(100.0), 0.0, 0.5) == ()
    with pytest.raises(MediaError):
        check_reach(INFO, packets(40.0), 0.0, 0.5)
    with pytest.raises(MediaError):
        check_reach(INFO, [], 0.0, 1.0)


def test_remarks() -> None:
    vision = Stream(
        index=0, side_data_list=[SideData(dv_profile=5, dv_bl_signal_compatibility_id=0)]
    )
    odd = msgspec.structs.replace(
        INFO,
        video=(msgspec.structs.replace(VIDEO, duration=100.0), VIDEO),
        audio=(msgspec.structs.replace(AUDIO, duration=50.0),),
        text=(TextTrackInfo(index=3, codec="hdmv_pgs_subtitle", bitmap=True),),
    )
    assert remarks(INFO, Description()) == ()
    assert len(remarks(odd, Description(streams=[vision]))) == 4
