"""Every rule is broken by a stream, and the good stream breaks none."""

from pathlib import Path

import pytest
from tests.unit.verify.breakages import BREAKAGES

from matinee.verify.rules import RULES

NAMES = [f"{number}-{rule}" for number, (rule, _) in enumerate(BREAKAGES)]


def test_the_good_stream_breaks_no_rule(folder, check):
    report = check(folder)
    assert report.findings == ()
    assert report.passed
    assert report.checked == {
        "playlists": 9, "tracks": 12, "segments": 15, "rules": len(RULES)
    }  # fmt: skip


@pytest.mark.parametrize(("rule", "spoil"), BREAKAGES, ids=NAMES)
def test_a_broken_rule_is_found_by_its_id(rule, spoil, folder, check):
    spoil(folder)
    report = check(folder)
    found = [one for one in report.findings if one.rule == rule]
    assert found, [(one.rule, one.place, one.message) for one in report.findings]
    assert all(one.section == RULES[rule].section for one in found)
    assert all(one.place and one.message for one in found)


def test_every_rule_has_a_test():
    texts = "".join(
        path.read_text()
        for folder in (Path(__file__).parent, Path(__file__).parents[2] / "integration" / "verify")
        for path in folder.glob("*.py")
    )
    untested = [rule for rule in RULES if f'"{rule}"' not in texts]
    assert untested == []
