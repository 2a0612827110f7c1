import pytest

from matinee.transcode.codecs import CODECS, PRESETS, SVT_AV1_PRESETS, profile_of


def test_svt_av1_gets_slower_with_the_names_and_has_one_for_each():
    numbers = [SVT_AV1_PRESETS[name] for name in PRESETS]
    assert numbers == sorted(set(numbers), reverse=True)
    assert max(numbers[2:]) <= 9  # those above are for trials


@pytest.mark.parametrize(
    ("given", "profile"),
    [
        (("h264", None, 8), "high"),
        (("h264", "main", 8), "main"),
        (("hevc", None, 8), "main"),
        (("hevc", None, 10), "main10"),
        (("av1", None, 10), "main"),
    ],
)
def test_profiles(given, profile):
    assert profile_of(*given) == profile


def test_usual_quality_is_within_each_scale():
    assert all(1 < codec.usual_crf < codec.most_crf for codec in CODECS.values())
