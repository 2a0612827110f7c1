"""The verdict of a check: findings, each with its rule, place and section."""

from typing import Literal

import msgspec

Severity = Literal["error", "warning", "info"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One rule that a stream breaks, or may be breaking."""

    rule: str
    """Stable id: `hls.target-duration`, `cmaf.tfdt-continuous`, `dash.schema`."""
    severity: Severity
    place: str
    """Where: playlist or file name, line, segment number, XPath."""
    message: str
    section: str
    """The source of the rule: `RFC 8216bis §4.4.3.1`."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All that a verification found; `passed` unless a finding is an error."""

    target: str
    findings: tuple[Finding, ...] = ()
    checked: dict[str, int] = {}
    """How much was looked at: playlists, segments, tracks, rules."""
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether no finding is an error."""
        return all(finding.severity != "error" for finding in self.findings)
