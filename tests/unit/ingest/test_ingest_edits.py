"""Edit lists that begin between two pictures."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.media.clips import clip

from matinee.ingest.edits import shown_early


@pytest.mark.parametrize(
    ("name", "early"),
    [("plain", 0.0), ("cut", 0.0), ("negative-times", 0.02), ("cut-between-frames", 0.027)],
)
def test_how_early_pictures_are(name: str, early: float) -> None:
    assert shown_early(clip(name)) == pytest.approx((early,), abs=0.001)


def test_what_is_no_concern_of_ours() -> None:
    assert shown_early(clip("fragmented")) == ()
    assert shown_early(clip("audio-m4a")) == ()


@given(noise=st.binary(max_size=200), at=st.integers(0, 4000))
def test_hostile_bytes_say_nothing(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int
) -> None:
    path = Path(tmp_path_factory.mktemp("noise"), "x.mp4")
    whole = bytearray(clip("cut").read_bytes())
    whole[at : at + len(noise)] = noise
    path.write_bytes(whole)
    assert len(shown_early(path)) <= 1
