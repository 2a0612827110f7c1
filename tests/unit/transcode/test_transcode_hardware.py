"""Which encoders of a finding serve a film."""

import msgspec

from matinee.transcode.hardware import Finding, Form, HardwareEncoder, nothing_sought

AVC = HardwareEncoder(kind="vaapi", form=Form("h264", 8), device="/dev/dri/renderD128")
ELSEWHERE = msgspec.structs.replace(AVC, form=Form("hevc", 8), device="/dev/dri/renderD129")
HEVC = msgspec.structs.replace(AVC, form=Form("hevc", 8))


def test_one_device_must_make_all():
    both = [AVC.form, HEVC.form]
    assert Finding(encoders=(AVC, ELSEWHERE)).equipment("vaapi", both) == ()
    assert Finding(encoders=(AVC, ELSEWHERE, HEVC)).equipment("vaapi", both) == (AVC, HEVC)
    assert Finding(encoders=(AVC, HEVC)).equipment("qsv", both) == ()


def test_only_what_is_asked_for_is_given():
    assert Finding(encoders=(HEVC, AVC)).equipment("vaapi", [AVC.form]) == (AVC,)
    assert Finding(encoders=(AVC,)).equipment("vaapi", []) == ()


def test_who_does_not_look_finds_nothing():
    assert nothing_sought().encoders == ()
    assert nothing_sought().nothing == "not looked for"


def test_an_encoder_has_ffmpeg_s_name():
    assert HEVC.name == "hevc_vaapi"
