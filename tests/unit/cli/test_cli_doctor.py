"""What `matinee doctor` says of hardware encoders."""

from matinee.cli.doctor import hardware_checks
from matinee.transcode.hardware import Finding, Form, HardwareEncoder, Refusal


def encoder(codec: str, bit_depth: int = 8) -> HardwareEncoder:
    return HardwareEncoder(kind="vaapi", form=Form(codec, bit_depth), device="/dev/dri/renderD128")


def test_one_line_where_there_is_none() -> None:
    (check,) = hardware_checks(Finding(nothing="no NVIDIA driver, no /dev/dri"), sought=True)
    assert (check.verdict, check.name) == ("optional", "Hardware encoders")
    assert check.detail == "none: no NVIDIA driver, no /dev/dri"
    assert check.fix == ""


def test_who_does_not_want_them_is_told_how_to() -> None:
    (check,) = hardware_checks(Finding(nothing="not looked for"), sought=False)
    assert check.detail == "not looked for"
    assert "MATINEE_HARDWARE" in check.fix


def test_a_line_for_each_encoder_and_one_for_those_that_fail_alike() -> None:
    finding = Finding(
        encoders=(encoder("h264"), encoder("hevc", 10)),
        refusals=(
            Refusal(encoder=encoder("hevc"), fault="360p: 119 pictures, not 120"),
            Refusal(encoder=encoder("av1"), fault="No usable encoding entrypoint found"),
            Refusal(encoder=encoder("av1", 10), fault="No usable encoding entrypoint found"),
        ),
    )
    told = [(one.verdict, one.name, one.detail) for one in hardware_checks(finding, sought=True)]
    assert told == [
        ("ok", "VAAPI", "H.264, proved itself on /dev/dri/renderD128"),
        ("ok", "VAAPI", "HEVC 10-bit, proved itself on /dev/dri/renderD128"),
        ("optional", "VAAPI", "no HEVC on /dev/dri/renderD128: 360p: 119 pictures, not 120"),
        (
            "optional",
            "VAAPI",
            "no AV1, AV1 10-bit on /dev/dri/renderD128: No usable encoding entrypoint found",
        ),
    ]
