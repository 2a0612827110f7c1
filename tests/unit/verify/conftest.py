from pathlib import Path

import pytest
from tests.unit.verify import streams

from matinee.model.progress import Control
from matinee.verify import VerifyOptions, verify


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good stream; break it."""
    where = tmp_path / "film"
    where.mkdir()
    streams.build(where)
    return where


@pytest.fixture
def check():
    """Verify without decoding."""

    def run(target, **options):
        return verify(
            str(target), options=VerifyOptions(**options), toolchain=None, control=Control()
        )

    return run
