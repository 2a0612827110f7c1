"""Collects what a verification finds."""

import threading

from matinee.errors import InvariantError
from matinee.model.report import Finding, Severity
from matinee.verify.rules import RULES

MAX_OF_A_RULE = 20
"""Of one rule at one place; more would say nothing new."""


class Findings:
    """The findings so far and counts of what was looked at. Safe to use from threads."""

    def __init__(self) -> None:
        self._found: list[Finding] = []
        self._counts: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()
        self.checked: dict[str, int] = {"playlists": 0, "tracks": 0, "segments": 0}

    def add(self, rule: str, place: str, message: str, *, severity: Severity | None = None) -> None:
        """Record that *rule* is broken at *place* (`file` or `file, segment 3`)."""
        if rule not in RULES:
            raise InvariantError(f"there is no rule {rule}")
        known = RULES[rule]
        where = rule, place.partition(",")[0]
        with self._lock:
            self._counts[where] = self._counts.get(where, 0) + 1
            if self._counts[where] > MAX_OF_A_RULE:
                return
            self._found.append(
                Finding(
                    rule=rule,
                    severity=severity or known.severity,
                    place=place,
                    message=message,
                    section=known.section,
                )
            )

    def count(self, name: str, number: int = 1) -> None:
        """Count what was looked at."""
        with self._lock:
            self.checked[name] = self.checked.get(name, 0) + number

    def all(self) -> tuple[Finding, ...]:
        """All findings, errors first, then in the order of their places."""
        order = {"error": 0, "warning": 1, "info": 2}
        with self._lock:
            return tuple(sorted(self._found, key=lambda one: (order[one.severity], one.place)))
