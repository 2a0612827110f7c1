import pytest

from matinee.errors import InvariantError
from matinee.verify.findings import MAX_OF_A_RULE, Findings


def test_errors_come_first_and_have_their_section():
    findings = Findings()
    findings.add("hls.language", "a", "m")
    findings.add("hls.version", "b", "m")
    found = findings.all()
    assert [one.rule for one in found] == ["hls.version", "hls.language"]
    assert found[0].section == "RFC 8216bis §8"


def test_one_fault_a_thousand_times_is_told_a_few_times():
    findings = Findings()
    for number in range(1000):
        findings.add("hls.duration", f"v.m3u8, segment {number}", "m")
    findings.add("hls.duration", "w.m3u8, segment 1", "m")
    assert len(findings.all()) == MAX_OF_A_RULE + 1


def test_unknown_rules_are_our_fault():
    with pytest.raises(InvariantError):
        Findings().add("hls.nothing", "a", "m")
