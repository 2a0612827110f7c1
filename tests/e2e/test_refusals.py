"""Broken and hostile files are refused with a reason, harm nothing, and the service goes on."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.e2e.service import LADDER, Platform
from tests.media import hostile
from tests.media.clips import BROKEN, HOSTILE

SECRET = Path(hostile.SECRET).read_bytes().partition(b"\n")[0]
MEDIA = 3
"""Exit status for media that cannot be published."""
CODES = frozenset(
    {
        "not-media", "unsupported-container", "truncated", "damaged", "nothing-to-play",
        "absurd-dimensions", "absurd-duration", "too-many-tracks", "playlist-refused",
        "empty-file", "unsupported-codec", "encrypted", "too-large",
    }
)  # fmt: skip
EXPECTED = {
    "truncated": {"truncated"},
    "truncated-no-moov": {"truncated", "not-media"},
    "corrupted": {"damaged"},
    "empty": {"empty-file"},
    "text": {"not-media"},
    "random": {"not-media"},
    "encrypted": {"encrypted"},
    "playlist": {"playlist-refused", "not-media"},
    "playlist-m3u8": {"playlist-refused"},
    "absurd-dimensions": {"absurd-dimensions"},
    "absurd-duration": {"absurd-duration"},
    "many-tracks": {"too-many-tracks"},
}
HARMLESS = frozenset({"external-data"})
"""May be published, as long as what it points at is not read."""


@pytest.mark.parametrize("name", sorted({*BROKEN, *HOSTILE} - HARMLESS))
def test_a_bad_file_is_refused(name: str, platform: Platform, clip: Callable[[str], Path]) -> None:
    done = platform.run("publish", clip(name), "--ladder", LADDER, "--json")
    assert done.status == MEDIA, done.out + done.err
    told = done.out + done.err
    found = {code for code in CODES if f'"{code}"' in told}
    assert found & EXPECTED.get(name, CODES), told
    assert SECRET.decode() not in told
    assert platform.answers()


def test_a_file_outside_is_not_read(
    platform: Platform, clip: Callable[[str], Path], tmp_path: Path
) -> None:
    done = platform.run("publish", clip("external-data"), "--ladder", LADDER, "--json")
    assert done.status in {0, MEDIA}, done.out + done.err
    for path in (platform.data / "media").rglob("*"):
        if path.is_file() and path.suffix in {".mp4", ".vtt", ".m3u8", ".json"}:
            assert SECRET not in path.read_bytes(), path


def test_afterwards_a_good_film_is_published(
    platform: Platform, clip: Callable[[str], Path]
) -> None:
    body = platform.publish(clip("tiny"))
    assert body["title"]["state"] == "live"
