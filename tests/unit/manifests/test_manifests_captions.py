from matinee.manifests import captions
from matinee.model.presentation import CaptionChannel

CHANNELS = (
    CaptionChannel(channel="CC1", language="en", label="English (CC1)"),
    CaptionChannel(channel="CC3"),
    CaptionChannel(channel="SERVICE2", language="fr"),
)


def test_hls_names_each_channel_and_makes_none_a_default():
    found = list(captions.renditions(CHANNELS))
    assert [(one.name, one.language, one.instream_id) for one in found] == [
        ("English (CC1)", "en", "CC1"), ("CC3", "und", "CC3"), ("SERVICE2", "fr", "SERVICE2"),
    ]  # fmt: skip
    assert not any(one.default or one.autoselect or one.uri for one in found)


def test_dash_tells_lines_and_services_apart():
    found = captions.descriptors(CHANNELS)
    assert [(one.scheme_id_uri, one.value) for one in found] == [
        (captions.LINES, "CC1=en;CC3=und"),
        (captions.SERVICES, "2=lang:fr"),
    ]


def test_captions_of_which_nothing_is_known_have_no_value():
    (one,) = captions.descriptors(None)
    assert one.value is None
    assert captions.descriptors(()) == ()
