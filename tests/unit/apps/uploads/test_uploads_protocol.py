import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.apps.api.problems import RequestError
from matinee.apps.uploads import protocol
from matinee.storage.keys import checked


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("film.mp4", "film.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Films\\Über den Wolken.mkv", "Über den Wolken.mkv"),
        ("..", "film"),
        ("", "film"),
        ("a\x00b\nc.mp4", "abc.mp4"),
        ("film\u202e4pm.exe", "film4pm.exe"),
        ("what?*<>.mp4", "what____.mp4"),
        ("aux.mp4", "_aux.mp4"),
        ("x" * 300 + ".webm", "x" * 115 + ".webm"),
        (".hidden.mp4", "hidden.mp4"),
    ],
)
def test_file_names_are_made_harmless(name, kept):
    assert protocol.safe_filename(name) == kept


@given(st.text())
def test_a_safe_filename_is_always_a_storage_key_of_one_segment(name):
    safe = protocol.safe_filename(name)
    assert checked(safe) == safe
    assert "/" not in safe
    assert len(safe.encode()) <= protocol.MAX_FILENAME
    assert protocol.safe_filename(safe) == safe


@given(st.dictionaries(st.from_regex(r"[a-z]{1,10}", fullmatch=True), st.text(), max_size=8))
def test_metadata_reads_what_clients_write(pairs):
    text = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in pairs.items())
    if any("\0" in value for value in pairs.values()):
        with pytest.raises(RequestError, match="zero byte"):
            protocol.metadata({"upload-metadata": text})
    else:
        assert protocol.metadata({"upload-metadata": text}) == pairs


def test_metadata_keys_may_stand_alone():
    assert protocol.metadata({"upload-metadata": "is_confidential, name YQ=="}) == {
        "is_confidential": "",
        "name": "a",
    }


@given(st.text(max_size=200))
def test_hostile_metadata_and_checksums_raise_only_request_errors(text):
    for read in (
        lambda: protocol.metadata({"upload-metadata": text}),
        lambda: protocol.checksum({"upload-checksum": text}),
        lambda: protocol.count({"upload-offset": text}, "Upload-Offset"),
    ):
        with contextlib.suppress(RequestError):
            read()


@pytest.mark.parametrize(
    "text",
    ["a a", "filename !!!", "a YQ==,a YQ==", "a /w==", "x" * 9000, ",".join("abcdefg" * 9)],
)
def test_malformed_metadata_is_refused(text):
    with pytest.raises(RequestError):
        protocol.metadata({"upload-metadata": text})


@pytest.mark.parametrize(
    ("headers", "length"),
    [
        ({"upload-length": "0"}, 0),
        ({"upload-length": "99"}, 99),
        ({"upload-defer-length": "1"}, None),
    ],
)
def test_length_is_declared_or_deferred(headers, length):
    assert protocol.length(headers, 100) == length


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "invalid-input"),
        ({"upload-length": "1", "upload-defer-length": "1"}, "invalid-input"),
        ({"upload-defer-length": "2"}, "invalid-request"),
        ({"upload-length": "-1"}, "invalid-request"),
        ({"upload-length": "٣"}, "invalid-request"),
        ({"upload-length": "101"}, "too-large"),
    ],
)
def test_other_lengths_are_refused(headers, code):
    with pytest.raises(RequestError) as caught:
        protocol.length(headers, 100)
    assert caught.value.code == code


def test_a_checksum_is_algorithm_and_digest():
    digest = base64.b64encode(b"\0" * 20).decode()
    found = protocol.checksum({"upload-checksum": f"sha1 {digest}"})
    assert found == protocol.Checksum("sha1", b"\0" * 20)
    with pytest.raises(RequestError, match="crc9"):
        protocol.checksum({"upload-checksum": f"crc9 {digest}"})
    with pytest.raises(RequestError):
        protocol.checksum({"upload-checksum": f"sha256 {digest}"})


def test_another_version_is_refused_with_ours_named():
    protocol.check_version({"tus-resumable": "1.0.0"})
    with pytest.raises(RequestError) as caught:
        protocol.check_version({"tus-resumable": "0.2.2"})
    assert caught.value.headers == {"Tus-Version": "1.0.0"}
