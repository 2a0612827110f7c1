"""How often one address may fail to sign in."""

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from matinee.apps.api.problems import RequestError


@dataclass(slots=True)
class Throttle:
    """Failures per client address within a window, in bounded memory.

    A token bucket would let a patient guesser in; here `limit` failures close the door until the
    window, which starts at the first of them, is over. The oldest address is forgotten when
    `capacity` addresses are known.
    """

    limit: int = 10
    window: timedelta = timedelta(minutes=5)
    capacity: int = 10_000
    _failures: OrderedDict[str, tuple[datetime, int]] = field(default_factory=OrderedDict)

    def admit(self, address: str | None, now: datetime) -> None:
        """Count an attempt from *address*, before it is tried, so that attempts cannot race.

        Raises:
            RequestError: too many attempts failed (429 with Retry-After).
        """
        key = _group(address)
        since, count = self._failures.pop(key, (now, 0))
        if now - since >= self.window:
            since, count = now, 0
        self._failures[key] = (since, min(count + 1, self.limit + 1))
        while len(self._failures) > self.capacity:
            self._failures.popitem(last=False)
        if count >= self.limit:
            wait = max(1, round((since + self.window - now).total_seconds()))
            raise RequestError(
                f"Too many failed sign-ins from this address; the next is heard in {wait} s.",
                fix="Wait, then sign in with `matinee console`, which prints a fresh link.",
                code="throttled",
                headers={"Retry-After": str(wait)},
            )

    def succeeded(self, address: str | None) -> None:
        """Forget the failures of *address*: it has proved itself."""
        self._failures.pop(_group(address), None)


def _group(address: str | None) -> str:
    """Return the address, or for IPv6 its /64, which one person has whole."""
    try:
        parsed = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
