import sys

import pytest

from matinee.toolchain.run import run
from matinee.toolchain.sandbox import Limits

pytestmark = pytest.mark.integration


def test_standard_error_is_handed_on_by_line_with_the_unended_last_one():
    script = "import sys; sys.stderr.write('one\\r\\ntwo\\n' + 'x' * 100_000 + '\\nlast')"
    lines: list[str] = []
    completed = run(
        [sys.executable, "-c", script],
        limits=Limits(wall_seconds=20),
        on_error_line=lines.append,
    )
    assert lines[:2] == ["one", "two"]
    assert lines[-1] == "last"
    assert sum(map(len, lines)) >= 100_000
    assert completed.stderr.endswith("last")
