"""Fixtures that every suite shares."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from tests.media import clips

from matinee.toolchain.tools import Toolchain

# Tests must not see a developer's settings, nor write into their home.
for name in [name for name in os.environ if name.startswith("MATINEE_")]:
    if name != "MATINEE_TEST_CLIPS":
        del os.environ[name]

# A machine that encodes meanwhile is slow at times; the suite's own timeout ends what hangs.
settings.register_profile("matinee", deadline=None)
settings.load_profile("matinee")


@pytest.fixture(scope="session")
def clip() -> Callable[[str], Path]:
    """`clip("portrait")` is the file of that clip (tests/media/clips.py); do not write to it."""
    return clips.clip


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    """The media programs of this environment."""
    return Toolchain.find()


SUITES = ("unit", "golden", "contract", "integration", "e2e")
"""The quick ones first, so that a slip shows early."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by folder, so that no test of a slow kind is taken for a unit test; sort by speed."""
    suites = {}
    for item in items:
        suite = item.path.relative_to(Path(__file__).parent).parts[0]
        suites[item] = SUITES.index(suite) if suite in SUITES else len(SUITES)
        if suite in {"integration", "e2e"}:
            item.add_marker(suite)
    items.sort(key=suites.__getitem__)
