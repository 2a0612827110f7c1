import msgspec
import pytest

from matinee.transcode.audio_arguments import audio_arguments, audio_chain, mixing_alone
from matinee.transcode.audio_plan import AudioOutput
from matinee.transcode.loudness import Level


@pytest.fixture
def output(sources):
    def make(channels=2, source_channels=2, **more):
        facts = {
            "name": "stereo", "source": sources.audio(channels=source_channels), "track_index": 0,
            "channels": channels, "rate": 128_000, "sample_rate": 48_000, "language": None,
            "label": None, "roles": ("main",), "default": True,
        }  # fmt: skip
        return msgspec.convert(facts | more, AudioOutput)

    return make


def test_only_a_downmix_is_limited_where_no_loudness_is_asked(output):
    for channels, source in ((2, 6), (6, 8)):
        assert "alimiter=limit=0.97" in audio_chain(output(channels, source))
    for channels, source in ((2, 2), (2, 1), (6, 6)):
        assert "alimiter" not in audio_chain(output(channels, source))
    assert audio_chain(output(1, 1, sample_rate=44_100)) == (
        "aresample=osr=44100:ochl=mono:isf=fltp:async=1:min_hard_comp=0.015:first_pts=0"
    )


def test_a_level_is_one_gain_and_a_limiter_only_where_peaks_need_it(output):
    plain = audio_chain(output(2, 6, level=Level(gain=-4.25)))
    assert plain.endswith(",volume=-4.25dB:precision=float")
    assert "alimiter" not in plain
    limited = audio_chain(output(level=Level(gain=6.0, ceiling=-1.5), sample_rate=44_100))
    assert limited.endswith(
        ",volume=6dB:precision=float,aresample=192000,"
        "alimiter=limit=0.8414:attack=5:release=50:level=0:latency=1,aresample=44100"
    )


def test_codecs_have_their_encoders(output):
    assert "libopus" in audio_arguments(output(codec="opus"))
    assert "aac" in audio_arguments(output())
    copied = audio_arguments(output(copy=True))
    assert copied == ["-map", "0:1", "-c:a", "copy", "-bsf:a", "aac_adtstoasc"]


def test_sound_that_may_change_is_mixed_before_its_time_is_counted(output):
    evened = output(2, 6, evened=True, moved=0.01)
    assert mixing_alone(evened) == "aresample=osr=48000:ochl=stereo:isf=fltp"
    arguments = audio_arguments(evened, "[dec:3]")
    graph = arguments[arguments.index("-filter_complex") + 1]
    assert graph.startswith("[dec:3]asetpts=PTS+0.010000/TB,aresample=osr=48000:ochl=stereo:")
    assert graph.endswith(arguments[arguments.index("-map") + 1])
    assert "-filter:a" not in arguments


def test_seven_one_that_may_change_is_folded_whatever_comes(output):
    source = msgspec.structs.replace(output(6, 8).source, channel_layout="7.1")
    evened = msgspec.structs.replace(output(6, 8, evened=True), source=source)
    assert mixing_alone(evened).startswith("aformat=channel_layouts=7.1,pan=5.1|")
    assert "pan" not in audio_chain(evened)


def test_sound_moves_before_its_start_is_filled_or_cut(output):
    assert audio_chain(output(moved=-0.021333)).startswith("asetpts=PTS-0.021333/TB,aresample=")
